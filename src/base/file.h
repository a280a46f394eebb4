/* SPDX-License-Identifier: Apache-2.0 */
/* Regular files of our own, in folders where somebody may have planted something else. */
#ifndef TEESHIM_BASE_FILE_H
#define TEESHIM_BASE_FILE_H

#include <stddef.h>

#include "base/buf.h"

/*
 * file_open() - open an existing regular file.
 * @flags: of open(2), without O_CREAT.  A symbolic link is not followed, and a FIFO or device in the
 *         file's place neither blocks nor is touched
 *
 * Return: a descriptor; -EIO where it is no regular file (one log line); else -errno.
 */
int file_open(int dirfd, const char *name, int flags);

/*
 * file_read() - append all that is left to read to an empty buffer.
 * Return: 0; -EFBIG where it is more than max bytes; -ENOMEM; -errno.  The buffer is empty after a failure.
 */
int file_read(int fd, struct buf *out, size_t max);

/* file_write() - write all of it; 0, or -errno. */
int file_write(int fd, const void *data, size_t len);

#endif
