/* SPDX-License-Identifier: Apache-2.0 */
/* syscall() by number: libuv, Rust's std and the JVM go this way.  Names are in the next file. */
#include <sys/statfs.h>

#include "routes.h"

/* linux/openat2.h, linux/stat.h and the numbers of younger calls, which musl-gcc does not see. */
struct how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};
enum { NR_OPENAT2 = 437, NR_FACCESSAT2 = 439, NR_FCHMODAT2 = 452, MAGIC = 0x62656570 };

#define CHECKED(name, check, call)                                                                 \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check(call);                                                                \
	}

#define AS_FD(call) check_provider((int)(call))
CHECKED(open, AS_FD, syscall(SYS_open, t->path, O_RDONLY, 0))
CHECKED(openat, AS_FD, syscall(SYS_openat, t->dirfd, t->path, O_RDONLY, 0))
CHECKED(openat2, AS_FD,
	syscall(NR_OPENAT2, t->dirfd, t->path, &(struct how){.flags = O_RDONLY},
		sizeof(struct how)))
CHECKED(openat2_nolinks, AS_FD,
	syscall(NR_OPENAT2, t->dirfd, t->path, &(struct how){.flags = O_RDONLY, .resolve = 4},
		sizeof(struct how)))
#define AS_INBLOB(call) check_inblob((int)(call))
CHECKED(creat, AS_INBLOB, syscall(SYS_creat, t->path, 0600))

#define STAT_ROUTE(name, call)                                                                     \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		struct stat st = {0};                                                              \
		const long ret = call;                                                             \
                                                                                                   \
		return check_attribute(ret, &st);                                                  \
	}

STAT_ROUTE(stat, syscall(SYS_stat, t->path, &st))
STAT_ROUTE(lstat, syscall(SYS_lstat, t->path, &st))
STAT_ROUTE(fstat, syscall(SYS_fstat, syscall(SYS_open, t->path, O_RDONLY), &st))
STAT_ROUTE(newfstatat, syscall(SYS_newfstatat, t->dirfd, t->path, &st, 0))

static bool try_statx(const struct target *t)
{
	/* struct statx: the mode is 16 bits at offset 28, the size 64 bits at 40 */
	uint64_t stx[32] = {0};
	const long ret = syscall(SYS_statx, t->dirfd, t->path, 0, 0x7ff, stx);
	const struct stat st = {
		.st_mode = *(uint16_t *)((char *)stx + 28),
		.st_uid = *(uint32_t *)((char *)stx + 20),
		.st_size = (off_t)stx[5],
	};

	return check_attribute(ret, &st);
}

static bool try_statfs(const struct target *t)
{
	struct statfs fs = {0};

	return check_success(syscall(SYS_statfs, t->path, &fs)) && (long)fs.f_type == MAGIC;
}

#define META_ROUTE(name, call)                                                                     \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_unchanged(t, call);                                                   \
	}

META_ROUTE(access, syscall(SYS_access, t->path, R_OK))
META_ROUTE(faccessat, syscall(SYS_faccessat, t->dirfd, t->path, R_OK))
META_ROUTE(faccessat2, syscall(NR_FACCESSAT2, t->dirfd, t->path, R_OK, 0))
META_ROUTE(chmod, syscall(SYS_chmod, t->path, 0666))
META_ROUTE(fchmodat, syscall(SYS_fchmodat, t->dirfd, t->path, 0666))
META_ROUTE(fchmodat2, syscall(NR_FCHMODAT2, t->dirfd, t->path, 0666, 0))
META_ROUTE(chown, syscall(SYS_chown, t->path, 65534, 65534))
META_ROUTE(lchown, syscall(SYS_lchown, t->path, 65534, 65534))
META_ROUTE(fchownat, syscall(SYS_fchownat, t->dirfd, t->path, 65534, 65534, 0))
META_ROUTE(utime, syscall(SYS_utime, t->path, NULL))
META_ROUTE(utimes, syscall(SYS_utimes, t->path, NULL))
META_ROUTE(futimesat, syscall(SYS_futimesat, t->dirfd, t->path, NULL))
META_ROUTE(utimensat, syscall(SYS_utimensat, t->dirfd, t->path, NULL, 0))
META_ROUTE(truncate, syscall(SYS_truncate, t->path, 0L))

#define XATTR_ROUTE(name, ...)                                                                     \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_refused(syscall(SYS_##name, t->path, "user.a", ##__VA_ARGS__),        \
				     EOPNOTSUPP);                                                  \
	}

