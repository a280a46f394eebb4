/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscall(2): programs that ask the kernel by number but through libc (libuv, Rust's std, the JVM)
 * get the same service.  The call itself goes on to the next syscall() unchanged.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/wrap.h"
#include "tree/mend.h"

/* The call's six possible arguments; those that a call does not have hold rubbish. */
struct arguments {
	long at[6];
};

static const char *path_at(const struct arguments *args, int index)
{
	return (const char *)args->at[index];
}

/* The call was refused as a missing interface is. */
static long syscall_refused(long number, const struct arguments *args, int before)
{
	const long *a = args->at;
	const int dirfd = (int)a[0];

	switch (number) {
	case SYS_open:
		return front_open(AT_FDCWD, path_at(args, 0), (int)a[1], before);
	case SYS_creat:
		return front_open(AT_FDCWD, path_at(args, 0), O_CREAT | O_WRONLY | O_TRUNC, before);
	case SYS_openat:
		return front_open(dirfd, path_at(args, 1), (int)a[2], before);
	case SYS_openat2:
		return front_open(dirfd, path_at(args, 1), (int)*(const uint64_t *)a[2], before);
	case SYS_stat:
	case SYS_lstat:
		return front_stat(AT_FDCWD, path_at(args, 0), (struct stat *)a[1], before);
	case SYS_newfstatat:
		return front_stat(dirfd, path_at(args, 1), (struct stat *)a[2], before);
	case SYS_statx:
		return front_statx(dirfd, path_at(args, 1), (int)a[2], (unsigned)a[3],
				   (struct sys_statx *)a[4], before);
	case SYS_access:
		return front_access(AT_FDCWD, path_at(args, 0), (int)a[1], before);
	case SYS_faccessat:
	case SYS_faccessat2:
		return front_access(dirfd, path_at(args, 1), (int)a[2], before);
	case SYS_mkdir:
		return front_mkdir(AT_FDCWD, path_at(args, 0), before);
	case SYS_mkdirat:
		return front_mkdir(dirfd, path_at(args, 1), before);
	case SYS_rmdir:
		return front_rmdir(AT_FDCWD, path_at(args, 0), before);
	case SYS_unlink:
		return front_unlink(AT_FDCWD, path_at(args, 0), before);
	case SYS_unlinkat:
		return (int)a[2] & AT_REMOVEDIR ? front_rmdir(dirfd, path_at(args, 1), before)
						: front_unlink(dirfd, path_at(args, 1), before);
	case SYS_rename:
		return front_rename(AT_FDCWD, path_at(args, 0), AT_FDCWD, path_at(args, 1), before);
	case SYS_renameat:
	case SYS_renameat2:
		return front_rename(dirfd, path_at(args, 1), (int)a[2], path_at(args, 3), before);
	case SYS_link:
		return front_rename(AT_FDCWD, path_at(args, 0), AT_FDCWD, path_at(args, 1), before);
	case SYS_linkat:
		return front_rename(dirfd, path_at(args, 1), (int)a[2], path_at(args, 3), before);
	case SYS_symlink:
		return front_create(AT_FDCWD, path_at(args, 1), before);
	case SYS_symlinkat:
		return front_create((int)a[1], path_at(args, 2), before);
	case SYS_chmod:
	case SYS_chown:
	case SYS_lchown:
	case SYS_truncate:
		return front_check(AT_FDCWD, path_at(args, 0), before);
	case SYS_fchmodat:
	case SYS_fchownat:
	case SYS_utimensat:
		return front_check(dirfd, path_at(args, 1), before);
	case SYS_chdir:
		return front_chdir(path_at(args, 0), before);
	case SYS_readlink:
		return front_readlink(AT_FDCWD, path_at(args, 0), before);
	case SYS_readlinkat:
		return front_readlink(dirfd, path_at(args, 1), before);
	default:
		return -1;
	}
}

/* Root's call made or removed something. */
static long syscall_done_by_root(long number, const struct arguments *args, long ret, int before)
{
	const long *a = args->at;
	const int dirfd = (int)a[0];

	switch (number) {
	case SYS_open:
		return a[1] & O_CREAT ? front_undo_open((int)ret, AT_FDCWD, path_at(args, 0),
							(int)a[1], before)
				      : ret;
	case SYS_openat:
		return a[2] & O_CREAT ? front_undo_open((int)ret, dirfd, path_at(args, 1),
							(int)a[2], before)
				      : ret;
	case SYS_mkdir:
		return front_undo_mkdir(AT_FDCWD, path_at(args, 0), before);
	case SYS_mkdirat:
		return front_undo_mkdir(dirfd, path_at(args, 1), before);
	case SYS_unlink:
		return front_undo_unlink(AT_FDCWD, path_at(args, 0), before);
	case SYS_unlinkat:
		return front_undo_unlink(dirfd, path_at(args, 1), before);
	case SYS_rename:
		return front_undo_rename(AT_FDCWD, path_at(args, 0), AT_FDCWD, path_at(args, 1),
					 before);
	case SYS_renameat:
	case SYS_renameat2:
		return front_undo_rename(dirfd, path_at(args, 1), (int)a[2], path_at(args, 3),
					 before);
	default:
		return ret;
	}
}

static void stat_succeeded(int dirfd, const char *path, struct stat *st)
{
	if (front_is_marked(st->st_mode))
		front_mended_stat(dirfd, path, st);
}

/* The call succeeded: its result may carry our mark or show our state folder. */
static long syscall_succeeded(long number, const struct arguments *args, long ret)
{
	const long *a = args->at;
	const int dirfd = (int)a[0];
	struct sys_statx *stx = (struct sys_statx *)a[4];
	size_t len;

	switch (number) {
	case SYS_stat:
	case SYS_lstat:
		stat_succeeded(AT_FDCWD, path_at(args, 0), (struct stat *)a[1]);
		return ret;
	case SYS_fstat:
		stat_succeeded(dirfd, "", (struct stat *)a[1]);
		return ret;
	case SYS_newfstatat:
		stat_succeeded(dirfd, path_at(args, 1), (struct stat *)a[2]);
		return ret;
	case SYS_statx:
		if (front_is_marked(stx->mode))
			front_mended_statx(dirfd, a[1] ? path_at(args, 1) : "", stx);
		return ret;
	case SYS_getdents64:
		front_mended_listing(dirfd, (void *)a[1], (size_t)ret);
		return ret;
	case SYS_getcwd:
		len = mend_path((char *)a[0], (size_t)ret);
		return (long)len;
	case SYS_readlink:
		return (long)mend_path((char *)a[1], (size_t)ret);
	case SYS_readlinkat:
		return (long)mend_path((char *)a[2], (size_t)ret);
	default:
		return ret;
	}
}

/*
 * syscall() has as many arguments as the call; reading six is what libc does too: they come in
 * registers and, the sixth, in the caller's frame.
 */
#define WRAP_SYSCALL(name)                                                                         \
	EXPORT long name(long number, ...);                                                        \
	long name(long number, ...)                                                                \
	{                                                                                          \
		const int before = errno;                                                          \
		struct arguments args;                                                             \
		va_list list;                                                                      \
		long ret;                                                                          \
                                                                                                   \
		va_start(list, number);                                                            \
		for (int i = 0; i < 6; i++)                                                        \
			args.at[i] = va_arg(list, long);                                           \
		va_end(list);                                                                      \
		ret = NEXT(name)(number, args.at[0], args.at[1], args.at[2], args.at[3],           \
				 args.at[4], args.at[5]);                                          \
		if (front_refused(ret))                                                            \
			return syscall_refused(number, &args, before);                             \
		if (UNLIKELY(front_is_root) && ret >= 0)                                           \
			ret = syscall_done_by_root(number, &args, ret, before);                    \
		if (ret >= 0) {                                                                    \
			ret = syscall_succeeded(number, &args, ret);                               \
			errno = before;                                                            \
		}                                                                                  \
		return ret;                                                                        \
	}

#define FAMILY_SYSCALL
#include "interpose/symbols.def"
