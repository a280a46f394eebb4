/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's methods: which agent has which, and what each answers. */
#ifndef TEESHIM_SIM_RPC_H
#define TEESHIM_SIM_RPC_H

#include "sim/sim.h"

/* A set of methods: the unversioned one of dstack.sock, /v1, and the older tappd.sock. */
enum surface { SURFACE_V0, SURFACE_V1, SURFACE_TAPPD };

struct call {
	struct sim *sim;
	enum surface surface;
	const json_t *request; /* an object; absent fields have their defaults */
};

typedef void rpc_method(const struct call *call, struct reply *reply);

/* rpc_find() - the method of that name on that surface of that agent, or NULL. */
rpc_method *rpc_find(enum agent agent, enum surface surface, const char *name);

/* rpc_version_text() - the agent's release as Version gives it and --agent takes it. */
const char *rpc_version_text(enum agent agent);

/*
 * rpc_bytes(), rpc_text() - read a bytes field into out, a string field; nothing or "" where it is absent.
 * Return: false or NULL has filled in the reply.
 */
bool rpc_bytes(const struct call *call, const char *field, struct bytes *out, struct reply *reply);
const char *rpc_text(const struct call *call, const char *field, struct reply *reply);

/* The methods, grouped by file: rpc_quote.c, rpc_info.c, rpc_event.c, rpc_key.c. */
rpc_method rpc_get_quote, rpc_attest, rpc_attest_v1, rpc_tdx_quote, rpc_raw_quote;
rpc_method rpc_info, rpc_info_v1, rpc_info_old, rpc_version;
rpc_method rpc_emit_event, rpc_emit_event_removed, rpc_get_key;

#endif