XATTR_ROUTE(getxattr, NULL, 0L)
XATTR_ROUTE(lgetxattr, NULL, 0L)
XATTR_ROUTE(setxattr, "", 0L, 0)
XATTR_ROUTE(lsetxattr, "", 0L, 0)
XATTR_ROUTE(removexattr)
XATTR_ROUTE(lremovexattr)

#define NO_XATTRS(call) (check_success(call) && (call) == 0)
CHECKED(listxattr, NO_XATTRS, syscall(SYS_listxattr, t->path, NULL, 0L))
CHECKED(llistxattr, NO_XATTRS, syscall(SYS_llistxattr, t->path, NULL, 0L))

const struct route routes_syscall[] = {
	{"syscall(SYS_open)", FORMS_PATH, "provider", IN_BOTH(try_open)},
	{"syscall(SYS_creat)", FORMS_PATH, "inblob", IN_BOTH(try_creat)},
	{"syscall(SYS_openat)", FORMS_AT, "provider", IN_BOTH(try_openat)},
	{"syscall(SYS_openat2)", FORMS_AT, "provider", IN_BOTH(try_openat2)},
	{"syscall(SYS_openat2, RESOLVE_NO_SYMLINKS)", FORMS_AT, "provider",
	 IN_BOTH(try_openat2_nolinks)},
	{"syscall(SYS_stat)", FORMS_PATH, "provider", IN_BOTH(try_stat)},
	{"syscall(SYS_lstat)", FORMS_PATH, "provider", IN_BOTH(try_lstat)},
	{"syscall(SYS_fstat)", FORMS_PATH, "provider", IN_BOTH(try_fstat)},
	{"syscall(SYS_newfstatat)", FORMS_AT, "provider", IN_BOTH(try_newfstatat)},
	{"syscall(SYS_statx)", FORMS_AT, "provider", IN_BOTH(try_statx)},
	{"syscall(SYS_statfs)", FORMS_PATH, "provider", IN_BOTH(try_statfs)},
	{"syscall(SYS_access)", FORMS_PATH, "provider", IN_BOTH(try_access)},
	{"syscall(SYS_faccessat)", FORMS_AT, "provider", IN_BOTH(try_faccessat)},
	{"syscall(SYS_faccessat2)", FORMS_AT, "provider", IN_BOTH(try_faccessat2)},
	{"syscall(SYS_chmod)", FORMS_PATH, "provider", IN_BOTH(try_chmod)},
	{"syscall(SYS_fchmodat)", FORMS_AT, "provider", IN_BOTH(try_fchmodat)},
	{"syscall(SYS_fchmodat2)", FORMS_AT, "provider", IN_BOTH(try_fchmodat2)},
	{"syscall(SYS_chown)", FORMS_PATH, "provider", IN_BOTH(try_chown)},
	{"syscall(SYS_lchown)", FORMS_PATH, "provider", IN_BOTH(try_lchown)},
	{"syscall(SYS_fchownat)", FORMS_AT, "provider", IN_BOTH(try_fchownat)},
	{"syscall(SYS_utime)", FORMS_PATH, "provider", IN_BOTH(try_utime)},
	{"syscall(SYS_utimes)", FORMS_PATH, "provider", IN_BOTH(try_utimes)},
	{"syscall(SYS_futimesat)", FORMS_AT, "provider", IN_BOTH(try_futimesat)},
	{"syscall(SYS_utimensat)", FORMS_AT, "provider", IN_BOTH(try_utimensat)},
	{"syscall(SYS_truncate)", FORMS_PATH, "inblob", IN_BOTH(try_truncate)},
	{"syscall(SYS_getxattr)", FORMS_PATH, "provider", IN_BOTH(try_getxattr)},
	{"syscall(SYS_lgetxattr)", FORMS_PATH, "provider", IN_BOTH(try_lgetxattr)},
	{"syscall(SYS_setxattr)", FORMS_PATH, "provider", IN_BOTH(try_setxattr)},
	{"syscall(SYS_lsetxattr)", FORMS_PATH, "provider", IN_BOTH(try_lsetxattr)},
	{"syscall(SYS_listxattr)", FORMS_PATH, "provider", IN_BOTH(try_listxattr)},
	{"syscall(SYS_llistxattr)", FORMS_PATH, "provider", IN_BOTH(try_llistxattr)},
	{"syscall(SYS_removexattr)", FORMS_PATH, "provider", IN_BOTH(try_removexattr)},
	{"syscall(SYS_lremovexattr)", FORMS_PATH, "provider", IN_BOTH(try_lremovexattr)},
	{0},
};
