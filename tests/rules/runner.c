/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/run.h"

enum { ROW_SECONDS = 30, OTHER_UID = 65534 };

static const struct rule_table *table;
static bool native;
static unsigned done; /* rows looked at */

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
	table->begin();
	if (native && (rule->flags & RULE_USER) && setuid(OTHER_UID) < 0)
		_exit(1);
	rule->run(rule);
	run_finish();
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
	table->end();
}

static const char *rule_skipped(const struct rule *rule)
{
#ifndef __GLIBC__
	if (rule->flags & RULE_GLIBC)
		return "not with this libc";
#endif
	if ((rule->flags & RULE_USER) && geteuid() == 0 && !native)
		return "about a user other than root";
	return rule->flags & table->skips ? "about another provider" : NULL;
}

static const char *expected(const struct rule *rule)
{
	if (native || !rule->teeshim)
		return rule->kernel;
	if ((rule->flags & RULE_EITHER) && strcmp(run.outcome, rule->kernel) == 0)
		return rule->kernel;
	return rule->teeshim;
}

static void show_bar_free(const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void markdown_row(unsigned number, const struct rule *rule)
{
	printf("| %u | ", number);
	show_bar_free(rule->operation);
	printf(" | `%s` | ", rule->kernel);
	if (rule->teeshim)
		printf("%s, `%s`: %s", rule->flags & RULE_EITHER ? "may differ" : "differs",
		       rule->teeshim, rule->why);
	else
		printf("as the kernel");
	printf(" |\n");
}

static void markdown(void)
{
	unsigned number = 0;

	for (size_t g = 0; g < table->count; g++) {
		const struct rule_group *group = table->groups[g];

		printf("\n## %s\n\n| | operation | the kernel's answer | under teeshim |\n"
		       "|---|---|---|---|\n",
		       group->title);
		for (size_t i = 0; i < group->count; i++)
			markdown_row(++number, &group->rules[i]);
	}
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

static bool check(unsigned number, const struct rule *rule)
{
	const char *skipped = rule_skipped(rule);
	bool good;

	done++;
	if (skipped) {
		printf("ok %u %s # skip: %s\n", number, rule->operation, skipped);
		return true;
	}
	rule_run(rule);
	good = strcmp(run.outcome, expected(rule)) == 0;
	printf("%s %u %s: got %s, expected %s\n", good ? "ok" : "not ok", number, rule->operation,
	       run.outcome, expected(rule));
	fflush(stdout);
	return good;
}

/* Call for each row, numbered from 1; the number of those that it was false for. */
static unsigned each_rule(bool (*call)(unsigned number, const struct rule *rule), unsigned first,
			  unsigned last)
{
	unsigned failed = 0;
	unsigned number = 0;

	for (size_t g = 0; g < table->count; g++)
		for (size_t i = 0; i < table->groups[g]->count; i++)
			if (++number >= first && number <= last)
				failed += !call(number, &table->groups[g]->rules[i]);
	return failed;
}

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", table->name, what, strerror(errno));
	exit(2);
}

static void scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(run.scratch, sizeof(run.scratch), "%s/%s.XXXXXX", tmp ? tmp : "/tmp", table->name);
	if (!mkdtemp(run.scratch))
		die(run.scratch);
	fd = open(at("F"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		die(at("F"));
	close(fd);
}

static void scratch_remove(void)
{
	unlink(at("F"));
	unlink(at("X"));
	rmdir(run.scratch);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: %s [--native] [FIRST [LAST]]   run the rules, or those numbers\n"
		"       --markdown     print the table\n"
		"       --questions    numbers and agent's questions of rules that count them\n"
		"       --differences  rows of docs/differences.md and rules\n",
		table->name);
	return 2;
}

static int run_rows(unsigned first, unsigned last)
{
	unsigned failed;

	snprintf(run.name, sizeof(run.name), "%s-%d", table->name, (int)getpid());
	scratch_make();
	failed = each_rule(check, first, last);
	scratch_remove();
	printf("%u rules, %u not as expected\n", done, failed);
	return failed ? 1 : 0;
}

int rule_table_main(const struct rule_table *rows, int argc, char **argv)
{
	unsigned first = 1;
	unsigned last = ~0U;

	table = rows;
	if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
		markdown();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--questions") == 0)
		return (int)each_rule(list_questions, first, last);
	if (argc == 2 && strcmp(argv[1], "--differences") == 0)
		return (int)each_rule(list_differences, first, last);
	if (argc > 1 && strcmp(argv[1], "--native") == 0) {
		native = true;
		argc--;
		argv++;
	}
	if (argc > 3 || (argc > 1 && argv[1][0] == '-'))
		return usage();
	if (argc > 1)
		first = last = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		last = (unsigned)strtoul(argv[2], NULL, 10);
	return run_rows(first, last);
}
