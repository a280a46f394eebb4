/* SPDX-License-Identifier: Apache-2.0 */
/* Making, removing and moving names.  The kernel's tree takes mkdir and rmdir of entries, no more. */
#include "routes.h"

static bool try_mkdir(const struct target *t)
{
	return check_made(t, t->path, mkdir(t->path, 0700));
}

static bool try_mkdirat(const struct target *t)
{
	return check_made(t, t->path, mkdirat(t->dirfd, t->path, 0700));
}

/* mktemp_name() - PATH.XXXXXX with a suffix; from malloc(). */
static char *mktemp_name(const struct target *t, const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s.XXXXXX%s", t->path, suffix) < 0)
		abort();
	return name;
}

static bool try_mkdtemp(const struct target *t)
{
	char *name = mktemp_name(t, "");

	return check_made(t, name, mkdtemp(name) ? 0 : -1);
}

static bool try_rmdir(const struct target *t)
{
	return check_gone(t, rmdir(t->path));
}

static bool try_unlinkat_folder(const struct target *t)
{
	return check_gone(t, unlinkat(t->dirfd, t->path, AT_REMOVEDIR));
}

static bool try_remove_folder(const struct target *t)
{
	return check_gone(t, remove(t->path));
}

#define REFUSED_ROUTE(name, error, call)                                                           \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_refused(call, error);                                                 \
	}

REFUSED_ROUTE(unlink, EPERM, unlink(t->path))
REFUSED_ROUTE(unlinkat, EPERM, unlinkat(t->dirfd, t->path, 0))
REFUSED_ROUTE(remove, EPERM, remove(t->path))
REFUSED_ROUTE(rename, EPERM, rename(t->path, t->other))
REFUSED_ROUTE(renameat, EPERM, renameat(t->dirfd, t->path, t->dirfd, t->other))
REFUSED_ROUTE(link, EPERM, link(t->path, t->other))
REFUSED_ROUTE(linkat, EPERM, linkat(t->dirfd, t->path, t->dirfd, t->other, 0))
REFUSED_ROUTE(symlink, EPERM, symlink("/nowhere", t->path))
REFUSED_ROUTE(symlinkat, EPERM, symlinkat("/nowhere", t->dirfd, t->path))
REFUSED_ROUTE(mknod, EPERM, mknod(t->path, S_IFIFO | 0600, 0))
REFUSED_ROUTE(mknod_file, EACCES, mknod(t->path, S_IFREG | 0600, 0))
REFUSED_ROUTE(mknodat, EPERM, mknodat(t->dirfd, t->path, S_IFIFO | 0600, 0))
REFUSED_ROUTE(mkfifo, EPERM, mkfifo(t->path, 0600))
REFUSED_ROUTE(mkfifoat, EPERM, mkfifoat(t->dirfd, t->path, 0600))
REFUSED_ROUTE(mkstemp, EACCES, mkstemp(mktemp_name(t, "")))
REFUSED_ROUTE(mkostemp, EACCES, mkostemp(mktemp_name(t, ""), O_CLOEXEC))
REFUSED_ROUTE(mkstemps, EACCES, mkstemps(mktemp_name(t, ".x"), 2))
REFUSED_ROUTE(mkostemps, EACCES, mkostemps(mktemp_name(t, ".x"), 2, O_CLOEXEC))

#ifdef __GLIBC__
/* What programs from before glibc 2.33 import for mknod() and mkfifo(). */
OLD_NAME(__xmknod, "GLIBC_2.2.5");
OLD_NAME(__xmknodat, "GLIBC_2.4");
int old__xmknod(int version, const char *path, mode_t mode, dev_t *dev);
int old__xmknodat(int version, int dirfd, const char *path, mode_t mode, dev_t *dev);

REFUSED_ROUTE(renameat2, EPERM, renameat2(t->dirfd, t->path, t->dirfd, t->other, 0))
REFUSED_ROUTE(__xmknod, EPERM, old__xmknod(0, t->path, S_IFIFO | 0600, &(dev_t){0}))
REFUSED_ROUTE(__xmknodat, EPERM, old__xmknodat(0, t->dirfd, t->path, S_IFIFO | 0600, &(dev_t){0}))
REFUSED_ROUTE(mkstemp64, EACCES, mkstemp64(mktemp_name(t, "")))
REFUSED_ROUTE(mkostemp64, EACCES, mkostemp64(mktemp_name(t, ""), O_CLOEXEC))
REFUSED_ROUTE(mkstemps64, EACCES, mkstemps64(mktemp_name(t, ".x"), 2))
REFUSED_ROUTE(mkostemps64, EACCES, mkostemps64(mktemp_name(t, ".x"), 2, O_CLOEXEC))

