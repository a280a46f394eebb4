/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A measurement register that is open for writing.
 *
 * The descriptor is one of /dev/full, marked by the signal number of F_SETSIG as that of the device is
 * (device.h).  So a write that does not come by us, of a program that inherited it or by stdio, fails with
 * ENOSPC: a digest is never lost in silence.  The file offset, which /dev/full does not keep, is in the mark
 * as far as it matters: at the start, inside the register, or at its end and beyond.
 *
 * Source: fs/kernfs/file.c (kernfs_fop_write_iter), fs/sysfs/file.c (sysfs_kf_bin_write),
 * drivers/virt/coco/guest/tsm-mr.c (tm_digest_write).
 */
#ifndef TEESHIM_TREE_WRITER_H
#define TEESHIM_TREE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tree/caller.h"

struct place;

/*
 * writer_open() - open(2) of a register with another access mode than O_RDONLY.
 * Return: a descriptor; -ENXIO where it may not be extended, or is to be open for reading as well (one log
 * line); -EMFILE, -ENFILE, -ENOMEM; -EIO where there is no /dev/full.
 */
int writer_open(const struct place *place, int flags);

/* writer_is_marked() - is this descriptor one of ours?  Async-signal-safe. */
bool writer_is_marked(int fd);

/*
 * writer_write() - write(2), or pwrite(2), on a descriptor that writer_is_marked().
 * @from: address in the program's memory, reached through the caller
 * @at: file offset of pwrite(2); -1 for the descriptor's own
 *
 * Extends by exactly 48 bytes at offset 0; what follows them is not looked at but for EFAULT.
 * Return: 48; 0 for nothing; -EFAULT; -EINVAL; -EFBIG at 48 and beyond; -EIO, -ENOMEM.
 */
ssize_t writer_write(const struct caller *caller, int fd, uint64_t from, size_t len, off_t at);

/* writer_seek() - lseek(2) on it: the new offset; -EINVAL. */
off_t writer_seek(int fd, off_t offset, int whence);

#endif
