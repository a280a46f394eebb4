/* SPDX-License-Identifier: Apache-2.0 */
/* inblob: the report data, written as a file of its own per description (settle.h). */
#ifndef TEESHIM_TREE_INBLOB_H
#define TEESHIM_TREE_INBLOB_H

#include <stdint.h>

#include "tree/entry.h"
#include "tree/settle.h"

/* inblob_open() - struct attribute's open(). */
int inblob_open(const struct tree *tree, struct entry *entry, int flags);

/*
 * inblob_read() - the inblob of a generation, which has one; the entry must be locked.
 * @size: of data; the inblob may be longer
 * Return: bytes read; -errno.
 */
int inblob_read(const struct entry *entry, const struct generation *generation, uint8_t *data,
		size_t size);

#endif
