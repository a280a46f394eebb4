/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Permissions, owners, times and lengths of a name.  access() gets uid 0's answer; changes are
 * accepted and do nothing, for a mode or owner of ours that really changed would take our mark off
 * for every process.
 *
 * Refusals are looked at in any process.  Relative names and descriptors, which the kernel would
 * change, are looked at beforehand only in a process that has met our tree, to stay free for others;
 * what another does to a mode is mended at the next look by path.
 */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/hint.h"
#include "interpose/wrap.h"

#define WRAP_ACCESS(name)                                                                          \
	EXPORT int name(const char *path, int mode);                                               \
	int name(const char *path, int mode)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path, mode));                                       \
                                                                                                   \
		if (front_refused(ret) || (ret == 0 && front_disowns(path)))                       \
			return front_access(AT_FDCWD, path, mode, before);                         \
		return ret;                                                                        \
	}

#define WRAP_FACCESSAT(name)                                                                       \
	EXPORT int name(int dirfd, const char *path, int mode, int flags);                         \
	int name(int dirfd, const char *path, int mode, int flags)                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK_AT(dirfd, path, NEXT(name)(dirfd, path, mode, flags));               \
                                                                                                   \
		if (front_refused(ret) || (ret == 0 && front_disowns(path)))                       \
			return front_access(dirfd, path, mode, before);                            \
		return ret;                                                                        \
	}

/* A change of a name: nothing to do for ours, else the kernel's. */
#define CHANGE_NAME(dirfd, path, flags, call)                                                      \
	do {                                                                                       \
		const int before = errno;                                                          \
		int ret;                                                                           \
                                                                                                   \
		if (UNLIKELY(front_met) && front_is_ours(dirfd, path, flags))                      \
			return 0;                                                                  \
		ret = ASK_AT(dirfd, path, call);                                                   \
		return front_refused(ret) ? front_check(dirfd, path, before) : ret;                \
	} while (0)

/* An O_PATH descriptor changes nothing, and the kernel says so. */
static bool changes_ours(int fd)
{
	return hint_get(fd) && (front_owns(fd) || front_is_device(fd) || front_is_writer(fd)) &&
	       !(sys_fcntl(fd, F_GETFL, NULL) & O_PATH);
}

#define CHANGE_DESCRIPTOR(fd, call)                                                                \
	do {                                                                                       \
		if (changes_ours(fd))                                                              \
			return 0;                                                                  \
		return (call);                                                                     \
	} while (0)

#define WRAP_CHMOD(name)                                                                           \
	EXPORT int name(const char *path, mode_t mode);                                            \
	int name(const char *path, mode_t mode)                                                    \
	{                                                                                          \
		CHANGE_NAME(AT_FDCWD, path, 0, NEXT(name)(path, mode));                            \
	}

#define WRAP_FCHMOD(name)                                                                          \
	EXPORT int name(int fd, mode_t mode);                                                      \
	int name(int fd, mode_t mode)                                                              \
	{                                                                                          \
		CHANGE_DESCRIPTOR(fd, NEXT(name)(fd, mode));                                       \
	}

#define WRAP_FCHMODAT(name)                                                                        \
	EXPORT int name(int dirfd, const char *path, mode_t mode, int flags);                      \
	int name(int dirfd, const char *path, mode_t mode, int flags)                              \
	{                                                                                          \
		CHANGE_NAME(dirfd, path, flags, NEXT(name)(dirfd, path, mode, flags));             \
	}

#define WRAP_CHOWN(name)                                                                           \
	EXPORT int name(const char *path, uid_t owner, gid_t group);                               \
	int name(const char *path, uid_t owner, gid_t group)                                       \
	{                                                                                          \
		CHANGE_NAME(AT_FDCWD, path, 0, NEXT(name)(path, owner, group));                    \
	}

#define WRAP_FCHOWN(name)                                                                          \
	EXPORT int name(int fd, uid_t owner, gid_t group);                                         \
	int name(int fd, uid_t owner, gid_t group)                                                 \
	{                                                                                          \
		CHANGE_DESCRIPTOR(fd, NEXT(name)(fd, owner, group));                               \
	}

