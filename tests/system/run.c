/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs every tests/system/NAME.sh as one cmocka test, so that shell tests and C tests end in the
 * same summary.  A script says 0 for passed, 77 for skipped (its last line is the reason), anything
 * else for failed.  Its output goes to BUILD/tests/log/NAME.log and is shown where it failed; what
 * matters of it is said once more at the end.
 * TEST=PATTERN runs only the scripts whose name matches; a line "# timeout: N" near the head of a
 * script sets its time limit in seconds.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	DEFAULT_TIMEOUT_S = 300,
	GRACE_S = 5,
	HEAD_LINES = 20,
	EXIT_SKIP = 77,
	TICK_NS = 20000000,
	MAX_SCRIPTS = 64,
	LINE_SIZE = 512,
	LAST_LINES = 3
};

struct script {
	char *path; /* owned by the glob */
	char name[64];
	char log[256];
	char failure[64]; /* how it failed; empty where it did not */
};

static struct script scripts[MAX_SCRIPTS];
static struct CMUnitTest tests[MAX_SCRIPTS];

/* The process group of the script that runs now: an interrupted run must not leave it behind. */
static volatile sig_atomic_t current_group;

static void interrupted(int signal)
{
	if (current_group)
		kill(-(pid_t)current_group, SIGTERM);
	_exit(128 + signal);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* script_timeout_s() - the number of a "# timeout: N" line among the first lines, or the default. */
static int script_timeout_s(const char *path)
{
	char line[256];
	int timeout = DEFAULT_TIMEOUT_S;
	FILE *file = fopen(path, "re");

	if (!file)
		return timeout;
	for (int i = 0; i < HEAD_LINES && fgets(line, sizeof(line), file); i++) {
		if (sscanf(line, "# timeout: %d", &timeout) == 1)
			break;
	}
	fclose(file);
	return timeout > 0 ? timeout : DEFAULT_TIMEOUT_S;
}

/* line_is_notice() - what a passed test must not hide: a part that was skipped or is not served. */
static int line_is_notice(const char *line)
{
	return !strncmp(line, "SKIP ", 5) || !strncmp(line, "not yet served: ", 16);
}

/* log_print() - the log's lines, all or the notices only, indented between the lines of cmocka. */
static void log_print(const char *path, int all)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (!all && !line_is_notice(line))
			continue;
		fprintf(stderr, "    %s%s", line, strchr(line, '\n') ? "" : "\n");
	}
	fclose(file);
}

static void log_last_line(const char *path, char *out, size_t size)
{
	char line[LINE_SIZE];
	FILE *file = fopen(path, "re");

	snprintf(out, size, "no reason given");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			snprintf(out, size, "%s", line);
	}
	fclose(file);
}

/* line_is_progress() - what a failed test says about its parts that did not fail. */
static int line_is_progress(const char *line)
{
	return !*line || !strncmp(line, "ok ", 3) || !strncmp(line, "done ", 5) ||
	       line_is_notice(line);
}

/* log_last_words() - the last lines that may say why a test failed, or how far it came. */
static void log_last_words(const char *path)
{
	char words[LAST_LINES][LINE_SIZE];
	unsigned count = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return;
	while (fgets(words[count % LAST_LINES], LINE_SIZE, file)) {
		char *line = words[count % LAST_LINES];

		line[strcspn(line, "\n")] = '\0';
		count += !line_is_progress(line);
	}
	fclose(file);
	if (!count)
		log_last_line(path, words[count++], LINE_SIZE);
	for (unsigned i = count > LAST_LINES ? count - LAST_LINES : 0; i < count; i++)
		fprintf(stderr, "    %s\n", words[i % LAST_LINES]);
}

/* failures_repeat() - their reasons stand far above the end by now. */
static void failures_repeat(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!scripts[i].failure[0])
			continue;
		fprintf(stderr, "FAILED %s: %s; the last of %s:\n", scripts[i].name,
			scripts[i].failure, scripts[i].log);
		log_last_words(scripts[i].log);
	}
}

/* script_exec() - in the child: a process group of its own, the log on 1 and 2, then bash. */
static void script_exec(const struct script *script)
{
	int null = open("/dev/null", O_RDONLY);
	int log = open(script->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);

	setpgid(0, 0);
	if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(126);
	close(null);
	close(log);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	execlp("bash", "bash", script->path, (char *)NULL);
	_exit(127);
}

