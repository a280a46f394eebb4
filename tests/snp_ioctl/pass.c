/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that goes to other threads, processes and programs, and its ioctl there. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/run.h"
#include "snp_ioctl/snp.h"

enum { THREADS = 8, ROUNDS = 3, SMALL_STACK = 64 * 1024, CERTS_SIZE = 2 * PAGE };

static void run_dup(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);
	int copy = dup(fd);

	(void)rule;
	close(fd);
	got_report(copy, 1);
	got_report(dup2(copy, 0), 2);
	got_report(fcntl(copy, F_DUPFD, 50), 3);
}

_Noreturn void inherited(const char *fd, const char *seed)
{
	got_report(atoi(fd), (uint8_t)atoi(seed));
	printf("%s", run.outcome);
	exit(0);
}

/* The program itself, started anew with the descriptor. */
static void run_exec(const struct rule *rule)
{
	int fd = snp_open((int)rule->n);
	int pipe_fds[2];
	char number[16];
	char text[64];
	ssize_t len;
	pid_t pid;

	if (pipe(pipe_fds) < 0)
		return;
	snprintf(number, sizeof(number), "%d", fd);
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fds[1], 1);
		execl("/proc/self/exe", "snp_ioctl", "--inherited", number, "6", (char *)NULL);
		_exit(127);
	}
	close(pipe_fds[1]);
	len = read(pipe_fds[0], text, sizeof(text));
	waitpid(pid, NULL, 0);
	got("%.*s", len < 0 ? 0 : (int)len, text);
}

static int shared_fd;
static int failures;

/* All three ioctls; what is large is not on the thread's small stack. */
static void *thread_ask(void *arg)
{
	const uint8_t seed = (uint8_t)(uintptr_t)arg;
	struct call *call = malloc(sizeof(*call));
	uint8_t *certs = malloc(CERTS_SIZE);

	for (int i = 0; i < ROUNDS && call && certs; i++) {
		/* not call_make(), whose room for report data the threads would share */
		memset(call, 0, sizeof(*call));
		call->argument.msg_version = 1;
		call->argument.req_data = (uintptr_t)&call->req;
		call->argument.resp_data = (uintptr_t)call->response;
		memset(call->req.data.user_data, seed + i * THREADS, DATA_SIZE);
		call->req.certs_address = (uintptr_t)certs;
		call->req.certs_len = CERTS_SIZE;
		if (ioctl(shared_fd, i ? GET_EXT_REPORT : GET_REPORT, &call->argument) < 0 ||
		    memcmp(call->response + REPORT_AT + 0x50, call->req.data.user_data,
			   DATA_SIZE) != 0)
			__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
		memset(&call->req, 0, sizeof(call->req));
		if (ioctl(shared_fd, GET_DERIVED_KEY, &call->argument) < 0)
			__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
	}
	free(call);
	free(certs);
	return NULL;
}

static void threads_run(size_t count, size_t stack)
{
	pthread_t threads[THREADS];
	pthread_attr_t attr;

	setenv("TEESHIM_SNP_DERIVED_KEY", "on", 1);
	shared_fd = snp_open(O_RDONLY);
	pthread_attr_init(&attr);
	got("%d", stack ? pthread_attr_setstacksize(&attr, stack) : 0);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], &attr, thread_ask, (void *)(i + 1)) != 0) {
			got("no thread");
			run_finish();
		}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	got("%d failed", failures);
}

static void run_threads(const struct rule *rule)
{
	threads_run((size_t)rule->n, 0);
}

static void run_small_stack(const struct rule *rule)
{
	threads_run((size_t)rule->n, SMALL_STACK);
}

static const struct rule rules[] = {
	{"dup, dup2, F_DUPFD, the first closed", run_dup,
	 "0, report 1 of VMPL 0, 0, report 2 of VMPL 0, 0, report 3 of VMPL 0"},
	{"exec", run_exec, "0, report 6 of VMPL 0", .n = O_RDWR},
	{"exec, O_CLOEXEC", run_exec, "EBADF, nothing", .n = O_RDWR | O_CLOEXEC},
	{"eight threads on one descriptor, reports and keys", run_threads, "0, 0 failed",
	 .n = THREADS},
	{"a thread with a stack of 64 KB", run_small_stack, "0, 0 failed", .n = 1},
};
RULE_GROUP(group_snp_pass, "Descriptors that are passed on", rules);
