/* SPDX-License-Identifier: Apache-2.0 */
/* What stat and access say of the device, and what changes its name would be changed by. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "device/device.h"

static void got_stat(long result, const struct stat *st)
{
	if (result < 0) {
		got("%s", errno_name(errno));
		return;
	}
	got("%o %u:%u", st->st_mode, major(st->st_rdev), minor(st->st_rdev));
	got("links %lu owner %u:%u size %ld blocks %ld of %ld", (unsigned long)st->st_nlink,
	    st->st_uid, st->st_gid, (long)st->st_size, (long)st->st_blocks, (long)st->st_blksize);
}

#define NODE "20600 10:256, links 1 owner 0:0 size 0 blocks 0 of 4096"

static void run_stat(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(stat(DEVICE, &st), &st);
}

static void run_lstat(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(lstat(DEVICE, &st), &st);
}

static void run_fstat(const struct rule *rule)
{
	struct stat st;

	got_stat(fstat(device_open((int)rule->n), &st), &st);
}

static void run_fstat_dup(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(fstat(dup(device_open(O_RDWR)), &st), &st);
}

static void run_fstatat(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(fstatat(open("/dev", O_RDONLY), device_name, &st, AT_SYMLINK_NOFOLLOW), &st);
}

static void run_fstatat_empty(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(fstatat(device_open(O_RDWR), "", &st, AT_EMPTY_PATH), &st);
}

static void run_sys_stat(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(syscall(SYS_stat, DEVICE, &st), &st);
}

static void run_sys_fstat(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(syscall(SYS_fstat, device_open(O_RDWR), &st), &st);
}

static void run_sys_newfstatat(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_stat(syscall(SYS_newfstatat, device_open(O_RDWR), "", &st, AT_EMPTY_PATH), &st);
}

/* struct statx of linux/stat.h, which not every libc has. */
struct statx_words {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare;
	uint64_t ino, size, blocks, attributes_mask;
	uint64_t times[8];
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint8_t rest[112];
};

_Static_assert(sizeof(struct statx_words) == 256, "struct statx");

static void got_statx(int dir, const char *path, int flags)
{
	struct statx_words stx;

	memset(&stx, 0, sizeof(stx));
	if (syscall(SYS_statx, dir, path, flags, 0x7ff, &stx) < 0) {
		got("%s", errno_name(errno));
		return;
	}
	got("%o %u:%u", stx.mode, stx.rdev_major, stx.rdev_minor);
	got("links %u owner %u:%u size %lu blocks %lu of %u", stx.nlink, stx.uid, stx.gid,
	    (unsigned long)stx.size, (unsigned long)stx.blocks, stx.blksize);
}

static void run_statx(const struct rule *rule)
{
	(void)rule;
	got_statx(AT_FDCWD, DEVICE, 0);
}

static void run_statx_empty(const struct rule *rule)
{
	(void)rule;
	got_statx(device_open(O_RDONLY), "", AT_EMPTY_PATH);
}

#ifdef __GLIBC__
static void run_statx_libc(const struct rule *rule)
{
	struct statx stx;

	(void)rule;
	got_call(statx(AT_FDCWD, DEVICE, 0, STATX_ALL, &stx));
	got("%o %u:%u", stx.stx_mode, stx.stx_rdev_major, stx.stx_rdev_minor);
	got_call(statx(device_open(O_RDWR), "", AT_EMPTY_PATH, STATX_TYPE, &stx));
	got("%o %u:%u", stx.stx_mode, stx.stx_rdev_major, stx.stx_rdev_minor);
}
#else
static void run_statx_libc(const struct rule *rule)
{
	(void)rule;
}
#endif

static void run_same(const struct rule *rule)
{
	struct stat by_path;
	struct stat by_descriptor;

	(void)rule;
	got_call(stat(DEVICE, &by_path));
	got_call(fstat(device_open(O_RDWR), &by_descriptor));
	got("%s", by_path.st_ino == by_descriptor.st_ino && by_path.st_dev == by_descriptor.st_dev
			  ? "the same"
			  : "another");
}

