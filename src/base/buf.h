/* SPDX-License-Identifier: Apache-2.0 */
/* A growable byte string with an upper bound: how answers of unknown size are collected. */
#ifndef TEESHIM_BASE_BUF_H
#define TEESHIM_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

/* All zero is a valid empty buffer.  data is owned by the buffer and NULL while len is 0. */
struct buf {
	uint8_t *data;
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
};

/*
 * buf_append() - add len bytes at the end.
 * @limit: the buffer never becomes longer than this many bytes
 *
 * Return: 0; -EFBIG over the limit; -ENOMEM.  The buffer is unchanged after a failure.
 */
int buf_append(struct buf *buf, const void *data, size_t len, size_t limit);

/* buf_free() - release the memory; the buffer is empty and usable afterwards. */
void buf_free(struct buf *buf);

#endif
