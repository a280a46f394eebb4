/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program on whose behalf the tree acts.  The tree touches it through these calls and in no
 * other way, and keeps no static state, so that one tree serves a front that lives inside the
 * program and one that watches it from outside.
 */
#ifndef TEESHIM_TREE_CALLER_H
#define TEESHIM_TREE_CALLER_H

#include <stdint.h>
#include <sys/types.h>

struct caller {
	/*
	 * identity() - process id, and start time in clock ticks since boot, as /proc/PID/stat has it: a
	 * process id alone is given again.
	 */
	void (*identity)(const struct caller *caller, int *pid, uint64_t *start);

	/*
	 * dir_name() - the path of a directory descriptor, or of the current directory for AT_FDCWD,
	 * as the kernel shows it in /proc.
	 * @name: receives a zero-terminated absolute path
	 * Return: 0; -ENAMETOOLONG where it does not fit; -errno.
	 */
	int (*dir_name)(const struct caller *caller, int dirfd, char *name, size_t size);

	/*
	 * read_memory(), write_memory() - copy from and to the program's memory, as the kernel does:
	 * 0, or -EFAULT; what was writable in front of a bad page is then written all the same.
	 * @len: at most a page
	 */
	int (*read_memory)(const struct caller *caller, void *to, uint64_t from, size_t len);
	int (*write_memory)(const struct caller *caller, uint64_t to, const void *from, size_t len);
};

#endif
