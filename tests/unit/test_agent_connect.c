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

/*
 * Time that no machine is too busy for, and how often what depends on a short one is tried: then it is
 * the client that is slow.
 */
enum { LONG_MS = 60000, TRIES = 20 };

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
		http_post(&stub.agent, "/GetQuote", question, clock_now_ms() + LONG_MS, &answer),
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
	assert_int_equal(ask(&stub, LONG_MS, &answer), -EIO);
	assert_in_range(clock_now_ms() - start, 90, LONG_MS); /* one pause, one more try */
	assert_non_null(strstr(log_captured(), "connection refused"));
	stub_remove(&stub);
	assert_int_equal(ask(&stub, LONG_MS, &answer), -EIO);
	assert_non_null(strstr(log_captured(), "no such file"));
}

static char restarted[sizeof(((struct agent *)0)->path)];
static char refusing[sizeof(restarted)];

static void on_restart(int signal)
{
	int saved = errno;

	(void)signal;
	rename(restarted, refusing);
	errno = saved;
}

/*
 * Refused once, then there: as when an agent restarts.  The socket is put in place by a signal, which
 * comes before the client goes on, however late that is.
 */
static void refused_once(void **state)
{
	const struct itimerval soon = {{0, 0}, {0, 50000}};
	struct sigaction action = {.sa_handler = on_restart};
	struct http_answer answer = {0};
	struct stub_agent stub;
	struct stub_agent again;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_good);
	stub_stop(&stub);
	stub_start(&again, "dstack.sock", answer_good);
	memcpy(refusing, stub.agent.path, sizeof(refusing));
	memcpy(restarted, again.agent.path, sizeof(restarted));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(ask(&stub, LONG_MS, &answer), 0);
	assert_int_equal(answer.status, 200);
	http_answer_free(&answer);
	stub_stop(&again);
	stub_remove(&again);
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

/* How long a question takes whose connection times out. */
static int64_t timed_out_ms(const struct stub_agent *stub, int64_t wait_ms)
{
	struct http_answer answer = {0};
	int64_t start = clock_now_ms();

	assert_int_equal(ask(stub, wait_ms, &answer), -EIO);
	assert_non_null(strstr(log_captured(), "connecting: timed out"));
	return clock_now_ms() - start;
}

/* The backlog has room for one, and that is taken. */
static void full_backlog(void **state)
{
	struct stub_agent stub;
	int64_t took;
	int tries = 0;
	int first;

	(void)state;
	stub_start(&stub, "dstack.sock", NULL);
	first = connect_to(stub.agent.path);
	do { /* a busy machine delays one, not all of them */
		took = timed_out_ms(&stub, 400);
		assert_true(took >= 350);
	} while (took > 1900 && ++tries < TRIES);
	assert_true(took <= 1900);
	/* connecting has 2 s of it */
	assert_in_range(timed_out_ms(&stub, LONG_MS), 1900, LONG_MS - 10000);
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
static int busy_backlog_ask(struct http_answer *answer)
{
	struct stub_agent stub;
	int idle[17];
	int err;

	stub_start(&stub, "dstack.sock", answer_late);
	kill(stub.pid, SIGSTOP);
	for (size_t i = 0; i < 17; i++)
		idle[i] = connect_to(stub.agent.path);
	for (size_t i = 1; i < 17; i++)
		close(idle[i]); /* these end at once, the first keeps the server for a while */
	close(idle[0]);
	kill(stub.pid, SIGCONT);
	err = ask(&stub, LONG_MS, answer);
	stub_stop(&stub);
	stub_remove(&stub);
	return err;
}

static void busy_backlog(void **state)
{
	struct http_answer answer = {0};
	int64_t start;
	int tries = 0;
	int err;

	(void)state;
	do { /* the server of a busy machine may need more than the 2 s that connecting has */
		start = clock_now_ms();
		err = busy_backlog_ask(&answer);
	} while (err < 0 && clock_now_ms() - start > 1900 && ++tries < TRIES);
	assert_int_equal(err, 0);
	assert_int_equal(answer.status, 200);
	http_answer_free(&answer);
	log_captured();
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
	bool said;
	int tries = 0;
	int err;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_hang);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &fast, NULL);
	do { /* on a busy machine few of them come */
		err = ask(&stub, 300, &answer);
		said = strstr(log_captured(), "timed out after ") != NULL;
	} while (err == -EIO && said && ticks <= 20 && ++tries < TRIES);
	setitimer(ITIMER_REAL, &off, NULL);
	assert_int_equal(err, -EIO);
	assert_true(said);
	assert_true(ticks > 20);
	stub_stop(&stub);
	stub_remove(&stub);
}

/* The one that asks is the parent, and waits now: what has it as its descriptor 0? */
static void answer_look(int fd, const char *request)
{
	char link[32];
	char seen[64];

	(void)request;
	snprintf(link, sizeof(link), "/proc/%d/fd/0", getppid());
	stub_reply(fd, readlink(link, seen, sizeof(seen)) < 0 && errno == ENOENT ? 200 : 500, "{}");
}

/* A program that closed its standard descriptors does not find the agent there while it waits. */
static void standard_descriptors_closed(void **state)
{
	struct http_answer answer = {0};
	struct stub_agent stub;
	int saved = dup(0);
	int err;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_look);
	close(0);
	err = ask(&stub, LONG_MS, &answer);
	dup2(saved, 0);
	close(saved);
	assert_int_equal(err, 0);
	assert_int_equal(answer.status, 200);
	http_answer_free(&answer);
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

		good += ask(stub, LONG_MS, &answer) == 0 && answer.status == 200;
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
	assert_in_range(clock_now_ms() - start, 300, LONG_MS);
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
