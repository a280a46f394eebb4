/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on an open descriptor of an attribute, where the real file behind it would answer otherwise
 * than the native one.  The descriptor must be one of the calling process, and the node the one that
 * tree_find_descriptor() gave for it.
 */
#ifndef TEESHIM_TREE_DESCRIPTOR_H
#define TEESHIM_TREE_DESCRIPTOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree/caller.h"
#include "tree/node.h"

/*
 * descriptor_write_check() - before write(2) on inblob.
 * @at: file offset of pwrite(2); -1 for the descriptor's own
 *
 * Return: 0 where the write may go on; -EFAULT for no bytes; -EFBIG where it would end behind the 64
 * bytes that inblob takes.  Either failure counts as a write: the commit comes at the last close,
 * with what is there by then (fs/configfs/file.c, configfs_bin_write_iter()).
 */
int descriptor_write_check(int fd, off_t at, size_t len);

/*
 * descriptor_store() - write(2) or pwrite(2) on an attribute that has a store(), which the file behind it
 * then does not see.  @at, and where the file offset moves to, as above and as natively.
 * Return: of struct attribute's store().
 */
ssize_t descriptor_store(const struct caller *caller, const struct node *node, int fd,
			 uint64_t from, size_t len, off_t at);

/*
 * descriptor_write_failed() - a write that the kernel refused for its memory (EFAULT) has grown the
 * buffer natively all the same: zero bytes up to its end.
 */
void descriptor_write_failed(int fd, off_t at, size_t len);

/*
 * descriptor_flock() - flock(2) on an attribute that is written: excludes across descriptions, as on the one native file.
 * Waits as flock() does, and for the entry's lock until the deadline; 0, -EWOULDBLOCK, -EINTR, -EINVAL,
 * -EIO.
 */
int descriptor_flock(const struct node *node, int fd, int operation);

/*
 * descriptor_closed() - a description that writes may have ended: commit it now.  Waits for the entry's lock
 * until the deadline at most; whoever looks next commits what could not be.
 */
void descriptor_closed(const struct node *node);

#endif
