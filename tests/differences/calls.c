/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call on a path, named by the first argument: what it answers is printed as one line, "ok" and
 * what it gave or the error's text.  For the calls that no tool and no scripting language makes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <linux/io_uring.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#ifdef __GLIBC__
#include <fts.h>
#endif

extern char **environ;

static int failed(int error)
{
	puts(strerror(error));
	return 1;
}

static int answered(long ret)
{
	if (ret < 0)
		return failed(errno);
	printf("ok %ld\n", ret);
	return 0;
}

/* The call itself in the program, as Go and assembler make it: no libc function that could be ours. */
static long inline_open(const char *path)
{
	register long flags __asm__("r10") = 0;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(SYS_openat), "D"((long)AT_FDCWD), "S"(path), "d"((long)O_RDONLY),
			   "r"(flags)
			 : "rcx", "r11", "memory");
	return ret;
}

static int call_open(const char *path)
{
	return answered(open(path, O_RDONLY) < 0 ? -1 : 0);
}

static int call_inline(const char *path)
{
	long fd = inline_open(path);

	return fd < 0 ? failed((int)-fd) : answered(0);
}

/* On the descriptor that the program was started with. */
static int call_mmap_stdin(const char *path)
{
	void *map = mmap(NULL, 64, PROT_READ, MAP_PRIVATE, 0, 0);

	(void)path;
	return map == MAP_FAILED ? failed(errno) : answered(0);
}

static int call_fallocate_stdout(const char *path)
{
	(void)path;
	return fallocate(1, 0, 0, 64) < 0;
}

/* Two writers that close in reverse order, by a close() that is libc's own. */
static int call_fclose_order(const char *path)
{
	FILE *first = fopen(path, "w");
	FILE *second = fopen(path, "w");
	char data[64];

	if (!first || !second)
		return failed(errno);
	memset(data, 'A', sizeof(data));
	fwrite(data, sizeof(data), 1, first);
	memset(data, 'B', sizeof(data));
	fwrite(data, sizeof(data), 1, second);
	return answered(fclose(second) | fclose(first));
}

static int walked;

static int count_node(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)type;
	(void)ftw;
	walked++;
	return 0;
}

static int count_name(const char *path, const struct stat *st, int type)
{
	return count_node(path, st, type, NULL);
}

static int call_nftw(const char *path)
{
	return answered(nftw(path, count_node, 4, FTW_PHYS) < 0 ? -1 : walked);
}

static int call_ftw(const char *path)
{
	return answered(ftw(path, count_name, 4) < 0 ? -1 : walked);
}

#ifdef __GLIBC__
static int call_fts(const char *path)
{
	char *paths[] = {strdup(path), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL, NULL);
	FTSENT *first = fts ? fts_read(fts) : NULL;

	if (!first)
		return failed(errno);
	return first->fts_info == FTS_NS ? failed(first->fts_errno) : answered(first->fts_info);
}
#endif

static int call_wordexp(const char *path)
{
	char pattern[512];
	wordexp_t words;

	snprintf(pattern, sizeof(pattern), "%s/*", path);
	if (wordexp(pattern, &words, WRDE_NOCMD) != 0)
		return failed(EINVAL);
	/* a pattern that matches nothing stays as it is */
	return answered(strcmp(words.we_wordv[0], pattern) == 0 ? 0 : (long)words.we_wordc);
}

static int call_glob(const char *path)
{
	char pattern[512];
	glob_t found = {0};
	int ret;

	snprintf(pattern, sizeof(pattern), "%s/*", path);
	ret = glob(pattern, 0, NULL, &found);
	if (ret != 0 && ret != GLOB_NOMATCH)
		return failed(EIO);
	return answered(ret == GLOB_NOMATCH ? 0 : (long)found.gl_pathc);
}

/* The child opens the path as its stdin and leaves with 0. */
static int call_spawn(const char *path)
{
	char *argv[] = {"true", NULL};
	posix_spawn_file_actions_t actions;
	int status;
	pid_t child;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0);
	error = posix_spawn(&child, "/bin/true", &actions, NULL, argv, environ);
	if (error)
		return failed(error);
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? failed(ENOENT) : answered(status);
}

static int call_pathconf(const char *path)
{
	errno = 0;
	return answered(pathconf(path, _PC_2_SYMLINKS));
}

static int call_fstatfs(const char *path)
{
	struct statfs fs;

	if (fstatfs(open(path, O_RDONLY), &fs) < 0)
		return failed(errno);
	printf("ok %lx\n", (unsigned long)fs.f_type);
	return 0;
}

static int call_exec(const char *path)
{
	execl(path, path, (char *)NULL);
	return failed(errno);
}

static int call_cpuid(const char *path)
{
	union {
		unsigned words[3];
		char text[13];
	} name = {{0}};
	unsigned max;

	(void)path;
	/* leaf 0x21: Intel TDX Module ABI, "IntelTDX    " in EBX, EDX, ECX */
	if (!__get_cpuid_count(0x21, 0, &max, &name.words[0], &name.words[2], &name.words[1]))
		memset(&name, 0, sizeof(name));
	printf("ok %s\n", memcmp(name.text, "IntelTDX    ", 12) == 0 ? "tdx" : "none");
	return 0;
}

/* One IORING_OP_OPENAT, straight on the rings. */
static int call_uring(const char *path)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	char *sq;
	char *cq;
	size_t sq_size;
	size_t cq_size;

	if (ring < 0)
		return puts("no io_uring") < 0;
	sq_size = params.sq_off.array + sizeof(uint32_t);
	cq_size = params.cq_off.cqes + params.cq_entries * sizeof(*cqe);
	sq = mmap(NULL, sq_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	cq = mmap(NULL, cq_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || sqe == MAP_FAILED)
		return failed(errno);
	*sqe = (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uint64_t)(uintptr_t)path};
	*(uint32_t *)(sq + params.sq_off.array) = 0;
	__atomic_store_n((uint32_t *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return failed(errno);
	cqe = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
	return cqe->res < 0 ? failed(-cqe->res) : answered(0);
}

static const struct {
	const char *name;
	int (*call)(const char *path);
} calls[] = {
	{"open", call_open},
	{"inline", call_inline},
	{"mmap-stdin", call_mmap_stdin},
	{"fallocate-stdout", call_fallocate_stdout},
	{"fclose-order", call_fclose_order},
	{"nftw", call_nftw},
	{"ftw", call_ftw},
#ifdef __GLIBC__
	{"fts", call_fts},
#endif
	{"wordexp", call_wordexp},
	{"glob", call_glob},
	{"spawn", call_spawn},
	{"pathconf", call_pathconf},
	{"fstatfs", call_fstatfs},
	{"exec", call_exec},
	{"cpuid", call_cpuid},
	{"uring", call_uring},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(argv[1], calls[i].name) == 0)
			return calls[i].call(argv[2]);
	fprintf(stderr, "calls: arguments: CALL PATH\n");
	return 2;
}
