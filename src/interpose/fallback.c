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

static int fallback_open(const char *path, int flags, mode_t mode)
{
	return (int)edge(sys_openat(AT_FDCWD, path, flags, mode));
}

static int fallback_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return (int)edge(sys_openat(dirfd, path, flags, mode));
}

static int fallback_creat(const char *path, mode_t mode)
{
	return (int)edge(sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode));
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

static int fallback_access(const char *path, int mode)
{
	return (int)edge(sys_faccessat(AT_FDCWD, path, mode));
}

static int fallback_faccessat(int dirfd, const char *path, int mode, int flags)
{
	if (flags & ~AT_EACCESS) {
		errno = EINVAL;
		return -1;
	}
	return (int)edge(sys_faccessat(dirfd, path, mode));
}

static int fallback_chmod(const char *path, mode_t mode)
{
	return (int)edge(sys_fchmodat(AT_FDCWD, path, mode));
}

static int fallback_fchmodat(int dirfd, const char *path, mode_t mode, int flags)
{
	if (flags) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)edge(sys_fchmodat(dirfd, path, mode));
}

static int fallback_mkdir(const char *path, mode_t mode)
{
	return (int)edge(sys_mkdirat(AT_FDCWD, path, mode));
}

static int fallback_mkdirat(int dirfd, const char *path, mode_t mode)
{
	return (int)edge(sys_mkdirat(dirfd, path, mode));
}

static int fallback_rmdir(const char *path)
{
	return (int)edge(sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR));
}

static int fallback_unlink(const char *path)
{
	return (int)edge(sys_unlinkat(AT_FDCWD, path, 0));
}

static int fallback_unlinkat(int dirfd, const char *path, int flags)
{
	return (int)edge(sys_unlinkat(dirfd, path, flags));
}

static int fallback_rename(const char *from, const char *to)
{
	return (int)edge(sys_renameat2(AT_FDCWD, from, AT_FDCWD, to, 0));
}

static int fallback_renameat(int fromfd, const char *from, int tofd, const char *to)
{
	return (int)edge(sys_renameat2(fromfd, from, tofd, to, 0));
}

static int fallback_renameat2(int fromfd, const char *from, int tofd, const char *to,
			      unsigned flags)
{
	return (int)edge(sys_renameat2(fromfd, from, tofd, to, flags));
}

static int fallback_chdir(const char *path)
{
	return (int)edge(sys_call(SYS_chdir, (long)path, 0, 0, 0, 0, 0));
}

static ssize_t fallback_readlink(const char *path, char *buf, size_t size)
{
	return edge(sys_readlinkat(AT_FDCWD, path, buf, size));
}

static ssize_t fallback_readlinkat(int dirfd, const char *path, char *buf, size_t size)
{
	return edge(sys_readlinkat(dirfd, path, buf, size));
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
