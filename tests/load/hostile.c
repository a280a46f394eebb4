/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile SOCKET SHAPE: an agent that answers GetQuote with something that no agent should, until it
 * is killed.  "hostile list" prints the shapes, each with "refused" or "accepted".
 */
#include "load.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	REQUEST_SIZE = 4096,
	HEAD_SIZE = 48,
	BODY_SIZE = 584,
	AUTH_SIZE = 64,
	AUTH_LEN_AT = HEAD_SIZE + BODY_SIZE,
	QUOTE_SIZE = AUTH_LEN_AT + 4 + AUTH_SIZE,
	LARGE = 15 << 20, /* under the limit of an answer */
	DEEP = 100000,
};

/* An answer under construction. */
static char *answer;
static size_t answer_len;

static void put(const void *data, size_t len)
{
	answer = realloc(answer, answer_len + len + 1);
	if (!answer)
		die("out of memory");
	memcpy(answer + answer_len, data, len);
	answer_len += len;
}

static void put_text(const char *text)
{
	put(text, strlen(text));
}

static void put_many(const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		put_text(text);
}

static void put_hex(const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		const char pair[2] = {digits[data[i] >> 4], digits[data[i] & 15]};

		put(pair, 2);
	}
}

/* A quote over the report data of the question, good but for its signature. */
static void quote_make(uint8_t quote[static QUOTE_SIZE], const char *request)
{
	static const uint8_t head[8] = {4, 0, 2, 0, 0x81, 0, 0, 0};
	const char *digits = strstr(request, "\"report_data\":\"");

	memset(quote, 0, QUOTE_SIZE);
	memcpy(quote, head, sizeof(head));
	for (int i = 0; digits && i < REPORT_DATA_SIZE; i++) {
		unsigned byte;

		if (sscanf(digits + 15 + 2 * i, "%2x", &byte) == 1)
			quote[REPORT_DATA_AT + i] = (uint8_t)byte;
	}
	quote[AUTH_LEN_AT] = AUTH_SIZE;
}

static void put_quote(const uint8_t *quote, size_t len)
{
	put_text("{\"quote\":\"");
	put_hex(quote, len);
	put_text("\",\"event_log\":\"[]\"}");
}

static void auth_huge(uint8_t *quote)
{
	memset(quote + AUTH_LEN_AT, 0xff, 4);
	put_quote(quote, QUOTE_SIZE);
}

static void auth_one_more(uint8_t *quote)
{
	quote[AUTH_LEN_AT]++;
	put_quote(quote, QUOTE_SIZE);
}

static void auth_signed_bound(uint8_t *quote)
{
	static const uint8_t bound[4] = {0xff, 0xff, 0xff, 0x7f};

	memcpy(quote + AUTH_LEN_AT, bound, sizeof(bound));
	put_quote(quote, QUOTE_SIZE);
}

static void version_3(uint8_t *quote)
{
	quote[0] = 3;
	put_quote(quote, QUOTE_SIZE);
}

static void version_6(uint8_t *quote)
{
	quote[0] = 6;
	put_quote(quote, QUOTE_SIZE);
}

static void version_5_of_4(uint8_t *quote)
{
	quote[0] = 5;
	put_quote(quote, QUOTE_SIZE);
}

static void sgx(uint8_t *quote)
{
	quote[4] = 0;
	put_quote(quote, QUOTE_SIZE);
}

static void other_bytes(uint8_t *quote)
{
	quote[REPORT_DATA_AT + REPORT_DATA_SIZE - 1] ^= 1;
	put_quote(quote, QUOTE_SIZE);
}

static void padded(uint8_t *quote)
{
	uint8_t more[QUOTE_SIZE + 512] = {0};

	memcpy(more, quote, QUOTE_SIZE);
	put_quote(more, sizeof(more));
}

static void large_good(uint8_t *quote)
{
	put_text("{\"quote\":\"");
	put_hex(quote, QUOTE_SIZE);
	put_many("00000000", LARGE / 8);
	put_text("\"}");
}

static void large_bad(uint8_t *quote)
{
	(void)quote;
	put_text("{\"quote\":\"");
	put_many("feedface", LARGE / 8);
	put_text("\"}");
}

static void nul_raw(uint8_t *quote)
{
	put_text("{\"quote\":\"");
	put("\0\0", 2);
	put_hex(quote, QUOTE_SIZE);
	put_text("\"}");
}

static void nul_after(uint8_t *quote)
{
	put_quote(quote, QUOTE_SIZE);
	put("\0\0\0\0", 4);
}

static void deep(uint8_t *quote)
{
	(void)quote;
	put_text("{\"quote\":");
	put_many("[", DEEP);
	put_many("]", DEEP);
	put_text("}");
}

static void deep_object(uint8_t *quote)
{
	(void)quote;
	put_many("{\"quote\":", DEEP);
	put_text("1");
	put_many("}", DEEP);
}

static void wide(uint8_t *quote)
{
	(void)quote;
	put_text("{\"quote\":[");
	put_many("[],", LARGE / 3);
	put_text("0]}");
}

static void digits_long(uint8_t *quote)
{
	(void)quote;
	put_text("{\"quote\":1");
	put_many("0000000000", 100000);
	put_text("}");
}

/* What terminals and log readers would take for more than text. */
#define ESCAPES                                                                                    \
	"\\u001b[31mred\\u001b]0;title\\u0007\\r\\n\\u0085\\u009bteeshim[1]: forged: all is well"

static void error_long(uint8_t *quote)
{
	(void)quote;
	put_text("{\"error\":\"");
	put_many("long ", 100000);
	put_text("\"}");
}

