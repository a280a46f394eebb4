/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device: run every row and compare: under teeshim's preload with the teeshim column where a row has
 * one, with --native, on a TDX guest and as root, with the kernel's.  One process per row.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/device.h"
#include "rules/run.h"

enum { ROW_SECONDS = 30, OTHER_UID = 65534 };

static const struct rule_group *const groups[] = {
	&group_device_open,    &group_device_stat,     &group_device_path,
	&group_device_calls,   &group_device_ioctl,    &group_device_pass,
	&group_registers_open, &group_registers_calls, &group_companions,
};

static bool native;

void run_finish(void)
{
	const size_t len = strlen(run.outcome);
	ssize_t put = write(run.report_fd, run.outcome, len);

	_exit(put == (ssize_t)len ? 0 : 1);
}

static _Noreturn void rule_child(const struct rule *rule)
{
	if (setpgid(0, 0) < 0 || chdir("/") < 0)
		_exit(1);
	alarm(ROW_SECONDS);
	if (native && (rule->flags & RULE_USER) && setuid(OTHER_UID) < 0)
		_exit(1);
	rule->run(rule);
	run_finish();
}

/*
 * A file that root's call has left at the device's real name would be the device of every rule after it.
 * By this name it is not ours.
 */
static void left_remove(void)
{
	static const char name[] = "/proc/self/root" DEVICE;
	struct stat st;

	if (lstat(name, &st) == 0 && S_ISREG(st.st_mode) && unlink(name) == 0)
		got("a file was left at " DEVICE);
}

/* The outcome of a rule, in run.outcome. */
static void rule_run(const struct rule *rule)
{
	int pipe_fds[2];
	int status = 0;
	ssize_t len;
	pid_t pid;

	run.outcome[0] = '\0';
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		got("pipe: %s", errno_name(errno));
		return;
	}
	run.report_fd = pipe_fds[1];
	pid = fork();
	if (pid == 0)
		rule_child(rule);
	if (pid > 0) {
		waitpid(pid, &status, 0);
		/* whatever it left running */
		kill(-pid, SIGKILL);
	}
	len = read(pipe_fds[0], run.outcome, sizeof(run.outcome) - 1);
	run.outcome[len > 0 ? len : 0] = '\0';
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	if (WIFSIGNALED(status))
		got("killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		got("exit status %d", WEXITSTATUS(status));
	left_remove();
}

static const char *rule_skipped(const struct rule *rule)
{
#ifndef __GLIBC__
	if (rule->flags & RULE_GLIBC)
		return "not with this libc";
#endif
	if ((rule->flags & RULE_USER) && geteuid() == 0 && !native)
		return "about a user other than root";
	return NULL;
}

static bool check(unsigned number, const struct rule *rule)
{
	const char *expected = native || !rule->teeshim ? rule->kernel : rule->teeshim;
	const char *skipped = rule_skipped(rule);
	bool good;

	if (skipped) {
		printf("ok %u %s # skip: %s\n", number, rule->operation, skipped);
		return true;
	}
	rule_run(rule);
	good = strcmp(run.outcome, expected) == 0 ||
	       ((rule->flags & RULE_EITHER) && strcmp(run.outcome, rule->kernel) == 0);
	printf("%s %u %s: got %s, expected %s\n", good ? "ok" : "not ok", number, rule->operation,
	       run.outcome, expected);
	fflush(stdout);
	return good;
}

/* Call for each row, numbered from 1; the number of those that it was false for. */
static unsigned each_rule(bool (*call)(unsigned number, const struct rule *rule), unsigned first,
			  unsigned last)
{
	unsigned failed = 0;
	unsigned number = 0;

	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (size_t i = 0; i < groups[g]->count; i++)
			if (++number >= first && number <= last)
				failed += !call(number, &groups[g]->rules[i]);
	return failed;
}

static bool list_questions(unsigned number, const struct rule *rule)
{
	if (rule->flags & RULE_ASKS)
		printf("%u %u %s\n", number, rule->questions, rule->operation);
	return true;
}

/* Each difference with the row of docs/differences.md that it is one of. */
static bool list_differences(unsigned number, const struct rule *rule)
{
	(void)number;
	if (rule->teeshim)
		printf("%s %s\n", rule->why, rule->operation);
	return true;
}

static void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(run.scratch, sizeof(run.scratch), "%s/device.XXXXXX", tmp ? tmp : "/tmp");
	fd = mkdtemp(run.scratch) ? open(at("F"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
				  : -1;
	if (fd < 0) {
		fprintf(stderr, "device: %s: %s\n", run.scratch, strerror(errno));
		exit(2);
	}
	close(fd);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: device [--native] [NUMBER]   run the rules, or that one\n"
		"       device --questions          numbers and agent's questions of rules"
		" that count them\n"
		"       device --differences        rows of docs/differences.md and rules\n");
	return 2;
}

int main(int argc, char **argv)
{
	unsigned only = 0;
	unsigned failed;

	if (argc == 4 && strcmp(argv[1], "--inherited") == 0)
		inherited(argv[2], argv[3]);
	if (argc == 2 && strcmp(argv[1], "--questions") == 0)
		return (int)each_rule(list_questions, 1, ~0U);
	if (argc == 2 && strcmp(argv[1], "--differences") == 0)
		return (int)each_rule(list_differences, 1, ~0U);
	if (argc > 1 && strcmp(argv[1], "--native") == 0) {
		native = true;
		argc--;
		argv++;
	}
	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return usage();
	if (argc == 2)
		only = (unsigned)strtoul(argv[1], NULL, 10);
	scratch_make();
	failed = each_rule(check, only ? only : 1, only ? only : ~0U);
	unlink(at("F"));
	rmdir(run.scratch);
	printf("%u rules not as expected\n", failed);
	return failed ? 1 : 0;
}
