/* SPDX-License-Identifier: Apache-2.0 */
/* Bad pointers: as paths in every function that takes one, and as room for results. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rules.h"

static char room[512];
static struct stat status;
static struct statfs fs;
static struct statvfs vfs;
static const struct timespec times[2];
static uint64_t how[3];

static long fopen_result(const char *path)
{
	return fopen(path, "r") ? 0 : -1;
}

static long freopen_result(const char *path)
{
	return freopen(path, "r", fopen("/dev/null", "r")) ? 0 : -1;
}

/* The functions that hand the path to the kernel as it is: X(name, words, call with path and dir). */
#define PATH_CALLS(X)                                                                              \
	X(open, "open", open(path, O_RDONLY))                                                      \
	X(open_creat, "open O_CREAT", open(path, O_WRONLY | O_CREAT, 0600))                        \
	X(openat, "openat", openat(dir, path, O_RDONLY))                                           \
	X(creat, "creat", creat(path, 0600))                                                       \
	X(fopen, "fopen", fopen_result(path))                                                      \
	X(stat, "stat", stat(path, &status))                                                       \
	X(lstat, "lstat", lstat(path, &status))                                                    \
	X(sys_stat, "syscall newfstatat", syscall(SYS_newfstatat, dir, path, &status, 0))          \
	X(sys_statx, "syscall statx", syscall(SYS_statx, dir, path, 0, 0xfff, room))               \
	X(statfs, "statfs", statfs(path, &fs))                                                     \
	X(statvfs, "statvfs", statvfs(path, &vfs))                                                 \
	X(access, "access", access(path, R_OK))                                                    \
	X(faccessat, "faccessat", faccessat(dir, path, R_OK, 0))                                   \
	X(sys_faccessat2, "syscall faccessat2", syscall(SYS_faccessat2, dir, path, R_OK, 0))       \
	X(chmod, "chmod", chmod(path, 0700))                                                       \
	X(fchmodat, "fchmodat", fchmodat(dir, path, 0700, 0))                                      \
	X(chown, "chown", chown(path, 0, 0))                                                       \
	X(lchown, "lchown", lchown(path, 0, 0))                                                    \
	X(fchownat, "fchownat", fchownat(dir, path, 0, 0, 0))                                      \
	X(utimes, "utimes", utimes(path, NULL))                                                    \
	X(truncate, "truncate", truncate(path, 0))                                                 \
	X(mkdir, "mkdir", mkdir(path, 0700))                                                       \
	X(mkdirat, "mkdirat", mkdirat(dir, path, 0700))                                            \
	X(sys_mkdir, "syscall mkdir", syscall(SYS_mkdir, path, 0700))                              \
	X(rmdir, "rmdir", rmdir(path))                                                             \
	X(unlink, "unlink", unlink(path))                                                          \
	X(unlinkat, "unlinkat", unlinkat(dir, path, 0))                                            \
	X(unlinkat_dir, "unlinkat AT_REMOVEDIR", unlinkat(dir, path, AT_REMOVEDIR))                \
	X(remove, "remove", remove(path))                                                          \
	X(rename_from, "rename from", rename(path, at("N")))                                       \
	X(rename_to, "rename to", rename(at("E/inblob"), path))                                    \
	X(renameat_from, "renameat from", renameat(dir, path, dir, "new"))                         \
	X(renameat_to, "renameat to", renameat(dir, "inblob", dir, path))                          \
	X(renameat2_to, "syscall renameat2 to",                                                    \
	  syscall(SYS_renameat2, dir, "inblob", dir, path, 0))                                     \
	X(link_from, "link from", link(path, at("E/new")))                                         \
	X(link_to, "link to", link(at("E/inblob"), path))                                          \
	X(linkat_from, "linkat from", linkat(dir, path, dir, "new", 0))                            \
	X(linkat_to, "linkat to", linkat(dir, "inblob", dir, path, 0))                             \
	X(symlink_text, "symlink, its text", symlink(path, at("E/new")))                           \
	X(symlink, "symlink, its name", symlink("x", path))                                        \
	X(symlinkat, "symlinkat, its name", symlinkat("x", dir, path))                             \
	X(mknod, "mknod", mknod(path, S_IFREG | 0600, 0))                                          \
	X(mknodat, "mknodat", mknodat(dir, path, S_IFIFO | 0600, 0))                               \
	X(mkfifo, "mkfifo", mkfifo(path, 0600))                                                    \
	X(mkfifoat, "mkfifoat", mkfifoat(dir, path, 0600))                                         \
	X(chdir, "chdir", chdir(path))                                                             \
	X(readlink, "readlink", readlink(path, room, sizeof(room)))                                \
	X(readlinkat, "readlinkat", readlinkat(dir, path, room, sizeof(room)))                     \
	X(getxattr, "getxattr", getxattr(path, "user.x", room, sizeof(room)))                      \
	X(lgetxattr, "lgetxattr", lgetxattr(path, "user.x", room, sizeof(room)))                   \
	X(setxattr, "setxattr", setxattr(path, "user.x", "1", 1, 0))                               \
	X(lsetxattr, "lsetxattr", lsetxattr(path, "user.x", "1", 1, 0))                            \
	X(listxattr, "listxattr", listxattr(path, room, sizeof(room)))                             \
	X(llistxattr, "llistxattr", llistxattr(path, room, sizeof(room)))                          \
	X(sys_open, "syscall open", syscall(SYS_open, path, O_WRONLY | O_CREAT, 0600))             \
	X(sys_openat2, "syscall openat2", syscall(SYS_openat2, dir, path, how, sizeof(how)))       \
	X(sys_file_handle, "syscall name_to_handle_at",                                            \
	  syscall(SYS_name_to_handle_at, dir, path, room, room + 256, 0))

