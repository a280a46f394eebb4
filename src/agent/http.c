/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl's easy interface, told to keep its hands off everything that belongs to the host process.
 *
 * Connecting needs care.  With a full backlog the kernel answers EAGAIN to a non-blocking connect on
 * a unix socket (unix_stream_connect() in net/unix/af_unix.c) and nothing tells when there is room;
 * curl takes it for "in progress" and fails.  A connected socket cannot be handed over instead: curl
 * 7.87 and 7.88 connect it again and take EISCONN for a failure.  So what fails before the question
 * can have been sent is tried again here, until connecting has had its time.
 */
#include "agent/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/failure.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/wipe.h"

enum {
	CONNECT_LIMIT_MS = 2000,
	REFUSED_PAUSE_US = 100000, /* an agent just restarting */
	BUSY_PAUSE_FIRST_US = 500,
	BUSY_PAUSE_MAX_US = 16000,
	HEADERS_MAX = 64 << 10, /* of all response headers: curl itself would take any number */
};

/* One question under way. */
struct exchange {
	const struct agent *agent;
	const char *route;
	int64_t start_ms;
	int64_t deadline_ms;
	struct buf body;
	size_t headers; /* bytes of them so far */
	int fd;         /* of the connection under way */
	bool connected; /* the question may have been sent: no second try from here on */
	int open_error; /* why there is no socket or connection, -errno */
	int body_error; /* of buf_append() */
};

/* Above descriptor 2: a program that closed its standard ones must not find the agent there. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct exchange *exchange = context;
	int fd = (int)sys_call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, 0, 0, 0);

	(void)purpose;
	(void)addr;
	if (fd >= 0 && fd <= 2) {
		int moved = (int)sys_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3, 0, 0, 0);

		sys_close(fd);
		fd = moved;
	}
	if (fd < 0) {
		exchange->open_error = fd;
		return CURL_SOCKET_BAD;
	}
	exchange->fd = fd;
	return fd;
}

static int on_close_socket(void *context, curl_socket_t fd)
{
	(void)context;
	return sys_close(fd);
}

/* Called between connecting and the first byte of the question. */
static int on_connected(void *context, char *peer, char *local, int peer_port, int local_port)
{
	struct exchange *exchange = context;
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	(void)peer;
	(void)local;
	(void)peer_port;
	(void)local_port;
	if (sys_call(SYS_getpeername, exchange->fd, (long)&addr, (long)&len, 0, 0, 0) < 0)
		return CURL_PREREQFUNC_ABORT;
	exchange->connected = true;
	return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;

	(void)data;
	exchange->headers += size * count;
	return exchange->headers <= HEADERS_MAX ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;

	exchange->body_error = buf_append(&exchange->body, data, size * count, HTTP_BODY_MAX);
	return exchange->body_error == 0 ? size * count : 0;
}

/* The first failure stays: what matters is whether all options were taken. */
#define SET(option, value)                                                                         \
	do {                                                                                       \
		CURLcode set = curl_easy_setopt(curl, option, value);                              \
		if (code == CURLE_OK)                                                              \
			code = set;                                                                \
	} while (0)

static CURLcode set_connection(CURL *curl, struct exchange *exchange)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_UNIX_SOCKET_PATH, exchange->agent->path);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(CURLOPT_OPENSOCKETDATA, exchange);
	SET(CURLOPT_PREREQFUNCTION, on_connected);
	SET(CURLOPT_PREREQDATA, exchange);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
	SET(CURLOPT_PROTOCOLS_STR, "http");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	/* Against http_proxy; a curl built without proxies refuses both, and needs neither. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	return code;
}

static CURLcode set_question(CURL *curl, struct exchange *exchange, const char *url,
			     struct curl_slist *headers, const char *json_body)
{
	CURLcode code = set_connection(curl, exchange);

	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_POSTFIELDS, json_body);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)HTTP_BODY_MAX);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, exchange);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, exchange);
	return code;
}

static int connect_failed(const struct exchange *exchange)
{
	int error = -exchange->open_error;
	const char *cure = "start the agent, or mount its socket here";
	char why[96];

	if (error == ENOMEM)
		return -ENOMEM;
	if (error == EACCES || error == EPERM)
		cure = "let this user write to the socket";
	else if (error == EMFILE || error == ENFILE)
		cure = "raise the limit of open files";
	else if (error == ETIMEDOUT)
		cure = "the agent accepts no connection: restart it";
	snprintf(why, sizeof(why), "connecting: %s (errno %d) after %d ms", log_errno(error), error,
		 (int)(clock_now_ms() - exchange->start_ms));
	agent_fail(exchange->agent, exchange->route, why, cure);
	return error == EMFILE || error == ENFILE ? -error : -EIO;
}

/* Turn what curl says into the log line; the errno is EIO but for want of memory or descriptors. */
static int exchange_failed(const struct exchange *exchange, CURLcode code)
{
	const char *cure = "look at the agent's own log";
	char why[96];

	if (exchange->open_error)
		return connect_failed(exchange);
	if (code == CURLE_OUT_OF_MEMORY || exchange->body_error == -ENOMEM)
		return -ENOMEM;
	if (code == CURLE_FILESIZE_EXCEEDED || exchange->body_error == -EFBIG) {
		snprintf(why, sizeof(why), "answer over %d MiB", HTTP_BODY_MAX >> 20);
	} else if (code == CURLE_OPERATION_TIMEDOUT) {
		snprintf(why, sizeof(why), "timed out after %d ms with %zu bytes of the answer",
			 (int)(clock_now_ms() - exchange->start_ms), exchange->body.len);
		cure = "restart the agent, or raise TEESHIM_TIMEOUT_MS";
	} else if (exchange->headers > HEADERS_MAX) {
		snprintf(why, sizeof(why), "headers over %d KiB", HEADERS_MAX >> 10);
	} else if (code == CURLE_PARTIAL_FILE || (code == CURLE_RECV_ERROR && exchange->headers)) {
		snprintf(why, sizeof(why), "answer cut off after %zu bytes", exchange->body.len);
	} else if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
		   code == CURLE_SEND_ERROR) {
		snprintf(why, sizeof(why), "connection closed without an answer");
	} else {
		snprintf(why, sizeof(why), "the answer is not HTTP (curl error %d)", (int)code);
		cure = "is this the agent's socket?";
	}
	return agent_fail(exchange->agent, exchange->route, why, cure);
}

