/* SPDX-License-Identifier: Apache-2.0 */
/* privlevel: what it takes, what a write changes, and when. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/run.h"
#include "sev/sev.h"

enum { TEXT_MOST = 4095, PAGE = 4096 };

/* Write rule->a, or rule->n of its bytes; the generation afterwards. */
static void run_text(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);

	got_call(write(fd, rule->a, rule->n ? (size_t)rule->n : strlen(rule->a)));
	got("generation %s", generation());
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_nothing(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);

	(void)rule;
	got_call(write(fd, "1", 0));
	got_call(write(fd, page_none(), 1));
	got_call(write(fd, page_closed(), 1));
	got_call(pwrite(fd, page_none(), 1, 0));
	got_call(close(fd));
	got("generation %s", generation());
}

/* At the end of a page that the next one is closed behind: the kernel takes what it can copy. */
static void run_page_end(const struct rule *rule)
{
	char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open_attribute("privlevel", O_WRONLY);

	(void)rule;
	if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) < 0)
		return;
	pages[PAGE - 2] = '2';
	pages[PAGE - 1] = '\n';
	got_call(write(fd, pages + PAGE - 2, 2));
	got_call(write(fd, pages + PAGE - 2, 100));
	got_call(write(fd, pages + PAGE - 1, 100));
	got("generation %s", generation());
}

static void run_long(const struct rule *rule)
{
	char text[TEXT_MOST + 10];
	int fd = open_attribute("privlevel", O_WRONLY);

	(void)rule;
	memset(text, '0', sizeof(text));
	text[TEXT_MOST - 1] = '3';
	got_call(write(fd, text, TEXT_MOST));
	/* what comes after 4095 bytes is not looked at */
	text[TEXT_MOST] = 'x';
	got_call(write(fd, text, sizeof(text)));
	text[TEXT_MOST - 1] = '8';
	got_call(write(fd, text, sizeof(text)));
	got("generation %s", generation());
}

static void run_writes(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);

	(void)rule;
	got_call(write(fd, "1\n", 2));
	got_call(write(fd, "0x2", 3));
	got_call(write(fd, "4", 1));
	got_call(pwrite(fd, "3", 1, 100));
	got_call(syscall(SYS_write, fd, "0", 1));
	got("generation %s", generation());
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(lseek(fd, 0, SEEK_END));
	got_call(lseek(fd, 5, SEEK_SET));
	got_call(write(fd, "1", 1));
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_open_close(const struct rule *rule)
{
	(void)rule;
	for (int i = 0; i < 3; i++)
		close(open_attribute("privlevel", O_WRONLY | O_TRUNC));
	got("generation %s", generation());
}

static void run_two(const struct rule *rule)
{
	int first = open_attribute("privlevel", O_WRONLY);
	int second = open_attribute("privlevel", O_WRONLY);

	(void)rule;
	got_call(write(second, "1", 1));
	got("generation %s", generation());
	got_call(write(first, "2", 1));
	got("generation %s", generation());
	write_inblob(1, INBLOB_SIZE);
	got_call(write(dup(first), "3", 1));
	got("generation %s", generation());
	close(second);
	close(first);
	got("generation %s", generation());
}

static void run_removed(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);

	got_call(write(fd, "1", 1));
	got_call(rmdir(at("E")));
	if (rule->n)
		got_call(mkdir(at("E"), 0700));
	got_call(write(fd, "1", 1));
	got_call(close(fd));
	if (rule->n)
		got("generation %s", generation());
}

static void run_child(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);
	pid_t pid = fork();

	(void)rule;
	if (pid == 0)
		_exit(write(fd, "2", 1) == 1 && write(fd, "9", 1) == -1 && errno == EINVAL ? 0 : 1);
	waitpid(pid, NULL, 0);
	got("generation %s", generation());
}