/* wait_until() - the child's wait status, or -1 where it still runs at the deadline. */
static int wait_until(pid_t pid, int64_t deadline_ms)
{
	const struct timespec tick = {.tv_nsec = TICK_NS};
	int status;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid)
			return status;
		if (ended < 0 && errno != EINTR)
			fail_msg("waitpid: %s", strerror(errno));
		if (now_ms() >= deadline_ms)
			return -1;
		nanosleep(&tick, NULL);
	}
}

/* script_run() - the wait status; -1 where the time limit ended it. */
static int script_run(const struct script *script, int timeout_s)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail_msg("fork: %s", strerror(errno));
	if (!pid)
		script_exec(script);
	setpgid(pid, pid);
	current_group = pid;
	status = wait_until(pid, now_ms() + (int64_t)timeout_s * 1000);
	if (status == -1) {
		/* The script's own trap cleans up, if it still can. */
		kill(-pid, SIGTERM);
		if (wait_until(pid, now_ms() + GRACE_S * 1000) == -1) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	kill(-pid, SIGKILL);
	current_group = 0;
	return status;
}

static void test_script(void **state)
{
	struct script *script = *state;
	int timeout_s = script_timeout_s(script->path);
	int status = script_run(script, timeout_s);

	if (status != -1 && WIFEXITED(status)) {
		if (!WEXITSTATUS(status)) {
			log_print(script->log, 0);
			return;
		}
		if (WEXITSTATUS(status) == EXIT_SKIP) {
			char reason[LINE_SIZE];

			log_last_line(script->log, reason, sizeof(reason));
			fprintf(stderr, "    %s: skipped: %s\n", script->name, reason);
			skip();
		}
	}
	log_print(script->log, 1);
	if (status == -1)
		snprintf(script->failure, sizeof(script->failure), "not done after %d s",
			 timeout_s);
	else if (WIFSIGNALED(status))
		snprintf(script->failure, sizeof(script->failure), "killed by signal %d",
			 WTERMSIG(status));
	else
		snprintf(script->failure, sizeof(script->failure), "exit status %d",
			 WEXITSTATUS(status));
	fail_msg("%s: %s", script->path, script->failure);
}

/* log_folder_make() - BUILD/tests/log; failing here would show as a failing open of each log. */
static void log_folder_make(const char *build)
{
	char path[256];

	mkdir(build, 0755);
	snprintf(path, sizeof(path), "%s/tests", build);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/tests/log", build);
	mkdir(path, 0755);
}

/* script_wanted() - whether TEST, a shell pattern or a part of the name, selects the script. */
static int script_wanted(const char *name, const char *pattern)
{
	return !pattern || !*pattern || !fnmatch(pattern, name, 0) || strstr(name, pattern);
}

/* scripts_collect() - fill both tables with what TEST selects; how many that is. */
static size_t scripts_collect(const glob_t *found, const char *build, const char *pattern)
{
	size_t count = 0;

	for (size_t i = 0; i < found->gl_pathc && count < MAX_SCRIPTS; i++) {
		struct script *script = &scripts[count];
		const char *base = strrchr(found->gl_pathv[i], '/') + 1;
		int length = (int)strlen(base) - (int)strlen(".sh");

		script->path = found->gl_pathv[i];
		snprintf(script->name, sizeof(script->name), "%.*s", length, base);
		if (!script_wanted(script->name, pattern))
			continue;
		snprintf(script->log, sizeof(script->log), "%s/tests/log/%.*s.log", build, length,
			 base);
		tests[count].name = script->name;
		tests[count].test_func = test_script;
		tests[count].initial_state = script;
		count++;
	}
	return count;
}

int main(void)
{
	const char *build = getenv("BUILD");
	const char *pattern = getenv("TEST");
	size_t count;
	glob_t found;
	int failed = 0;

	if (glob("tests/system/*.sh", 0, NULL, &found) || found.gl_pathc > MAX_SCRIPTS) {
		fprintf(stderr,
			"system-run: no tests/system/*.sh here, or more than %d: start it in the "
			"project's root folder\n",
			MAX_SCRIPTS);
		return 2;
	}
	if (!build)
		build = "build";
	/* In a pipe, cmocka's lines must not come after all that goes to stderr. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	log_folder_make(build);
	count = scripts_collect(&found, build, pattern);
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	if (count)
		failed = _cmocka_run_group_tests("system", tests, count, NULL, NULL);
	else
		fprintf(stderr, "system-run: no script's name matches TEST=%s\n", pattern);
	failures_repeat(count);
	globfree(&found);
	return failed ? 1 : 0;
}
