/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that make, remove and rename. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/wrap.h"

static int made(int ret, int dirfd, const char *path, int before)
{
	if (front_refused(ret) || (ret < 0 && errno == EEXIST && front_disowns(path)))
		return front_mkdir(dirfd, path, before);
	if (UNLIKELY(front_is_root) && ret == 0)
		return front_undo_mkdir(dirfd, path, before);
	return ret;
}

static int unlinked(int ret, int dirfd, const char *path, int before)
{
	if (front_refused(ret))
		return front_unlink(dirfd, path, before);
	if (UNLIKELY(front_is_root) && ret == 0)
		return front_undo_unlink(dirfd, path, before);
	return ret;
}

static int renamed(int ret, int fromfd, const char *from, int tofd, const char *to, unsigned flags,
		   int before)
{
	if (front_refused(ret))
		return front_rename(fromfd, from, tofd, to, flags, before);
	if (UNLIKELY(front_is_root) && ret == 0)
		return front_undo_rename(fromfd, from, tofd, to, before);
	return ret;
}

#define WRAP_MKDIR(name)                                                                           \
	EXPORT int name(const char *path, mode_t mode);                                            \
	int name(const char *path, mode_t mode)                                                    \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return made(ASK(path, NEXT(name)(path, mode)), AT_FDCWD, path, before);            \
	}

#define WRAP_MKDIRAT(name)                                                                         \
	EXPORT int name(int dirfd, const char *path, mode_t mode);                                 \
	int name(int dirfd, const char *path, mode_t mode)                                         \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return made(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, mode)), dirfd, path,       \
			    before);                                                               \
	}

/*
 * mkdtemp() below a folder of ours: names are tried until one is free, as libc does.  libc has left
 * the template with letters in it (glibc) or put the X back (musl); both become fresh letters.
 */
static char *front_mkdtemp(char *template, int before)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	enum { SUFFIX = 6, TRIES = 100 };
	const int refused = errno;
	char *suffix = template + strlen(template) - SUFFIX;
	struct node node;

	if (!front_find(AT_FDCWD, template, refused, &node))
		return NULL;
	for (int i = 0; i < TRIES; i++) {
		unsigned char random[SUFFIX];

		sys_call(SYS_getrandom, (long)random, sizeof(random), 0, 0, 0, 0);
		for (size_t at = 0; at < SUFFIX; at++)
			suffix[at] = letters[random[at] % (sizeof(letters) - 1)];
		errno = refused;
		if (front_mkdir(AT_FDCWD, template, before) == 0)
			return template;
		if (errno != EEXIST)
			break;
	}
	memset(suffix, 'X', SUFFIX);
	return NULL;
}

/* What libc refuses itself (EINVAL) is not for us to take. */
static bool ends_in_x(const char *template)
{
	const size_t len = strlen(template);

	return len >= 6 && strcmp(template + len - 6, "XXXXXX") == 0;
}

#define WRAP_MKDTEMP(name)                                                                         \
	EXPORT char *name(char *template);                                                         \
	char *name(char *template)                                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		const bool taken = UNLIKELY(front_agent_first) && ends_in_x(template) &&           \
				   front_claims(AT_FDCWD, template);                               \
		char *made_name = taken ? NULL : NEXT(name)(template);                             \
                                                                                                   \
		if (made_name) {                                                                   \
			if (UNLIKELY(front_is_root) &&                                             \
			    front_undo_mkdir(AT_FDCWD, template, before) < 0)                      \
				return NULL;                                                       \
			return made_name;                                                          \
		}                                                                                  \
		return front_refused(-1) ? front_mkdtemp(template, before) : NULL;                 \
	}

#define WRAP_RMDIR(name)                                                                           \
	EXPORT int name(const char *path);                                                         \
	int name(const char *path)                                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path));                                             \
                                                                                                   \
		return front_refused(ret) ? front_rmdir(AT_FDCWD, path, before) : ret;             \
	}

#define WRAP_UNLINK(name)                                                                          \
	EXPORT int name(const char *path);                                                         \
	int name(const char *path)                                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return unlinked(ASK(path, NEXT(name)(path)), AT_FDCWD, path, before);              \
	}

