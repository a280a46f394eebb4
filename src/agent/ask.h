/* SPDX-License-Identifier: Apache-2.0 */
/* One question whose answer must be good: HTTP and JSON taken together. */
#ifndef TEESHIM_AGENT_ASK_H
#define TEESHIM_AGENT_ASK_H

#include <jansson.h>

#include "agent/agent.h"
#include "agent/http.h"

/*
 * ask_object() - POST a question and demand status 200 and a JSON object.
 * @answer: the caller's to json_decref() after success
 *
 * Return: 0; -ENOMEM; -EMFILE, -ENFILE; -EIO for all else (one log line).
 */
int ask_object(const struct agent *agent, const char *route, const char *json_body,
	       int64_t deadline_ms, json_t **answer);

/*
 * ask_judge() - the second half of it: what to make of an answer that has come.
 * Return: as ask_object().
 */
int ask_judge(const struct agent *agent, const char *route, const struct http_answer *reply,
	      json_t **answer);

/*
 * ask_over() - ask_object() with {"report_data": 128 hexadecimal digits} as the question.
 */
int ask_over(const struct agent *agent, const char *route,
	     const uint8_t report_data[static REPORT_DATA_SIZE], int64_t deadline_ms,
	     json_t **answer);

/*
 * ask_refused() - log an answer whose status is not the one hoped for; ask_refused_for() the same
 * with something better to do about it.  Return: -EIO.
 */
int ask_refused(const struct agent *agent, const char *route, const struct http_answer *answer);
int ask_refused_for(const struct agent *agent, const char *route, const struct http_answer *answer,
		    const char *cure);

/*
 * ask_field_bad() - log that a field of an answer is absent or unreadable.
 * @error: of answer_hex() and its like
 *
 * Return: -ENOMEM where that is the error, without a log line; else -EIO.
 */
int ask_field_bad(const struct agent *agent, const char *route, const char *field, int error);

#endif
