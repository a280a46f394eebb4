/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Getting to the agent and staying out of the program's way: a refused or crowded socket, signals,
 * threads, cancellation, closed standard descriptors.  SIGPIPE has its default action here and
 * would end the test.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/http.h"
#include "base/clock.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"

static int ask(const struct stub_agent *stub, int64_t wait_ms, struct http_answer *answer)
{
	return http_post(&stub->agent, "/GetQuote", "{\"a\":1}", clock_now_ms() + wait_ms, answer);
}

static void answer_good(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "{}");
}

static void answer_hang(int fd, const char *request)
{
	(void)fd;
	(void)request;
	pause();
}

static void answer_nothing(int fd, const char *request)
{
	(void)fd;
	(void)request;
}

/* A question longer than the socket holds, to a server that closes without reading it. */
static void broken_pipe(void **state)
{
	enum { QUESTION = 8 << 20 };
	struct http_answer answer = {0};
	char *question = malloc(QUESTION + 1);
	struct stub_agent stub;

	(void)state;
	memset(question, ' ', QUESTION);
	question[QUESTION] = '\0';
	stub_start(&stub, "dstack.sock", answer_nothing);
	assert_int_equal(
		http_post(&stub.agent, "/GetQuote", question, clock_now_ms() + 5000, &answer),
		-EIO);
	stub_stop(&stub);
	stub_remove(&stub);
	free(question);
	assert_non_null(strstr(log_captured(), "closed without an answer"));
}

static void refused(void **state)
{
	struct http_answer answer = {0};
	struct stub_agent stub;
	int64_t start;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_good);
	stub_stop(&stub);
	start = clock_now_ms();
	assert_int_equal(ask(&stub, 5000, &answer), -EIO);
	assert_in_range(clock_now_ms() - start, 90, 5000); /* one pause, one more try */
	assert_non_null(strstr(log_captured(), "connection refused"));
	stub_remove(&stub);
	assert_int_equal(ask(&stub, 5000, &answer), -EIO);
	assert_non_null(strstr(log_captured(), "no such file"));
}

/* Refused once, then there: as when an agent restarts. */
static void refused_once(void **state)
{
	struct http_answer answer = {0};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct stub_agent stub;
	pid_t late;
	int listener;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_good);
	stub_stop(&stub);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", stub.agent.path);
	late = fork();
	if (late == 0) {
		alarm(10);
		usleep(50000);
		unlink(addr.sun_path);
		listener = socket(AF_UNIX, SOCK_STREAM, 0);
		if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
		    listen(listener, 1) == 0) {
			int fd = accept(listener, NULL, NULL);
			char request[1024];

			if (read(fd, request, sizeof(request)) > 0)
				stub_reply(fd, 200, "{}");
			close(fd);
		}
		_exit(0);
	}
	assert_int_equal(ask(&stub, 5000, &answer), 0);
	assert_int_equal(answer.status, 200);
	http_answer_free(&answer);
	stub.pid = late;
	stub_stop(&stub);
	stub_remove(&stub);
	assert_string_equal(log_captured(), "");
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* The backlog has room for one, and that is taken. */
static void full_backlog(void **state)
{
	struct http_answer answer = {0};
	struct stub_agent stub;
	int64_t start;
	int first;

	(void)state;
	stub_start(&stub, "dstack.sock", NULL);
	first = connect_to(stub.agent.path);
	start = clock_now_ms();
	assert_int_equal(ask(&stub, 400, &answer), -EIO);
	assert_in_range(clock_now_ms() - start, 350, 1900);
	assert_non_null(strstr(log_captured(), "connecting: timed out"));
	start = clock_now_ms();
	assert_int_equal(ask(&stub, 60000, &answer), -EIO);
	assert_in_range(clock_now_ms() - start, 1900, 10000); /* connecting has 2 s of it */
	assert_non_null(strstr(log_captured(), "connecting: timed out"));
	close(first);
	stub_stop(&stub);
	stub_remove(&stub);
}

static void answer_late(int fd, const char *request)
{
	if (*request)
		answer_good(fd, request);
	else
		usleep(200000); /* those that came first and say nothing */
}

/* More clients than the backlog has room for, and the server comes back in time. */
static void busy_backlog(void **state)
{
	struct http_answer answer = {0};
	struct stub_agent stub;
	int idle[17];

	(void)state;
	stub_start(&stub, "dstack.sock", answer_late);
	kill(stub.pid, SIGSTOP);
	for (size_t i = 0; i < 17; i++)
		idle[i] = connect_to(stub.agent.path);
	for (size_t i = 1; i < 17; i++)
		close(idle[i]); /* these end at once, the first keeps the server for a while */
	close(idle[0]);
	kill(stub.pid, SIGCONT);
	assert_int_equal(ask(&stub, 20000, &answer), 0);
	assert_int_equal(answer.status, 200);
	http_answer_free(&answer);
	stub_stop(&stub);
	stub_remove(&stub);
}

