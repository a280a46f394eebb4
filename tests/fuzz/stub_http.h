/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_post() without an agent, for the one target that includes this file: each question gets the
 * next answer out of the input, so that the parsers run behind their real callers.  An answer is a
 * byte for the status, two for the length of the body (little endian), the body; the last body may
 * be cut off by the end of the input.  Without further input no agent answers.
 */
#ifndef TEESHIM_TESTS_FUZZ_STUB_HTTP_H
#define TEESHIM_TESTS_FUZZ_STUB_HTTP_H

#include <errno.h>
#include <string.h>

#include "agent/http.h"
#include "fuzz/fuzz.h"

static const uint8_t *stub_at;
static size_t stub_left;

static void stub_answers(const uint8_t *data, size_t size)
{
	stub_at = data;
	stub_left = size;
}

int http_post(const struct agent *agent, const char *route, const char *json_body,
	      int64_t deadline_ms, struct http_answer *out)
{
	static const long statuses[] = {200, 400, 404, 500};
	size_t len;

	(void)agent;
	(void)deadline_ms;
	fuzz_check(route[0] == '/' && json_body[0] == '{');
	if (stub_left < 3)
		return -EIO;
	len = stub_at[1] | (size_t)stub_at[2] << 8;
	if (len > stub_left - 3)
		len = stub_left - 3;
	*out = (struct http_answer){.status = statuses[stub_at[0] & 3]};
	/* memory of exactly that length, for the sanitizer to guard its end */
	fuzz_check(buf_append(&out->body, stub_at + 3, len, len) == 0);
	stub_at += 3 + len;
	stub_left -= 3 + len;
	return 0;
}

void http_answer_free(struct http_answer *answer)
{
	buf_free(&answer->body);
	answer->status = 0;
}

#endif
