/* SPDX-License-Identifier: Apache-2.0 */
/* dstack's frame around the platform's evidence: SCALE V0 and MessagePack V1. */
#include "sim/attest.h"

#include "sim/msgpack.h"
#include "sim/scale.h"

static uint32_t count_runtime(const struct eventlog *log)
{
	uint32_t count = 0;

	for (size_t i = 0; log && i < log->count; i++)
		count += log->event[i].type == EVENT_RUNTIME;
	return count;
}

void attest_v0(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN],
	       struct bytes *out)
{
	const struct eventlog *log;
	struct bytes evidence = {0};

	sim_evidence(sim, report_data, &evidence);
	log = sim->platform->events(sim->tee);
	bytes_u8(out, 0);
	bytes_u8(out, sim->platform->scale_variant);
	sim->platform->scale(sim->tee, &evidence, out);
	scale_put_count(out, count_runtime(log));
	for (size_t i = 0; log && i < log->count; i++) {
		const struct event *event = &log->event[i];

		if (event->type != EVENT_RUNTIME)
			continue;
		scale_put_text(out, event->name);
		scale_put_bytes(out, event->payload, event->payload_len);
	}
	bytes_add(out, report_data, REPORT_DATA_LEN);
	scale_put_text(out, sim->guest.vm_config);
	bytes_free(&evidence);
}

static void add_runtime_events(const struct eventlog *log, struct bytes *out)
{
	msgpack_put_array(out, count_runtime(log));
	for (size_t i = 0; log && i < log->count; i++) {
		const struct event *event = &log->event[i];

		if (event->type != EVENT_RUNTIME)
			continue;
		msgpack_put_map(out, 2);
		msgpack_put_text(out, "event");
		msgpack_put_text(out, event->name);
		msgpack_put_text(out, "payload");
		msgpack_put_bin(out, event->payload, event->payload_len);
	}
}

void attest_v1(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN],
	       struct bytes *out)
{
	struct bytes evidence = {0};

	sim_evidence(sim, report_data, &evidence);
	msgpack_put_map(out, 3);
	msgpack_put_text(out, "version");
	msgpack_put_uint(out, 1);
	msgpack_put_text(out, "platform");
	msgpack_put_map(out, 2);
	msgpack_put_text(out, "kind");
	msgpack_put_text(out, sim->platform->kind);
	msgpack_put_text(out, "data");
	sim->platform->msgpack(sim->tee, &evidence, out);
	msgpack_put_text(out, "stack");
	msgpack_put_map(out, 2);
	msgpack_put_text(out, "kind");
	msgpack_put_text(out, "dstack");
	msgpack_put_text(out, "data");
	msgpack_put_map(out, 3);
	msgpack_put_text(out, "report_data");
	msgpack_put_int_array(out, report_data, REPORT_DATA_LEN);
	msgpack_put_text(out, "runtime_events");
	add_runtime_events(sim->platform->events(sim->tee), out);
	msgpack_put_text(out, "config");
	msgpack_put_text(out, sim->guest.vm_config);
	bytes_free(&evidence);
}