static volatile sig_atomic_t ticks;

static void on_tick(int signal)
{
	(void)signal;
	ticks = ticks + 1;
}

/* A program with a profiler's timer and without SA_RESTART. */
static void interrupted(void **state)
{
	const struct itimerval fast = {{0, 1000}, {0, 1000}};
	const struct itimerval off = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_tick};
	struct http_answer answer = {0};
	struct stub_agent stub;
	int err;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_hang);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &fast, NULL);
	err = ask(&stub, 300, &answer);
	setitimer(ITIMER_REAL, &off, NULL);
	assert_int_equal(err, -EIO);
	assert_true(ticks > 20);
	assert_non_null(strstr(log_captured(), "timed out after "));
	stub_stop(&stub);
	stub_remove(&stub);
}

static volatile sig_atomic_t descriptor_0_seen;

static void on_tick_look(int signal)
{
	int saved = errno;

	(void)signal;
	if (fcntl(0, F_GETFD) >= 0)
		descriptor_0_seen = 1;
	errno = saved;
}

/* A program that closed its standard descriptors finds nothing of ours there, at no time. */
static void standard_descriptors_closed(void **state)
{
	const struct itimerval fast = {{0, 1000}, {0, 1000}};
	const struct itimerval off = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_tick_look};
	struct http_answer answer = {0};
	struct stub_agent stub;
	int saved = dup(0);
	int err;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_hang);
	close(0);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &fast, NULL);
	err = ask(&stub, 100, &answer);
	setitimer(ITIMER_REAL, &off, NULL);
	dup2(saved, 0);
	close(saved);
	assert_int_equal(err, -EIO);
	assert_int_equal(descriptor_0_seen, 0);
	assert_non_null(strstr(log_captured(), "timed out"));
	stub_stop(&stub);
	stub_remove(&stub);
}

enum { THREADS = 8, QUESTIONS = 20 };

static void *ask_often(void *arg)
{
	struct stub_agent *stub = arg;
	size_t good = 0;

	for (size_t i = 0; i < QUESTIONS; i++) {
		struct http_answer answer = {0};

		good += ask(stub, 20000, &answer) == 0 && answer.status == 200;
		http_answer_free(&answer);
	}
	return (void *)good;
}

static void threads(void **state)
{
	pthread_t ids[THREADS];
	struct stub_agent stub;
	void *good;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_good);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, ask_often, &stub), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(ids[i], &good), 0);
		assert_int_equal((size_t)good, QUESTIONS);
	}
	stub_stop(&stub);
	stub_remove(&stub);
	assert_string_equal(log_captured(), "");
}

static __attribute__((noinline)) void ask_and_forget(const struct stub_agent *stub)
{
	struct http_answer answer = {0};

	ask(stub, 300, &answer);
	http_answer_free(&answer);
}

/* Nothing of this frame may lie in memory: the sanitizer does not see cancellation unwind it. */
static void *ask_once(void *arg)
{
	ask_and_forget(arg);
	pthread_testcancel();
	return NULL;
}

/* The question comes to its end, then the thread does; what leaks shows under the sanitizer. */
static void cancelled(void **state)
{
	struct stub_agent stub;
	int64_t start = clock_now_ms();
	void *result = NULL;
	pthread_t id;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_hang);
	assert_int_equal(pthread_create(&id, NULL, ask_once, &stub), 0);
	usleep(50000);
	assert_int_equal(pthread_cancel(id), 0);
	assert_int_equal(pthread_join(id, &result), 0);
	assert_ptr_equal(result, PTHREAD_CANCELED);
	assert_in_range(clock_now_ms() - start, 300, 2000);
	assert_non_null(strstr(log_captured(), "timed out after "));
	stub_stop(&stub);
	stub_remove(&stub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_pipe),
		cmocka_unit_test(refused),
		cmocka_unit_test(refused_once),
		cmocka_unit_test(full_backlog),
		cmocka_unit_test(busy_backlog),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(standard_descriptors_closed),
		cmocka_unit_test(threads),
		cmocka_unit_test(cancelled),
	};

	return cmocka_run_group_tests(tests, log_capture_start, log_capture_end);
}
