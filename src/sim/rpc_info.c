/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that tell about agent and guest: Info in its three shapes, and Version. */
#include "sim/rpc.h"

#include <stdlib.h>

#include "sim/die.h"

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		die("out of memory");
}

static void set_text(json_t *object, const char *key, const char *value)
{
	set(object, key, json_string(value));
}

static void set_hex(json_t *object, const char *key, const uint8_t *data, size_t len)
{
	char *text = bytes_hex(data, len);

	set_text(object, key, text);
	free(text);
}

#define SET_HEX(object, key, array) set_hex(object, key, array, sizeof(array))

/* A field that is a string holding pretty-printed JSON; takes over the reference to @value. */
static void set_json_text(json_t *object, const char *key, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2));

	if (!text)
		die("out of memory");
	set_text(object, key, text);
	free(text);
	json_decref(value);
}

static void set_aggregate(const struct sim *sim, json_t *object)
{
	uint8_t digest[32];

	sim->platform->aggregate(sim->tee, digest);
	SET_HEX(object, "mr_aggregated", digest);
}

/* The agent makes a quote over zeros to read its registers, so Info takes as long as one. */
static void wait_for_quote(struct sim *sim)
{
	static const uint8_t zeros[REPORT_DATA_LEN];
	struct bytes unused = {0};

	sim_evidence(sim, zeros, &unused);
	bytes_free(&unused);
}

static json_t *tcb_info(const struct sim *sim)
{
	const struct guest *guest = &sim->guest;
	json_t *info = json_object();

	sim->platform->registers(sim->tee, info);
	set_aggregate(sim, info);
	SET_HEX(info, "os_image_hash", guest->os_image_hash);
	SET_HEX(info, "compose_hash", guest->compose_hash);
	SET_HEX(info, "device_id", guest->device_id);
	set(info, "event_log", sim->platform->event_log(sim->tee, /* full= */ true));
	set_text(info, "app_compose", guest->app_compose);
	return info;
}

static void set_cloud(json_t *info)
{
	set_text(info, "cloud_vendor", "QEMU");
	set_text(info, "cloud_product", "Standard PC (Q35 + ICH9, 2009)");
}

void rpc_info(const struct call *call, struct reply *reply)
{
	struct sim *sim = call->sim;
	const struct guest *guest = &sim->guest;
	json_t *info = json_object();

	wait_for_quote(sim);
	SET_HEX(info, "app_id", guest->app_id);
	SET_HEX(info, "instance_id", guest->instance_id);
	set_text(info, "app_cert", ""); /* this guest has no key management service */
	set_json_text(info, "tcb_info", tcb_info(sim));
	set_text(info, "app_name", guest->app_name);
	SET_HEX(info, "device_id", guest->device_id);
	set_aggregate(sim, info);
	SET_HEX(info, "os_image_hash", guest->os_image_hash);
	set_text(info, "key_provider_info", guest->key_provider);
	SET_HEX(info, "compose_hash", guest->compose_hash);
	set_text(info, "vm_config", guest->vm_config);
	if (sim->agent >= AGENT_0_5_11)
		set_cloud(info);
	reply_json(reply, info);
}

void rpc_info_v1(const struct call *call, struct reply *reply)
{
	const struct sim *sim = call->sim;
	const struct guest *guest = &sim->guest;
	json_t *info = json_object();

	SET_HEX(info, "app_id", guest->app_id);
	set_text(info, "app_name", guest->app_name);
	SET_HEX(info, "compose_hash", guest->compose_hash);
	set_text(info, "app_compose", guest->app_compose);
	SET_HEX(info, "instance_id", guest->instance_id);
	SET_HEX(info, "device_id", guest->device_id);
	SET_HEX(info, "os_image_hash", guest->os_image_hash);
	set_aggregate(sim, info);
	set_text(info, "vm_config", guest->vm_config);
	set_text(info, "key_provider_info", guest->key_provider);
	set_cloud(info);
	reply_json(reply, info);
}

/* tappd before 0.4: registers and a root file system hash, no configuration of the machine. */
void rpc_info_old(const struct call *call, struct reply *reply)
{
	struct sim *sim = call->sim;
	const struct guest *guest = &sim->guest;
	json_t *tcb = json_object();
	json_t *info = json_object();

	wait_for_quote(sim);
	SET_HEX(tcb, "rootfs_hash", guest->os_image_hash);
	sim->platform->registers(sim->tee, tcb);
	set(tcb, "event_log", sim->platform->event_log(sim->tee, /* full= */ true));
	SET_HEX(info, "app_id", guest->app_id);
	SET_HEX(info, "instance_id", guest->instance_id);
	set_text(info, "app_cert", "");
	set_json_text(info, "tcb_info", tcb);
	set_text(info, "app_name", guest->app_name);
	set(info, "public_logs", json_true());
	set(info, "public_sysinfo", json_true());
	reply_json(reply, info);
}

void rpc_version(const struct call *call, struct reply *reply)
{
	reply_json(reply, json_pack("{s:s, s:s}", "version", rpc_version_text(call->sim->agent),
				    "rev", "teeshim-simulator"));
}
