/* SPDX-License-Identifier: Apache-2.0 */
/* EmitEvent: a program's event goes into the log and RTMR3, of agents that let programs do that. */
#include "sim/rpc.h"

void rpc_emit_event(const struct call *call, struct reply *reply)
{
	const struct sim *sim = call->sim;
	const char *name = rpc_text(call, "event", reply);
	struct bytes payload = {0};

	if (!name || !rpc_bytes(call, "payload", &payload, reply))
		return;
	if (sim->platform->emit) {
		sim->platform->emit(sim->tee, name, payload.data, payload.len);
		reply_json(reply, json_null());
	} else {
		reply_error(reply, 400, "Failed to emit event: this platform has no RTMR3");
	}
	bytes_free(&payload);
}

void rpc_emit_event_removed(const struct call *call, struct reply *reply)
{
	(void)call;
	reply_error(reply, 400,
		    "EmitEvent was removed in dstack 0.6.0; runtime RTMR3 events are system-owned "
		    "and cannot be extended by apps");
}
