/* SPDX-License-Identifier: Apache-2.0 */
/* inblob over processes: the commit comes once, at the last close of the description. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"

static void run_dup(const struct rule *rule)
{
	int fd = open_written(1);
	int copy = rule->n == 0   ? dup(fd)
		   : rule->n == 1 ? dup2(fd, 700)
		   : rule->n == 2 ? fcntl(fd, F_DUPFD_CLOEXEC, 800)
				  : fcntl(fd, F_DUPFD, 100);

	got_call(close(fd));
	got("generation %s", generation());
	got_call(close(copy));
	got_state();
}

/* dup2() of something else over the only descriptor is its last close. */
static void run_dup_over(const struct rule *rule)
{
	int fd = open_written(1);
	int other = open("/dev/null", O_RDWR);

	got("%s",
	    (rule->n ? dup3(other, fd, O_CLOEXEC) : dup2(other, fd)) == fd ? "replaced" : "failed");
	got_state();
}

static void run_two_halves(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);
	int copy = dup(fd);

	(void)rule;
	got_call(write(fd, report_data(1), 32));
	got_call(close(fd));
	got_call(write(copy, report_data(1) + 32, 32));
	got_call(close(copy));
	got_state();
}

static void wait_for_byte(void *arg)
{
	const int *fds = arg;
	char byte;

	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		_exit(0);
}

static void run_fork(const struct rule *rule)
{
	int fds[2];
	int fd = open_written(1);
	pid_t pid;

	if (pipe(fds) < 0)
		return;
	pid = spawn(wait_for_byte, fds);
	got_call(close(fd));
	got("generation %s", generation());
	if (rule->n)
		kill(pid, SIGKILL);
	else
		got_call(write(fds[1], "", 1));
	child_end(pid);
	got_state();
}

static void write_and_die(void *arg)
{
	(void)arg;
	open_written(1);
	raise(SIGKILL);
}

static void run_killed(const struct rule *rule)
{
	(void)rule;
	child_end(spawn(write_and_die, NULL));
	got_state();
}

static void write_and_exit(void *arg)
{
	(void)arg;
	open_written(1);
	_exit(0);
}

static void run_exit(const struct rule *rule)
{
	(void)rule;
	child_end(spawn(write_and_exit, NULL));
	got_state();
}

static void child_writes(void *arg)
{
	const int *fd = arg;

	if (write(*fd, report_data(1), INBLOB_SIZE) != INBLOB_SIZE)
		_exit(1);
}

static void run_child_writes(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	child_end(spawn(child_writes, &fd));
	got("generation %s", generation());
	got_call(close(fd));
	got_state();
}

static void run_two_writers(const struct rule *rule)
{
	int first = open_written(1);
	int second = open_written(2);

	got_call(close(rule->n ? second : first));
	got_state();
	got_call(close(rule->n ? first : second));
	got_state();
}

/* Both close with nobody looking in between. */
static void run_two_unseen(const struct rule *rule)
{
	int first = open_written(1);
	int second = open_written(2);

	got_call(close(rule->n ? second : first));
	got_call(close(rule->n ? first : second));
	got_state();
}

/* Closes that only the kernel sees: dup2() over the descriptor, exit, exec. */
static void run_two_replaced(const struct rule *rule)
{
	int first = open_written(1);
	int second = open_written(2);
	int other = open("/dev/null", O_RDWR);

	(void)rule;
	dup2(other, second);
	dup2(other, first);
	got_state();
}

struct closing {
	int kept;
	int closed;
};

static void close_and_exit(void *arg)
{
	const struct closing *closing = arg;

	close(closing->kept);
}

static void run_two_exits(const struct rule *rule)
{
	struct closing closing;
	pid_t pid;

	(void)rule;
	closing.closed = open_written(1);
	closing.kept = open_written(2);
	pid = spawn(close_and_exit, &closing);
	close(closing.kept);
	child_end(pid);
	got_call(close(closing.closed));
	got_state();
}

static void run_sequence(const struct rule *rule)
{
	for (long i = 1; i <= rule->n; i++)
		write_inblob((uint8_t)i, INBLOB_SIZE);
	got_state();
}

static void run_between(const struct rule *rule)
{
	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got_quote();
	write_inblob(2, 10);
	got_quote();
	write_inblob(3, INBLOB_SIZE);
	got_state();
}

static const struct rule rules[] = {
	{"written; dup; close, generation; close of the dup", run_dup,
	 "0, generation 0, 0, generation 1, quote 1", .n = 0},
	{"the same with dup2", run_dup, "0, generation 0, 0, generation 1, quote 1", .n = 1},
	{"the same with F_DUPFD_CLOEXEC", run_dup, "0, generation 0, 0, generation 1, quote 1",
	 .n = 2},
	{"the same with F_DUPFD", run_dup, "0, generation 0, 0, generation 1, quote 1", .n = 3},
	{"written; dup2 of another file over it", run_dup_over, "replaced, generation 1, quote 1"},
	{"written; dup3 of another file over it", run_dup_over, "replaced, generation 1, quote 1",
	 .n = 1},
	{"32 bytes, close, 32 bytes by a dup, close", run_two_halves,
	 "32, 0, 32, 0, generation 1, quote 1"},
	{"written; fork; close, generation; the child exits", run_fork,
	 "0, generation 0, 1, generation 1, quote 1"},
	{"written; fork; close, generation; SIGKILL to the child", run_fork,
	 "0, generation 0, generation 1, quote 1", .n = 1},
	{"written by a process that is then killed", run_killed, "generation 1, quote 1"},
	{"written by a process that exits without close", run_exit, "generation 1, quote 1"},
	{"opened here, written by a child that exits; generation; close", run_child_writes,
	 "generation 0, 0, generation 1, quote 1"},
	{"two writers; the first opened closes, then the second", run_two_writers,
	 "0, generation 1, quote 1, 0, generation 2, quote 2"},
	{"two writers; the second opened closes, then the first", run_two_writers,
	 "0, generation 1, quote 2, 0, generation 2, quote 1", .n = 1},
	{"two writers close in order, no look in between", run_two_unseen,
	 "0, 0, generation 2, quote 2"},
	{"two writers close the other way round, no look in between", run_two_unseen,
	 "0, 0, generation 2, quote 1", .n = 1},
	{"two writers, the second opened ends by dup2 over it, then the first; no look",
	 run_two_replaced, "generation 2, quote 1", "generation 2, quote 2",
	 "D-commit-order: of closes that nobody sees the order of opening counts"},
	{"the second opened ends in a child that closes it; then the first closes", run_two_exits,
	 "0, generation 2, quote 1"},
	{"5 inblobs, no look in between", run_sequence, "generation 5, quote 5", .n = 5},
	{"an inblob, one of 10 bytes, another: outblob after each", run_between,
	 "quote 1, EINVAL, generation 3, quote 3"},
};
RULE_GROUP(group_commit, "inblob: the commit at the last close", rules);
