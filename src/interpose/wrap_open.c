/* SPDX-License-Identifier: Apache-2.0 */
/* open(), its relatives, and the stdio functions that open. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/hint.h"
#include "interpose/loader.h"
#include "interpose/wrap.h"
#include "tree/attribute.h"

static bool creates(int flags)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

/* The mode argument is there only where the flags create something. */
#define OPEN_MODE(flags, mode)                                                                     \
	do {                                                                                       \
		va_list args;                                                                      \
		va_start(args, flags);                                                             \
		mode = creates(flags) ? va_arg(args, mode_t) : 0;                                  \
		va_end(args);                                                                      \
	} while (0)

/* Root may write where a mode forbids it, as to an answer of ours reached by /dev/fd/5. */
static bool writes_to_answer(int fd, int flags)
{
	struct node node;

	return (flags & O_ACCMODE) != O_RDONLY && front_attribute_of(fd, &node) &&
	       !node.attribute->written;
}

static int opened_by_root(int fd, int dirfd, const char *path, int flags, int before)
{
	if (creates(flags))
		return front_undo_open(fd, dirfd, path, flags, before);
	if ((path[0] == '/' && !front_by_descriptor(path)) || !writes_to_answer(fd, flags))
		return fd;
	sys_close(fd);
	errno = EACCES;
	return -1;
}

static __attribute__((noinline)) int opened_otherwise(int fd, int dirfd, const char *path,
						      int flags, int before)
{
	if (front_refused(fd))
		return front_open(dirfd, path, flags, before);
	if (fd >= 0 && front_disowns(path)) {
		sys_close(fd);
		return front_open(dirfd, path, flags, before);
	}
	return fd >= 0 && front_is_root ? opened_by_root(fd, dirfd, path, flags, before) : fd;
}

/* Nearly every open() of a program succeeds, and is not ours. */
static inline __attribute__((always_inline)) int opened(int fd, int dirfd, const char *path,
							int flags, int before)
{
	if (LIKELY(fd >= 0 && !front_is_root && !front_may_disown(path)))
		return fd;
	return opened_otherwise(fd, dirfd, path, flags, before);
}

#define WRAP_OPEN(name)                                                                            \
	EXPORT int name(const char *path, int flags, ...);                                         \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		mode_t mode;                                                                       \
                                                                                                   \
		OPEN_MODE(flags, mode);                                                            \
		return opened(ASK(path, NEXT(name)(path, flags, mode)), AT_FDCWD, path, flags,     \
			      before);                                                             \
	}

#define WRAP_OPENAT(name)                                                                          \
	EXPORT int name(int dirfd, const char *path, int flags, ...);                              \
	int name(int dirfd, const char *path, int flags, ...)                                      \
	{                                                                                          \
		const int before = errno;                                                          \
		mode_t mode;                                                                       \
                                                                                                   \
		OPEN_MODE(flags, mode);                                                            \
		return opened(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, flags, mode)), dirfd,    \
			      path, flags, before);                                                \
	}

#define WRAP_OPEN_2(name)                                                                          \
	EXPORT int name(const char *path, int flags);                                              \
	int name(const char *path, int flags)                                                      \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return opened(ASK(path, NEXT(name)(path, flags)), AT_FDCWD, path, flags, before);  \
	}

#define WRAP_OPENAT_2(name)                                                                        \
	EXPORT int name(int dirfd, const char *path, int flags);                                   \
	int name(int dirfd, const char *path, int flags)                                           \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return opened(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, flags)), dirfd, path,    \
			      flags, before);                                                      \
	}

#define WRAP_CREAT(name)                                                                           \
	EXPORT int name(const char *path, mode_t mode);                                            \
	int name(const char *path, mode_t mode)                                                    \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return opened(ASK(path, NEXT(name)(path, mode)), AT_FDCWD, path,                   \
			      O_CREAT | O_WRONLY | O_TRUNC, before);                               \
	}

/* The open flags of an fopen() mode; -1 where libc has refused it already. */
static int stdio_flags(const char *mode)
{
	int flags = mode[0] == 'r'   ? O_RDONLY
		    : mode[0] == 'w' ? O_WRONLY | O_CREAT | O_TRUNC
		    : mode[0] == 'a' ? O_WRONLY | O_CREAT | O_APPEND
				     : -1;

	if (flags < 0)
		return -1;
	for (mode++; *mode && *mode != ','; mode++) {
		if (*mode == '+')
			flags = (flags & ~O_ACCMODE) | O_RDWR;
		else if (*mode == 'x')
			flags |= O_EXCL;
		else if (*mode == 'e')
			flags |= O_CLOEXEC;
	}
	return flags;
}

