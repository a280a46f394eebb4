/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that goes to other threads, processes and programs, and its ioctl there. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/device.h"
#include "rules/run.h"

enum { THREADS = 8, ROUNDS = 4, SMALL_STACK = 64 * 1024, REPORT_ROOM = 64 };

static void run_dup(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	int copy = dup(fd);

	(void)rule;
	close(fd);
	got_report(copy, 1);
	got_report(dup2(copy, 0), 2);
	got_report(dup3(copy, 77, O_CLOEXEC), 3);
	got_report(fcntl(copy, F_DUPFD, 50), 4);
	got_report((int)syscall(SYS_dup, copy), 5);
}

/* What a child did, as it wrote it to the pipe. */
static void got_child(int from, pid_t pid)
{
	char text[REPORT_ROOM];
	ssize_t len = read(from, text, sizeof(text));

	waitpid(pid, NULL, 0);
	got("%.*s", len < 0 ? 0 : (int)len, text);
}

static void child_tell(int to, int fd, uint8_t seed)
{
	const size_t at = strlen(run.outcome);

	got_report(fd, seed);
	if (write(to, run.outcome + at + (at ? 2 : 0), strlen(run.outcome + at) - (at ? 2 : 0)) < 0)
		_exit(1);
	_exit(0);
}

static void run_fork(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	int pipe_fds[2];
	pid_t pid;

	(void)rule;
	if (pipe(pipe_fds) < 0)
		return;
	pid = fork();
	if (pid == 0)
		child_tell(pipe_fds[1], fd, 1);
	got_child(pipe_fds[0], pid);
	got_report(fd, 2);
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
	int fd = device_open((int)rule->n);
	int pipe_fds[2];
	char number[16];
	pid_t pid;

	if (pipe(pipe_fds) < 0)
		return;
	snprintf(number, sizeof(number), "%d", fd);
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fds[1], 1);
		execl("/proc/self/exe", "device", "--inherited", number, "6", (char *)NULL);
		_exit(127);
	}
	close(pipe_fds[1]);
	got_child(pipe_fds[0], pid);
}

static void fd_send(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {"x", 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control};
	struct cmsghdr *head;

	message.msg_controllen = sizeof(control);
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	got("%s", sendmsg(to, &message, 0) == 1 ? "sent" : errno_name(errno));
}

static int fd_receive(int from)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	char byte;
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control};
	int fd = -1;

	message.msg_controllen = sizeof(control);
	if (recvmsg(from, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* To a process that was there before the device was opened. */
static void run_rights(const struct rule *rule)
{
	int pipe_fds[2];
	int pair[2];
	pid_t pid;

	(void)rule;
	if (pipe(pipe_fds) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return;
	pid = fork();
	if (pid == 0)
		child_tell(pipe_fds[1], fd_receive(pair[1]), 7);
	fd_send(pair[0], device_open(O_RDWR));
	got_child(pipe_fds[0], pid);
}

static int shared_fd;
static int thread_failures;

static void *thread_ask(void *arg)
{
	const uint8_t seed = (uint8_t)(uintptr_t)arg;
	struct request request;

	for (int i = 0; i < ROUNDS; i++) {
		/* not report_data(), whose room the threads would share */
		memset(request.reportdata, seed + i * THREADS, REPORTDATA_SIZE);
		memset(request.tdreport, 0, REPORT_SIZE);
		if (ioctl(shared_fd, GET_REPORT0, &request) < 0 || request.tdreport[0] != 0x81 ||
		    memcmp(request.tdreport + 128, request.reportdata, REPORTDATA_SIZE) != 0)
			__atomic_fetch_add(&thread_failures, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void threads_run(size_t count, size_t stack)
{
	pthread_t threads[THREADS];
	pthread_attr_t attr;

	shared_fd = device_open(O_RDWR);
	pthread_attr_init(&attr);
	got("%d", stack ? pthread_attr_setstacksize(&attr, stack) : 0);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], &attr, thread_ask, (void *)(i + 1)) != 0) {
			got("no thread");
			run_finish();
		}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	got("%d failed", thread_failures);
}

static void run_threads(const struct rule *rule)
{
	(void)rule;
	threads_run(THREADS, 0);
}

static void run_small_stack(const struct rule *rule)
{
	(void)rule;
	threads_run(1, SMALL_STACK);
}

static const struct rule rules[] = {
	{"dup, dup2, dup3, F_DUPFD, syscall dup, the first closed", run_dup,
	 "report 1, report 2, report 3, report 4, report 5"},
	{"fork: in the child, then in the parent", run_fork, "report 1, report 2"},
	{"exec", run_exec, "report 6", .n = O_RDWR},
	{"exec, O_RDONLY", run_exec, "report 6", .n = O_RDONLY},
	{"exec, O_CLOEXEC", run_exec, "EBADF", .n = O_RDWR | O_CLOEXEC},
	{"SCM_RIGHTS", run_rights, "sent, report 7"},
	{"eight threads on one descriptor, each over its own report data", run_threads,
	 "0, 0 failed", .flags = RULE_ASKS, .questions = THREADS * ROUNDS},
	{"a thread with a stack of 64 KB", run_small_stack, "0, 0 failed"},
};
RULE_GROUP(group_device_pass, "Descriptors that are passed on", rules);
