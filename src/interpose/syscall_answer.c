/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/syscall_answer.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/hint.h"
#include "interpose/wrap.h"
#include "tree/mend.h"

static int node_refused(int dirfd, const char *path, mode_t mode, int before)
{
	if (S_ISREG(mode) || (mode & S_IFMT) == 0)
		return front_create_file(dirfd, path, before);
	return front_create(dirfd, path, before);
}

long syscall_refused(long number, const struct arguments *args, int before)
{
	const long *a = args->at;
	const int dirfd = (int)a[0];

	switch (number) {
	case SYS_open:
		return front_open(AT_FDCWD, syscall_text(args, 0), (int)a[1], before);
	case SYS_creat:
		return front_open(AT_FDCWD, syscall_text(args, 0), O_CREAT | O_WRONLY | O_TRUNC,
				  before);
	case SYS_openat:
		return front_open(dirfd, syscall_text(args, 1), (int)a[2], before);
	case SYS_openat2:
		return front_open(dirfd, syscall_text(args, 1), (int)*(const uint64_t *)a[2],
				  before);
	case SYS_stat:
	case SYS_lstat:
		return front_stat(AT_FDCWD, syscall_text(args, 0), (struct stat *)a[1], before);
	case SYS_newfstatat:
		return front_stat(dirfd, syscall_text(args, 1), (struct stat *)a[2], before);
	case SYS_statx:
		return front_statx(dirfd, syscall_text(args, 1), (int)a[2], (unsigned)a[3],
				   (struct sys_statx *)a[4], before);
	case SYS_access:
		return front_access(AT_FDCWD, syscall_text(args, 0), (int)a[1], before);
	case SYS_faccessat:
	case SYS_faccessat2:
		return front_access(dirfd, syscall_text(args, 1), (int)a[2], before);
	case SYS_mkdir:
		return front_mkdir(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_mkdirat:
		return front_mkdir(dirfd, syscall_text(args, 1), before);
	case SYS_rmdir:
		return front_rmdir(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_unlink:
		return front_unlink(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_unlinkat:
		return (int)a[2] & AT_REMOVEDIR
			       ? front_rmdir(dirfd, syscall_text(args, 1), before)
			       : front_unlink(dirfd, syscall_text(args, 1), before);
	case SYS_rename:
		return front_rename(AT_FDCWD, syscall_text(args, 0), AT_FDCWD,
				    syscall_text(args, 1), 0, before);
	case SYS_renameat:
	case SYS_renameat2:
		return front_rename(dirfd, syscall_text(args, 1), (int)a[2], syscall_text(args, 3),
				    number == SYS_renameat2 ? (unsigned)a[4] : 0, before);
	case SYS_link:
		return front_link(AT_FDCWD, syscall_text(args, 0), AT_FDCWD, syscall_text(args, 1),
				  before);
	case SYS_linkat:
		return front_link(dirfd, syscall_text(args, 1), (int)a[2], syscall_text(args, 3),
				  before);
	case SYS_symlink:
		return front_create(AT_FDCWD, syscall_text(args, 1), before);
	case SYS_symlinkat:
		return front_create((int)a[1], syscall_text(args, 2), before);
	case SYS_mknod:
		return node_refused(AT_FDCWD, syscall_text(args, 0), (mode_t)a[1], before);
	case SYS_mknodat:
		return node_refused(dirfd, syscall_text(args, 1), (mode_t)a[2], before);
	case SYS_chmod:
	case SYS_chown:
	case SYS_lchown:
	case SYS_utime:
	case SYS_utimes:
	case SYS_listxattr:
	case SYS_llistxattr:
		return front_check(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_fchmodat:
	case SYS_FCHMODAT2:
	case SYS_fchownat:
	case SYS_utimensat:
	case SYS_futimesat:
		return front_check(dirfd, syscall_text(args, 1), before);
	case SYS_truncate:
		return front_truncate(AT_FDCWD, syscall_text(args, 0), a[1], before);
	case SYS_statfs:
		return front_statfs(AT_FDCWD, syscall_text(args, 0), (void *)a[1], before);
	case SYS_inotify_add_watch:
		return front_inotify((int)a[0], syscall_text(args, 1), (uint32_t)a[2], before);
	case SYS_name_to_handle_at:
		return front_unsupported(dirfd, syscall_text(args, 1), before);
	case SYS_getxattr:
	case SYS_lgetxattr:
	case SYS_setxattr:
	case SYS_lsetxattr:
	case SYS_removexattr:
	case SYS_lremovexattr:
		return front_unsupported(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_chdir:
		return front_chdir(syscall_text(args, 0), before);
	case SYS_readlink:
		return front_readlink(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_readlinkat:
		return front_readlink(dirfd, syscall_text(args, 1), before);
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

long syscall_misjudged(long number, const struct arguments *args, int before)
{
	const char *path = syscall_text(args, 0);
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

long syscall_done_by_root(long number, const struct arguments *args, long ret, int before)
{
	const long *a = args->at;
	const int dirfd = (int)a[0];

	switch (number) {
	case SYS_open:
		return a[1] & O_CREAT ? front_undo_open((int)ret, AT_FDCWD, syscall_text(args, 0),
							(int)a[1], before)
				      : ret;
	case SYS_openat:
		return a[2] & O_CREAT ? front_undo_open((int)ret, dirfd, syscall_text(args, 1),
							(int)a[2], before)
				      : ret;
	case SYS_mkdir:
		return front_undo_mkdir(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_mkdirat:
		return front_undo_mkdir(dirfd, syscall_text(args, 1), before);
	case SYS_link:
	case SYS_symlink:
		return front_undo_create(AT_FDCWD, syscall_text(args, 1), before);
	case SYS_linkat:
		return front_undo_create((int)a[2], syscall_text(args, 3), before);
	case SYS_symlinkat:
		return front_undo_create((int)a[1], syscall_text(args, 2), before);
	case SYS_mknod:
		return node_undone(AT_FDCWD, syscall_text(args, 0), (mode_t)a[1], before);
	case SYS_mknodat:
		return node_undone(dirfd, syscall_text(args, 1), (mode_t)a[2], before);
	case SYS_unlink:
		return front_undo_unlink(AT_FDCWD, syscall_text(args, 0), before);
	case SYS_unlinkat:
		return front_undo_unlink(dirfd, syscall_text(args, 1), before);
	case SYS_rename:
		return front_undo_rename(AT_FDCWD, syscall_text(args, 0), AT_FDCWD,
					 syscall_text(args, 1), before);
	case SYS_renameat:
	case SYS_renameat2:
		return front_undo_rename(dirfd, syscall_text(args, 1), (int)a[2],
					 syscall_text(args, 3), before);
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

long syscall_succeeded(long number, const struct arguments *args, long ret)
{
	const long *a = args->at;
	const int dirfd = (int)a[0];
	struct sys_statx *stx = (struct sys_statx *)a[4];
	size_t len;

	switch (number) {
	case SYS_stat:
	case SYS_lstat:
		stat_succeeded(AT_FDCWD, syscall_text(args, 0), (struct stat *)a[1]);
		return ret;
	case SYS_fstat:
		stat_succeeded(dirfd, "", (struct stat *)a[1]);
		return ret;
	case SYS_newfstatat:
		stat_succeeded(dirfd, syscall_text(args, 1), (struct stat *)a[2]);
		return ret;
	case SYS_statx:
		if (front_is_marked(stx->mode))
			front_mended_statx(dirfd, a[1] ? syscall_text(args, 1) : "", stx);
		if (S_ISCHR(stx->mode) && hint_get(dirfd) &&
		    (!a[1] || syscall_text(args, 1)[0] == '\0'))
			front_show_device_statx(dirfd, stx);
		return ret;
	case SYS_statfs:
		if (syscall_text(args, 0)[0] != '/')
			front_mended_statfs(AT_FDCWD, syscall_text(args, 0), (void *)a[1]);
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
