/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw system calls, for the library's own files.
 *
 * Inside somebody else's process libc's functions are the wrong tool: they set errno, are thread
 * cancellation points, and may be interposed (by us, or by a fakeroot in front of us that would
 * lie about owners).  These call the kernel directly and return its value or -errno.
 *
 * All of them are async-signal-safe and thread-safe.  A bad pointer gives -EFAULT.
 */
#ifndef TEESHIM_BASE_SYS_H
#define TEESHIM_BASE_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>

#ifndef __x86_64__
#error "teeshim runs on x86-64 only: TDX and SEV-SNP exist nowhere else"
#endif

/* sys_call() - one system call with up to six arguments; the kernel's value or -errno. */
#ifdef __clang_analyzer__
/* the analyzer does not follow memory into an asm statement; a function may do anything with it */
long sys_call(long number, long a, long b, long c, long d, long e, long f);
#else
static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
#endif

static inline int sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return (int)sys_call(SYS_openat, dirfd, (long)path, flags, (long)mode, 0, 0);
}

static inline int sys_close(int fd)
{
	return (int)sys_call(SYS_close, fd, 0, 0, 0, 0, 0);
}

static inline ssize_t sys_read(int fd, void *buf, size_t len)
{
	return sys_call(SYS_read, fd, (long)buf, (long)len, 0, 0, 0);
}

static inline ssize_t sys_pread(int fd, void *buf, size_t len, off_t at)
{
	return sys_call(SYS_pread64, fd, (long)buf, (long)len, at, 0, 0);
}

static inline ssize_t sys_write(int fd, const void *buf, size_t len)
{
	return sys_call(SYS_write, fd, (long)buf, (long)len, 0, 0, 0);
}

/* The kernel's struct stat is libc's on x86-64, glibc and musl alike. */
static inline int sys_fstatat(int dirfd, const char *path, struct stat *st, int flags)
{
	return (int)sys_call(SYS_newfstatat, dirfd, (long)path, (long)st, flags, 0, 0);
}

static inline int sys_fstat(int fd, struct stat *st)
{
	return (int)sys_call(SYS_fstat, fd, (long)st, 0, 0, 0, 0);
}

/* struct statx of the kernel's include/uapi/linux/stat.h; libc headers disagree on having it. */
struct sys_statx {
	uint32_t mask;
	uint32_t blksize;
	uint64_t attributes;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint16_t mode;
	uint16_t spare;
	uint64_t ino;
	uint64_t size;
	uint64_t blocks;
	uint64_t attributes_mask;
	uint64_t times[8];
	uint32_t rdev_major;
	uint32_t rdev_minor;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint64_t more[14];
};

_Static_assert(sizeof(struct sys_statx) == 256, "statx(2) layout");
_Static_assert(offsetof(struct sys_statx, rdev_major) == 128, "statx(2) layout");

enum { SYS_STATX_BTIME = 0x800 };

static inline int sys_statx(int dirfd, const char *path, int flags, unsigned mask,
			    struct sys_statx *stx)
{
	return (int)sys_call(SYS_statx, dirfd, (long)path, flags, mask, (long)stx, 0);
}

static inline int sys_mkdirat(int dirfd, const char *path, mode_t mode)
{
	return (int)sys_call(SYS_mkdirat, dirfd, (long)path, (long)mode, 0, 0, 0);
}

static inline int sys_mknodat(int dirfd, const char *path, mode_t mode)
{
	return (int)sys_call(SYS_mknodat, dirfd, (long)path, (long)mode, 0, 0, 0);
}

/* flags: 0, or AT_REMOVEDIR */
static inline int sys_unlinkat(int dirfd, const char *path, int flags)
{
	return (int)sys_call(SYS_unlinkat, dirfd, (long)path, flags, 0, 0, 0);
}

/* RENAME_NOREPLACE and FALLOC_FL_KEEP_SIZE, which not every libc's headers have. */
enum { SYS_RENAME_NOREPLACE = 1, SYS_FALLOCATE_KEEP_SIZE = 1 };

/* flags: 0, or SYS_RENAME_NOREPLACE */
static inline int sys_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	return (int)sys_call(SYS_renameat2, from, (long)old, to, (long)new, flags, 0);
}

static inline int sys_symlinkat(const char *target, int dirfd, const char *path)
{
	return (int)sys_call(SYS_symlinkat, (long)target, dirfd, (long)path, 0, 0, 0);
}

static inline int sys_fchmod(int fd, mode_t mode)
{
	return (int)sys_call(SYS_fchmod, fd, (long)mode, 0, 0, 0, 0);
}

static inline int sys_fchmodat(int dirfd, const char *path, mode_t mode)
{
	return (int)sys_call(SYS_fchmodat, dirfd, (long)path, (long)mode, 0, 0, 0);
}

static inline int sys_fallocate(int fd, int mode, off_t at, off_t len)
{
	return (int)sys_call(SYS_fallocate, fd, mode, at, len, 0, 0);
}

static inline ssize_t sys_readlinkat(int dirfd, const char *path, char *buf, size_t size)
{
	return sys_call(SYS_readlinkat, dirfd, (long)path, (long)buf, (long)size, 0, 0);
}

/* The kernel counts the terminating zero: the value is the length + 1. */
static inline ssize_t sys_getcwd(char *buf, size_t size)
{
	return sys_call(SYS_getcwd, (long)buf, (long)size, 0, 0, 0, 0);
}

static inline int sys_faccessat(int dirfd, const char *path, int mode)
{
	return (int)sys_call(SYS_faccessat, dirfd, (long)path, mode, 0, 0, 0);
}

/* For the effective user; before kernel 5.8, which has no such call, for the real one. */
static inline int sys_eaccess(const char *path, int mode)
{
	enum { SYS_FACCESSAT2 = 439, EACCESS_FLAG = 0x200 };
	int ret = (int)sys_call(SYS_FACCESSAT2, AT_FDCWD, (long)path, mode, EACCESS_FLAG, 0, 0);

	return ret == -ENOSYS ? sys_faccessat(AT_FDCWD, path, mode) : ret;
}

static inline int sys_fcntl(int fd, int cmd, void *arg)
{
	return (int)sys_call(SYS_fcntl, fd, cmd, (long)arg, 0, 0, 0);
}

static inline ssize_t sys_getdents64(int fd, void *buf, size_t size)
{
	return sys_call(SYS_getdents64, fd, (long)buf, (long)size, 0, 0, 0);
}

static inline uid_t sys_geteuid(void)
{
	return (uid_t)sys_call(SYS_geteuid, 0, 0, 0, 0, 0, 0);
}

static inline pid_t sys_getpid(void)
{
	return (pid_t)sys_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static inline pid_t sys_gettid(void)
{
	return (pid_t)sys_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_nanosleep(const struct timespec *ts)
{
	return (int)sys_call(SYS_nanosleep, (long)ts, 0, 0, 0, 0, 0);
}

#endif
