/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exclusive locks between processes and threads, one file each in the state folder.
 *
 * Open-file-description locks: a crash releases them (once a child that another thread forked in that
 * instant is gone or has exec'ed, too), and two threads of one process exclude each
 * other because each take opens the file anew.  Waiting polls, with growing pauses, and ends at a
 * deadline: a stopped holder must not stop everybody else for ever, and a blocking F_OFD_SETLKW
 * cannot time out without touching the program's signals.
 */
#ifndef TEESHIM_BASE_LOCK_H
#define TEESHIM_BASE_LOCK_H

#include <stdint.h>

enum lock_kind {
	/*
	 * Held for a few system calls.  Signals are blocked meanwhile, so that a handler of the
	 * program that comes here cannot meet the lock which its own thread holds.
	 */
	LOCK_BRIEF,
	/* Held while the agent answers; signals stay as they are. */
	LOCK_LONG,
};

struct lock {
	int fd;
	enum lock_kind kind;
	uint64_t sigmask; /* the thread's mask before, for LOCK_BRIEF */
};

/*
 * lock_take() - wait for the lock.
 * @dirfd, @name: the lock file, made (0600) when absent; a symbolic link is refused
 * @deadline_ms: a point of clock_now_ms(); the first try is made even when it has passed
 *
 * Return: 0 and the lock held; -ETIMEDOUT at the deadline; else -errno of opening the file.
 */
int lock_take(struct lock *lock, int dirfd, const char *name, int64_t deadline_ms,
	      enum lock_kind kind);

/*
 * lock_drop() - release the lock, by an explicit unlock first: a child forked meanwhile holds a
 * copy of the descriptor, and closing ours alone would leave the lock with it.
 */
void lock_drop(struct lock *lock);

#endif
