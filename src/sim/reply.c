/* SPDX-License-Identifier: Apache-2.0 */
/* The three forms of body that the agent's web framework produces. */
#include "sim/reply.h"

#include <stdlib.h>

#include "sim/die.h"

static void set_json(struct reply *reply, unsigned int status, json_t *value, size_t flags)
{
	char *text = value ? json_dumps(value, flags | JSON_ENCODE_ANY) : NULL;

	if (!text)
		die("out of memory");
	reply->status = status;
	reply->type = "application/json";
	bytes_free(&reply->body);
	bytes_text(&reply->body, text);
	free(text);
	json_decref(value);
}

void reply_json(struct reply *reply, json_t *value)
{
	set_json(reply, 200, value, JSON_COMPACT);
}

void reply_error(struct reply *reply, unsigned int status, const char *text)
{
	set_json(reply, status, json_pack("{s:s}", "error", text), JSON_INDENT(2));
}

void reply_default_404(struct reply *reply, bool want_json)
{
	const char *text = "The requested resource could not be found.";

	if (want_json) {
		set_json(reply, 404,
			 json_pack("{s:{s:i,s:s,s:s}}", "error", "code", 404, "reason", "Not Found",
				   "description", text),
			 JSON_COMPACT);
		return;
	}
	reply->status = 404;
	reply->type = "text/html; charset=utf-8";
	bytes_free(&reply->body);
	bytes_text(&reply->body, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>404 Not Found"
				 "</title></head>\n<body><h1>404: Not Found</h1><p>");
	bytes_text(&reply->body, text);
	bytes_text(&reply->body, "</p></body>\n</html>\n");
}
