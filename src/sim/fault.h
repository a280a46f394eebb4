/* SPDX-License-Identifier: Apache-2.0 */
/* --fault: the ways in which the simulated agent can fail. */
#ifndef TEESHIM_SIM_FAULT_H
#define TEESHIM_SIM_FAULT_H

#include "sim/reply.h"

enum fault {
	FAULT_NONE,
	FAULT_ERROR,
	FAULT_EMPTY,
	FAULT_TRUNCATED,
	FAULT_GARBAGE,
	FAULT_HUGE,
	FAULT_HANG,
	FAULT_SLOW_DRIP,
	FAULT_CLOSE,
	FAULT_WRONG_LENGTH,
	FAULT_WRONG_DATA, /* done where evidence is made */
};

/*
 * fault_find() - the fault that --fault names.
 * Return: false, with *fault unchanged, where there is none of that name.
 */
bool fault_find(const char *name, enum fault *fault);

/*
 * fault_strikes() - whether the request for this path is to fail: all but Version, which stays
 * good so that a client can find out with whom it talks.
 */
bool fault_strikes(enum fault fault, const char *path);

/*
 * fault_spoil() - turn a good answer into the fault's.
 * @error: the text of the error that FAULT_ERROR answers
 * @reply: what the agent would have said
 */
void fault_spoil(enum fault fault, const char *error, struct reply *reply);

#endif
