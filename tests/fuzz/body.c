/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP bodies, as http_post() hands them over: first byte the status, the rest the body.  Every field
 * reader and the text of a refusal, which must fit into one log line whatever the agent says.
 */
#include <errno.h>
#include <string.h>

#include "agent/answer.h"
#include "fuzz/fuzz.h"

static void object_check(const struct buf *body)
{
	static const char *const keys[] = {"quote", "attestation", "event_log", "version"};
	json_t *object = NULL;
	int err = answer_object(body, &object);

	fuzz_check(err == 0 || err == -EBADMSG);
	if (err < 0)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct buf bytes = {0};
		char *text = NULL;

		err = answer_hex(object, keys[i], &bytes);
		fuzz_check(err == 0 || err == -EBADMSG);
		fuzz_check(err == 0 || !bytes.data);
		fuzz_check(2 * bytes.len <= body->len);
		fuzz_check(answer_text(object, keys[i], &text) == 0);
		fuzz_check(!text || (*text && strlen(text) <= body->len));
		buf_free(&bytes);
		free(text);
	}
	json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = {200, 400, 404, 500};
	struct http_answer answer = {0};
	char text[ANSWER_ERROR_SIZE];

	if (size == 0)
		return 0;
	answer.status = statuses[data[0] & 3];
	fuzz_check(buf_append(&answer.body, data + 1, size - 1, size - 1) == 0);
	object_check(&answer.body);
	memset(text, 0x7f, sizeof(text));
	fuzz_check(answer_error(&answer, text) == 0);
	fuzz_check(memchr(text, '\0', sizeof(text)));
	for (const char *c = text; *c; c++)
		fuzz_check(*c >= ' ' && *c <= '~');
	fuzz_check(answer_unknown_method(&answer) == 0 || answer.status == 400 ||
		   answer.status == 404);
	buf_free(&answer.body);
	return 0;
}
