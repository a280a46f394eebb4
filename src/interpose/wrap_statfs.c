/* SPDX-License-Identifier: Apache-2.0 */
/* What file system is this?  configfs, for our names: some clients look at its magic number. */
#include <fcntl.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/wrap.h"
#include "tree/mend.h"

enum { NATIVE_BLOCK = 4096 };

static void show_configfs_vfs(struct statvfs *fs)
{
	fs->f_bsize = NATIVE_BLOCK;
	fs->f_frsize = NATIVE_BLOCK;
	fs->f_blocks = 0;
	fs->f_bfree = 0;
	fs->f_bavail = 0;
	fs->f_files = 0;
	fs->f_ffree = 0;
	fs->f_favail = 0;
	fs->f_namemax = NODE_NAME_MAX;
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
		if (front_refused(ret)) {                                                          \
			ret = front_check(AT_FDCWD, path, before);                                 \
			if (ret == 0 && (ret = NEXT(name)("/", fs)) == 0)                          \
				show_configfs_vfs((struct statvfs *)fs);                           \
			return ret;                                                                \
		}                                                                                  \
		if (ret == 0 && path[0] != '/' && front_is_ours(AT_FDCWD, path, 0))                \
			show_configfs_vfs((struct statvfs *)fs);                                   \
		return ret;                                                                        \
	}

#define FSTATVFS_WRAPPER(name, type)                                                               \
	EXPORT int name(int fd, type *fs);                                                         \
	int name(int fd, type *fs)                                                                 \
	{                                                                                          \
		int ret = NEXT(name)(fd, fs);                                                      \
                                                                                                   \
		if (ret == 0 && front_owns(fd))                                                    \
			show_configfs_vfs((struct statvfs *)fs);                                   \
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
