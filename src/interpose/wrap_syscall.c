/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscall(2): programs that ask the kernel by number but through libc (libuv, Rust's std, the JVM)
 * get the same service.  The call itself goes on to the next syscall() unchanged.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/hint.h"
#include "interpose/syscall_answer.h"
#include "interpose/wrap.h"

/* Where the path of a call is, and the folder it starts from; false for calls on no path. */
static bool syscall_path(long number, const struct arguments *args, int *dirfd, const char **path)
{
	*dirfd = AT_FDCWD;
	switch (number) {
	case SYS_open:
	case SYS_creat:
	case SYS_stat:
	case SYS_lstat:
	case SYS_access:
	case SYS_mkdir:
	case SYS_rmdir:
	case SYS_unlink:
	case SYS_rename:
	case SYS_chdir:
	case SYS_readlink:
	case SYS_chmod:
	case SYS_chown:
	case SYS_lchown:
	case SYS_utime:
	case SYS_utimes:
	case SYS_truncate:
	case SYS_statfs:
		*path = syscall_text(args, 0);
		return true;
	case SYS_openat:
	case SYS_openat2:
	case SYS_newfstatat:
	case SYS_statx:
	case SYS_faccessat:
	case SYS_faccessat2:
	case SYS_mkdirat:
	case SYS_unlinkat:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_readlinkat:
	case SYS_fchmodat:
	case SYS_FCHMODAT2:
	case SYS_fchownat:
	case SYS_utimensat:
	case SYS_futimesat:
		*dirfd = (int)args->at[0];
		*path = syscall_text(args, 1);
		return true;
	default:
		return false;
	}
}

/* Calls that would change a mode, an owner or a time of ours, which never change. */
static bool syscall_changes(long number)
{
	return number == SYS_chmod || number == SYS_chown || number == SYS_lchown ||
	       number == SYS_utime || number == SYS_utimes || number == SYS_fchmodat ||
	       number == SYS_FCHMODAT2 || number == SYS_fchownat || number == SYS_utimensat ||
	       number == SYS_futimesat;
}

/*
 * Is this call ours before the kernel is asked?  Then *ret is its result.  Only in a process that has
 * met the tree, or where the agent comes first: no path is read otherwise.
 */
static bool syscall_taken(long number, const struct arguments *args, long *ret, bool *refused)
{
	const char *path;
	int dirfd;

	*refused = false;
	if (!(front_met || front_agent_first) || !syscall_path(number, args, &dirfd, &path))
		return false;
	if (syscall_changes(number) && !is_null(path) && front_is_ours(dirfd, path, 0)) {
		*ret = 0;
		return true;
	}
	*refused = front_agent_first && !is_null(path) && front_claims(dirfd, path);
	return false;
}

/* The kernel granted it on a native interface that is only half usable. */
static bool syscall_disowned(long number, const struct arguments *args, long ret)
{
	const char *path;
	int dirfd;

	if (!syscall_path(number, args, &dirfd, &path) || !front_disowns(path))
		return false;
	if (number == SYS_open || number == SYS_openat || number == SYS_openat2)
		sys_close((int)ret);
	return true;
}
/*
 * A call on a descriptor that may be ours goes to its wrapper, which knows; true and its result, or
 * false where the call is another.
 */
static bool syscall_on_descriptor(long number, const struct arguments *args, long *ret)
{
	const long *a = args->at;
	const int fd = (int)a[0];

	switch (number) {
	case SYS_read:
		*ret = read(fd, (void *)a[1], (size_t)a[2]);
		return true;
	case SYS_pread64:
		*ret = pread(fd, (void *)a[1], (size_t)a[2], a[3]);
		return true;
	case SYS_write:
		*ret = write(fd, (void *)a[1], (size_t)a[2]);
		return true;
	case SYS_pwrite64:
		*ret = pwrite(fd, (void *)a[1], (size_t)a[2], a[3]);
		return true;
	case SYS_lseek:
		*ret = lseek(fd, a[1], (int)a[2]);
		return true;
	case SYS_close:
		*ret = close(fd);
		return true;
	case SYS_dup:
		*ret = dup(fd);
		return true;
	case SYS_dup2:
		*ret = dup2(fd, (int)a[1]);
		return true;
	case SYS_dup3:
		*ret = dup3(fd, (int)a[1], (int)a[2]);
		return true;
	case SYS_fcntl:
		*ret = fcntl(fd, (int)a[1], a[2]);
		return true;
	case SYS_flock:
		*ret = flock(fd, (int)a[1]);
		return true;
	case SYS_ftruncate:
		*ret = ftruncate(fd, a[1]);
		return true;
	case SYS_fallocate:
		*ret = fallocate(fd, (int)a[1], a[2], a[3]);
		return true;
	case SYS_ioctl:
		*ret = ioctl(fd, (unsigned long)a[1], a[2]);
		return true;
	case SYS_fsync:
		*ret = fsync(fd);
		return true;
	case SYS_fdatasync:
		*ret = fdatasync(fd);
		return true;
	case SYS_fchmod:
	case SYS_fchown:
		*ret = 0;
		return front_owns(fd) && !(sys_fcntl(fd, F_GETFL, NULL) & O_PATH);
	default:
		return false;
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
		bool refused;                                                                      \
		long ret;                                                                          \
                                                                                                   \
		va_start(list, number);                                                            \
		for (int i = 0; i < 6; i++)                                                        \
			args.at[i] = va_arg(list, long);                                           \
		va_end(list);                                                                      \
		if (hint_get((int)args.at[0]) && syscall_on_descriptor(number, &args, &ret))       \
			return ret;                                                                \
		if (UNLIKELY(syscall_taken(number, &args, &ret, &refused)))                        \
			return ret;                                                                \
		ret = refused ? -1                                                                 \
			      : NEXT(name)(number, args.at[0], args.at[1], args.at[2], args.at[3], \
					   args.at[4], args.at[5]);                                \
		if (front_refused(ret) || (ret >= 0 && syscall_disowned(number, &args, ret)))      \
			return syscall_refused(number, &args, before);                             \
		if (ret < 0)                                                                       \
			return syscall_misjudged(number, &args, before);                           \
		if (UNLIKELY(front_is_root))                                                       \
			ret = syscall_done_by_root(number, &args, ret, before);                    \
		if (ret >= 0) {                                                                    \
			ret = syscall_succeeded(number, &args, ret);                               \
			errno = before;                                                            \
		}                                                                                  \
		return ret;                                                                        \
	}

#define FAMILY_SYSCALL
#include "interpose/symbols.def"