/* Connect, ask, listen; connecting again where that is what failed and may yet succeed. */
static CURLcode exchange_perform(CURL *curl, struct exchange *exchange)
{
	int64_t limit_ms = exchange->start_ms + CONNECT_LIMIT_MS;
	unsigned pause = BUSY_PAUSE_FIRST_US;
	bool refused = false;
	CURLcode code;
	long error;

	if (limit_ms > exchange->deadline_ms)
		limit_ms = exchange->deadline_ms;
	for (;;) {
		int64_t left = exchange->deadline_ms - clock_now_ms();

		curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(left > 0 ? left : 1));
		code = curl_easy_perform(curl);
		if (code == CURLE_OK || exchange->connected || exchange->open_error)
			return code;
		if (code != CURLE_COULDNT_CONNECT && code != CURLE_ABORTED_BY_CALLBACK)
			return code;
		error = 0;
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
		if (error == 0)
			error = EAGAIN; /* taken for "in progress" */
		if (error == ECONNREFUSED && !refused) {
			refused = true;
			clock_sleep_us(REFUSED_PAUSE_US);
		} else if (error == EAGAIN && clock_now_ms() < limit_ms) {
			clock_sleep_us(pause);
			if (pause < BUSY_PAUSE_MAX_US)
				pause *= 2;
		} else {
			exchange->open_error = error == EAGAIN ? -ETIMEDOUT : -(int)error;
			return code;
		}
	}
}

static int exchange_run(struct exchange *exchange, const char *json_body, long *status)
{
	CURLcode code = CURLE_OUT_OF_MEMORY;
	struct curl_slist *headers = NULL;
	struct curl_slist *more;
	char url[128];
	CURL *curl;

	snprintf(url, sizeof(url), "http://localhost%s", exchange->route);
	headers = curl_slist_append(NULL, "Content-Type: application/json");
	more = headers ? curl_slist_append(headers, "Accept: application/json") : NULL;
	/* An agent that is slow to say "100 Continue" would cost a second. */
	more = more ? curl_slist_append(headers, "Expect:") : NULL;
	curl = more ? curl_easy_init() : NULL;
	if (curl) {
		code = set_question(curl, exchange, url, headers, json_body);
		if (code == CURLE_OK)
			code = exchange_perform(curl, exchange);
		if (code == CURLE_OK)
			code = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
		curl_easy_cleanup(curl);
	}
	curl_slist_free_all(headers);
	return code == CURLE_OK ? 0 : exchange_failed(exchange, code);
}

/* It may hold a key, whole or in part. */
static void body_drop(struct buf *body)
{
	wipe(body->data, body->len);
	buf_free(body);
}

int http_post(const struct agent *agent, const char *route, const char *json_body,
	      int64_t deadline_ms, struct http_answer *out)
{
	struct exchange exchange = {
		.agent = agent,
		.route = route,
		.start_ms = clock_now_ms(),
		.deadline_ms = deadline_ms,
	};
	long status = 0;
	int cancel;
	int err;

	/* curl's poll() and recv() are cancellation points, and would leak all of this. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	err = curl_global_init(CURL_GLOBAL_ACK_EINTR) == CURLE_OK ? 0 : -ENOMEM;
	if (err == 0) {
		err = exchange_run(&exchange, json_body, &status);
		curl_global_cleanup();
	}
	pthread_setcancelstate(cancel, NULL);
	if (err < 0) {
		body_drop(&exchange.body);
		return err;
	}
	*out = (struct http_answer){.status = status, .body = exchange.body};
	return 0;
}

void http_answer_free(struct http_answer *answer)
{
	body_drop(&answer->body);
	answer->status = 0;
}
