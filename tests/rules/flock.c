/* SPDX-License-Identifier: Apache-2.0 */
/* flock and record locks on inblob: libtdx_attest excludes other processes by the former. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rules.h"

static int open_inblob(void)
{
	return open_attribute("inblob", O_WRONLY);
}

/* A child that takes a lock on a description of its own, says so and holds it until the pipe ends. */
struct holder {
	int operation;
	int say[2];
	int hold[2];
	pid_t pid;
};

static void holder_child(void *arg)
{
	struct holder *holder = arg;
	int fd = open_inblob();
	char byte = flock(fd, holder->operation) == 0 ? 'y' : 'n';

	close(holder->hold[1]);
	if (write(holder->say[1], &byte, 1) != 1 || read(holder->hold[0], &byte, 1) < 0)
		_exit(1);
}

static void holder_start(struct holder *holder, int operation)
{
	char byte = 0;

	holder->operation = operation;
	if (pipe2(holder->say, O_CLOEXEC) < 0 || pipe2(holder->hold, O_CLOEXEC) < 0)
		return;
	holder->pid = spawn(holder_child, holder);
	close(holder->hold[0]);
	if (read(holder->say[0], &byte, 1) != 1 || byte != 'y')
		got("the child got no lock");
}

static void holder_end(struct holder *holder)
{
	close(holder->hold[1]);
	child_end(holder->pid);
}

static void run_alone(const struct rule *rule)
{
	int fd = open_inblob();

	(void)rule;
	got_call(flock(fd, LOCK_EX));
	got_call(flock(fd, LOCK_EX));
	got_call(flock(fd, LOCK_SH));
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	got_call(flock(fd, LOCK_UN));
	got_call(flock(fd, LOCK_UN));
	got_call(flock(fd, 0));
	got_call(flock(fd, LOCK_UN | LOCK_SH));
}

static void run_second(const struct rule *rule)
{
	int first = open_inblob();
	int second = open_inblob();

	got_call(flock(first, (int)rule->n));
	got_call(flock(second, LOCK_EX | LOCK_NB));
	got_call(flock(second, LOCK_SH | LOCK_NB));
	got_call(flock(first, LOCK_UN));
	got_call(flock(second, LOCK_EX | LOCK_NB));
}

static void run_dup(const struct rule *rule)
{
	int first = open_inblob();
	int copy = dup(first);
	int second = open_inblob();

	(void)rule;
	got_call(flock(first, LOCK_EX));
	got_call(flock(copy, LOCK_EX | LOCK_NB));
	got_call(close(first));
	got_call(flock(second, LOCK_EX | LOCK_NB));
	got_call(flock(copy, LOCK_UN));
	got_call(flock(second, LOCK_EX | LOCK_NB));
}

static void run_closed(const struct rule *rule)
{
	int first = open_inblob();
	int second = open_inblob();

	(void)rule;
	got_call(flock(first, LOCK_EX));
	got_call(flock(second, LOCK_EX | LOCK_NB));
	got_call(close(first));
	got_call(flock(second, LOCK_EX | LOCK_NB));
}

static void run_process(const struct rule *rule)
{
	struct holder holder;
	int fd = open_inblob();

	holder_start(&holder, (int)rule->n);
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	got_call(flock(fd, LOCK_SH | LOCK_NB));
	got_call(flock(fd, LOCK_UN));
	holder_end(&holder);
	got_call(flock(fd, LOCK_EX | LOCK_NB));
}

static void run_killed(const struct rule *rule)
{
	struct holder holder;
	int fd = open_inblob();

	(void)rule;
	holder_start(&holder, LOCK_EX);
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	kill(holder.pid, SIGKILL);
	child_end(holder.pid);
	got_call(flock(fd, LOCK_EX | LOCK_NB));
}

