/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/failure.h"
#include "base/hex.h"

/*
 * Values that one answer may hold.  Real ones have below twenty; a body of 16 MiB that is nothing
 * but "[],[],[]," would make jansson take a gigabyte of the host process.
 */
enum { VALUES_MAX = 4096, HASH_SEED = 0x7ee };

static bool values_few(const char *text, size_t len, size_t most)
{
	bool in_string = false;
	size_t values = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == ',' || c == '[' || c == '{'))
			values++;
	}
	return values <= most;
}

/*
 * jansson's lexer drops a character that it has no memory for, and goes on: the text then seems wrong, or
 * a string is shorter than it was.  So its allocations are counted where they fail.
 */
static unsigned allocations_failed;

static void *counting_malloc(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		__atomic_fetch_add(&allocations_failed, 1, __ATOMIC_RELAXED);
	return memory;
}

static int text_parse(const char *text, size_t len, json_t **json)
{
	const unsigned failed_before = __atomic_load_n(&allocations_failed, __ATOMIC_RELAXED);
	json_t *parsed;

	json_set_alloc_funcs(counting_malloc, free);
	parsed = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	/* another thread's failure counts as well: there is no memory either way */
	if (__atomic_load_n(&allocations_failed, __ATOMIC_RELAXED) != failed_before) {
		json_decref(parsed);
		return -ENOMEM;
	}
	if (!parsed)
		return -EBADMSG;
	*json = parsed;
	return 0;
}

static int json_parse(const char *text, size_t len, size_t values_max, json_t **json)
{
	if (len == 0 || !values_few(text, len, values_max))
		return -EBADMSG;
	/*
	 * jansson would seed its hashes at the first object, without a lock (a child forked meanwhile
	 * would wait for it for ever): two threads must set the same.  That a hostile agent can make
	 * names collide costs nothing, for values_few() bounds them.
	 */
	json_object_seed(HASH_SEED);
	return text_parse(text, len, json);
}

int answer_object(const struct buf *body, json_t **object)
{
	json_t *parsed;
	int err = json_parse((const char *)body->data, body->len, VALUES_MAX, &parsed);

	if (err < 0)
		return err;
	if (!json_is_object(parsed)) {
		json_decref(parsed);
		return -EBADMSG;
	}
	*object = parsed;
	return 0;
}

int answer_text_json(const char *text, size_t values_max, json_t **json)
{
	return json_parse(text, strlen(text), values_max, json);
}

int answer_hex(const json_t *object, const char *key, struct buf *out)
{
	const json_t *field = json_object_get(object, key);
	const char *text = json_string_value(field);
	size_t digits = json_string_length(field);
	struct buf bytes = {0};

	if (!text)
		return -EBADMSG;
	if (strncmp(text, "0x", 2) == 0) {
		text += 2;
		digits -= 2;
	}
	if (digits % 2)
		return -EBADMSG;
	if (digits > 0) {
		bytes.len = bytes.cap = digits / 2;
		bytes.data = malloc(bytes.cap);
		if (!bytes.data)
			return -ENOMEM;
		if (hex_decode(bytes.data, text, bytes.len) < 0) {
			buf_free(&bytes);
			return -EBADMSG;
		}
	}
	*out = bytes;
	return 0;
}

int answer_text(const json_t *object, const char *key, char **out)
{
	const char *text = json_string_value(json_object_get(object, key));
	char *copy = NULL;

	if (text && *text) {
		copy = strdup(text);
		if (!copy)
			return -ENOMEM;
	}
	*out = copy;
	return 0;
}

int answer_error(const struct http_answer *answer, char text[static ANSWER_ERROR_SIZE])
{
	const char *found = NULL;
	json_t *object = NULL;
	int err = answer_object(&answer->body, &object);

	if (err == 0) {
		const json_t *error = json_object_get(object, "error");

		if (json_is_object(error))
			error = json_object_get(error, "description");
		found = json_string_value(error);
	}
	if (found)
		failure_text(text, ANSWER_ERROR_SIZE, found, strlen(found));
	else
		failure_text(text, ANSWER_ERROR_SIZE, (const char *)answer->body.data,
			     answer->body.len);
	json_decref(object);
	return err == -ENOMEM ? err : 0;
}

int answer_unknown_method(const struct http_answer *answer)
{
	char text[ANSWER_ERROR_SIZE];
	int err;

	if (answer->status != 400 && answer->status != 404)
		return 0;
	err = answer_error(answer, text);
	if (err < 0)
		return err;
	return strncmp(text, "Service not found", strlen("Service not found")) == 0;
}