static void run_stat_slash(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_call(stat(device_path("/dev/%s/"), &st));
	got_call(stat(device_path("/dev/%s/x"), &st));
	got_call(lstat(device_path("/dev/%s/.."), &st));
}

static void run_access(const struct rule *rule)
{
	(void)rule;
	got_call(access(DEVICE, F_OK));
	got_call(access(DEVICE, R_OK));
	got_call(access(DEVICE, W_OK));
	got_call(access(DEVICE, R_OK | W_OK));
	got_call(access(DEVICE, X_OK));
}

static void run_faccessat(const struct rule *rule)
{
	int dir = open("/dev", O_RDONLY);

	(void)rule;
	got_call(faccessat(dir, device_name, R_OK | W_OK, 0));
	got_call(faccessat(AT_FDCWD, DEVICE, R_OK, AT_EACCESS));
	got_call(faccessat(AT_FDCWD, DEVICE, X_OK, AT_EACCESS));
	got_call(syscall(SYS_faccessat2, AT_FDCWD, DEVICE, R_OK, 0));
}

#ifdef __GLIBC__
static void run_eaccess(const struct rule *rule)
{
	(void)rule;
	got_call(eaccess(DEVICE, R_OK | W_OK));
	got_call(euidaccess(DEVICE, X_OK));
}
#else
static void run_eaccess(const struct rule *rule)
{
	(void)rule;
}
#endif

static const struct rule stat_rules[] = {
	{"stat", run_stat, NODE, .flags = RULE_ASKS},
	{"lstat", run_lstat, NODE},
	{"fstat, O_RDWR", run_fstat, NODE, .n = O_RDWR},
	{"fstat, O_RDONLY", run_fstat, NODE, .n = O_RDONLY},
	{"fstat, access mode 3", run_fstat, NODE, .n = ACCESS_MODE_3},
	{"fstat, O_PATH", run_fstat, NODE, .n = O_PATH},
	{"fstat of a dup", run_fstat_dup, NODE},
	{"fstatat of /dev", run_fstatat, NODE},
	{"fstatat of the descriptor", run_fstatat_empty, NODE},
	{"syscall stat", run_sys_stat, NODE},
	{"syscall fstat", run_sys_fstat, NODE},
	{"syscall newfstatat of the descriptor", run_sys_newfstatat, NODE},
	{"syscall statx", run_statx, NODE},
	{"syscall statx of the descriptor", run_statx_empty, NODE},
	{"statx, both", run_statx_libc, "0, 20600 10:256, 0, 20600 10:256", .flags = RULE_GLIBC},
	{"stat and fstat: the same inode", run_same, "0, 0, the same"},
	{"stat of node/, node/x, node/..", run_stat_slash, "ENOTDIR, ENOTDIR, ENOTDIR",
	 "ENOTDIR, ENOTDIR, ENOENT", "D-lexical"},
	{"access F_OK, R_OK, W_OK, both, X_OK", run_access, "0, 0, 0, 0, EACCES"},
	{"faccessat: /dev, AT_EACCESS, X_OK, syscall faccessat2", run_faccessat, "0, 0, EACCES, 0"},
	{"eaccess, X_OK", run_eaccess, "0, EACCES", .flags = RULE_GLIBC},
};
RULE_GROUP(group_device_stat, "The device in stat and access", stat_rules);

static void run_names(const struct rule *rule)
{
	(void)rule;
	got_call(mkdir(DEVICE, 0700));
	got_call(rmdir(DEVICE));
	got_call(mknod(DEVICE, S_IFREG | 0600, 0));
	got_call(symlink("x", DEVICE));
	got_call(mkfifo(DEVICE, 0600));
}

static void run_readlink(const struct rule *rule)
{
	char text[64];

	(void)rule;
	got_call(readlink(DEVICE, text, sizeof(text)));
}

