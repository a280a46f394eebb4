/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shell with `mkdir -p`, `writer > inblob`, `cat outblob` and rmdir: each step is a process of
 * its own, the shell opens inblob and executes the writer, which knows a descriptor only.
 */
#include "common.h"

static const char *self;

/* run() - fork, and let the child do one step; its failure is ours, with its line on stderr. */
static void run(void (*step)(const char *entry, const char *hex), const char *entry,
		const char *hex)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail_errno("fork");
	if (!pid) {
		step(entry, hex);
		exit(0);
	}
	if (waitpid(pid, &status, 0) < 0)
		fail_errno("waitpid");
	if (WIFSIGNALED(status))
		fail("child", "killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		exit(1);
}

/* coreutils' mkdir -p walks down with relative names below a changing current directory. */
static void step_mkdir(const char *entry, const char *hex)
{
	static const char *const walk[] = {"/sys", "kernel", "config", "tsm", "report"};
	char cwd[256];

	(void)hex;
	for (size_t i = 0; i < sizeof(walk) / sizeof(walk[0]); i++) {
		FAILS(walk[i], mkdir(walk[i], 0777), EEXIST);
		OK(walk[i], chdir(walk[i]));
	}
	if (!getcwd(cwd, sizeof(cwd)))
		fail_errno("getcwd");
	if (strcmp(cwd, REPORT_DIR))
		fail("getcwd", "is %s", cwd);
	OK("mkdir the entry", mkdir(entry, 0777));
	FAILS("mkdir the entry again", mkdir(entry, 0777), EEXIST);
}

static void step_write(const char *entry, const char *hex)
{
	const char *path = PATH_OF(PATH_OF(REPORT_DIR, entry), "inblob");
	int fd = OK_INT("open inblob", open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666));

	OK("dup2", dup2(fd, STDOUT_FILENO));
	OK("close", close(fd));
	execl(self, program_invocation_short_name, "--writer", hex, (char *)NULL);
	fail_errno("exec the writer");
}

static void step_read(const char *entry, const char *hex)
{
	(void)hex;
	OK("chdir to the entry", chdir(PATH_OF(REPORT_DIR, entry)));
	execl(self, program_invocation_short_name, "--reader", "outblob", (char *)NULL);
	fail_errno("exec the reader");
}

static void step_rmdir(const char *entry, const char *hex)
{
	(void)hex;
	OK("chdir " REPORT_DIR, chdir(REPORT_DIR));
	OK("rmdir the entry", rmdir(entry));
	FAILS("rmdir the entry again", rmdir(entry), ENOENT);
}

static int writer(const char *hex)
{
	uint8_t report_data[REPORT_DATA_SIZE];

	report_data_parse(hex, report_data);
	write_once("write to stdout", STDOUT_FILENO, report_data, sizeof(report_data));
	return 0;
}

/* cat: reads of whatever size come, until 0. */
static int reader(const char *name)
{
	static uint8_t quote[131072];
	size_t used = 0;
	long got;
	int fd = OK_INT("open outblob", open(name, O_RDONLY));

	while ((got = OK("read outblob", read(fd, quote + used, sizeof(quote) - used))) > 0)
		used += (size_t)got;
	OK("close outblob", close(fd));
	quote_print(quote, used);
	return 0;
}

int main(int argc, char **argv)
{
	char random[7];
	char entry[16];
	char exe[256];
	long length;

	if (argc == 3 && !strcmp(argv[1], "--writer"))
		return writer(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "--reader"))
		return reader(argv[2]);
	if (argc != 2 || strlen(argv[1]) != 2 * REPORT_DATA_SIZE)
		fail("arguments", "expected 128 hex digits of report data");

	length = OK("readlink /proc/self/exe", readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	exe[length] = '\0';
	self = exe;
	random_name(random);
	snprintf(entry, sizeof(entry), "sh%s", random);
	run(step_mkdir, entry, argv[1]);
	run(step_write, entry, argv[1]);
	run(step_read, entry, argv[1]);
	run(step_rmdir, entry, argv[1]);
	return 0;
}
