/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent may send on its socket, byte for byte, through libcurl: status line, headers, body.  A
 * thread is the agent: it takes one question, sends the input in pieces, and closes.  The first byte of
 * the input is the length of a piece.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/http.h"
#include "base/clock.h"
#include "fuzz/fuzz.h"

/* No answer takes so long here: one that has not ended then was waited for without reason. */
enum { DEADLINE_MS = 20000, REQUEST_MAX = 1024 };

static const char question[] = "{\"report_data\":\"\"}";

static struct agent agent = {.named = true};
static const uint8_t *answer;
static size_t answer_len;
static sem_t served; /* the agent has done with the input */

static void question_take(int fd)
{
	char request[REQUEST_MAX] = {0};
	size_t len = 0;

	while (len < sizeof(question) - 1 || memcmp(request + len - (sizeof(question) - 1),
						    question, sizeof(question) - 1) != 0) {
		ssize_t got = read(fd, request + len, sizeof(request) - len);

		fuzz_check(got > 0);
		len += (size_t)got;
	}
	fuzz_check(memcmp(request, "POST /Route HTTP/1.1\r\n", 22) == 0);
}

static void answer_send(int fd)
{
	const size_t piece = answer_len > 0 && answer[0] > 0 ? answer[0] : answer_len + 1;

	for (size_t at = 1; at < answer_len; at += piece) {
		size_t len = answer_len - at < piece ? answer_len - at : piece;

		/* libcurl hangs up as soon as it has seen enough */
		if (send(fd, answer + at, len, MSG_NOSIGNAL) < 0)
			return;
	}
}

static void *serve(void *listener)
{
	for (;;) {
		int fd = accept(*(const int *)listener, NULL, NULL);

		fuzz_check(fd >= 0);
		question_take(fd);
		answer_send(fd);
		close(fd);
		sem_post(&served);
	}
	return NULL;
}

static void agent_start(void)
{
	static int listener;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/teeshim-fuzz-XXXXXX";
	pthread_t thread;

	fuzz_check(mkdtemp(folder) != NULL);
	snprintf(agent.path, sizeof(agent.path), "%s/dstack.sock", folder);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dstack.sock", folder);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fuzz_check(bind(listener, (struct sockaddr *)&addr, sizeof(addr)) == 0);
	fuzz_check(listen(listener, 1) == 0);
	fuzz_check(sem_init(&served, 0, 0) == 0);
	fuzz_check(pthread_create(&thread, NULL, serve, &listener) == 0);
}

static void agent_remove(void)
{
	unlink(agent.path);
	*strrchr(agent.path, '/') = '\0';
	rmdir(agent.path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int64_t start_ms = clock_now_ms();
	struct http_answer reply = {.status = 77};
	int err;

	if (!agent.path[0]) {
		agent_start();
		atexit(agent_remove);
	}
	answer = data;
	answer_len = size;
	err = http_post(&agent, "/Route", question, start_ms + DEADLINE_MS, &reply);
	/* libFuzzer's own alarm interrupts */
	while (sem_wait(&served) < 0)
		fuzz_check(errno == EINTR);
	fuzz_check(clock_now_ms() - start_ms < DEADLINE_MS / 2);
	fuzz_check(err == 0 || err == -EIO);
	if (err < 0) {
		fuzz_check(reply.status == 77 && !reply.body.data);
		return 0;
	}
	fuzz_check(reply.status >= 100 && reply.status <= 999);
	fuzz_check(reply.body.len < size);
	http_answer_free(&reply);
	return 0;
}
