/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program on whose behalf the tree acts.  The tree touches it through these calls and in no
 * other way, and keeps no static state, so that one tree serves a front that lives inside the
 * program and one that watches it from outside.
 */
#ifndef TEESHIM_TREE_CALLER_H
#define TEESHIM_TREE_CALLER_H

#include <sys/types.h>

struct caller {
	/*
	 * dir_name() - the path of a directory descriptor, or of the current directory for AT_FDCWD,
	 * as the kernel shows it in /proc.
	 * @name: receives a zero-terminated absolute path
	 * Return: 0; -ENAMETOOLONG where it does not fit; -errno.
	 */
	int (*dir_name)(const struct caller *caller, int dirfd, char *name, size_t size);
};

#endif