static void release_later(void *arg)
{
	const struct timespec moment = {.tv_nsec = 200000000};
	const int *fd = arg;

	nanosleep(&moment, NULL);
	flock(*fd, LOCK_UN);
}

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* An inherited descriptor is the same description: the child unlocks what the parent locked. */
static void run_waits(const struct rule *rule)
{
	int first = open_inblob();
	int second = open_inblob();
	long start;
	pid_t pid;

	got_call(flock(first, LOCK_EX));
	pid = spawn(release_later, &first);
	start = milliseconds();
	got_call(flock(second, (int)rule->n));
	got("%s", milliseconds() - start >= 150 ? "waited" : "at once");
	child_end(pid);
}

static void on_alarm(int number)
{
	(void)number;
}

static void run_interrupted(const struct rule *rule)
{
	const struct sigaction action = {.sa_handler = on_alarm};
	int first = open_inblob();
	int second = open_inblob();

	(void)rule;
	sigaction(SIGALRM, &action, NULL);
	got_call(flock(first, LOCK_EX));
	alarm(1);
	got_call(flock(second, LOCK_EX));
}

static void run_inherited(const struct rule *rule)
{
	int first = open_inblob();
	int second = open_inblob();
	pid_t pid;

	(void)rule;
	got_call(flock(first, LOCK_EX));
	pid = fork();
	if (pid == 0) {
		const struct timespec moment = {.tv_nsec = 300000000};

		nanosleep(&moment, NULL);
		_exit(0);
	}
	got_call(close(first));
	got_call(flock(second, LOCK_EX | LOCK_NB));
	child_end(pid);
	got_call(flock(second, LOCK_EX | LOCK_NB));
}

static void run_shared(const struct rule *rule)
{
	int first = open_inblob();
	int second = open_inblob();
	int third = open_inblob();

	(void)rule;
	got_call(flock(first, LOCK_SH));
	got_call(flock(second, LOCK_SH | LOCK_NB));
	got_call(flock(first, LOCK_EX | LOCK_NB));
	got_call(flock(second, LOCK_UN));
	got_call(flock(first, LOCK_SH | LOCK_NB));
	got_call(flock(first, LOCK_EX | LOCK_NB));
	got_call(flock(third, LOCK_SH | LOCK_NB));
	got_call(flock(first, LOCK_SH));
	got_call(flock(third, LOCK_SH | LOCK_NB));
}

static void run_write_locked(const struct rule *rule)
{
	int fd = open_inblob();
	int other = open_inblob();

	(void)rule;
	got_call(flock(fd, LOCK_EX));
	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(write(other, report_data(2), INBLOB_SIZE));
	got_call(close(other));
	got("generation %s", generation());
	got_call(flock(fd, LOCK_UN));
	got_call(close(fd));
	got("generation %s", generation());
	got_quote();
}

static void run_lock_only(const struct rule *rule)
{
	int fd = open_inblob();

	(void)rule;
	got_call(flock(fd, LOCK_EX));
	got_call(close(fd));
	got("generation %s", generation());
	got_quote();
}

/* libtdx_attest: a description to lock, another to write, and the quote while locked. */
static void run_libtdx(const struct rule *rule)
{
	int fd = open_inblob();
	int other;

	(void)rule;
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	write_inblob(1, INBLOB_SIZE);
	got("generation %s", generation());
	got_quote();
	other = open_inblob();
	got_call(flock(other, LOCK_EX | LOCK_NB));
	got_call(flock(fd, LOCK_UN));
	got_call(flock(other, LOCK_EX | LOCK_NB));
}

static void run_util_linux(const struct rule *rule)
{
	int fd = open_inblob();

	(void)rule;
	got_call(flock(fd, LOCK_EX));
	dup2(fd, 9);
	got("%d", WEXITSTATUS(system("exec flock -n 9")));
	got_call(close(fd));
	fd = open_inblob();
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	got("%d", WEXITSTATUS(system("exec flock -u 9")));
	got_call(flock(fd, LOCK_EX | LOCK_NB));
}