static FILE *front_fopen(const char *path, const char *mode, int before)
{
	int flags = stdio_flags(mode);
	FILE *stream;
	int fd;

	if (flags < 0)
		return NULL;
	fd = front_open(AT_FDCWD, path, flags, before);
	if (fd < 0)
		return NULL;
	stream = fdopen(fd, mode);
	if (!stream) {
		int error = errno;

		sys_close(fd);
		errno = error;
	}
	return stream;
}

/* As for open(): root's fopen() in a folder of ours has made a file. */
static FILE *front_fopen_undo(FILE *stream, const char *path, const char *mode, int before)
{
	int flags = stdio_flags(mode);

	if (flags < 0 || !(flags & O_CREAT) || !front_done_is_ours(AT_FDCWD, path))
		return stream;
	fclose(stream);
	sys_unlinkat(AT_FDCWD, path, 0);
	errno = EACCES;
	return front_fopen(path, mode, before);
}

static FILE *fopened(FILE *stream, const char *path, const char *mode, int before)
{
	if (!stream)
		return front_refused(-1) ? front_fopen(path, mode, before) : NULL;
	if (front_disowns(path)) {
		fclose(stream);
		errno = ENOENT;
		return front_fopen(path, mode, before);
	}
	if (UNLIKELY(front_is_root))
		return front_fopen_undo(stream, path, mode, before);
	return stream;
}

#define WRAP_FOPEN(name)                                                                           \
	EXPORT FILE *name(const char *path, const char *mode);                                     \
	FILE *name(const char *path, const char *mode)                                             \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return fopened(ASK_PTR(path, NEXT(name)(path, mode)), path, mode, before);         \
	}

/*
 * freopen() closes the stream when it fails, so the failure cannot be looked at afterwards.  The
 * kernel is asked about the path by the very call that freopen() will make, which a program that has
 * listed its system calls must have allowed; and only a path that it lacks, or that is a socket of
 * ours, is looked at.  True with *fd -1 and errno set where ours cannot be opened.
 */
static bool freopen_is_ours(const char *path, const char *mode, int *fd, int before)
{
	const int open_flags = O_PATH | O_CLOEXEC;
	int flags = stdio_flags(mode);
	int probe = loader_is_glibc() ? sys_openat(AT_FDCWD, path, open_flags, 0)
				      : (int)sys_call(SYS_open, (long)path, open_flags, 0, 0, 0, 0);
	struct stat st = {0};
	int refused;

	if (probe >= 0) {
		if (path[0] != '/')
			sys_fstat(probe, &st);
		sys_close(probe);
	}
	if (flags < 0 || probe == -EFAULT || (probe >= 0 && !front_is_marked(st.st_mode)))
		return false;
	refused = probe < 0 ? -probe : ENXIO;
	errno = refused;
	*fd = front_open(AT_FDCWD, path, flags, before);
	return *fd >= 0 || errno != refused;
}

static FILE *front_freopen(const char *mode, FILE *stream, int fd,
			   FILE *(*next)(const char *, const char *, FILE *))
{
	const int error = errno;
	FILE *reopened;

	if (fd < 0) {
		fclose(stream);
		errno = error;
		return NULL;
	}
	reopened = next("/dev/null", mode, stream);
	if (reopened) {
		sys_call(SYS_dup3, fd, fileno(reopened), stdio_flags(mode) & O_CLOEXEC, 0, 0, 0);
		hint_set(fileno(reopened));
	}
	hint_clear(fd);
	sys_close(fd);
	return reopened;
}

#define WRAP_FREOPEN(name)                                                                         \
	EXPORT FILE *name(const char *path, const char *mode, FILE *stream);                       \
	FILE *name(const char *path, const char *mode, FILE *stream)                               \
	{                                                                                          \
		const int before = errno;                                                          \
		int fd;                                                                            \
                                                                                                   \
		if (!is_null(path) && freopen_is_ours(path, mode, &fd, before))                    \
			return front_freopen(mode, stream, fd, NEXT(name));                        \
		errno = before;                                                                    \
		return NEXT(name)(path, mode, stream);                                             \
	}

#define FAMILY_OPEN
#include "interpose/symbols.def"
