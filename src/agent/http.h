/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP question over the agent's unix socket. */
#ifndef TEESHIM_AGENT_HTTP_H
#define TEESHIM_AGENT_HTTP_H

#include <stdint.h>

#include "agent/agent.h"

/* No answer of an agent comes near; its own limit for a question is 10 MiB. */
enum { HTTP_BODY_MAX = 16 << 20 };

struct http_answer {
	long status;     /* 200, 400, ... */
	struct buf body; /* hostile bytes, at most HTTP_BODY_MAX of them, no terminating zero */
};

/*
 * http_post() - POST a JSON document and collect the whole answer.
 * @route: begins with a slash
 * @json_body: zero terminated
 * @deadline_ms: point of clock_now_ms() by which the last byte must be here; connecting has at most
 *               2 s of it
 * @out: owned by the caller afterwards; http_answer_free() releases it
 *
 * One connection, closed afterwards; no proxy, no redirect, no second try but of a refused
 * connection.  Raises no signal, opens nothing but the socket, disables thread cancellation meanwhile.
 * May change errno.
 *
 * Return: 0 for an answer of any status; -ENOMEM; -EMFILE, -ENFILE where there is no descriptor left;
 * -EIO for all else (one log line but for -ENOMEM).
 */
int http_post(const struct agent *agent, const char *route, const char *json_body,
	      int64_t deadline_ms, struct http_answer *out);

/* http_answer_free() - release the answer; its body is wiped, for it may hold a key. */
void http_answer_free(struct http_answer *answer);

#endif
