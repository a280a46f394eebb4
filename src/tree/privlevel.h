/* SPDX-License-Identifier: Apache-2.0 */
/*
 * privlevel and privlevel_floor: the level (VMPL) of which a report is asked.
 *
 * A write to privlevel is one step of the generation at once, where it comes by us.  One that does not
 * (of a program that inherited the descriptor, or by stdio) collects in the description's file as an
 * inblob does, and is committed at the last close.
 *
 * The agent makes all its reports at VMPL 0, and a report says so itself: the level is not used.
 *
 * Source: drivers/virt/coco/guest/report.c (tsm_report_privlevel_store), fs/configfs/file.c
 * (configfs_write_iter), lib/kstrtox.c.
 */
#ifndef TEESHIM_TREE_PRIVLEVEL_H
#define TEESHIM_TREE_PRIVLEVEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree/caller.h"
#include "tree/entry.h"

/* privlevel_open(), privlevel_floor_open() - struct attribute's open(). */
int privlevel_open(const struct tree *tree, struct entry *entry, int flags);
int privlevel_floor_open(const struct tree *tree, struct entry *entry, int flags);

/*
 * privlevel_store() - struct attribute's store().
 * Return: bytes taken, 4095 at most; -EFAULT, for no bytes as well; -EINVAL; -ERANGE; -ENOENT where the
 * entry is gone; -EIO, -ENOMEM.
 */
ssize_t privlevel_store(const struct caller *caller, const struct node *node, int fd, uint64_t from,
			size_t len);

#endif
