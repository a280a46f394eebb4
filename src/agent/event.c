/* SPDX-License-Identifier: Apache-2.0 */
/* An event for RTMR3, which agents from 0.5.0 to 0.5.11 emit for programs. */
#include "agent/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ask.h"
#include "agent/failure.h"
#include "base/hex.h"

#define ROUTE  "/EmitEvent"
#define HEAD   "{\"event\":\""
#define MIDDLE "\",\"payload\":\""
#define END    "\"}"
#define CURE                                                                                       \
	"agents of dstack 0.5.0 to 0.5.11 alone extend RTMR3 for programs; without one of them "   \
	"leave TEESHIM_RTMR at deny"

int agent_emit_event(const struct agent *agent, const char *name, const uint8_t *payload,
		     size_t len, int64_t deadline_ms)
{
	const size_t size = sizeof(HEAD MIDDLE END) + strlen(name) + 2 * len;
	struct http_answer answer = {0};
	char *question;
	size_t at;
	int err;

	if (agent->tappd)
		return agent_fail(agent, ROUTE, "tappd has no such method", CURE);
	question = malloc(size);
	if (!question)
		return -ENOMEM;
	at = (size_t)snprintf(question, size, HEAD "%s" MIDDLE, name);
	hex_encode(question + at, payload, len);
	snprintf(question + at + 2 * len, size - at - 2 * len, END);
	err = http_post(agent, ROUTE, question, deadline_ms, &answer);
	free(question);
	if (err < 0)
		return err;
	/* the body is "null", and nothing depends on it */
	if (answer.status != 200)
		err = ask_refused_for(agent, ROUTE, &answer, CURE);
	http_answer_free(&answer);
	return err;
}
