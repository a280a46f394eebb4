/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/fallback.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/sys.h"

static long edge(long ret)
{
	if (ret >= 0)
		return ret;
	errno = (int)-ret;
	return -1;
}

static int fallback_stat(const char *path, struct stat *st)
{
	return (int)edge(sys_fstatat(AT_FDCWD, path, st, 0));
}

static int fallback_lstat(const char *path, struct stat *st)
{
	return (int)edge(sys_fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW));
}

static int fallback_fstat(int fd, struct stat *st)
{
	return (int)edge(sys_fstat(fd, st));
}

static int fallback_fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	return (int)edge(sys_fstatat(dirfd, path, st, flags));
}

static int fallback_xstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return fallback_stat(path, st);
}

static int fallback_lxstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return fallback_lstat(path, st);
}

static int fallback_fxstat(int version, int fd, struct stat *st)
{
	(void)version;
	return fallback_fstat(fd, st);
}

static int fallback_fxstatat(int version, int dirfd, const char *path, struct stat *st, int flags)
{
	(void)version;
	return fallback_fstatat(dirfd, path, st, flags);
}

static int fallback_statx(int dirfd, const char *path, int flags, unsigned mask,
			  struct sys_statx *stx)
{
	return (int)edge(sys_statx(dirfd, path, flags, mask, stx));
}

static int fallback_renameat2(int fromfd, const char *from, int tofd, const char *to,
			      unsigned flags)
{
	return (int)edge(sys_renameat2(fromfd, from, tofd, to, flags));
}

static ssize_t fallback_copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t len,
					unsigned flags)
{
	return edge(sys_call(SYS_copy_file_range, in, (long)in_at, out, (long)out_at, (long)len,
			     flags));
}

static ssize_t fallback_getdents64(int fd, void *buf, size_t size)
{
	return edge(sys_getdents64(fd, buf, size));
}

/* Without the check, which is libc's own affair. */
static ssize_t fallback_recv_chk(int fd, void *buf, size_t len, size_t size, int flags)
{
	(void)size;
	return edge(sys_call(SYS_recvfrom, fd, (long)buf, (long)len, flags, 0, 0));
}

static void *fallback_null(void)
{
	errno = ENOSYS;
	return NULL;
}

static long fallback_nosys(void)
{
	errno = ENOSYS;
	return -1;
}

void *fallback_call(enum fallback fallback)
{
	switch (fallback) {
#define FALLBACK_CASE(name)                                                                        \
	case FALLBACK_##name:                                                                      \
		return (void *)fallback_##name;
		FALLBACKS(FALLBACK_CASE)
#undef FALLBACK_CASE
	}
	return (void *)fallback_nosys;
}
