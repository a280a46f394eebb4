/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log of the imaginary guest: what firmware and kernel measured into RTMR0-2 at boot and
 * what dstack measured into RTMR3.  Replaying it from zero gives the registers in the quote.
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
	EVENT_COUNT = 29,
};

struct event {
	uint32_t imr; /* RTMR index */
	uint32_t type;
	const char *name; /* "" where it has none */
	uint8_t digest[RTMR_SIZE];
	size_t digest_len; /* RTMR_SIZE, or 0 in a shortened log */
	const uint8_t *payload;
	size_t payload_len;
};

struct eventlog {
	struct event event[EVENT_COUNT];
};

/*
 * eventlog_make() - the complete log, which agents up to 0.5.5 return.
 * @guest: must outlive the log, whose payloads lie in it
 */
void eventlog_make(struct eventlog *log, const struct guest *guest);

/*
 * eventlog_shorten() - the log as agents since 0.5.6 return it: boot events lose their payload (but
 * for the ACPI ones), runtime events lose their digest, which a verifier computes anew.
 */
void eventlog_shorten(struct eventlog *log);

/* eventlog_replay() - the four registers that a complete log leaves. */
void eventlog_replay(const struct eventlog *log, uint8_t rtmr[static RTMR_COUNT][RTMR_SIZE]);

/* eventlog_json() - a new JSON array of the events, keys in the agent's order. */
json_t *eventlog_json(const struct eventlog *log);

#endif
