/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log of the imaginary guest: what firmware and kernel measured into RTMR0-2 at boot, what
 * dstack measured into RTMR3, and what EmitEvent adds to that.  Replaying it from zero gives the
 * registers in the quote.
 */
#ifndef TEESHIM_SIM_EVENTLOG_H
#define TEESHIM_SIM_EVENTLOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/guest.h"

enum {
	RTMR_SIZE = 48,
	RTMR_COUNT = 4,
	EVENT_RUNTIME = 0x08000001, /* event type of everything that dstack itself measures */
};

struct event {
	uint32_t imr; /* RTMR index */
	uint32_t type;
	const char *name; /* "" where it has none */
	uint8_t digest[RTMR_SIZE];
	size_t digest_len; /* RTMR_SIZE, or 0 in a shortened log */
	const uint8_t *payload;
	size_t payload_len;
	void *owned; /* the memory of name and payload; NULL where both outlive the log */
};

struct eventlog {
	struct event *event;
	size_t count;
};

/*
 * eventlog_make() - the log of a guest that has just booted; eventlog_free() releases it.
 * @guest: must outlive the log, whose payloads lie in it
 */
void eventlog_make(struct eventlog *log, const struct guest *guest);
void eventlog_free(struct eventlog *log);

/* eventlog_emit() - append a runtime event, whose name and payload are copied. */
void eventlog_emit(struct eventlog *log, const char *name, const void *payload, size_t len);

/*
 * event_shortened() - an event as agents since 0.5.6 return it: boot events lose their payload (but
 * for the ACPI ones), runtime events lose their digest, which a verifier computes anew.
 */
struct event event_shortened(const struct event *event);

/* event_extend() - one register after an event: the hash of what it was and the event's digest. */
void event_extend(const struct event *event, uint8_t rtmr[static RTMR_SIZE]);

/* eventlog_replay() - the four registers that the log leaves. */
void eventlog_replay(const struct eventlog *log, uint8_t rtmr[static RTMR_COUNT][RTMR_SIZE]);

/* eventlog_json() - a new JSON array of the events, keys in the agent's order. */
json_t *eventlog_json(const struct eventlog *log, bool full);

#endif