static void run_chdir(const struct rule *rule)
{
	(void)rule;
	got_call(chdir(DEVICE));
}

static void run_truncate(const struct rule *rule)
{
	(void)rule;
	got_call(truncate(DEVICE, 0));
}

static void run_statfs(const struct rule *rule)
{
	struct statfs fs;
	struct statvfs vfs;

	(void)rule;
	got_call(statfs(DEVICE, &fs));
	got("%lx", (unsigned long)fs.f_type);
	got_call(statvfs(DEVICE, &vfs));
	got("%x", statvfs_type(&vfs));
}

static void run_xattr(const struct rule *rule)
{
	char value[8];

	(void)rule;
	got_call(getxattr(DEVICE, "user.x", value, sizeof(value)));
	got_call(setxattr(DEVICE, "user.x", "1", 1, 0));
	got_call(listxattr(DEVICE, value, sizeof(value)));
}

static void run_exec(const struct rule *rule)
{
	(void)rule;
	execl(DEVICE, DEVICE, (char *)NULL);
	got("%s", errno_name(errno));
}

static void run_inotify(const struct rule *rule)
{
	(void)rule;
	got("%s", inotify_add_watch(inotify_init1(0), DEVICE, IN_OPEN) < 0 ? errno_name(errno)
									   : "watched");
}

static void run_link_in_proc(const struct rule *rule)
{
	char path[64];
	char text[64];
	ssize_t len;

	(void)rule;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", device_open(O_RDWR));
	len = readlink(path, text, sizeof(text));
	got_bytes(text, len < 0 ? 0 : (size_t)len);
	got_report(got_open(open(path, O_RDWR)), 1);
}

/* By its name, and then of no other node. */
static void run_change(const struct rule *rule)
{
	struct stat before;
	struct stat after;
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(stat("/dev/null", &before));
	got_call(chmod(DEVICE, 0644));
	got_call(chown(DEVICE, 12345, 12345));
	got_call(fchmod(fd, 0644));
	got_call(fchown(fd, 12345, 12345));
	got_call(fchmodat(AT_FDCWD, DEVICE, 0644, 0));
	got_call(stat("/dev/null", &after));
	if (after.st_mode != before.st_mode && chmod("/dev/null", before.st_mode & 07777) == 0)
		got("/dev/null has changed its mode");
	if (after.st_uid != before.st_uid && chown("/dev/null", before.st_uid, before.st_gid) == 0)
		got("/dev/null has changed its owner");
	got_call(chmod(DEVICE, 0600));
	got_call(chown(DEVICE, 0, 0));
}

static const struct rule path_rules[] = {
	{"mkdir, rmdir, mknod, symlink, mkfifo of the node", run_names,
	 "EEXIST, ENOTDIR, EEXIST, EEXIST, EEXIST"},
	{"readlink", run_readlink, "EINVAL"},
	{"chdir", run_chdir, "ENOTDIR"},
	{"truncate", run_truncate, "EINVAL"},
	{"statfs, statvfs (f_type)", run_statfs, "0, 1021994, 0, 1021994"},
	{"getxattr, setxattr, listxattr", run_xattr, "ENODATA, EPERM, 0",
	 "EOPNOTSUPP, EOPNOTSUPP, 0", "D-device-xattr: as of configfs"},
	{"exec", run_exec, "EACCES", "ENOENT", "D-exec"},
	{"inotify_add_watch", run_inotify, "watched"},
	{"/proc/self/fd: its name, and opened anew", run_link_in_proc,
	 "\"/dev/tdx_guest\", open, report 1", "\"/dev/null\", open, ENOTTY",
	 "D-device-null: the kernel opens what is behind", .flags = RULE_TDX},
	{"chmod, chown, fchmod, fchown, fchmodat, /dev/null as before", run_change,
	 "0, 0, 0, 0, 0, 0, 0, 0, 0"},
};
RULE_GROUP(group_device_path, "Other calls on the node's name", path_rules);
