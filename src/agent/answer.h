/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's JSON: hostile text in, checked fields out. */
#ifndef TEESHIM_AGENT_ANSWER_H
#define TEESHIM_AGENT_ANSWER_H

#include <jansson.h>

#include "agent/http.h"

enum { ANSWER_ERROR_SIZE = 200 };

/*
 * answer_object() - read a body as one JSON object.
 * @object: the caller's to json_decref() after success
 *
 * Return: 0; -EBADMSG where it is none, or one of more values than any answer has; -ENOMEM.
 */
int answer_object(const struct buf *body, json_t **object);

/*
 * answer_text_json() - read the JSON that an answer carries inside a string.
 * @text: zero terminated
 * @values_max: it may hold no more values than that
 * @json: the caller's to json_decref() after success; an object or an array
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int answer_text_json(const char *text, size_t values_max, json_t **json);

/*
 * answer_hex() - the bytes of a field that is a string of hexadecimal digits, "0x" allowed.
 * @out: owned by the caller after success; empty for an empty string
 *
 * Return: 0; -EBADMSG where the field is absent or something else; -ENOMEM.
 */
int answer_hex(const json_t *object, const char *key, struct buf *out);

/*
 * answer_text() - a copy of a string field.
 * @out: the caller's to free() after success; NULL where the field is absent, empty or no string
 *
 * Return: 0; -ENOMEM.
 */
int answer_text(const json_t *object, const char *key, char **out);

/*
 * answer_error() - what a refusal says: the text of {"error": ...}, of the framework's
 * {"error": {"description": ...}}, or the beginning of a body that is neither; made harmless by
 * failure_text().
 *
 * Return: 0; -ENOMEM, and then the text is the beginning of the body.
 */
int answer_error(const struct http_answer *answer, char text[static ANSWER_ERROR_SIZE]);

/*
 * answer_unknown_method() - whether a refusal says that the agent's version has no such method: 1 or 0.
 * Such an answer has status 400 up to 0.5.11 and 404 since 0.6.0.
 *
 * Return: that; -ENOMEM.
 */
int answer_unknown_method(const struct http_answer *answer);

#endif
