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

/* mend_statfs() - show the node's native file system, whatever one the kernel has told about. */
struct statfs;
void mend_statfs(const struct node *node, struct statfs *fs);

/*
 * mend_path() - replace a path of the state folder by the native path, in place.
 * @text, @len: not terminated; the result is never longer
 * Return: the new length, which is len where nothing was to mend.
 */
size_t mend_path(char *text, size_t len);

#endif