#define WRAP_UNLINKAT(name)                                                                        \
	EXPORT int name(int dirfd, const char *path, int flags);                                   \
	int name(int dirfd, const char *path, int flags)                                           \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK_AT(dirfd, path, NEXT(name)(dirfd, path, flags));                     \
                                                                                                   \
		if (!(flags & AT_REMOVEDIR))                                                       \
			return unlinked(ret, dirfd, path, before);                                 \
		return front_refused(ret) ? front_rmdir(dirfd, path, before) : ret;                \
	}

#define WRAP_REMOVE(name)                                                                          \
	EXPORT int name(const char *path);                                                         \
	int name(const char *path)                                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path));                                             \
                                                                                                   \
		if (UNLIKELY(front_is_root) && ret == 0)                                           \
			return front_undo_unlink(AT_FDCWD, path, before);                          \
		return front_refused(ret) ? front_remove(AT_FDCWD, path, before) : ret;            \
	}

#define WRAP_RENAME(name)                                                                          \
	EXPORT int name(const char *from, const char *to);                                         \
	int name(const char *from, const char *to)                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return renamed(ASK(from, NEXT(name)(from, to)), AT_FDCWD, from, AT_FDCWD, to, 0,   \
			       before);                                                            \
	}

#define WRAP_RENAMEAT(name)                                                                        \
	EXPORT int name(int fromfd, const char *from, int tofd, const char *to);                   \
	int name(int fromfd, const char *from, int tofd, const char *to)                           \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return renamed(ASK_AT(fromfd, from, NEXT(name)(fromfd, from, tofd, to)), fromfd,   \
			       from, tofd, to, 0, before);                                         \
	}

#define WRAP_RENAMEAT2(name)                                                                       \
	EXPORT int name(int fromfd, const char *from, int tofd, const char *to, unsigned flags);   \
	int name(int fromfd, const char *from, int tofd, const char *to, unsigned flags)           \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return renamed(ASK_AT(fromfd, from, NEXT(name)(fromfd, from, tofd, to, flags)),    \
			       fromfd, from, tofd, to, flags, before);                             \
	}

/* Calls that make what a folder of ours never holds. */
static int created(int ret, int dirfd, const char *path, int before)
{
	if (front_refused(ret))
		return front_create(dirfd, path, before);
	if (UNLIKELY(front_is_root) && ret == 0)
		return front_undo_create(dirfd, path, before);
	return ret;
}

/* mknod() of a regular file is creat(), and refused as such. */
static int noded(int ret, int dirfd, const char *path, mode_t mode, int before)
{
	if (!S_ISREG(mode) && (mode & S_IFMT) != 0)
		return created(ret, dirfd, path, before);
	if (front_refused(ret))
		return front_create_file(dirfd, path, before);
	if (UNLIKELY(front_is_root) && ret == 0)
		return front_undo_file(dirfd, path, before);
	return ret;
}

/* A link goes from one name to another: either may be ours. */
static int hard_linked(int ret, int fromfd, const char *from, int tofd, const char *to, int before)
{
	if (front_refused(ret))
		return front_link(fromfd, from, tofd, to, before);
	if (UNLIKELY(front_is_root) && ret == 0)
		return front_undo_create(tofd, to, before);
	return ret;
}

#define WRAP_LINK(name)                                                                            \
	EXPORT int name(const char *from, const char *to);                                         \
	int name(const char *from, const char *to)                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return hard_linked(ASK(from, NEXT(name)(from, to)), AT_FDCWD, from, AT_FDCWD, to,  \
				   before);                                                        \
	}

#define WRAP_LINKAT(name)                                                                          \
	EXPORT int name(int fromfd, const char *from, int tofd, const char *to, int flags);        \
	int name(int fromfd, const char *from, int tofd, const char *to, int flags)                \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return hard_linked(                                                                \
			ASK_AT(fromfd, from, NEXT(name)(fromfd, from, tofd, to, flags)), fromfd,   \
			from, tofd, to, before);                                                   \
	}

/* ENOENT may be the target's, before the kernel has looked at the name. */
static int symlinked(int ret, int dirfd, const char *path, int before)
{
	const int refused = errno;

	if (ret < 0 && refused == ENOENT && sys_faccessat(dirfd, path, F_OK) == -EFAULT)
		return ret;
	errno = ret < 0 ? refused : before;
	return created(ret, dirfd, path, before);
}

