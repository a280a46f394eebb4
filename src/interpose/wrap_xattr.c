/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extended attributes: configfs has none, and says so (EOPNOTSUPP) rather than ENOENT, which ls would
 * report for every name it shows.  Where the kernel has found an object of ours by a relative name or
 * a descriptor, it speaks of the state folder's file system, and the object is looked at.
 */
#include <fcntl.h>
#include <sys/xattr.h>

#include "interpose/front.h"
#include "interpose/wrap.h"

/* May the kernel have answered for our object?  Only a name that is there has or lacks one. */
static bool answered(ssize_t ret)
{
	return ret >= 0 || errno == ENODATA || errno == EOPNOTSUPP || errno == EPERM ||
	       errno == EACCES;
}

static ssize_t by_path(ssize_t ret, const char *path, int flags, int before)
{
	if (answered(ret) && path[0] != '/' && front_is_ours(AT_FDCWD, path, flags)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return front_refused(ret) ? front_unsupported(AT_FDCWD, path, before) : ret;
}

static ssize_t by_descriptor(ssize_t ret, int fd)
{
	const int error = errno;
	bool ours = answered(ret) && front_owns(fd);

	errno = ours ? EOPNOTSUPP : error;
	return ours ? -1 : ret;
}

#define GETXATTR_WRAPPER(name, follow)                                                             \
	EXPORT ssize_t name(const char *path, const char *attribute, void *value, size_t size);    \
	ssize_t name(const char *path, const char *attribute, void *value, size_t size)            \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return by_path(ASK(path, NEXT(name)(path, attribute, value, size)), path, follow,  \
			       before);                                                            \
	}

#define WRAP_GETXATTR(name)  GETXATTR_WRAPPER(name, 0)
#define WRAP_LGETXATTR(name) GETXATTR_WRAPPER(name, AT_SYMLINK_NOFOLLOW)

#define WRAP_FGETXATTR(name)                                                                       \
	EXPORT ssize_t name(int fd, const char *attribute, void *value, size_t size);              \
	ssize_t name(int fd, const char *attribute, void *value, size_t size)                      \
	{                                                                                          \
		return by_descriptor(NEXT(name)(fd, attribute, value, size), fd);                  \
	}

#define WRAP_SETXATTR(name)                                                                        \
	EXPORT int name(const char *path, const char *attribute, const void *value, size_t size,   \
			int flags);                                                                \
	int name(const char *path, const char *attribute, const void *value, size_t size,          \
		 int flags)                                                                        \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		if (UNLIKELY(front_met || front_is_root) && front_is_ours(AT_FDCWD, path, 0)) {    \
			errno = EOPNOTSUPP;                                                        \
			return -1;                                                                 \
		}                                                                                  \
		return (int)by_path(ASK(path, NEXT(name)(path, attribute, value, size, flags)),    \
				    path, 0, before);                                              \
	}

#define WRAP_FSETXATTR(name)                                                                       \
	EXPORT int name(int fd, const char *attribute, const void *value, size_t size, int flags); \
	int name(int fd, const char *attribute, const void *value, size_t size, int flags)         \
	{                                                                                          \
		if (front_owns(fd)) {                                                              \
			errno = EOPNOTSUPP;                                                        \
			return -1;                                                                 \
		}                                                                                  \
		return NEXT(name)(fd, attribute, value, size, flags);                              \
	}

#define WRAP_REMOVEXATTR(name)                                                                     \
	EXPORT int name(const char *path, const char *attribute);                                  \
	int name(const char *path, const char *attribute)                                          \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return (int)by_path(ASK(path, NEXT(name)(path, attribute)), path, 0, before);      \
	}

#define WRAP_FREMOVEXATTR(name)                                                                    \
	EXPORT int name(int fd, const char *attribute);                                            \
	int name(int fd, const char *attribute)                                                    \
	{                                                                                          \
		return (int)by_descriptor(NEXT(name)(fd, attribute), fd);                          \
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
