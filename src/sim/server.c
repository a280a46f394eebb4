/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP by libmicrohttpd.  Every connection has its own thread, so that one which waits (a quote, a
 * simulated hang) never delays another.
 */
#include "sim/server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "sim/die.h"

enum {
	EXTRA_LENGTH = 1000, /* DELIVER_SHORT announces that much too much */
	BLOCK_SIZE = 64 * 1024,
	IDLE_SECONDS = 10, /* between two requests on one connection, as the agent's */
	CONNECTION_LIMIT = 8192,
};

struct server {
	struct sim *sim;
	enum door door;
	struct MHD_Daemon *daemon;
};

/* A body that is handed out by a callback. */
struct stream {
	const struct sim *sim;
	int fd; /* of the connection */
	struct reply reply;
};

static ssize_t stream_read(void *cls, uint64_t pos, char *out, size_t room)
{
	struct stream *stream = cls;
	const struct bytes *body = &stream->reply.body;

	if (stream->reply.delivery == DELIVER_DRIP) {
		if (pos && !sim_wait(stream->sim, stream->fd, 1000))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		room = 1;
	}
	if (pos < body->len) {
		if (room > body->len - pos)
			room = body->len - (size_t)pos;
		memcpy(out, body->data + pos, room);
		return (ssize_t)room;
	}
	if (stream->reply.delivery == DELIVER_SHORT)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	memset(out, '0', room);
	return (ssize_t)room;
}

static void stream_free(void *cls)
{
	struct stream *stream = cls;

	bytes_free(&stream->reply.body);
	free(stream);
}

static int connection_fd(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* A response whose body comes from stream_read(); takes over reply's body. */
static struct MHD_Response *stream_response(const struct sim *sim,
					    struct MHD_Connection *connection, struct reply *reply)
{
	bool is_short = reply->delivery == DELIVER_SHORT;
	struct stream *stream = malloc(sizeof(*stream));
	struct MHD_Response *response;

	if (!stream)
		die("out of memory");
	*stream = (struct stream){
		.sim = sim,
		.fd = connection_fd(connection),
		.reply = *reply,
	};
	reply->body = (struct bytes){0};
	response = MHD_create_response_from_callback(
		is_short ? stream->reply.body.len + EXTRA_LENGTH : MHD_SIZE_UNKNOWN, BLOCK_SIZE,
		stream_read, stream, stream_free);
	/* The agent never sends chunks: a body of unknown length ends where the connection does. */
	if (response && !is_short)
		MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	return response;
}

static void add_headers(const struct sim *sim, const struct reply *reply,
			struct MHD_Response *response)
{
	/* The name lost its capital in 0.5.4. */
	const char *name = sim->agent < AGENT_0_5_5 ? "Dstack guest agent" : "dstack guest agent";

	if (reply->type)
		MHD_add_response_header(response, "Content-Type", reply->type);
	MHD_add_response_header(response, "Server", name);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "X-Frame-Options", "SAMEORIGIN");
	MHD_add_response_header(response, "Permissions-Policy", "interest-cohort=()");
}

static enum MHD_Result deliver(const struct sim *sim, struct MHD_Connection *connection,
			       struct reply *reply)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (reply->delivery == DELIVER_HANG)
		sim_wait(sim, connection_fd(connection), -1);
	if (reply->delivery == DELIVER_HANG || reply->delivery == DELIVER_CLOSE) {
		bytes_free(&reply->body);
		return MHD_NO; /* libmicrohttpd then closes the connection */
	}
	if (reply->delivery == DELIVER_WHOLE)
		response = MHD_create_response_from_buffer(reply->body.len, reply->body.data,
							   MHD_RESPMEM_MUST_COPY);
	else
		response = stream_response(sim, connection, reply);
	bytes_free(&reply->body);
	if (!response)
		die("out of memory");
	add_headers(sim, reply, response);
	result = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result add_argument(void *cls, enum MHD_ValueKind kind, const char *key,
				    const char *value)
{
	(void)kind;
	/* What is not UTF-8 has no place in JSON and is left out. */
	json_object_set_new(cls, key, json_string(value ? value : ""));
	return MHD_YES;
}

static struct request *request_begin(enum door door, const char *verb, const char *path)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		die("out of memory");
	request->door = door;
	request->verb = verb;
	request->path = path;
	request->query = json_object();
	return request;
}

static void request_end(void *cls, struct MHD_Connection *connection, void **slot,
			enum MHD_RequestTerminationCode code)
{
	struct request *request = *slot;

	(void)cls;
	(void)connection;
	(void)code;
	if (!request)
		return;
	bytes_free(&request->body);
	json_decref(request->query);
	free(request);
	*slot = NULL;
}

static void collect(struct request *request, const char *data, size_t len)
{
	if (len > BODY_LIMIT - request->body.len)
		request->too_large = true;
	if (!request->too_large)
		bytes_add(&request->body, data, len);
}

static enum MHD_Result finish(struct sim *sim, struct MHD_Connection *connection,
			      struct request *request)
{
	struct reply reply = {0};

	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, request->query);
	request->content_type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							    MHD_HTTP_HEADER_CONTENT_TYPE);
	request->accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	routes_answer(sim, request, &reply);
	sim_log(sim, request->path,
		reply.delivery == DELIVER_HANG || reply.delivery == DELIVER_CLOSE ? 0
										  : reply.status);
	return deliver(sim, connection, &reply);
}

/* Called once with the headers, then per piece of the body, then once with no data. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *path,
			      const char *verb, const char *http, const char *data, size_t *len,
			      void **slot)
{
	struct server *server = cls;
	enum MHD_Result result;

	(void)http;
	if (!*slot) {
		*slot = request_begin(server->door, verb, path);
		/* A quote may take longer than an idle connection is kept. */
		MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
		return MHD_YES;
	}
	if (*len) {
		collect(*slot, data, *len);
		*len = 0;
		return MHD_YES;
	}
	result = finish(server->sim, connection, *slot);
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, IDLE_SECONDS);
	return result;
}

struct server *server_begin(struct sim *sim, enum door door, int fd)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		die("out of memory");
	server->sim = sim;
	server->door = door;
	server->daemon = MHD_start_daemon(
		MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, handle,
		server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, request_end,
		NULL, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTION_LIMIT, MHD_OPTION_END);
	if (!server->daemon)
		die("libmicrohttpd does not start on the socket");
	return server;
}

void server_end(struct server *server)
{
	MHD_stop_daemon(server->daemon);
	free(server);
}
