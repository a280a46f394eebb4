/* SPDX-License-Identifier: Apache-2.0 */
/* An answer before it goes out: status, type, body, and how a fault wants it delivered. */
#ifndef TEESHIM_SIM_REPLY_H
#define TEESHIM_SIM_REPLY_H

#include <jansson.h>

#include "sim/bytes.h"

enum delivery {
	DELIVER_WHOLE,
	DELIVER_SHORT, /* Content-Length says 1000 bytes more; then close */
	DELIVER_FLOOD, /* after the body, more of it for ever */
	DELIVER_DRIP,  /* as flood, one byte a second */
	DELIVER_HANG,  /* nothing, with the connection open */
	DELIVER_CLOSE, /* nothing, with the connection closed */
};

struct reply {
	unsigned int status;
	const char *type; /* Content-Type; a constant */
	struct bytes body;
	enum delivery delivery;
};

/* reply_json() - status 200 and compact JSON; takes over the reference to @value. */
void reply_json(struct reply *reply, json_t *value);

/* reply_error() - the agent's error body around @text, pretty printed. */
void reply_error(struct reply *reply, unsigned int status, const char *text);

/* reply_default_404() - the web framework's page for a path that is no route. */
void reply_default_404(struct reply *reply, bool want_json);

#endif