static const struct shape {
	const char *name;
	int status;
	bool accepted;
	void (*answer)(uint8_t *quote);
	const char *text; /* instead; "@" stands for the digits of a good quote */
} shapes[] = {
	{"auth_huge", 200, false, auth_huge, NULL},
	{"auth_one_more", 200, false, auth_one_more, NULL},
	{"auth_signed_bound", 200, false, auth_signed_bound, NULL},
	{"version_3", 200, false, version_3, NULL},
	{"version_6", 200, false, version_6, NULL},
	{"version_5_of_4", 200, false, version_5_of_4, NULL},
	{"sgx", 200, false, sgx, NULL},
	{"other_bytes", 200, false, other_bytes, NULL},
	{"padded", 200, true, padded, NULL},
	{"large_good", 200, true, large_good, NULL},
	{"large_bad", 200, false, large_bad, NULL},
	{"nul_raw", 200, false, nul_raw, NULL},
	{"nul_after", 200, false, nul_after, NULL},
	{"deep", 200, false, deep, NULL},
	{"deep_object", 200, false, deep_object, NULL},
	{"wide", 200, false, wide, NULL},
	{"digits_long", 200, false, digits_long, NULL},
	{"plain", 200, true, NULL, "{\"quote\":\"@\"}"},
	{"odd_digits", 200, false, NULL, "{\"quote\":\"@0\"}"},
	{"no_digit", 200, false, NULL, "{\"quote\":\"@0g\"}"},
	{"number", 200, false, NULL, "{\"quote\":4321}"},
	{"null", 200, false, NULL, "{\"quote\":null}"},
	{"array", 200, false, NULL, "{\"quote\":[4,0,2,0]}"},
	{"empty_string", 200, false, NULL, "{\"quote\":\"\"}"},
	{"no_object", 200, false, NULL, "[{\"quote\":\"@\"}]"},
	{"twice", 200, false, NULL, "{\"quote\":\"00\",\"quote\":\"@\"}"},
	{"nul_escaped", 200, false, NULL, "{\"quote\":\"@\\u0000\\u0000\"}"},
	{"utf8_bad", 200, false, NULL, "{\"vm_config\":\"\xc3\x28\xff\xfe\",\"quote\":\"@\"}"},
	{"escape_cut", 200, false, NULL, "{\"quote\":\"\\u12"},
	{"error_long", 400, false, error_long, NULL},
	{"error_escapes", 400, false, NULL, "{\"error\":\"" ESCAPES "\"}"},
	{"error_raw", 500, false, NULL,
	 "\x1b[31mred\x1b]0;title\x07\r\nteeshim[1]: forged: all is well\n\x9b\xff"},
	{"error_format", 400, false, NULL, "{\"error\":\"%s%s%n%n%99999d\"}"},
	{"error_instead", 200, false, NULL, "{\"error\":\"@\"}"},
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void put_shape(const char *text, const uint8_t *quote)
{
	for (; *text; text++) {
		if (*text == '@')
			put_hex(quote, QUOTE_SIZE);
		else
			put(text, 1);
	}
}

/* Read head and body, the latter by its Content-Length. */
static bool request_read(int fd, char request[static REQUEST_SIZE])
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(fd, request + used, REQUEST_SIZE - 1 - used);
		const char *body;
		const char *length;

		if (got <= 0)
			return false;
		used += (size_t)got;
		request[used] = '\0';
		body = strstr(request, "\r\n\r\n");
		length = strcasestr(request, "\r\nContent-Length:");
		if (body && length &&
		    used >= (size_t)(body + 4 - request) + strtoul(length + 17, NULL, 10))
			return true;
	}
}

static void all_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put_len = write(fd, data, len);

		if (put_len <= 0)
			return;
		data += put_len;
		len -= (size_t)put_len;
	}
}

static void request_answer(int fd, const struct shape *shape, size_t cut)
{
	char request[REQUEST_SIZE];
	uint8_t quote[QUOTE_SIZE];
	char head[128];
	int len;

	if (!request_read(fd, request))
		return;
	answer_len = 0;
	quote_make(quote, request);
	if (!shape)
		put_quote(quote, cut);
	else if (shape->answer)
		shape->answer(quote);
	else
		put_shape(shape->text, quote);
	len = snprintf(
		head, sizeof(head),
		"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		shape ? shape->status : 200, answer_len);
	all_write(fd, head, (size_t)len);
	all_write(fd, answer, answer_len);
}

static int socket_listen(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		die("%s is too long", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 64) < 0 ||
	    chmod(path, 0666) < 0)
		die_errno(path);
	puts("listening");
	fflush(stdout);
	return fd;
}

static const struct shape *shape_find(const char *name)
{
	for (int i = 0; i < SHAPES; i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct shape *shape;
	size_t cut = 0;
	int listener;

	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		for (int i = 0; i < SHAPES; i++)
			printf("%s %s\n", shapes[i].name,
			       shapes[i].accepted ? "accepted" : "refused");
		return 0;
	}
	if (argc != 3)
		die("a socket and a shape, or \"list\"");
	/* "cut": a quote one byte longer at each question, up to the whole */
	shape = shape_find(argv[2]);
	if (!shape && strcmp(argv[2], "cut") != 0)
		die("%s: no such shape", argv[2]);
	signal(SIGPIPE, SIG_IGN);
	listener = socket_listen(argv[1]);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			die_errno("accept");
		request_answer(fd, shape, cut++);
		close(fd);
		if (cut > QUOTE_SIZE)
			cut = QUOTE_SIZE;
	}
}
