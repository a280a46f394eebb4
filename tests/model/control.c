/* SPDX-License-Identifier: Apache-2.0 */
/* The controller's side of the workers. */
#include "model/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "model/worker.h"

enum {
	CONTROL_CHANNEL = 120, /* our ends of the workers' channels */
	ANSWER_MS = 20000,
};

static int pidfd[PROCS] = {-1, -1, -1, -1};
void control_die(const char *what)
{
	fprintf(stderr, "model: %s: %s\n", what, strerror(errno));
	exit(2);
}

void control_init(void)
{
	for (int i = 0; i < PROCS; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
		    dup2(pair[0], WORKER_CHANNEL + i) < 0 ||
		    dup3(pair[1], CONTROL_CHANNEL + i, O_CLOEXEC) < 0)
			control_die("socketpair");
		close(pair[0]);
		close(pair[1]);
	}
}

/* false where the worker died or does not answer. */
static bool worker_hear(int number, struct result *result)
{
	struct pollfd ready[2] = {{.fd = CONTROL_CHANNEL + number, .events = POLLIN},
				  {.fd = pidfd[number], .events = POLLIN}};

	memset(result, 0, offsetof(struct result, bytes) + sizeof(struct op_stat));
	if (poll(ready, 2, ANSWER_MS) <= 0 || !(ready[0].revents & POLLIN))
		return false;
	return recv(CONTROL_CHANNEL + number, result, sizeof(*result), 0) > 0;
}

static void worker_adopt(int number, pid_t pid)
{
	pidfd[number] = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd[number] < 0)
		control_die("pidfd_open");
}

/* Its descriptors are closed when this returns. */
static void worker_await(int number)
{
	struct pollfd gone = {.fd = pidfd[number], .events = POLLIN};

	if (poll(&gone, 1, ANSWER_MS) <= 0)
		control_die("a worker does not end");
	close(pidfd[number]);
	pidfd[number] = -1;
}

static void worker_kill(int number)
{
	syscall(SYS_pidfd_send_signal, pidfd[number], SIGKILL, NULL, 0);
	worker_await(number);
}

bool control_start(void)
{
	struct result hello;
	pid_t pid = fork();

	if (pid < 0)
		control_die("fork");
	if (pid == 0) {
		syscall(SYS_close_range, FD_FIRST, WORKER_CHANNEL - 1, 0);
		syscall(SYS_close_range, CONTROL_CHANNEL, CONTROL_CHANNEL + PROCS, 0);
		if (chdir(REPORT) < 0)
			_exit(1);
		worker_run(0);
	}
	worker_adopt(0, pid);
	if (worker_hear(0, &hello))
		return true;
	worker_kill(0);
	return false;
}

bool control_perform(const struct op *op, struct result *got)
{
	struct result hello;

	if (op->kind == OP_KILL) {
		memset(got, 0, sizeof(*got));
		worker_kill(op->proc);
		return true;
	}
	if (send(CONTROL_CHANNEL + op->proc, op, sizeof(*op), MSG_NOSIGNAL) < 0)
		control_die("send");
	if (op->kind == OP_EXIT) {
		memset(got, 0, sizeof(*got));
		worker_await(op->proc);
		return true;
	}
	if (!worker_hear(op->proc, got))
		return false;
	if (op->kind == OP_FORK && got->ret > 0) {
		worker_adopt(op->fd, (pid_t)got->ret);
		got->ret = 0;
		return worker_hear(op->fd, &hello);
	}
	return true;
}

void control_remove(const char *name)
{
	char path[OP_PATH_SIZE];

	snprintf(path, sizeof(path), REPORT "/%s", name);
	if (rmdir(path) < 0 && errno != ENOENT)
		control_die(path);
}

void control_clean(const struct model *model)
{
	struct result stale;

	for (int i = 0; i < PROCS; i++) {
		if (pidfd[i] >= 0)
			worker_kill(i);
		while (recv(CONTROL_CHANNEL + i, &stale, sizeof(stale), MSG_DONTWAIT) > 0)
			;
		while (recv(WORKER_CHANNEL + i, &stale, sizeof(stale), MSG_DONTWAIT) > 0)
			;
	}
	for (int i = 0; i < model->entries; i++)
		control_remove(model->entry[i].name);
}
