/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes: vfork children that open before they execute, a seccomp allow-list of the program's
 * own, and what a process must find unchanged.
 */
#include "stranger.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { VFORKS = 500 };

extern char **environ;

/* In the child, on the parent's memory and stack. */
__attribute__((noinline, noreturn)) static void vforked(char *const argv[], const char *entry,
							const char *outblob)
{
	struct stat st;
	int fd = open(ORDINARY, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || close(fd) < 0 || stat(ORDINARY, &st) < 0 || open(ABSENT, O_RDONLY) >= 0)
		_exit(10);
	if (outblob && (open(outblob, O_RDONLY) < 0 || stat(entry, &st) < 0))
		_exit(11);
	execve(argv[0], argv, environ);
	_exit(12);
}

__attribute__((noinline)) static pid_t vfork_one(char *const argv[], const char *entry,
						 const char *outblob)
{
	pid_t pid = vfork();

	if (pid == 0)
		vforked(argv, entry, outblob);
	return pid;
}

/* A vfork child that locks, allocates for good or counts descriptors does so to its parent. */
static void test_vfork(void)
{
	static const uint8_t data[REPORT_DATA_SIZE] = {9};
	char *const argv[] = {"/bin/true", NULL};
	const int before = descriptors_open();
	char entry[NAME_LEN];
	char path[NAME_LEN];

	for (int i = 0; i < VFORKS; i++)
		child_expect(vfork_one(argv, NULL, NULL), "vfork");
	quote_expect("after vforks");
	if (stranger_served()) {
		entry_name(entry);
		CHECK(mkdir(entry, 0700) == 0 && quote_write(entry, data) == 0, "inblob");
		for (int i = 0; i < 20; i++)
			child_expect(vfork_one(argv, entry, below(path, entry, "outblob")),
				     "vfork, one of our paths");
		CHECK(quote_read(entry, data) == 0, "outblob after vforks");
		CHECK(rmdir(entry) == 0, "rmdir");
	}
	CHECK(descriptors_open() == before, "%d descriptors, before: %d", descriptors_open(),
	      before);
	ordinary_expect("after vforks");
}

#define ALLOW(name)                                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),                                     \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* A system call of the library's own, however harmless, ends this process by SIGSYS. */
static void test_seccomp(void)
{
	static const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(open),
		ALLOW(openat),
		ALLOW(stat),
		ALLOW(fstat),
		ALLOW(newfstatat),
		ALLOW(read),
		ALLOW(close),
		ALLOW(exit),
		ALLOW(exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]),
					   .filter = (struct sock_filter *)filter};
	static const char *const files[] = {ORDINARY, "/dev/null", "/proc/self/exe", "."};
	struct stat st;
	char byte;

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "PR_SET_SECCOMP");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDONLY);
		int at = openat(AT_FDCWD, files[i], O_RDONLY);

		if (fd < 0 || at < 0 || stat(files[i], &st) < 0 || fstat(fd, &st) < 0)
			_exit(10);
		if (read(fd, &byte, 1) < 0 && !S_ISDIR(st.st_mode))
			_exit(11);
		if (close(fd) < 0 || close(at) < 0)
			_exit(12);
	}
	if (open(ABSENT, O_RDONLY) >= 0 || errno != ENOENT || stat(ABSENT, &st) == 0 ||
	    openat(AT_FDCWD, "/dev/no-such-device", O_RDONLY) >= 0 ||
	    stat("no-such-name", &st) == 0 || errno != ENOENT || close(99) == 0 || errno != EBADF)
		_exit(13);
	_exit(0);
}

/* The lines of this process's status that a library could change. */
static void status_print(void)
{
	static const char *const wanted[] = {
		"Umask:", "FDSize:", "Threads:", "SigBlk:", "SigIgn:", "SigCgt:", "NoNewPrivs:"};
	char line[256];
	FILE *file = fopen("/proc/self/status", "re");

	CHECK(file, "/proc/self/status");
	while (fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				fputs(line, stdout);
	fclose(file);
}

static void state_print(void)
{
	char path[64];
	char link[256];

	for (int fd = 0; fd < 1024; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, link, sizeof(link) - 1);
		/* pipes and sockets have numbers of their own in every run */
		if (len <= 0)
			continue;
		link[len] = '\0';
		printf("fd %d %.*s\n", fd, (int)strcspn(link, ":"), link);
	}
	for (char **variable = environ; *variable; variable++)
		printf("environ %s\n", *variable);
	status_print();
	CHECK(getcwd(link, sizeof(link)), "getcwd");
	printf("cwd %s\n", link);
	CHECK(wait(NULL) < 0 && errno == ECHILD, "there is a child");
}

/* The caller compares this with what the bare program prints; and after a quote nothing changes. */
static void test_state(void)
{
	state_print();
	puts("-- after a quote");
	quote_expect("between");
	state_print();
}

static void test_ordinary(void)
{
	ordinary_expect("alone");
}

static void test_quote(void)
{
	quote_expect("alone");
}

static void test_maps(void)
{
	char line[512];
	FILE *file = fopen("/proc/self/maps", "re");

	CHECK(file, "/proc/self/maps");
	while (fgets(line, sizeof(line), file))
		fputs(line, stdout);
	fclose(file);
}

/* Quote after quote from one entry, for a caller who stops it at some point. */
static void test_loop(void)
{
	static const uint8_t data[REPORT_DATA_SIZE] = {5};

	if (mkdir(REPORT_DIR "/shared", 0700) < 0)
		CHECK(errno == EEXIST, "mkdir");
	for (;;) {
		int ret = quote_write(REPORT_DIR "/shared", data);

		errno = -ret;
		CHECK(ret == 0 || ret == -EIO, "inblob");
		if (ret == 0)
			ret = quote_read(REPORT_DIR "/shared", data);
		errno = -ret;
		CHECK(ret == 0 || ret == -EIO, "outblob");
	}
}

/* One quote from that same entry: it or EIO, and the caller looks at the time. */
static void test_shared(void)
{
	static const uint8_t data[REPORT_DATA_SIZE] = {5};
	int ret = 0;

	if (mkdir(REPORT_DIR "/shared", 0700) < 0 && errno != EEXIST)
		ret = -errno;
	if (ret == 0)
		ret = quote_write(REPORT_DIR "/shared", data);
	if (ret == 0)
		ret = quote_read(REPORT_DIR "/shared", data);
	errno = -ret;
	CHECK(ret == 0 || ret == -EIO, "neither a quote nor EIO");
	puts(ret ? "EIO" : "a quote");
}

/* The same from a new entry: while nobody can tell which TEE the agent has, there is none. */
static void test_anew(void)
{
	int ret = quote_try();

	errno = -ret;
	CHECK(ret == 0 || ret == -EIO || ret == -ENOENT, "neither a quote nor EIO nor ENOENT");
	puts(ret == 0 ? "a quote" : ret == -EIO ? "EIO" : "ENOENT");
}

STRANGER_MAIN({"vfork", test_vfork}, {"seccomp", test_seccomp}, {"state", test_state},
	      {"ordinary", test_ordinary}, {"quote", test_quote}, {"loop", test_loop},
	      {"shared", test_shared}, {"anew", test_anew}, {"maps", test_maps})
