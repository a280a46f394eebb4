/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/own.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"

enum { STAT_SIZE = 512 };

/* Field 22 of /proc/PID/stat; the name in field 2 may hold blanks, and ends with the last ")". */
static uint64_t start_time(const char *stat)
{
	const char *at = strrchr(stat, ')');
	uint64_t start = 0;

	for (int field = 2; at && field < 22; field++) {
		at = strchr(at + 1, ' ');
	}
	for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9'; at++)
		start = start * 10 + (uint64_t)(*at - '0');
	return start;
}

static void own_identity(const struct caller *caller, int *pid, uint64_t *start)
{
	int fd = sys_openat(AT_FDCWD, "/proc/self/stat", O_RDONLY | O_CLOEXEC, 0);
	char stat[STAT_SIZE] = "";
	ssize_t len = -1;

	(void)caller;
	if (fd >= 0) {
		len = sys_read(fd, stat, sizeof(stat) - 1);
		sys_close(fd);
	}
	stat[len > 0 ? len : 0] = '\0';
	*pid = (int)sys_getpid();
	*start = start_time(stat);
}

static int read_name(const char *link, char *name, size_t size)
{
	ssize_t len = sys_readlinkat(AT_FDCWD, link, name, size);

	if (len < 0)
		return (int)len;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	name[len] = '\0';
	return name[0] == '/' ? 0 : -ENOENT;
}

static int own_dir_name(const struct caller *caller, int dirfd, char *name, size_t size)
{
	char link[32];
	ssize_t len;

	(void)caller;
	if (dirfd != AT_FDCWD) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
		return read_name(link, name, size);
	}
	len = sys_getcwd(name, size);
	if (len == -ERANGE)
		return -ENAMETOOLONG;
	/* of a removed folder, whose ".." is still there, /proc tells the name */
	if (len == -ENOENT)
		return read_name("/proc/self/cwd", name, size);
	if (len < 0)
		return (int)len;
	/* "(unreachable)/..." is no path */
	return name[0] == '/' ? 0 : -ENOENT;
}

/*
 * Our own memory, but at an address that the program gave: only the kernel can copy there without a
 * crash, and it does so from and to a pipe.
 */
static int pipe_copy(const void *from, void *to, size_t len)
{
	int ends[2];
	ssize_t put;
	ssize_t got = 0;

	put = sys_call(SYS_pipe2, (long)ends, O_CLOEXEC, 0, 0, 0, 0);
	if (put < 0)
		return (int)put;
	put = sys_write(ends[1], from, len);
	if (put > 0)
		got = sys_read(ends[0], to, (size_t)put);
	sys_close(ends[0]);
	sys_close(ends[1]);
	if (put < 0 || got < 0)
		return (int)(put < 0 ? put : got);
	return (size_t)got == len ? 0 : -EFAULT;
}

static int own_read_memory(const struct caller *caller, void *to, uint64_t from, size_t len)
{
	(void)caller;
	return pipe_copy((const void *)from, to, len);
}

static int own_write_memory(const struct caller *caller, uint64_t to, const void *from, size_t len)
{
	(void)caller;
	return pipe_copy(from, (void *)to, len);
}

const struct caller own_process = {
	.identity = own_identity,
	.dir_name = own_dir_name,
	.read_memory = own_read_memory,
	.write_memory = own_write_memory,
};
