/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extended attributes by path: configfs has none, and says so (EOPNOTSUPP) rather than ENOENT, which
 * ls would report for every name it shows.
 */
#include <fcntl.h>
#include <sys/xattr.h>

#include "interpose/front.h"
#include "interpose/wrap.h"

/* The path is ours and exists: no extended attributes here; else the kernel's refusal stands. */
static int unsupported(const char *path, int before)
{
	if (front_check(AT_FDCWD, path, before) < 0)
		return -1;
	errno = EOPNOTSUPP;
	return -1;
}

#define WRAP_GETXATTR(name)                                                                        \
	EXPORT ssize_t name(const char *path, const char *attribute, void *value, size_t size);    \
	ssize_t name(const char *path, const char *attribute, void *value, size_t size)            \
	{                                                                                          \
		const int before = errno;                                                          \
		ssize_t len = ASK(path, NEXT(name)(path, attribute, value, size));                 \
                                                                                                   \
		return front_refused(len) ? unsupported(path, before) : len;                       \
	}

#define WRAP_SETXATTR(name)                                                                        \
	EXPORT int name(const char *path, const char *attribute, const void *value, size_t size,   \
			int flags);                                                                \
	int name(const char *path, const char *attribute, const void *value, size_t size,          \
		 int flags)                                                                        \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path, attribute, value, size, flags));              \
                                                                                                   \
		return front_refused(ret) ? unsupported(path, before) : ret;                       \
	}

/* An empty list is a success. */
#define WRAP_LISTXATTR(name)                                                                       \
	EXPORT ssize_t name(const char *path, char *list, size_t size);                            \
	ssize_t name(const char *path, char *list, size_t size)                                    \
	{                                                                                          \
		const int before = errno;                                                          \
		ssize_t len = ASK(path, NEXT(name)(path, list, size));                             \
                                                                                                   \
		return front_refused(len) ? front_check(AT_FDCWD, path, before) : len;             \
	}

#define FAMILY_XATTR
#include "interpose/symbols.def"
