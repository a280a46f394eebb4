/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP question against a server that does what no agent should.  Each failure must be one
 * errno and one log line within the deadline, leave no descriptor behind and raise no signal:
 * SIGPIPE has its default action here and would end the test.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/http.h"
#include "base/clock.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"

static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static int ask(const struct stub_agent *stub, int64_t wait_ms, struct http_answer *answer)
{
	return http_post(&stub->agent, "/GetQuote", "{\"a\":1}", clock_now_ms() + wait_ms, answer);
}

/* Ask a server that misbehaves in one way. */
static void expect_failure(stub_answer *how, int64_t wait_ms, const char *why)
{
	struct http_answer answer = {.status = 77};
	unsigned before = descriptors();
	struct stub_agent stub;
	int64_t start;

	stub_start(&stub, "dstack.sock", how);
	start = clock_now_ms();
	assert_int_equal(ask(&stub, wait_ms, &answer), -EIO);
	assert_in_range(clock_now_ms() - start, 0, wait_ms + 3000);
	assert_int_equal(answer.status, 77);
	stub_stop(&stub);
	stub_remove(&stub);
	assert_int_equal(descriptors(), before);
	assert_non_null(strstr(log_captured(), why));
}

/* Answers 200 only where every header is as an agent wants it. */
static void answer_checked(int fd, const char *request)
{
	static const char *const wanted[] = {
		"POST /GetQuote HTTP/1.1\r\n",
		"\r\nHost: localhost\r\n",
		"\r\nContent-Type: application/json\r\n",
		"\r\nAccept: application/json\r\n",
		"\r\nContent-Length: 7\r\n",
		"\r\n\r\n{\"a\":1}",
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!strstr(request, wanted[i])) {
			stub_reply(fd, 500, wanted[i]);
			return;
		}
	}
	if (strstr(request, "Expect") || strstr(request, "Proxy"))
		stub_reply(fd, 500, "a header too many");
	else
		stub_reply(fd, 200, "{}");
}

static void good(void **state)
{
	struct http_answer answer = {0};
	unsigned before = descriptors();
	struct stub_agent stub;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	stub_start(&stub, "dstack.sock", answer_checked);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(&stub, 5000, &answer), 0);
		assert_int_equal(answer.status, 200);
		assert_int_equal(answer.body.len, 2);
		assert_memory_equal(answer.body.data, "{}", 2);
		http_answer_free(&answer);
	}
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	stub_stop(&stub);
	stub_remove(&stub);
	assert_int_equal(descriptors(), before);
	assert_string_equal(log_captured(), "");
}

static void answer_refusal(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 404, "<html>");
}

static void other_status(void **state)
{
	struct http_answer answer = {0};
	struct stub_agent stub;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_refusal);
	assert_int_equal(ask(&stub, 5000, &answer), 0);
	assert_int_equal(answer.status, 404);
	assert_int_equal(answer.body.len, 6);
	http_answer_free(&answer);
	stub_stop(&stub);
	stub_remove(&stub);
	assert_string_equal(log_captured(), "");
}

static void answer_hang(int fd, const char *request)
{
	(void)fd;
	(void)request;
	pause();
}

static void answer_drip(int fd, const char *request)
{
	(void)request;
	dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	for (;;) {
		usleep(50000);
		dprintf(fd, "x");
	}
}

static void answer_nothing(int fd, const char *request)
{
	(void)fd;
	(void)request;
}

/* Closes with the question unread: the kernel then resets the connection. */
static void answer_short(int fd, const char *request)
{
	(void)request;
	dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort");
}

static void answer_announced_huge(int fd, const char *request)
{
	(void)request;
	dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: 16777217\r\n\r\n");
	pause();
}

static void answer_huge(int fd, const char *request)
{
	static char block[65536];

	(void)request;
	signal(SIGPIPE, SIG_IGN);
	dprintf(fd, "HTTP/1.1 200 OK\r\n\r\n");
	while (send(fd, block, sizeof(block), 0) > 0)
		;
}

static void answer_headers(int fd, const char *request)
{
	(void)request;
	signal(SIGPIPE, SIG_IGN);
	dprintf(fd, "HTTP/1.1 200 OK\r\n");
	while (dprintf(fd, "X-Filler: %0512d\r\n", 0) > 0)
		;
}

static void answer_not_http(int fd, const char *request)
{
	(void)request;
	dprintf(fd, "220 mail.example ready\r\n");
}

static void answer_redirect(int fd, const char *request)
{
	(void)request;
	dprintf(fd, "HTTP/1.1 302 Found\r\nLocation: http://localhost/other\r\n"
		    "Content-Length: 0\r\n\r\n");
}

static void failures(void **state)
{
	(void)state;
	expect_failure(answer_hang, 300, "GetQuote at /tmp/teeshim-stub-");
	expect_failure(answer_hang, 300, "timed out after ");
	expect_failure(answer_drip, 400, "timed out after ");
	expect_failure(answer_nothing, 5000, "closed without an answer");
	expect_failure(answer_short, 5000, "cut off after 5 bytes");
	expect_failure(answer_announced_huge, 5000, "over 16 MiB");
	expect_failure(answer_huge, 20000, "over 16 MiB");
	expect_failure(answer_headers, 5000, "headers over 64 KiB");
	expect_failure(answer_not_http, 5000, "not HTTP");
	expect_failure(answer_hang, -1, "timed out");
}

static void no_redirect(void **state)
{
	struct http_answer answer = {0};
	struct stub_agent stub;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_redirect);
	assert_int_equal(ask(&stub, 5000, &answer), 0);
	assert_int_equal(answer.status, 302);
	http_answer_free(&answer);
	stub_stop(&stub);
	stub_remove(&stub);
}

static void answer_secret(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "{\"key\":\"0123456789abcdef0123456789abcdef0123456789abcdef\"}");
}

/*
 * What an answer held is gone when it is freed.  AddressSanitizer keeps freed memory as it was, and
 * reading by /proc/self/mem does not ask it.
 */
static void wiped(void **state)
{
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	static const char zeros[32];
	struct http_answer answer = {0};
	struct stub_agent stub;
	char left[32];
	off_t place;

	(void)state;
	assert_true(memory >= 0);
	stub_start(&stub, "dstack.sock", answer_secret);
	assert_int_equal(ask(&stub, 5000, &answer), 0);
	place = (off_t)(uintptr_t)answer.body.data + 16;
	assert_int_equal(pread(memory, left, sizeof(left), place), sizeof(left));
	assert_memory_equal(left, answer.body.data + 16, sizeof(left));
	http_answer_free(&answer);
	assert_int_equal(pread(memory, left, sizeof(left), place), sizeof(left));
	assert_memory_equal(left, zeros, sizeof(left));
	close(memory);
	stub_stop(&stub);
	stub_remove(&stub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),     cmocka_unit_test(other_status),
		cmocka_unit_test(failures), cmocka_unit_test(no_redirect),
		cmocka_unit_test(wiped),
	};

	return cmocka_run_group_tests(tests, log_capture_start, log_capture_end);
}
