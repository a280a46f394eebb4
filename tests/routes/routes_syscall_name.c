/* SPDX-License-Identifier: Apache-2.0 */
/* syscall() by number, second part: names, listings and the current directory. */
#include <limits.h>

#include "routes.h"

static char room[PATH_MAX];

static bool try_mkdir(const struct target *t)
{
	return check_made(t, t->path, syscall(SYS_mkdir, t->path, 0700));
}

static bool try_mkdirat(const struct target *t)
{
	return check_made(t, t->path, syscall(SYS_mkdirat, t->dirfd, t->path, 0700));
}

static bool try_rmdir(const struct target *t)
{
	return check_gone(t, syscall(SYS_rmdir, t->path));
}

static bool try_unlinkat_folder(const struct target *t)
{
	return check_gone(t, syscall(SYS_unlinkat, t->dirfd, t->path, AT_REMOVEDIR));
}

#define REFUSED_ROUTE(name, error, call)                                                           \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_refused(call, error);                                                 \
	}

REFUSED_ROUTE(open_new, EACCES, syscall(SYS_open, t->path, O_WRONLY | O_CREAT, 0600))
REFUSED_ROUTE(openat_new, EACCES, syscall(SYS_openat, t->dirfd, t->path, O_WRONLY | O_CREAT, 0600))
REFUSED_ROUTE(unlink, EPERM, syscall(SYS_unlink, t->path))
REFUSED_ROUTE(unlinkat, EPERM, syscall(SYS_unlinkat, t->dirfd, t->path, 0))
REFUSED_ROUTE(rename, EPERM, syscall(SYS_rename, t->path, t->other))
REFUSED_ROUTE(renameat, EPERM, syscall(SYS_renameat, t->dirfd, t->path, t->dirfd, t->other))
REFUSED_ROUTE(renameat2, EPERM, syscall(SYS_renameat2, t->dirfd, t->path, t->dirfd, t->other, 0))
REFUSED_ROUTE(link, EPERM, syscall(SYS_link, t->path, t->other))
REFUSED_ROUTE(linkat, EPERM, syscall(SYS_linkat, t->dirfd, t->path, t->dirfd, t->other, 0))
REFUSED_ROUTE(symlink, EPERM, syscall(SYS_symlink, "/nowhere", t->path))
REFUSED_ROUTE(symlinkat, EPERM, syscall(SYS_symlinkat, "/nowhere", t->dirfd, t->path))
REFUSED_ROUTE(mknod, EPERM, syscall(SYS_mknod, t->path, S_IFIFO | 0600, 0L))
REFUSED_ROUTE(mknodat, EPERM, syscall(SYS_mknodat, t->dirfd, t->path, S_IFIFO | 0600, 0L))
REFUSED_ROUTE(readlink, EINVAL, syscall(SYS_readlink, t->path, room, sizeof(room)))
REFUSED_ROUTE(readlinkat, EINVAL, syscall(SYS_readlinkat, t->dirfd, t->path, room, sizeof(room)))

static bool try_chdir(const struct target *t)
{
	return check_success(syscall(SYS_chdir, t->path)) &&
	       check_provider((int)syscall(SYS_open, "provider", O_RDONLY));
}

static bool try_getcwd(const struct target *t)
{
	return check_success(syscall(SYS_chdir, t->path)) &&
	       check_success(syscall(SYS_getcwd, room, sizeof(room))) && check_text(room, t->entry);
}

/* struct linux_dirent64 (linux/dirent.h): length at 16, type at 18, name at 19. */
static bool try_getdents64(const struct target *t)
{
	struct listing listing = {0};
	long fd = syscall(SYS_open, t->path, O_RDONLY | O_DIRECTORY);
	long len = syscall(SYS_getdents64, fd, room, sizeof(room));

	for (long at = 0; at < len; at += *(uint16_t *)(room + at + 16))
		check_listed(&listing, room + at + 19, (unsigned char)room[at + 18]);
	return check_listing(&listing);
}

/* struct linux_dirent of getdents(2): length at 16, name at 18, type in the last byte. */
static bool try_getdents(const struct target *t)
{
	struct listing listing = {0};
	long fd = syscall(SYS_open, t->path, O_RDONLY | O_DIRECTORY);
	long len = syscall(SYS_getdents, fd, room, sizeof(room));
	uint16_t step;

	for (long at = 0; at < len; at += step) {
		step = *(uint16_t *)(room + at + 16);
		check_listed(&listing, room + at + 18, (unsigned char)room[at + step - 1]);
	}
	return check_listing(&listing);
}

const struct route routes_syscall_name[] = {
	{"syscall(SYS_mkdir)", FORMS_PATH, NEW_ENTRY, IN_BOTH(try_mkdir)},
	{"syscall(SYS_mkdirat)", FORMS_AT, NEW_ENTRY, IN_BOTH(try_mkdirat)},
	{"syscall(SYS_rmdir)", FORMS_PATH, "", IN_BOTH(try_rmdir)},
	{"syscall(SYS_open, O_CREAT), a new name", FORMS_PATH, NEW, IN_BOTH(try_open_new)},
	{"syscall(SYS_openat, O_CREAT), a new name", FORMS_AT, NEW, IN_BOTH(try_openat_new)},
	{"syscall(SYS_unlink)", FORMS_PATH, "provider", IN_BOTH(try_unlink)},
	{"syscall(SYS_unlinkat)", FORMS_AT, "provider", IN_BOTH(try_unlinkat)},
	{"syscall(SYS_unlinkat, AT_REMOVEDIR)", FORMS_AT, "", IN_BOTH(try_unlinkat_folder)},
	{"syscall(SYS_rename)", FORMS_PATH, "provider", IN_BOTH(try_rename)},
	{"syscall(SYS_renameat)", FORMS_AT, "provider", IN_BOTH(try_renameat)},
	{"syscall(SYS_renameat2)", FORMS_AT, "provider", IN_BOTH(try_renameat2)},
	{"syscall(SYS_link)", FORMS_PATH, "provider", IN_BOTH(try_link)},
	{"syscall(SYS_linkat)", FORMS_AT, "provider", IN_BOTH(try_linkat)},
	{"syscall(SYS_symlink)", FORMS_PATH, NEW, IN_BOTH(try_symlink)},
	{"syscall(SYS_symlinkat)", FORMS_AT, NEW, IN_BOTH(try_symlinkat)},
	{"syscall(SYS_mknod)", FORMS_PATH, NEW, IN_BOTH(try_mknod)},
	{"syscall(SYS_mknodat)", FORMS_AT, NEW, IN_BOTH(try_mknodat)},
	{"syscall(SYS_chdir)", FORMS_PATH, "", IN_BOTH(try_chdir)},
	{"syscall(SYS_getcwd)", FORMS_PATH, "", IN_BOTH(try_getcwd)},
	{"syscall(SYS_readlink)", FORMS_PATH, "provider", IN_BOTH(try_readlink)},
	{"syscall(SYS_readlinkat)", FORMS_AT, "provider", IN_BOTH(try_readlinkat)},
	{"syscall(SYS_getdents64)", FORMS_PATH, "", IN_BOTH(try_getdents64)},
	{"syscall(SYS_getdents)", FORMS_PATH, "", IN_BOTH(try_getdents)},
	{0},
};
