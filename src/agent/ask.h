/* SPDX-License-Identifier: Apache-2.0 */
/* One question whose answer must be good: HTTP and JSON taken together. */
#ifndef TEESHIM_AGENT_ASK_H
#define TEESHIM_AGENT_ASK_H

#include <jansson.h>

#include "agent/agent.h"
#include "agent/http.h"

/* What to do where a quote was asked for and the machine is not TDX. */
#define ASK_FOR_REPORT "on SEV-SNP ask for a report (teeshim report)"

/*
 * ask_object() - POST a question and demand status 200 and a JSON object.
 * @answer: the caller's to json_decref() after success
 *
 * Return: 0; -ENOMEM; -EMFILE, -ENFILE; -EIO for all else (one log line).
 */
int ask_object(const struct agent *agent, const char *route, const char *json_body,
	       int64_t deadline_ms, json_t **answer);

/*
 * ask_over() - ask_object() with {"report_data": 128 hexadecimal digits} as the question.
 */
int ask_over(const struct agent *agent, const char *route,
	     const uint8_t report_data[static REPORT_DATA_SIZE], int64_t deadline_ms,
	     json_t **answer);

/*
 * ask_read() - demand status 200 and a JSON object of an answer that is here.
 * @object: the caller's to json_decref() after success
 *
 * Return: 0; -ENOMEM; -EIO (one log line).
 */
int ask_read(const struct agent *agent, const char *route, const struct http_answer *answer,
	     json_t **object);

enum { ASK_OVER_SIZE = 2 * REPORT_DATA_SIZE + 32 };

/* ask_over_text() - the question of ask_over(). */
void ask_over_text(const uint8_t report_data[static REPORT_DATA_SIZE],
		   char question[static ASK_OVER_SIZE]);

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
