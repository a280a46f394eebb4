/* SPDX-License-Identifier: Apache-2.0 */
/* inblob handed on: to exec'ed programs, to shells' children, over sockets. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"

/* Runs cat on a pipe, with fd as its output where that is given; returns the pipe's other end. */
static int exec_cat(int output, pid_t *pid)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	*pid = fork();
	if (*pid == 0) {
		dup2(fds[0], STDIN_FILENO);
		if (output >= 0)
			dup2(output, STDOUT_FILENO);
		execl("/bin/cat", "cat", (char *)NULL);
		_exit(127);
	}
	close(fds[0]);
	return fds[1];
}

static void run_exec_holds(const struct rule *rule)
{
	pid_t pid = -1;
	int fd = open_written(1);
	int input = exec_cat(-1, &pid);

	(void)rule;
	got_call(close(fd));
	usleep(100000); /* past the exec */
	got("generation %s", generation());
	close(input);
	child_end(pid);
	got_state();
}

static void run_exec_closes(const struct rule *rule)
{
	int ready[2];
	pid_t pid = -1;
	char byte;

	(void)rule;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		int fd = open_written(1);

		fcntl(fd, F_SETFD, FD_CLOEXEC);
		execl("/bin/sleep", "sleep", "10", (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	/* the exec closes the pipe's end, too */
	got_call(read(ready[0], &byte, 1));
	usleep(100000);
	got_state();
	kill(pid, SIGKILL);
	child_end(pid);
}

static void run_exec_writes(const struct rule *rule)
{
	pid_t pid = -1;
	int fd = open_attribute("inblob", O_WRONLY | (rule->b ? O_APPEND : 0) | O_CLOEXEC);
	int input = exec_cat(fd, &pid);

	close(fd);
	for (size_t i = 0; i < INBLOB_SIZE; i += 16) {
		if (write(input, report_data(1) + i, 16) != 16)
			got("%s", errno_name(errno));
		usleep(2000);
	}
	close(input);
	child_end(pid);
	got_state();
}

static void run_shell(const struct rule *rule)
{
	char command[600];

	snprintf(command, sizeof(command), rule->a, at("E/inblob"));
	got("status %d", WEXITSTATUS(system(command)));
	got("generation %s", generation());
}

static void send_fd(int socket, int fd)
{
	char byte = 0;
	struct iovec part = {&byte, 1};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	got_call(sendmsg(socket, &message, 0));
}

static int receive_fd(int socket)
{
	char byte;
	int fd = -1;
	struct iovec part = {&byte, 1};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	if (recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void run_passed(const struct rule *rule)
{
	int pair[2];
	int fd = open_written(1);
	int received;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return;
	send_fd(pair[0], fd);
	got_call(close(fd));
	got("generation %s", generation());
	if (rule->n) {
		received = receive_fd(pair[1]);
		got("generation %s", generation());
		got_call(close(received));
	} else {
		close(pair[0]);
		close(pair[1]);
	}
	got_state();
}

static void run_received_writes(const struct rule *rule)
{
	int pair[2];
	int fd = open_attribute("inblob", O_WRONLY);
	int received;

	(void)rule;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return;
	send_fd(pair[0], fd);
	got_call(close(fd));
	received = receive_fd(pair[1]);
	got_call(write(received, report_data(1), INBLOB_SIZE));
	got("generation %s", generation());
	got_call(close(received));
	got_state();
}

static const struct rule rules[] = {
	{"written; a forked and exec'ed program holds it; close, generation; it ends",
	 run_exec_holds, "0, generation 0, generation 1, quote 1"},
	{"written, FD_CLOEXEC, exec: generation while the program runs", run_exec_closes,
	 "0, generation 1, quote 1"},
	{"opened here, written by an exec'ed cat in 16s", run_exec_writes, "generation 1, quote 1"},
	{"the same with O_APPEND (cat >> inblob)", run_exec_writes, "generation 1, quote 1",
	 .b = ""},
	{"sh: printf abc > inblob", run_shell, "status 0, generation 1",
	 .a = "exec printf abc > %s"},
	{"sh: : > inblob", run_shell, "status 0, generation 0", .a = ": > %s"},
	{"sh: printf '' > inblob", run_shell, "status 0, generation 0", .a = "printf '' > %s"},
	{"sh: { echo a; echo b; } > inblob, one description", run_shell, "status 0, generation 1",
	 .a = "{ echo a; cat /dev/null; echo b; } > %s"},
	{"written; sent by SCM_RIGHTS; close, generation; received, generation; close", run_passed,
	 "1, 0, generation 0, generation 0, 0, generation 1, quote 1", .n = 1},
	{"written; sent by SCM_RIGHTS; close, generation; the sockets closed unread", run_passed,
	 "1, 0, generation 0, generation 1, quote 1"},
	{"sent by SCM_RIGHTS, closed, received, written, generation, close", run_received_writes,
	 "1, 0, 64, generation 0, 0, generation 1, quote 1"},
};
RULE_GROUP(group_pass, "inblob: handed on", rules);
