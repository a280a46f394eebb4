/* SPDX-License-Identifier: Apache-2.0 */
/* Results of the kernel about our own objects, turned into what the native object would show. */
#ifndef TEESHIM_TREE_MEND_H
#define TEESHIM_TREE_MEND_H

#include <stddef.h>
#include <sys/stat.h>

#include "tree/node.h"

struct sys_statx;

/* mend_stat(), mend_statx() - owner, mode and size of the node. */
void mend_stat(const struct node *node, struct stat *st);
void mend_statx(const struct node *node, struct sys_statx *stx);

/*
 * mend_statfs(), mend_statvfs() - show the native file system of the node's interface, whatever one
 * the kernel has told about: its magic number, no blocks, no inodes.  f_fsid and f_flag(s) stay.
 * statvfs() has the number in f_type of glibc 2.41 and musl 1.2.5 on; it is shown under any libc.
 */
struct statfs;
struct statvfs;
void mend_statfs(const struct node *node, struct statfs *fs);
void mend_statvfs(const struct node *node, struct statvfs *fs);

/*
 * mend_path() - replace a path of the state folder by the native path, in place.
 * @text, @len: not terminated; the result is never longer
 * Return: the new length, which is len where nothing was to mend.
 */
size_t mend_path(char *text, size_t len);

#endif
