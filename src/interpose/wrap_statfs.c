/* SPDX-License-Identifier: Apache-2.0 */
/* What file system is this?  The native interface's, for our names: some clients look at its magic number. */
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "interpose/front.h"
#include "interpose/wrap.h"
#include "tree/mend.h"
#include "tree/tree.h"

typedef int statvfs_call(const char *path, struct statvfs *fs);

/* As front_statfs(), by libc's own call: there is no statvfs() in the kernel. */
static int front_statvfs(const char *path, struct statvfs *fs, int before, statvfs_call *next)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(AT_FDCWD, path, refused, &node))
		ret = tree_check(&node);
	if (ret == 0 && next("/", fs) < 0)
		ret = -errno;
	if (ret == 0)
		mend_statvfs(&node, fs);
	return (int)front_end(ret, refused, before);
}

static void front_mended_statvfs(int dirfd, const char *path, struct statvfs *fs)
{
	struct node node;

	if (front_look(dirfd, path, &node))
		mend_statvfs(&node, fs);
}

/* struct statfs64 and statvfs64 are the plain ones on x86-64. */
#define STATFS_WRAPPER(name, type)                                                                 \
	EXPORT int name(const char *path, type *fs);                                               \
	int name(const char *path, type *fs)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path, fs));                                         \
                                                                                                   \
		if (ret == 0 && path[0] != '/')                                                    \
			front_mended_statfs(AT_FDCWD, path, (struct statfs *)fs);                  \
		return front_refused(ret)                                                          \
			       ? front_statfs(AT_FDCWD, path, (struct statfs *)fs, before)         \
			       : ret;                                                              \
	}

#define FSTATFS_WRAPPER(name, type)                                                                \
	EXPORT int name(int fd, type *fs);                                                         \
	int name(int fd, type *fs)                                                                 \
	{                                                                                          \
		int ret = NEXT(name)(fd, fs);                                                      \
                                                                                                   \
		if (ret == 0)                                                                      \
			front_mended_statfs(fd, "", (struct statfs *)fs);                          \
		return ret;                                                                        \
	}

#define STATVFS_WRAPPER(name, type)                                                                \
	EXPORT int name(const char *path, type *fs);                                               \
	int name(const char *path, type *fs)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path, fs));                                         \
                                                                                                   \
		if (ret == 0 && path[0] != '/')                                                    \
			front_mended_statvfs(AT_FDCWD, path, (struct statvfs *)fs);                \
		return front_refused(ret) ? front_statvfs(path, (struct statvfs *)fs, before,      \
							  (statvfs_call *)NEXT(name))              \
					  : ret;                                                   \
	}

#define FSTATVFS_WRAPPER(name, type)                                                               \
	EXPORT int name(int fd, type *fs);                                                         \
	int name(int fd, type *fs)                                                                 \
	{                                                                                          \
		int ret = NEXT(name)(fd, fs);                                                      \
                                                                                                   \
		if (ret == 0)                                                                      \
			front_mended_statvfs(fd, "", (struct statvfs *)fs);                        \
		return ret;                                                                        \
	}

#define WRAP_STATFS(name)     STATFS_WRAPPER(name, struct statfs)
#define WRAP_STATFS64(name)   STATFS_WRAPPER(name, struct statfs64)
#define WRAP_FSTATFS(name)    FSTATFS_WRAPPER(name, struct statfs)
#define WRAP_FSTATFS64(name)  FSTATFS_WRAPPER(name, struct statfs64)
#define WRAP_STATVFS(name)    STATVFS_WRAPPER(name, struct statvfs)
#define WRAP_STATVFS64(name)  STATVFS_WRAPPER(name, struct statvfs64)
#define WRAP_FSTATVFS(name)   FSTATVFS_WRAPPER(name, struct statvfs)
#define WRAP_FSTATVFS64(name) FSTATVFS_WRAPPER(name, struct statvfs64)

#define FAMILY_STATFS
#include "interpose/symbols.def"
