/* SPDX-License-Identifier: Apache-2.0 */
/* The stat families, in which glibc keeps three generations of names, and statfs. */
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "routes.h"

#define STAT_ROUTE(name, check, call)                                                              \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		struct stat st = {0};                                                              \
		long ret = call;                                                                   \
                                                                                                   \
		return check(ret, &st);                                                            \
	}

#define OPENED(t) open((t)->path, O_RDONLY)

STAT_ROUTE(stat, check_attribute, stat(t->path, &st))
STAT_ROUTE(stat_folder, check_folder, stat(t->path, &st))
STAT_ROUTE(lstat, check_attribute, lstat(t->path, &st))
STAT_ROUTE(lstat_folder, check_folder, lstat(t->path, &st))
STAT_ROUTE(fstat, check_attribute, fstat(OPENED(t), &st))
STAT_ROUTE(fstat_opath, check_attribute, fstat(open(t->path, O_PATH), &st))
STAT_ROUTE(fstat_folder, check_folder, fstat(open(t->path, O_RDONLY | O_DIRECTORY), &st))
STAT_ROUTE(fstatat, check_attribute, fstatat(t->dirfd, t->path, &st, 0))
STAT_ROUTE(fstatat_nofollow, check_attribute, fstatat(t->dirfd, t->path, &st, AT_SYMLINK_NOFOLLOW))
STAT_ROUTE(fstatat_folder, check_folder, fstatat(t->dirfd, t->path, &st, 0))
STAT_ROUTE(fstatat_empty, check_attribute, fstatat(OPENED(t), "", &st, 0x1000 /* AT_EMPTY_PATH */))

#ifdef __GLIBC__
/* struct stat64 is struct stat on x86-64, and version 1 the only one that was ever in use. */
#define STAT64_ROUTE(name, call)                                                                   \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		struct stat64 st = {0};                                                            \
		long ret = call;                                                                   \
                                                                                                   \
		return check_attribute(ret, (const struct stat *)&st);                             \
	}

STAT64_ROUTE(stat64, stat64(t->path, &st))
STAT64_ROUTE(lstat64, lstat64(t->path, &st))
STAT64_ROUTE(fstat64, fstat64(OPENED(t), &st))
STAT64_ROUTE(fstatat64, fstatat64(t->dirfd, t->path, &st, 0))

/* What programs from before glibc 2.33 import. */
enum { STAT_VERSION = 1 };
OLD_NAME(__xstat, "GLIBC_2.2.5");
OLD_NAME(__xstat64, "GLIBC_2.2.5");
OLD_NAME(__lxstat, "GLIBC_2.2.5");
OLD_NAME(__lxstat64, "GLIBC_2.2.5");
OLD_NAME(__fxstat, "GLIBC_2.2.5");
OLD_NAME(__fxstat64, "GLIBC_2.2.5");
OLD_NAME(__fxstatat, "GLIBC_2.4");
OLD_NAME(__fxstatat64, "GLIBC_2.4");
int old__xstat(int version, const char *path, struct stat *st);
int old__xstat64(int version, const char *path, struct stat64 *st);
int old__lxstat(int version, const char *path, struct stat *st);
int old__lxstat64(int version, const char *path, struct stat64 *st);
int old__fxstat(int version, int fd, struct stat *st);
int old__fxstat64(int version, int fd, struct stat64 *st);
int old__fxstatat(int version, int dirfd, const char *path, struct stat *st, int flags);
int old__fxstatat64(int version, int dirfd, const char *path, struct stat64 *st, int flags);

STAT_ROUTE(__xstat, check_attribute, old__xstat(STAT_VERSION, t->path, &st))
STAT64_ROUTE(__xstat64, old__xstat64(STAT_VERSION, t->path, &st))
STAT_ROUTE(__lxstat, check_attribute, old__lxstat(STAT_VERSION, t->path, &st))
STAT64_ROUTE(__lxstat64, old__lxstat64(STAT_VERSION, t->path, &st))
STAT_ROUTE(__fxstat, check_attribute, old__fxstat(STAT_VERSION, OPENED(t), &st))
STAT64_ROUTE(__fxstat64, old__fxstat64(STAT_VERSION, OPENED(t), &st))
STAT_ROUTE(__fxstatat, check_attribute, old__fxstatat(STAT_VERSION, t->dirfd, t->path, &st, 0))
STAT64_ROUTE(__fxstatat64, old__fxstatat64(STAT_VERSION, t->dirfd, t->path, &st, 0))

static bool check_statx(long ret, const struct statx *stx)
{
	const struct stat st = {
		.st_mode = stx->stx_mode,
		.st_uid = stx->stx_uid,
		.st_gid = stx->stx_gid,
		.st_size = (off_t)stx->stx_size,
	};

	return check_attribute(ret, &st);
}

static bool try_statx(const struct target *t)
{
	struct statx stx = {0};
	long ret = statx(t->dirfd, t->path, 0, STATX_BASIC_STATS, &stx);

	return check_statx(ret, &stx);
}

static bool try_statx_empty(const struct target *t)
{
	struct statx stx = {0};
	long ret = statx(OPENED(t), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx);

	return check_statx(ret, &stx);
}
#endif

