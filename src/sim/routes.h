/* SPDX-License-Identifier: Apache-2.0 */
/* From an HTTP request to the agent's answer: paths, encodings, what no method gets to see. */
#ifndef TEESHIM_SIM_ROUTES_H
#define TEESHIM_SIM_ROUTES_H

#include "sim/sim.h"

/* Which of the agent's sockets a request came in by. */
enum door { DOOR_DSTACK, DOOR_TAPPD };

enum { BODY_LIMIT = 10 * 1024 * 1024 };

struct request {
	enum door door;
	const char *verb;         /* GET, POST, ... */
	const char *path;         /* decoded, without the query */
	const char *content_type; /* NULL where the header is absent */
	const char *accept;       /* NULL where the header is absent */
	json_t *query;            /* an object of strings */
	struct bytes body;
	bool too_large; /* more than BODY_LIMIT came; body is not complete */
};

/* routes_answer() - fill in the reply, the fault that the simulator was told to have included. */
void routes_answer(struct sim *sim, const struct request *request, struct reply *reply);

#endif
