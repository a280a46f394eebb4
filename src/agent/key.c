/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key from the agent.  Everything that held it is wiped before it is given back: the answer, which is
 * too short to have been moved on the way, the text that jansson made of it, the bytes.  Not within
 * reach are libcurl's receive buffer and jansson's scratch memory, which they have freed by then.
 */
#include "agent/agent.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "agent/answer.h"
#include "agent/ask.h"
#include "base/wipe.h"

enum { TEXT_MAX = 400, QUESTION_SIZE = 3 * TEXT_MAX + 64 };

static const char route[] = "/GetKey";

/* Texts that stand in JSON as they are. */
static bool text_plain(const char *text)
{
	size_t len = 0;

	for (; text[len]; len++)
		if (len == TEXT_MAX || text[len] < ' ' || text[len] > '~' || text[len] == '"' ||
		    text[len] == '\\')
			return false;
	return true;
}

static int key_read(const struct agent *agent, const json_t *answer,
		    uint8_t key[static AGENT_KEY_SIZE])
{
	struct buf bytes = {0};
	int err = answer_hex(answer, "key", &bytes);

	if (err == 0 && bytes.len != AGENT_KEY_SIZE)
		err = -EBADMSG;
	if (err == 0)
		memcpy(key, bytes.data, AGENT_KEY_SIZE);
	wipe(bytes.data, bytes.len);
	buf_free(&bytes);
	return err < 0 ? ask_field_bad(agent, route, "key", err) : 0;
}

static void answer_wipe(json_t *answer)
{
	json_t *field = json_object_get(answer, "key");

	/* jansson has no way to change a string in place */
	wipe((char *)json_string_value(field), json_string_length(field));
	json_decref(answer);
}

int agent_get_key(const struct agent *agent, const char *path, const char *purpose,
		  const char *algorithm, int64_t deadline_ms, uint8_t key[static AGENT_KEY_SIZE])
{
	char question[QUESTION_SIZE];
	struct http_answer reply = {0};
	json_t *answer = NULL;
	int err;

	if (!text_plain(path) || !text_plain(purpose) || !text_plain(algorithm))
		return -EINVAL;
	snprintf(question, sizeof(question),
		 "{\"path\":\"%s\",\"purpose\":\"%s\",\"algorithm\":\"%s\"}", path, purpose,
		 algorithm);
	err = http_post(agent, route, question, deadline_ms, &reply);
	if (err < 0)
		return err;
	err = ask_read(agent, route, &reply, &answer);
	http_answer_free(&reply);
	if (err < 0)
		return err;
	err = key_read(agent, answer, key);
	answer_wipe(answer);
	return err;
}