#define WRAP_SYMLINK(name)                                                                         \
	EXPORT int name(const char *target, const char *path);                                     \
	int name(const char *target, const char *path)                                             \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return symlinked(ASK(path, NEXT(name)(target, path)), AT_FDCWD, path, before);     \
	}

#define WRAP_SYMLINKAT(name)                                                                       \
	EXPORT int name(const char *target, int dirfd, const char *path);                          \
	int name(const char *target, int dirfd, const char *path)                                  \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return symlinked(ASK_AT(dirfd, path, NEXT(name)(target, dirfd, path)), dirfd,      \
				 path, before);                                                    \
	}

#define WRAP_MKNOD(name)                                                                           \
	EXPORT int name(const char *path, mode_t mode, dev_t dev);                                 \
	int name(const char *path, mode_t mode, dev_t dev)                                         \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return noded(ASK(path, NEXT(name)(path, mode, dev)), AT_FDCWD, path, mode,         \
			     before);                                                              \
	}

#define WRAP_MKNODAT(name)                                                                         \
	EXPORT int name(int dirfd, const char *path, mode_t mode, dev_t dev);                      \
	int name(int dirfd, const char *path, mode_t mode, dev_t dev)                              \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return noded(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, mode, dev)), dirfd, path, \
			     mode, before);                                                        \
	}

#define WRAP_MKFIFO(name)                                                                          \
	EXPORT int name(const char *path, mode_t mode);                                            \
	int name(const char *path, mode_t mode)                                                    \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return created(ASK(path, NEXT(name)(path, mode)), AT_FDCWD, path, before);         \
	}

#define WRAP_MKFIFOAT(name)                                                                        \
	EXPORT int name(int dirfd, const char *path, mode_t mode);                                 \
	int name(int dirfd, const char *path, mode_t mode)                                         \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return created(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, mode)), dirfd, path,    \
			       before);                                                            \
	}

/* mkstemp() makes a new file, which our folders refuse to everybody. */
static int temporary(int fd, const char *template, int before)
{
	if (front_refused(fd))
		return front_create_file(AT_FDCWD, template, before);
	if (UNLIKELY(front_is_root) && fd >= 0 && front_undo_file(AT_FDCWD, template, before) < 0) {
		sys_close(fd);
		return -1;
	}
	return fd;
}

#define WRAP_MKSTEMP(name)                                                                         \
	EXPORT int name(char *template);                                                           \
	int name(char *template)                                                                   \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return temporary(ASK(template, NEXT(name)(template)), template, before);           \
	}

#define WRAP_MKOSTEMP(name)                                                                        \
	EXPORT int name(char *template, int flags);                                                \
	int name(char *template, int flags)                                                        \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return temporary(ASK(template, NEXT(name)(template, flags)), template, before);    \
	}

#define WRAP_MKSTEMPS(name)                                                                        \
	EXPORT int name(char *template, int suffix);                                               \
	int name(char *template, int suffix)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return temporary(ASK(template, NEXT(name)(template, suffix)), template, before);   \
	}

#define WRAP_MKOSTEMPS(name)                                                                       \
	EXPORT int name(char *template, int suffix, int flags);                                    \
	int name(char *template, int suffix, int flags)                                            \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return temporary(ASK(template, NEXT(name)(template, suffix, flags)), template,     \
				 before);                                                          \
	}

/* mknod() as programs built before glibc 2.33 call it. */
#define WRAP_XMKNOD(name)                                                                          \
	EXPORT int name(int version, const char *path, mode_t mode, dev_t *dev);                   \
	int name(int version, const char *path, mode_t mode, dev_t *dev)                           \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return noded(ASK(path, NEXT(name)(version, path, mode, dev)), AT_FDCWD, path,      \
			     mode, before);                                                        \
	}

#define WRAP_XMKNODAT(name)                                                                        \
	EXPORT int name(int version, int dirfd, const char *path, mode_t mode, dev_t *dev);        \
	int name(int version, int dirfd, const char *path, mode_t mode, dev_t *dev)                \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return noded(ASK_AT(dirfd, path, NEXT(name)(version, dirfd, path, mode, dev)),     \
			     dirfd, path, mode, before);                                           \
	}

#define FAMILY_NAME
#include "interpose/symbols.def"