static void try_paths(long (*call)(const char *path, int dir))
{
	const int dir = open(at("E"), O_RDONLY | O_DIRECTORY);

	got_call(call(page_none(), dir));
	got_call(call((const char *)1, dir));
	got_call(call(page_closed(), dir));

	got_call(call(text_unterminated(), dir));
}

#define PATH_RUN(name, words, expression)                                                          \
	static long call_##name(const char *path, int dir)                                         \
	{                                                                                          \
		(void)dir;                                                                         \
		return (expression);                                                               \
	}                                                                                          \
	static void run_##name(const struct rule *rule)                                            \
	{                                                                                          \
		(void)rule;                                                                        \
		try_paths(call_##name);                                                            \
	}
PATH_CALLS(PATH_RUN)

/* NULL means the descriptor to the kernel, so only the others. */
static void run_utimensat(const struct rule *rule)
{
	const int dir = open(at("E"), O_RDONLY | O_DIRECTORY);

	(void)rule;
	got_call(utimensat(dir, (const char *)1, times, 0));
	got_call(utimensat(dir, page_closed(), times, 0));
	got_call(utimensat(dir, text_unterminated(), times, 0));
}

/* NULL means the stream's own file, and changes its mode. */
static void run_freopen(const struct rule *rule)
{
	(void)rule;
	got_call(freopen_result((const char *)1));
	got_call(freopen_result(page_closed()));
	got_call(freopen_result(text_unterminated()));
}

/* musl looks at the path before the kernel does. */
static long call_fstatat(const char *path, int dir)
{
	return fstatat(dir, path, &status, 0);
}

static void run_fstatat(const struct rule *rule)
{
	(void)rule;
	try_paths(call_fstatat);
}

static void run_openat2_how(const struct rule *rule)
{
	const int dir = open(at("E"), O_RDONLY | O_DIRECTORY);

	(void)rule;
	got_call(syscall(SYS_openat2, dir, "outblob", page_none(), sizeof(how)));
	got_call(syscall(SYS_openat2, dir, "outblob", 1L, sizeof(how)));
	got_call(syscall(SYS_openat2, dir, "outblob", page_closed(), sizeof(how)));
	got_call(syscall(SYS_openat2, dir, "outblob", how, 8L));
}

#define PATH_ROW(name, words, expression) {words, run_##name, "EFAULT, EFAULT, EFAULT, EFAULT"},

static const struct rule path_rules[] = {
	PATH_CALLS(PATH_ROW){"utimensat (not NULL)", run_utimensat, "EFAULT, EFAULT, EFAULT"},
	{"freopen (not NULL)", run_freopen, "EFAULT, EFAULT, EFAULT"},
	{"fstatat", run_fstatat, "EFAULT, EFAULT, EFAULT, EFAULT", .flags = RULE_GLIBC},
	{"syscall openat2, its structure: NULL, 1, a closed page, 8 bytes long", run_openat2_how,
	 "EFAULT, EFAULT, EFAULT, EINVAL"},
};
RULE_GROUP(group_pointers,
	   "Bad pointers as paths: NULL, 1, a closed page, a text that runs into one", path_rules);

/* The calls that have the kernel write to the program's memory. */
#define RESULT_CALLS(X)                                                                            \
	X(r_newfstatat, syscall(SYS_newfstatat, dir, "inblob", out, 0))                            \
	X(r_sys_stat, syscall(SYS_stat, at("E"), out))                                             \
	X(r_sys_lstat, syscall(SYS_lstat, at("E/inblob"), out))                                    \
	X(r_sys_fstat, syscall(SYS_fstat, dir, out))                                               \
	X(r_sys_fstat_file, syscall(SYS_fstat, file, out))                                         \
	X(r_sys_statx, syscall(SYS_statx, dir, "inblob", 0, 0xfff, out))                           \
	X(r_sys_statx_empty, syscall(SYS_statx, file, "", AT_EMPTY_PATH, 0xfff, out))              \
	X(r_stat, stat(at("E/inblob"), out))                                                       \
	X(r_stat_dir, stat(at("E"), out))                                                          \
	X(r_lstat, lstat(at("E/inblob"), out))                                                     \
	X(r_fstat, fstat(file, out))                                                               \
	X(r_fstatat, fstatat(dir, "inblob", out, 0))                                               \
	X(r_statfs, statfs(at("E"), out))                                                          \
	X(r_fstatfs, fstatfs(dir, out))                                                            \
	X(r_readlink, readlink(link, out, 100))                                                    \
	X(r_sys_getcwd, syscall(SYS_getcwd, out, 512L))                                            \
	X(r_read, read(file, out, 4))                                                              \
	X(r_pread, pread(file, out, 4, 0))                                                         \
	X(r_getdents, syscall(SYS_getdents64, dir, out, 512L))

static void try_results(long (*call)(void *out, int dir, int file, const char *link))
{
	const int dir = open(at("E"), O_RDONLY | O_DIRECTORY);
	const int file = open(at("E/provider"), O_RDONLY);
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	if (fchdir(dir) < 0)
		got("%s", errno_name(errno));
	got_call(call(page_none(), dir, file, link));
	got_call(call((void *)1, dir, file, link));
	got_call(call(page_closed(), dir, file, link));
	got_call(call(page_readonly(), dir, file, link));
}

#define RESULT_RUN(name, expression)                                                               \
	static long call_##name(void *out, int dir, int file, const char *link)                    \
	{                                                                                          \
		(void)dir;                                                                         \
		(void)file;                                                                        \
		(void)link;                                                                        \
		return (expression);                                                               \
	}                                                                                          \
	static void run_##name(const struct rule *rule)                                            \
	{                                                                                          \
		(void)rule;                                                                        \
		try_results(call_##name);                                                          \
	}
RESULT_CALLS(RESULT_RUN)

#define FAULTS "EFAULT, EFAULT, EFAULT, EFAULT"

/* musl's functions touch the structure themselves, and so end at a bad pointer by themselves. */
static const struct rule result_rules[] = {
	{"stat of inblob", run_r_stat, FAULTS, .flags = RULE_GLIBC},
	{"stat of the entry", run_r_stat_dir, FAULTS, .flags = RULE_GLIBC},
	{"lstat of inblob", run_r_lstat, FAULTS, .flags = RULE_GLIBC},
	{"fstat of provider", run_r_fstat, FAULTS, .flags = RULE_GLIBC},
	{"fstatat of the entry's descriptor, inblob", run_r_fstatat, FAULTS, .flags = RULE_GLIBC},
	{"syscall newfstatat of the entry's descriptor, inblob", run_r_newfstatat, FAULTS},
	{"syscall stat of the entry", run_r_sys_stat, FAULTS},
	{"syscall lstat of inblob", run_r_sys_lstat, FAULTS},
	{"syscall fstat of the entry's descriptor", run_r_sys_fstat, FAULTS},
	{"syscall fstat of provider's descriptor", run_r_sys_fstat_file, FAULTS},
	{"syscall statx of the entry's descriptor, inblob", run_r_sys_statx, FAULTS},
	{"syscall statx of provider's descriptor, AT_EMPTY_PATH", run_r_sys_statx_empty, FAULTS},
	{"statfs of the entry", run_r_statfs, FAULTS, .flags = RULE_GLIBC},
	{"fstatfs of the entry's descriptor", run_r_fstatfs, FAULTS, .flags = RULE_GLIBC},
	{"readlink of /proc/self/fd/N", run_r_readlink, FAULTS},
	{"syscall getcwd in the entry", run_r_sys_getcwd, FAULTS},
	{"read of provider", run_r_read, FAULTS},
	{"pread of provider", run_r_pread, FAULTS},
	{"syscall getdents64 of the entry", run_r_getdents, FAULTS},
};
RULE_GROUP(group_results, "Bad pointers for results: NULL, 1, a closed page, a read-only page",
	   result_rules);
