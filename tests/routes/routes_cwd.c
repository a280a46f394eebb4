/* SPDX-License-Identifier: Apache-2.0 */
/* The current directory, and the calls that tell names. */
#include <limits.h>

#include "routes.h"

/* Deprecated names are still called by programs of their time. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static char room[PATH_MAX];

static bool try_chdir(const struct target *t)
{
	return check_success(chdir(t->path)) && check_provider(open("provider", O_RDONLY));
}

static bool try_fchdir(const struct target *t)
{
	int fd = openat(t->dirfd, t->path, O_RDONLY | O_DIRECTORY);

	return check_success(fchdir(fd)) && check_provider(open("provider", O_RDONLY));
}

/* Where the form has put us already, going to the entry by its path changes nothing. */
#define CWD_ROUTE(name, call)                                                                      \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_success(chdir(t->path)) && check_text(call, t->entry);                \
	}

CWD_ROUTE(getcwd, getcwd(room, sizeof(room)))
CWD_ROUTE(getcwd_null, getcwd(NULL, 0))
CWD_ROUTE(get_current_dir_name, get_current_dir_name())
#ifdef __GLIBC__
char *__getcwd_chk(char *buf, size_t size, size_t buflen);
char *__getwd_chk(char *buf, size_t buflen);

CWD_ROUTE(getwd, getwd(room))
CWD_ROUTE(__getcwd_chk, __getcwd_chk(room, sizeof(room), sizeof(room)))
CWD_ROUTE(__getwd_chk, __getwd_chk(room, sizeof(room)))
#endif

#define REALPATH_ROUTE(name, call)                                                                 \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		char *provider;                                                                    \
                                                                                                   \
		if (asprintf(&provider, "%s/provider", t->entry) < 0)                              \
			abort();                                                                   \
		return check_text(call, provider);                                                 \
	}

REALPATH_ROUTE(realpath, realpath(t->path, room))
REALPATH_ROUTE(realpath_null, realpath(t->path, NULL))
#ifdef __GLIBC__
char *__realpath_chk(const char *path, char *resolved, size_t resolvedlen);

REALPATH_ROUTE(__realpath_chk, __realpath_chk(t->path, room, sizeof(room)))
REALPATH_ROUTE(canonicalize_file_name, canonicalize_file_name(t->path))
#endif

/* Nothing in the kernel's tree is a symbolic link. */
#define NO_LINK_ROUTE(name, call)                                                                  \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_refused(call, EINVAL);                                                \
	}

NO_LINK_ROUTE(readlink, readlink(t->path, room, sizeof(room)))
NO_LINK_ROUTE(readlinkat, readlinkat(t->dirfd, t->path, room, sizeof(room)))
#ifdef __GLIBC__
ssize_t __readlink_chk(const char *path, char *buf, size_t len, size_t buflen);
ssize_t __readlinkat_chk(int dirfd, const char *path, char *buf, size_t len, size_t buflen);

NO_LINK_ROUTE(__readlink_chk, __readlink_chk(t->path, room, sizeof(room), sizeof(room)))
NO_LINK_ROUTE(__readlinkat_chk,
	      __readlinkat_chk(t->dirfd, t->path, room, sizeof(room), sizeof(room)))
#endif

static const char *link_text(ssize_t len)
{
	if (len < 0 || (size_t)len >= sizeof(room))
		return NULL;
	room[len] = '\0';
	return room;
}

static const char *descriptor_link(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	char *name;

	if (asprintf(&name, "/proc/self/fd/%d", fd) < 0)
		abort();
	return name;
}

#define SELF_ROUTE(name, call)                                                                     \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_success(chdir(t->entry)) && check_text(link_text(call), t->entry);    \
	}

SELF_ROUTE(readlink_cwd, readlink("/proc/self/cwd", room, sizeof(room)))
SELF_ROUTE(readlinkat_cwd, readlinkat(AT_FDCWD, "/proc/self/cwd", room, sizeof(room)))
SELF_ROUTE(readlink_fd, readlink(descriptor_link(t->entry), room, sizeof(room)))
SELF_ROUTE(readlinkat_fd, readlinkat(-1, descriptor_link(t->entry), room, sizeof(room)))

static bool try_realpath_self(const struct target *t)
{
	return check_success(chdir(t->entry)) &&
	       check_text(realpath("/proc/self/cwd", NULL), t->entry);
}

static bool try_realpath_dot(const struct target *t)
{
	return check_success(chdir(t->entry)) && check_text(realpath(".", NULL), t->entry);
}

const struct route routes_cwd[] = {
	{"chdir", FORMS_PATH, "", IN_BOTH(try_chdir)},
	{"fchdir", FORMS_AT, "", IN_BOTH(try_fchdir)},
	{"getcwd", FORMS_PATH, "", IN_BOTH(try_getcwd)},
	{"getcwd(NULL)", FORMS_PATH, "", IN_BOTH(try_getcwd_null)},
	{"__getcwd_chk", FORMS_PATH, "", IN_GLIBC(try___getcwd_chk)},
	{"getwd", FORMS_PATH, "", IN_GLIBC(try_getwd)},
	{"__getwd_chk", FORMS_PATH, "", IN_GLIBC(try___getwd_chk)},
	{"get_current_dir_name", FORMS_PATH, "", IN_BOTH(try_get_current_dir_name)},
	{"realpath", FORMS_PATH, "provider", IN_BOTH(try_realpath)},
	{"realpath(NULL)", FORMS_PATH, "provider", IN_BOTH(try_realpath_null)},
	{"realpath of .", FORM_ALONE, "", IN_BOTH(try_realpath_dot)},
	{"realpath of /proc/self/cwd", FORM_ALONE, "", IN_BOTH(try_realpath_self)},
	{"__realpath_chk", FORMS_PATH, "provider", IN_GLIBC(try___realpath_chk)},
	{"canonicalize_file_name", FORMS_PATH, "provider", IN_GLIBC(try_canonicalize_file_name)},
	{"readlink", FORMS_PATH, "provider", IN_BOTH(try_readlink)},
	{"__readlink_chk", FORMS_PATH, "provider", IN_GLIBC(try___readlink_chk)},
	{"readlinkat", FORMS_AT, "provider", IN_BOTH(try_readlinkat)},
	{"__readlinkat_chk", FORMS_AT, "provider", IN_GLIBC(try___readlinkat_chk)},
	{"readlink of /proc/self/cwd", FORM_ALONE, "", IN_BOTH(try_readlink_cwd)},
	{"readlinkat of /proc/self/cwd", FORM_ALONE, "", IN_BOTH(try_readlinkat_cwd)},
	{"readlink of /proc/self/fd/N", FORM_ALONE, "", IN_BOTH(try_readlink_fd)},
	{"readlinkat of /proc/self/fd/N", FORM_ALONE, "", IN_BOTH(try_readlinkat_fd)},
	{0},
};
