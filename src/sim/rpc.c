/* SPDX-License-Identifier: Apache-2.0 */
/* The table of methods, and how they read their fields. */
#include "sim/rpc.h"

#include <string.h>

static const struct {
	enum surface surface;
	enum agent first, last;
	const char *name;
	rpc_method *method;
} methods[] = {
	{SURFACE_V0, AGENT_0_5_5, AGENT_0_6_0, "GetQuote", rpc_get_quote},
	{SURFACE_V0, AGENT_0_5_11, AGENT_0_6_0, "Attest", rpc_attest},
	{SURFACE_V0, AGENT_0_5_5, AGENT_0_6_0, "GetKey", rpc_get_key},
	{SURFACE_V0, AGENT_0_5_5, AGENT_0_6_0, "Info", rpc_info},
	{SURFACE_V0, AGENT_0_5_5, AGENT_0_6_0_ALPHA, "EmitEvent", rpc_emit_event},
	{SURFACE_V0, AGENT_0_6_0, AGENT_0_6_0, "EmitEvent", rpc_emit_event_removed},
	{SURFACE_V0, AGENT_0_5_11, AGENT_0_6_0, "Version", rpc_version},
	{SURFACE_V1, AGENT_0_6_0, AGENT_0_6_0, "Attest", rpc_attest_v1},
	{SURFACE_V1, AGENT_0_6_0, AGENT_0_6_0, "Info", rpc_info_v1},
	{SURFACE_V1, AGENT_0_6_0, AGENT_0_6_0, "Version", rpc_version},
	{SURFACE_TAPPD, AGENT_0_3_6, AGENT_0_6_0, "TdxQuote", rpc_tdx_quote},
	{SURFACE_TAPPD, AGENT_0_3_6, AGENT_0_6_0, "RawQuote", rpc_raw_quote},
	{SURFACE_TAPPD, AGENT_0_3_6, AGENT_0_3_6, "Info", rpc_info_old},
	{SURFACE_TAPPD, AGENT_0_5_5, AGENT_0_6_0, "Info", rpc_info},
	{SURFACE_TAPPD, AGENT_0_5_11, AGENT_0_6_0, "Version", rpc_version},
};

rpc_method *rpc_find(enum agent agent, enum surface surface, const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].surface == surface && agent >= methods[i].first &&
		    agent <= methods[i].last && strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return NULL;
}

const char *rpc_version_text(enum agent agent)
{
	static const char *const texts[] = {
		[AGENT_0_3_6] = "0.3.6",   [AGENT_0_5_5] = "0.5.5",
		[AGENT_0_5_11] = "0.5.11", [AGENT_0_6_0_ALPHA] = "0.6.0-alpha",
		[AGENT_0_6_0] = "0.6.0",
	};

	return texts[agent];
}

bool rpc_bytes(const struct call *call, const char *field, struct bytes *out, struct reply *reply)
{
	const json_t *value = json_object_get(call->request, field);
	const char *text = json_string_value(value);

	if (!value || (text && bytes_from_hex(out, text)))
		return true;
	reply_error(reply, 400, "Failed to decode the request: a bytes field is no hex string");
	return false;
}

const char *rpc_text(const struct call *call, const char *field, struct reply *reply)
{
	const json_t *value = json_object_get(call->request, field);

	if (!value)
		return "";
	if (!json_is_string(value))
		reply_error(reply, 400, "Failed to decode the request: a field is no string");
	return json_string_value(value);
}
