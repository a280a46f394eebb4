/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "base/sys.h"

enum { PAUSE_FIRST_US = 50, PAUSE_MAX_US = 5000 };

static void signals_block(uint64_t *before)
{
	uint64_t all = ~(uint64_t)0;

	sys_call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&all, (long)before, sizeof(all), 0, 0);
}

static void signals_restore(const uint64_t *before)
{
	sys_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)before, 0, sizeof(*before), 0, 0);
}

static int lock_set(int fd, short type)
{
	struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	return sys_fcntl(fd, F_OFD_SETLK, &range);
}

static int lock_open(int dirfd, const char *name)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = sys_openat(dirfd, name, flags | O_CREAT, 0600);
	struct stat st;

	/* made under a umask that took the owner's bits */
	if (fd == -EACCES && sys_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode)) {
		sys_fchmodat(dirfd, name, 0600);
		fd = sys_openat(dirfd, name, flags, 0);
	}
	return fd;
}

int lock_take(struct lock *lock, int dirfd, const char *name, int64_t deadline_ms,
	      enum lock_kind kind)
{
	unsigned pause = PAUSE_FIRST_US;
	struct lock held = {.kind = kind};
	int err;

	held.fd = lock_open(dirfd, name);
	if (held.fd < 0)
		return held.fd;
	for (;;) {
		if (kind == LOCK_BRIEF)
			signals_block(&held.sigmask);
		err = lock_set(held.fd, F_WRLCK);
		if (err == 0) {
			*lock = held;
			return 0;
		}
		if (kind == LOCK_BRIEF)
			signals_restore(&held.sigmask);
		if (err != -EAGAIN && err != -EACCES && err != -EINTR)
			break;
		if (clock_now_ms() >= deadline_ms) {
			err = -ETIMEDOUT;
			break;
		}
		clock_sleep_us(pause);
		if (pause < PAUSE_MAX_US)
			pause *= 2;
	}
	sys_close(held.fd);
	return err;
}

void lock_drop(struct lock *lock)
{
	lock_set(lock->fd, F_UNLCK);
	sys_close(lock->fd);
	if (lock->kind == LOCK_BRIEF)
		signals_restore(&lock->sigmask);
}