static const struct rule rules[] = {
#define TAKEN(text, len)                                                                           \
	{                                                                                          \
		"write " #text, run_text, #len ", generation 1, 0, generation 1", .a = (text)      \
	}
#define REFUSED(text, error)                                                                       \
	{                                                                                          \
		"write " #text, run_text, #error ", generation 0, 0, generation 0", .a = (text)    \
	}
	TAKEN("0", 1),
	TAKEN("1", 1),
	TAKEN("3\n", 2),
	TAKEN("0x2", 3),
	TAKEN("0X3\n", 4),
	TAKEN("+1", 2),
	TAKEN("03", 2),
	TAKEN("00000000000000000000000000000001", 32),
	REFUSED(" 1", EINVAL),
	REFUSED("1 ", EINVAL),
	REFUSED("1\n\n", EINVAL),
	REFUSED("\n", EINVAL),
	REFUSED("abc", EINVAL),
	REFUSED("-1", EINVAL),
	REFUSED("++1", EINVAL),
	REFUSED("+", EINVAL),
	REFUSED("0x", EINVAL),
	REFUSED("0xg", EINVAL),
	REFUSED("08", EINVAL),
	REFUSED("07", EINVAL),
	REFUSED("4", EINVAL),
	REFUSED("4294967295", EINVAL),
	REFUSED("4294967296", ERANGE),
	REFUSED("4294967296x", EINVAL),
	REFUSED("18446744073709551616", ERANGE),
	REFUSED("18446744073709551616x", ERANGE),
	REFUSED("0x10000000000000000", ERANGE),
	{"write 2, a zero byte and more", run_text, "5, generation 1, 0, generation 1",
	 .a = "2\0abc", .n = 5},
	{"write a zero byte and 1", run_text, "EINVAL, generation 0, 0, generation 0",
	 .a = "\0"
	      "1",
	 .n = 2},
	{"write nothing, NULL, a closed page, pwrite NULL", run_nothing,
	 "EFAULT, EFAULT, EFAULT, EFAULT, 0, generation 0"},
	{"write 2 and a newline at the end of a page: 2 bytes, 100; 100 from the newline on",
	 run_page_end, "2, 2, EINVAL, generation 2"},
	{"write 4095 digits; 14 bytes more, which do not count; an 8 among those that do", run_long,
	 "4095, 4095, EINVAL, generation 2"},
	{"several writes, pwrite, syscall; the offset", run_writes,
	 "2, 3, EINVAL, 1, 1, generation 4, 6, 4096, 5, 1, 6, 0, generation 5"},
	{"open and close, three times", run_open_close, "generation 0"},
	{"two descriptors by turns, an inblob, a dup", run_two,
	 "1, generation 1, 1, generation 2, 1, generation 4, generation 4"},
	{"after rmdir", run_removed, "1, 0, ENOENT, 0"},
	{"after rmdir and mkdir of the same name", run_removed, "1, 0, 0, ENOENT, 0, generation 0",
	 .n = 1},
	{"fork: the child writes 2 and 9", run_child, "generation 1"},
};
RULE_GROUP(group_sev_privlevel, "Writes to privlevel", rules);

/* ---------------------------------------------------------------------------- other writers */

/* A program that has inherited the descriptor as its stdout writes rule->a to it. */
static void run_exec(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		close(STDERR_FILENO);
		execl("/bin/echo", "echo", "-n", rule->a, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	got("echo %d", WEXITSTATUS(status));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_stdio(const struct rule *rule)
{
	FILE *file = fopen(at("E/privlevel"), "w");

	if (!file) {
		got("%s", errno_name(errno));
		return;
	}
	got("%s", fputs(rule->a, file) < 0 || fflush(file) ? errno_name(errno) : "written");
	fclose(file);
	got("generation %s", generation());
}

static void run_vector(const struct rule *rule)
{
	struct iovec parts[2] = {{(char[]){"0x"}, 2}, {(char[]){"3\n"}, 2}};
	int fd = open_attribute("privlevel", O_WRONLY);

	(void)rule;
	got_call(writev(fd, parts, 2));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_descriptor(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char byte;

	(void)rule;
	got_call(read(fd, &byte, 1));
	got_call(ftruncate(fd, 0));
	got_call(fcntl(fd, F_SETLK, &lock));
	got_call(posix_fallocate(fd, 0, 10));
	got("%s", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? errno_name(errno)
									       : "mapped");
	got_call(fsync(fd));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_flock(const struct rule *rule)
{
	int fd = open_attribute("privlevel", O_WRONLY);
	int other = open_attribute("privlevel", O_WRONLY);
	int inblob = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	got_call(flock(other, LOCK_EX | LOCK_NB));
	got_call(flock(inblob, LOCK_EX | LOCK_NB));
	got_call(flock(fd, LOCK_UN));
	got_call(flock(other, LOCK_SH | LOCK_NB));
}

static const struct rule fd_rules[] = {
	{"exec: echo 2", run_exec, "echo 0, 0, generation 1", .a = "2"},
	{"exec: echo 7", run_exec, "echo 1, 0, generation 0", "echo 0, 0, generation 0",
	 "D-privlevel-unseen", .a = "7"},
	{"stdio: 1", run_stdio, "written, generation 1", .a = "1\n"},
	{"stdio: 9", run_stdio, "EINVAL, generation 0", "written, generation 0",
	 "D-privlevel-unseen", .a = "9"},
	{"writev of a number in two parts", run_vector, "4, 0, generation 1"},
	{"read, ftruncate, F_SETLK, posix_fallocate, mmap, fsync", run_descriptor,
	 "EBADF, 0, 0, 95, EACCES, EINVAL, 0, generation 0"},
	{"flock: two descriptors of privlevel, one of inblob", run_flock, "0, EAGAIN, 0, 0, 0"},
};
RULE_GROUP(group_sev_privlevel_fd, "privlevel by other calls and writers", fd_rules);
