/* SPDX-License-Identifier: Apache-2.0 */
/* What file system is this?  configfs, for our names: some clients look at its magic number. */
#include <fcntl.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/wrap.h"

/* fs/configfs/mount.c: simple_statfs(), and the mount flags of every distribution. */
enum { CONFIGFS_MAGIC = 0x62656570, NATIVE_BLOCK = 4096 };

static void show_configfs(struct statfs *fs)
{
	fs->f_type = CONFIGFS_MAGIC;
	fs->f_bsize = NATIVE_BLOCK;
	fs->f_frsize = NATIVE_BLOCK;
	fs->f_blocks = 0;
	fs->f_bfree = 0;
	fs->f_bavail = 0;
	fs->f_files = 0;
	fs->f_ffree = 0;
	fs->f_namelen = NODE_NAME_MAX;
}

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

/* Is this an object of ours that the kernel has told about?  An empty path is the descriptor. */
static bool is_ours(int dirfd, const char *path)
{
	const int flags = path[0] == '\0' ? AT_EMPTY_PATH : 0;
	struct node node;
	struct stat st;

	return sys_fstatat(dirfd, path, &st, flags) == 0 && front_is_marked(st.st_mode) &&
	       front_find_marked(dirfd, path, &node);
}

/*
 * Every file system can be asked about "/", so that the kernel fills the structure (or says that the
 * program's pointer is bad) before it is made to show configfs.
 */
static int refused_statfs(const char *path, void *fs, int before)
{
	long err;

	if (front_check(AT_FDCWD, path, before) < 0)
		return -1;
	err = sys_call(SYS_statfs, (long)"/", (long)fs, 0, 0, 0, 0);
	if (err == 0)
		show_configfs(fs);
	return (int)front_end(err, ENOENT, before);
}

/* struct statfs64 and statvfs64 are the plain ones on x86-64. */
#define STATFS_WRAPPER(name, type)                                                                 \
	EXPORT int name(const char *path, type *fs);                                               \
	int name(const char *path, type *fs)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path, fs));                                         \
                                                                                                   \
		if (ret == 0 && is_ours(AT_FDCWD, path))                                           \
			show_configfs((struct statfs *)fs);                                        \
		return front_refused(ret) ? refused_statfs(path, fs, before) : ret;                \
	}

#define FSTATFS_WRAPPER(name, type)                                                                \
	EXPORT int name(int fd, type *fs);                                                         \
	int name(int fd, type *fs)                                                                 \
	{                                                                                          \
		int ret = NEXT(name)(fd, fs);                                                      \
                                                                                                   \
		if (ret == 0 && is_ours(fd, ""))                                                   \
			show_configfs((struct statfs *)fs);                                        \
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
		if (ret == 0 && is_ours(AT_FDCWD, path))                                           \
			show_configfs_vfs((struct statvfs *)fs);                                   \
		return ret;                                                                        \
	}

#define FSTATVFS_WRAPPER(name, type)                                                               \
	EXPORT int name(int fd, type *fs);                                                         \
	int name(int fd, type *fs)                                                                 \
	{                                                                                          \
		int ret = NEXT(name)(fd, fs);                                                      \
                                                                                                   \
		if (ret == 0 && is_ours(fd, ""))                                                   \
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
