/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscall(2): programs that ask the kernel by number but through libc (libuv, Rust's std, the JVM)
 * get the same service.  The call itself goes on to the next syscall() unchanged.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/hint.h"
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

/* Not in the headers of every release that we build on. */
enum { SYS_FCHMODAT2 = 452 };

static int node_refused(int dirfd, const char *path, mode_t mode, int before)
{
	if (S_ISREG(mode) || (mode & S_IFMT) == 0)
		return front_create_file(dirfd, path, before);
	return front_create(dirfd, path, before);
}

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
		*path = path_at(args, 0);
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
		*path = path_at(args, 1);
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
		return front_rename(AT_FDCWD, path_at(args, 0), AT_FDCWD, path_at(args, 1), 0,
				    before);
	case SYS_renameat:
	case SYS_renameat2:
		return front_rename(dirfd, path_at(args, 1), (int)a[2], path_at(args, 3),
				    number == SYS_renameat2 ? (unsigned)a[4] : 0, before);
	case SYS_link:
		return front_link(AT_FDCWD, path_at(args, 0), AT_FDCWD, path_at(args, 1), before);
	case SYS_linkat:
		return front_link(dirfd, path_at(args, 1), (int)a[2], path_at(args, 3), before);
	case SYS_symlink:
		return front_create(AT_FDCWD, path_at(args, 1), before);
	case SYS_symlinkat:
		return front_create((int)a[1], path_at(args, 2), before);
	case SYS_mknod:
		return node_refused(AT_FDCWD, path_at(args, 0), (mode_t)a[1], before);
	case SYS_mknodat:
		return node_refused(dirfd, path_at(args, 1), (mode_t)a[2], before);
	case SYS_chmod:
	case SYS_chown:
	case SYS_lchown:
	case SYS_utime:
	case SYS_utimes:
	case SYS_listxattr:
	case SYS_llistxattr:
		return front_check(AT_FDCWD, path_at(args, 0), before);
	case SYS_fchmodat:
	case SYS_FCHMODAT2:
	case SYS_fchownat:
	case SYS_utimensat:
	case SYS_futimesat:
		return front_check(dirfd, path_at(args, 1), before);
	case SYS_truncate:
		return front_truncate(AT_FDCWD, path_at(args, 0), a[1], before);
	case SYS_statfs:
		return front_statfs(AT_FDCWD, path_at(args, 0), (void *)a[1], before);
	case SYS_inotify_add_watch:
		return front_inotify((int)a[0], path_at(args, 1), (uint32_t)a[2], before);
	case SYS_name_to_handle_at:
		return front_unsupported(dirfd, path_at(args, 1), before);
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_setxattr:
	case SYS_lsetxattr:
	case SYS_removexattr:
	case SYS_lremovexattr:
		return front_unsupported(AT_FDCWD, path_at(args, 0), before);
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

static int node_undone(int dirfd, const char *path, mode_t mode, int before)
{
	if (S_ISREG(mode) || (mode & S_IFMT) == 0)
		return front_undo_file(dirfd, path, before);
	return front_undo_create(dirfd, path, before);
}

/*
 * The kernel found an object of ours by a relative name, and refused it for what it really is: a
 * socket that cannot be truncated, a file system that has extended attributes.
 */
static long syscall_misjudged(long number, const struct arguments *args, int before)
{
	const char *path = path_at(args, 0);
	const int refused = errno;

	if ((number != SYS_truncate || refused != EINVAL) &&
	    ((number != SYS_getxattr && number != SYS_lgetxattr) || refused != ENODATA))
		return -1;
	if (!front_is_ours(AT_FDCWD, path, 0))
		return -1;
	if (number == SYS_truncate)
		return front_truncate(AT_FDCWD, path, args->at[1], before);
	errno = EOPNOTSUPP;
	return -1;
}

/* getdents(2) has its own record, with the type in the last byte (man page of getdents). */
static void old_listing_mended(int dirfd, unsigned char *entries, size_t len)
{
	for (size_t at = 0; at < len;) {
		const uint16_t *reclen = (const void *)(entries + at + 2 * sizeof(long));

		at += *reclen;
		if (entries[at - 1] == DT_SOCK && front_owns(dirfd))
			entries[at - 1] = DT_REG;
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
	case SYS_link:
	case SYS_symlink:
		return front_undo_create(AT_FDCWD, path_at(args, 1), before);
	case SYS_linkat:
		return front_undo_create((int)a[2], path_at(args, 3), before);
	case SYS_symlinkat:
		return front_undo_create((int)a[1], path_at(args, 2), before);
	case SYS_mknod:
		return node_undone(AT_FDCWD, path_at(args, 0), (mode_t)a[1], before);
	case SYS_mknodat:
		return node_undone(dirfd, path_at(args, 1), (mode_t)a[2], before);
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
	if (S_ISCHR(st->st_mode) && hint_get(dirfd) && path[0] == '\0')
		front_show_device(dirfd, st);
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
		if (S_ISCHR(stx->mode) && hint_get(dirfd) && (!a[1] || path_at(args, 1)[0] == '\0'))
			front_show_device_statx(dirfd, stx);
		return ret;
	case SYS_statfs:
		if (path_at(args, 0)[0] != '/')
			front_mended_statfs(AT_FDCWD, path_at(args, 0), (void *)a[1]);
		return ret;
	case SYS_fstatfs:
		front_mended_statfs(dirfd, "", (void *)a[1]);
		return ret;
	case SYS_getdents:
		old_listing_mended(dirfd, (unsigned char *)a[1], (size_t)ret);
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