#define WRAP_FCHOWNAT(name)                                                                        \
	EXPORT int name(int dirfd, const char *path, uid_t owner, gid_t group, int flags);         \
	int name(int dirfd, const char *path, uid_t owner, gid_t group, int flags)                 \
	{                                                                                          \
		CHANGE_NAME(dirfd, path, flags, NEXT(name)(dirfd, path, owner, group, flags));     \
	}

#define WRAP_UTIMENSAT(name)                                                                       \
	EXPORT int name(int dirfd, const char *path, const struct timespec times[2], int flags);   \
	int name(int dirfd, const char *path, const struct timespec times[2], int flags)           \
	{                                                                                          \
		/* a null path is the descriptor, which only the kernel may judge */               \
		if (is_null(path))                                                                 \
			CHANGE_DESCRIPTOR(dirfd, NEXT(name)(dirfd, path, times, flags));           \
		CHANGE_NAME(dirfd, path, flags, NEXT(name)(dirfd, path, times, flags));            \
	}

#define WRAP_UTIMES(name)                                                                          \
	EXPORT int name(const char *path, const struct timeval times[2]);                          \
	int name(const char *path, const struct timeval times[2])                                  \
	{                                                                                          \
		CHANGE_NAME(AT_FDCWD, path, 0, NEXT(name)(path, times));                           \
	}

#define WRAP_FUTIMESAT(name)                                                                       \
	EXPORT int name(int dirfd, const char *path, const struct timeval times[2]);               \
	int name(int dirfd, const char *path, const struct timeval times[2])                       \
	{                                                                                          \
		if (is_null(path))                                                                 \
			CHANGE_DESCRIPTOR(dirfd, NEXT(name)(dirfd, path, times));                  \
		CHANGE_NAME(dirfd, path, 0, NEXT(name)(dirfd, path, times));                       \
	}

#define WRAP_UTIME(name)                                                                           \
	EXPORT int name(const char *path, const struct utimbuf *times);                            \
	int name(const char *path, const struct utimbuf *times)                                    \
	{                                                                                          \
		CHANGE_NAME(AT_FDCWD, path, 0, NEXT(name)(path, times));                           \
	}

#define WRAP_INOTIFY(name)                                                                         \
	EXPORT int name(int inotify, const char *path, uint32_t mask);                             \
	int name(int inotify, const char *path, uint32_t mask)                                     \
	{                                                                                          \
		const int before = errno;                                                          \
		int watch = ASK(path, NEXT(name)(inotify, path, mask));                            \
                                                                                                   \
		return front_refused(watch) ? front_inotify(inotify, path, mask, before) : watch;  \
	}

/* configfs makes no file handles; our own file system would. */
static int handled(int ret, int dirfd, const char *path, int flags, int before)
{
	if (front_refused(ret))
		return front_unsupported(dirfd, path, before);
	if (ret < 0 || path[0] == '/' || !front_is_ours(dirfd, path, flags))
		return ret;
	errno = EOPNOTSUPP;
	return -1;
}

#define WRAP_HANDLE(name)                                                                          \
	EXPORT int name(int dirfd, const char *path, struct file_handle *handle, int *mount,       \
			int flags);                                                                \
	int name(int dirfd, const char *path, struct file_handle *handle, int *mount, int flags)   \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return handled(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, handle, mount, flags)), \
			       dirfd, path, flags, before);                                        \
	}

/* EINVAL is how the kernel refuses a socket, which an attribute's name is to it. */
static int truncated(int ret, const char *path, off_t len, int before)
{
	if (front_refused(ret) || (ret < 0 && errno == EINVAL && front_is_ours(AT_FDCWD, path, 0)))
		return front_truncate(AT_FDCWD, path, len, before);
	return ret;
}

#define WRAP_TRUNCATE(name)                                                                        \
	EXPORT int name(const char *path, off_t len);                                              \
	int name(const char *path, off_t len)                                                      \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return truncated(ASK(path, NEXT(name)(path, len)), path, len, before);             \
	}

#define FAMILY_META
#include "interpose/symbols.def"