static void run_readable(const struct rule *rule)
{
	int first = open_attribute(rule->a, O_RDONLY);
	int second = open_attribute(rule->a, O_RDONLY);

	got_call(flock(first, LOCK_EX));
	got_call(flock(first, LOCK_UN));
	got_call(flock(second, LOCK_SH));
}

static void run_record(const struct rule *rule)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open_inblob();

	(void)rule;
	got_call(fcntl(fd, F_SETLK, &lock));
	got_call(write(fd, report_data(1), INBLOB_SIZE));
	lock.l_type = F_UNLCK;
	got_call(fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_WRLCK;
	lock.l_pid = 0;
	got_call(fcntl(fd, F_OFD_SETLK, &lock));
	got_call(fcntl(fd, F_GETLK, NULL));
	got_call(close(fd));
	got("generation %s", generation());
	got_quote();
}

static const struct rule rules[] = {
	{"flock EX, EX, SH, EX|NB, UN, UN, 0, UN|SH on one description", run_alone,
	 "0, 0, 0, 0, 0, 0, EINVAL, EINVAL"},
	{"EX; a second description EX|NB, SH|NB; UN; EX|NB", run_second, "0, EAGAIN, EAGAIN, 0, 0",
	 .n = LOCK_EX},
	{"SH; a second description EX|NB, SH|NB; UN; EX|NB", run_second, "0, EAGAIN, 0, 0, 0",
	 .n = LOCK_SH},
	{"EX; EX|NB on a dup; close; second description; UN on the dup; second", run_dup,
	 "0, 0, 0, EAGAIN, 0, 0"},
	{"EX; second description EX|NB; close of the first; second", run_closed, "0, EAGAIN, 0, 0"},
	{"another process has EX: EX|NB, SH|NB, UN; it ends: EX|NB", run_process,
	 "EAGAIN, EAGAIN, 0, 0", .n = LOCK_EX},
	{"another process has SH: EX|NB, SH|NB, UN; it ends: EX|NB", run_process, "EAGAIN, 0, 0, 0",
	 .n = LOCK_SH},
	{"another process has EX: EX|NB; it is killed: EX|NB", run_killed, "EAGAIN, 0"},
	{"EX waits for EX, which a child with the inherited descriptor drops", run_waits,
	 "0, 0, waited", .n = LOCK_EX},
	{"SH waits for EX", run_waits, "0, 0, waited", .n = LOCK_SH},
	{"EX waits for EX, a signal arrives", run_interrupted, "0, EINTR"},
	{"EX; fork; close here: second EX|NB; the child exits: EX|NB", run_inherited,
	 "0, 0, EAGAIN, 0"},
	{"two SH: upgrade refused; one left: SH, upgrade, a third's SH|NB; downgrade, third",
	 run_shared, "0, 0, EAGAIN, 0, 0, 0, EAGAIN, 0, 0"},
	{"EX; write here and by another description; close that; UN; close", run_write_locked,
	 "0, 64, 64, 0, generation 1, 0, 0, generation 2, quote 1"},
	{"EX and close: no commit", run_lock_only, "0, 0, generation 0, EINVAL"},
	{"EX here, written by a second description, quote; third EX|NB; UN; third", run_libtdx,
	 "0, generation 1, quote 1, EAGAIN, 0, 0"},
	{"EX; util-linux flock -n 9 on the inherited; close; new EX|NB; flock -u 9; new EX|NB",
	 run_util_linux, "0, 0, 0, EAGAIN, 0, 0"},
	{"flock EX, UN on provider, SH on another", run_readable, "0, 0, 0", .a = "provider"},
	{"flock EX, UN on outblob, SH on another", run_readable, "0, 0, 0", .a = "outblob"},
	{"F_SETLK write lock; write 64; unlock; F_OFD_SETLK; F_GETLK NULL; close", run_record,
	 "0, 64, 0, 0, EFAULT, 0, generation 1, quote 1"},
};
RULE_GROUP(group_flock, "inblob: locks", rules);