/* CONFIGFS_MAGIC of linux/magic.h, which musl-gcc does not see. */
enum { MAGIC = 0x62656570 };

static bool check_magic(long ret, long type)
{
	if (ret == 0 && type != MAGIC)
		fprintf(stderr, "file system type %lx", type);
	return check_success(ret) && type == MAGIC;
}

#define STATFS_ROUTE(name, type, call)                                                             \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		struct type fs = {0};                                                              \
		long ret = call;                                                                   \
                                                                                                   \
		return check_magic(ret, (long)fs.f_type);                                          \
	}

STATFS_ROUTE(statfs, statfs, statfs(t->path, &fs))
STATFS_ROUTE(fstatfs, statfs, fstatfs(OPENED(t), &fs))
#ifdef __GLIBC__
STATFS_ROUTE(statfs64, statfs64, statfs64(t->path, &fs))
STATFS_ROUTE(fstatfs64, statfs64, fstatfs64(OPENED(t), &fs))
#endif

/* statvfs has no type; that it has no blocks to give tells as much. */
#define STATVFS_ROUTE(name, type, call)                                                            \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		struct type fs = {0};                                                              \
		long ret = call;                                                                   \
                                                                                                   \
		return check_magic(ret, fs.f_blocks == 0 && fs.f_bsize == 4096 ? MAGIC : 0);       \
	}

STATVFS_ROUTE(statvfs, statvfs, statvfs(t->path, &fs))
STATVFS_ROUTE(fstatvfs, statvfs, fstatvfs(OPENED(t), &fs))
#ifdef __GLIBC__
STATVFS_ROUTE(statvfs64, statvfs64, statvfs64(t->path, &fs))
STATVFS_ROUTE(fstatvfs64, statvfs64, fstatvfs64(OPENED(t), &fs))
#endif

const struct route routes_stat[] = {
	{"stat", FORMS_PATH, "provider", IN_BOTH(try_stat)},
	{"stat of a folder", FORMS_PATH, "", IN_BOTH(try_stat_folder)},
	{"stat64", FORMS_PATH, "provider", IN_GLIBC(try_stat64)},
	{"lstat", FORMS_PATH, "provider", IN_BOTH(try_lstat)},
	{"lstat of a folder", FORMS_PATH, "", IN_BOTH(try_lstat_folder)},
	{"lstat64", FORMS_PATH, "provider", IN_GLIBC(try_lstat64)},
	{"fstat", FORMS_PATH, "provider", IN_BOTH(try_fstat)},
	{"fstat of an O_PATH descriptor", FORMS_PATH, "provider", IN_BOTH(try_fstat_opath)},
	{"fstat of a folder", FORMS_PATH, "", IN_BOTH(try_fstat_folder)},
	{"fstat64", FORMS_PATH, "provider", IN_GLIBC(try_fstat64)},
	{"fstatat", FORMS_AT, "provider", IN_BOTH(try_fstatat)},
	{"fstatat(AT_SYMLINK_NOFOLLOW)", FORMS_AT, "provider", IN_BOTH(try_fstatat_nofollow)},
	{"fstatat(AT_EMPTY_PATH)", FORMS_PATH, "provider", IN_BOTH(try_fstatat_empty)},
	{"fstatat of a folder", FORMS_AT, "", IN_BOTH(try_fstatat_folder)},
	{"fstatat64", FORMS_AT, "provider", IN_GLIBC(try_fstatat64)},
	{"__xstat", FORMS_PATH, "provider", IN_GLIBC(try___xstat)},
	{"__xstat64", FORMS_PATH, "provider", IN_GLIBC(try___xstat64)},
	{"__lxstat", FORMS_PATH, "provider", IN_GLIBC(try___lxstat)},
	{"__lxstat64", FORMS_PATH, "provider", IN_GLIBC(try___lxstat64)},
	{"__fxstat", FORMS_PATH, "provider", IN_GLIBC(try___fxstat)},
	{"__fxstat64", FORMS_PATH, "provider", IN_GLIBC(try___fxstat64)},
	{"__fxstatat", FORMS_AT, "provider", IN_GLIBC(try___fxstatat)},
	{"__fxstatat64", FORMS_AT, "provider", IN_GLIBC(try___fxstatat64)},
	{"statx", FORMS_AT, "provider", IN_GLIBC(try_statx)},
	{"statx(AT_EMPTY_PATH)", FORMS_PATH, "provider", IN_GLIBC(try_statx_empty)},
	{"statfs", FORMS_PATH, "provider", IN_BOTH(try_statfs)},
	{"statfs64", FORMS_PATH, "provider", IN_GLIBC(try_statfs64)},
	{"fstatfs", FORMS_PATH, "provider", IN_BOTH(try_fstatfs)},
	{"fstatfs64", FORMS_PATH, "provider", IN_GLIBC(try_fstatfs64)},
	{"statvfs", FORMS_PATH, "provider", IN_BOTH(try_statvfs)},
	{"statvfs64", FORMS_PATH, "provider", IN_GLIBC(try_statvfs64)},
	{"fstatvfs", FORMS_PATH, "provider", IN_BOTH(try_fstatvfs)},
	{"fstatvfs64", FORMS_PATH, "provider", IN_GLIBC(try_fstatvfs64)},
	{0},
};
