/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ask.h"

#include <errno.h>
#include <stdio.h>

#include "agent/answer.h"
#include "agent/failure.h"
#include "base/hex.h"

int ask_refused(const struct agent *agent, const char *route, const struct http_answer *answer)
{
	return ask_refused_for(agent, route, answer, "look at the agent's own log");
}

int ask_refused_for(const struct agent *agent, const char *route, const struct http_answer *answer,
		    const char *cure)
{
	char text[ANSWER_ERROR_SIZE];
	char why[ANSWER_ERROR_SIZE + 32];

	answer_error(answer, text);
	snprintf(why, sizeof(why), "HTTP %ld: %s", answer->status, *text ? text : "no text");
	return agent_fail(agent, route, why, cure);
}

int ask_field_bad(const struct agent *agent, const char *route, const char *field, int error)
{
	char why[96];

	if (error == -ENOMEM)
		return error;
	snprintf(why, sizeof(why), "no readable \"%s\" in the answer", field);
	return agent_fail(agent, route, why, "is this the agent's socket?");
}

int ask_judge(const struct agent *agent, const char *route, const struct http_answer *reply,
	      json_t **answer)
{
	char why[64];
	int err;

	if (reply->status != 200)
		return ask_refused(agent, route, reply);
	err = answer_object(&reply->body, answer);
	if (err != -EBADMSG)
		return err;
	snprintf(why, sizeof(why), "the answer (%zu bytes) is no JSON object", reply->body.len);
	return agent_fail(agent, route, why, "is this the agent's socket?");
}

int ask_object(const struct agent *agent, const char *route, const char *json_body,
	       int64_t deadline_ms, json_t **answer)
{
	struct http_answer reply = {0};
	int err = http_post(agent, route, json_body, deadline_ms, &reply);

	if (err < 0)
		return err;
	err = ask_judge(agent, route, &reply, answer);
	http_answer_free(&reply);
	return err;
}

int ask_over(const struct agent *agent, const char *route,
	     const uint8_t report_data[static REPORT_DATA_SIZE], int64_t deadline_ms,
	     json_t **answer)
{
	char digits[2 * REPORT_DATA_SIZE + 1];
	char question[sizeof(digits) + 32];

	hex_encode(digits, report_data, REPORT_DATA_SIZE);
	snprintf(question, sizeof(question), "{\"report_data\":\"%s\"}", digits);
	return ask_object(agent, route, question, deadline_ms, answer);
}
