/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's URL space on its two sockets, and its rules for decoding a request. */
#define _GNU_SOURCE
#include "sim/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/die.h"
#include "sim/rpc.h"

static bool starts_with(const char *text, const char *start, const char **rest)
{
	size_t len = strlen(start);

	if (strncmp(text, start, len) != 0)
		return false;
	*rest = text + len;
	return true;
}

/* Split a path into surface and method name; false where the framework knows no such route. */
static bool find_route(const struct sim *sim, const struct request *request, enum surface *surface,
		       const char **name)
{
	const char *path = request->path;
	const char *rest;

	if (request->door == DOOR_TAPPD) {
		*surface = SURFACE_TAPPD;
		if (!starts_with(path, "/prpc/", name))
			return false;
		if (starts_with(*name, "Tappd.", &rest))
			*name = rest;
	} else if (sim->agent >= AGENT_0_6_0 && starts_with(path, "/v1/", name)) {
		*surface = SURFACE_V1;
	} else {
		*surface = SURFACE_V0;
		if ((sim->agent < AGENT_0_6_0 || !starts_with(path, "/v0/", name)) &&
		    !starts_with(path, "/", name))
			return false;
	}
	return **name && !strchr(*name, '/');
}

static bool is_read(const struct request *request)
{
	return strcmp(request->verb, "GET") == 0 || strcmp(request->verb, "HEAD") == 0;
}

static bool is_json_type(const char *type)
{
	static const char json[] = "application/json";
	size_t len = sizeof(json) - 1;

	return type && strncasecmp(type, json, len) == 0 &&
	       (!type[len] || strchr("; \t", type[len]));
}

/* "json", "json=1" or "json=true" in the query. */
static bool asks_json(const struct request *request)
{
	const char *flag = json_string_value(json_object_get(request->query, "json"));

	return flag && (!flag[0] || strcmp(flag, "1") == 0 || strcmp(flag, "true") == 0);
}

/* Refused before any method is called, and so in protobuf unless the URL asks for JSON. */
static void refuse_too_large(const struct sim *sim, const struct request *request,
			     struct reply *reply)
{
	static const char text[] = "payload too large";
	unsigned int status = sim->agent >= AGENT_0_6_0 ? 413 : 400;

	if (is_read(request) || asks_json(request)) {
		reply_error(reply, status, text);
		return;
	}
	reply->status = status;
	reply->type = "application/octet-stream";
	bytes_u8(&reply->body, 0x0a); /* field 1, length-delimited */
	bytes_u8(&reply->body, sizeof(text) - 1);
	bytes_text(&reply->body, text);
}

/* The request as a JSON object that the caller releases; NULL has filled in the reply. */
static json_t *decode(const struct request *request, struct reply *reply)
{
	json_error_t error;
	json_t *json;
	char *text;

	if (is_read(request))
		return json_incref(request->query);
	if (!is_json_type(request->content_type) && !asks_json(request)) {
		reply_error(reply, 400,
			    "Failed to decode the request as protobuf, which this simulator does "
			    "not speak; send Content-Type: application/json");
		return NULL;
	}
	if (!request->body.len)
		return json_object();
	json = json_loadb((const char *)request->body.data, request->body.len, 0, &error);
	if (json_is_object(json))
		return json;
	if (asprintf(&text, "Failed to decode the request as JSON: %s at line %d column %d",
		     json ? "not an object" : error.text, json ? 1 : error.line,
		     json ? 1 : error.column) < 0)
		die("out of memory");
	reply_error(reply, 400, text);
	free(text);
	json_decref(json);
	return NULL;
}

static void answer(struct sim *sim, const struct request *request, struct reply *reply)
{
	struct call call = {.sim = sim};
	const char *name;
	rpc_method *method;
	json_t *json;
	char *text;

	if ((!is_read(request) && strcmp(request->verb, "POST") != 0) ||
	    !find_route(sim, request, &call.surface, &name)) {
		reply_default_404(reply, is_json_type(request->accept));
		return;
	}
	if (request->too_large) {
		refuse_too_large(sim, request, reply);
		return;
	}
	method = rpc_find(sim->agent, call.surface, name);
	if (!method) {
		if (asprintf(&text, "Service not found: %s", name) < 0)
			die("out of memory");
		reply_error(reply, sim->agent >= AGENT_0_6_0 ? 404 : 400, text);
		free(text);
		return;
	}
	json = decode(request, reply);
	if (json) {
		call.request = json;
		pthread_mutex_lock(&sim->lock);
		method(&call, reply);
		pthread_mutex_unlock(&sim->lock);
		json_decref(json);
	}
}

void routes_answer(struct sim *sim, const struct request *request, struct reply *reply)
{
	/* Old agents print an error's chain of causes in the style of Rust's anyhow. */
	const char *error = sim->agent <= AGENT_0_5_5
				    ? "Failed to get quote\n\nCaused by:\n    simulated failure"
				    : "Failed to get quote: simulated failure";

	answer(sim, request, reply);
	if (fault_strikes(sim->fault, request->path))
		fault_spoil(sim->fault, error, reply);
}
