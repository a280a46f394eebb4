/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/failure.h"
#include "base/hex.h"

int ask_refused(const struct agent *agent, const char *route, const struct http_answer *answer)
{
	char text[ANSWER_ERROR_SIZE];
	bool tdx_only;

	(void)answer_error(answer, text);
	tdx_only = strstr(text, "Intel TDX only") != NULL;
	return ask_refused_for(agent, route, answer,
			       tdx_only ? ASK_FOR_REPORT : "look at the agent's own log");
}

int ask_refused_for(const struct agent *agent, const char *route, const struct http_answer *answer,
		    const char *cure)
{
	char text[ANSWER_ERROR_SIZE];
	char why[ANSWER_ERROR_SIZE + 32];

	(void)answer_error(answer, text);
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

int ask_read(const struct agent *agent, const char *route, const struct http_answer *answer,
	     json_t **object)
{
	char why[64];
	int err;

	if (answer->status != 200)
		return ask_refused(agent, route, answer);
	err = answer_object(&answer->body, object);
	if (err != -EBADMSG)
		return err;
	snprintf(why, sizeof(why), "the answer (%zu bytes) is no JSON object", answer->body.len);
	return agent_fail(agent, route, why, "is this the agent's socket?");
}

int ask_object(const struct agent *agent, const char *route, const char *json_body,
	       int64_t deadline_ms, json_t **answer)
{
	struct http_answer reply = {0};
	int err = http_post(agent, route, json_body, deadline_ms, &reply);

	if (err < 0)
		return err;
	err = ask_read(agent, route, &reply, answer);
	http_answer_free(&reply);
	return err;
}

void ask_over_text(const uint8_t report_data[static REPORT_DATA_SIZE],
		   char question[static ASK_OVER_SIZE])
{
	char digits[2 * REPORT_DATA_SIZE + 1];

	hex_encode(digits, report_data, REPORT_DATA_SIZE);
	snprintf(question, ASK_OVER_SIZE, "{\"report_data\":\"%s\"}", digits);
}

int ask_over(const struct agent *agent, const char *route,
	     const uint8_t report_data[static REPORT_DATA_SIZE], int64_t deadline_ms,
	     json_t **answer)
{
	char question[ASK_OVER_SIZE];

	ask_over_text(report_data, question);
	return ask_object(agent, route, question, deadline_ms, answer);
}