/* EOPNOTSUPP is what a file system without export operations says, as configfs is. */
static bool try_name_to_handle_at(const struct target *t)
{
	char room[sizeof(struct file_handle) + MAX_HANDLE_SZ] = {0};
	struct file_handle *handle = (struct file_handle *)room;
	int mount;

	handle->handle_bytes = MAX_HANDLE_SZ;
	return check_refused(name_to_handle_at(t->dirfd, t->path, handle, &mount, 0), EOPNOTSUPP);
}
#endif

const struct route routes_name[] = {
	{"mkdir", FORMS_PATH, NEW_ENTRY, IN_BOTH(try_mkdir)},
	{"mkdirat", FORMS_AT, NEW_ENTRY, IN_BOTH(try_mkdirat)},
	{"mkdtemp", FORMS_PATH, NEW_ENTRY, IN_BOTH(try_mkdtemp)},
	{"rmdir", FORMS_PATH, "", IN_BOTH(try_rmdir)},
	{"unlink", FORMS_PATH, "provider", IN_BOTH(try_unlink)},
	{"unlinkat", FORMS_AT, "provider", IN_BOTH(try_unlinkat)},
	{"unlinkat(AT_REMOVEDIR)", FORMS_AT, "", IN_BOTH(try_unlinkat_folder)},
	{"remove", FORMS_PATH, "provider", IN_BOTH(try_remove)},
	{"remove of a folder", FORMS_PATH, "", IN_BOTH(try_remove_folder)},
	{"rename", FORMS_PATH, "provider", IN_BOTH(try_rename)},
	{"renameat", FORMS_AT, "provider", IN_BOTH(try_renameat)},
	{"renameat2", FORMS_AT, "provider", IN_GLIBC(try_renameat2)},
	{"link", FORMS_PATH, "provider", IN_BOTH(try_link)},
	{"linkat", FORMS_AT, "provider", IN_BOTH(try_linkat)},
	{"symlink", FORMS_PATH, NEW, IN_BOTH(try_symlink)},
	{"symlinkat", FORMS_AT, NEW, IN_BOTH(try_symlinkat)},
	{"mknod", FORMS_PATH, NEW, IN_BOTH(try_mknod)},
	{"mknod of a regular file", FORMS_PATH, NEW, IN_BOTH(try_mknod_file)},
	{"mknodat", FORMS_AT, NEW, IN_BOTH(try_mknodat)},
	{"__xmknod", FORMS_PATH, NEW, IN_GLIBC(try___xmknod)},
	{"__xmknodat", FORMS_AT, NEW, IN_GLIBC(try___xmknodat)},
	{"mkfifo", FORMS_PATH, NEW, IN_BOTH(try_mkfifo)},
	{"mkfifoat", FORMS_AT, NEW, IN_BOTH(try_mkfifoat)},
	{"mkstemp", FORMS_PATH, NEW, IN_BOTH(try_mkstemp)},
	{"mkstemp64", FORMS_PATH, NEW, IN_GLIBC(try_mkstemp64)},
	{"mkostemp", FORMS_PATH, NEW, IN_BOTH(try_mkostemp)},
	{"mkostemp64", FORMS_PATH, NEW, IN_GLIBC(try_mkostemp64)},
	{"mkstemps", FORMS_PATH, NEW, IN_BOTH(try_mkstemps)},
	{"mkstemps64", FORMS_PATH, NEW, IN_GLIBC(try_mkstemps64)},
	{"mkostemps", FORMS_PATH, NEW, IN_BOTH(try_mkostemps)},
	{"mkostemps64", FORMS_PATH, NEW, IN_GLIBC(try_mkostemps64)},
	{"name_to_handle_at", FORMS_AT, "provider", IN_GLIBC(try_name_to_handle_at)},
	{0},
};
