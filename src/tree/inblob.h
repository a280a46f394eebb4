/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inblob: what is written reaches the entry at the last close, as one step of its generation.
 *
 * Theory of operation.  Each open for writing gets a file of its own in the entry's store, with an
 * open-file-description lock on one byte far behind its content.  The lock belongs to the
 * description: it survives dup, fork, exec and SCM_RIGHTS, and ends at the last close or a crash.
 * So whoever looks at the entry later can tell from the file alone whether the description is still
 * open, and commits what is closed: one rename from inblob.N to blob.G, which is atomic and needs no
 * space.  Nothing has to run when the writer closes, which is as well: the writer is often another
 * program than the one that opened (a shell's redirect).
 */
#ifndef TEESHIM_TREE_INBLOB_H
#define TEESHIM_TREE_INBLOB_H

#include <stdint.h>

#include "tree/entry.h"

/*
 * The byte whose lock tells that a description is open, far behind any content, so that no lock call
 * of a program on its data meets it.  flock.c uses the bytes after it.
 */
#define INBLOB_OPEN_MARK ((off_t)1 << 40)

/* What an entry stands at. */
struct generation {
	uint64_t number; /* committed inblobs so far */
	int64_t len;     /* bytes of the current inblob; 0 before the first */
};

/* inblob_open() - struct attribute's open(). */
int inblob_open(const struct tree *tree, struct entry *entry, int flags);

/*
 * inblob_settle() - commit what was written and closed, in the order of opening.
 * The entry must be locked.
 * Return: 0 and the generation; -errno.
 */
int inblob_settle(const struct entry *entry, struct generation *generation);

/*
 * inblob_read() - the committed inblob of a generation; the entry must be locked.
 * @size: of data; the inblob may be longer
 * Return: bytes read; -errno.
 */
int inblob_read(const struct entry *entry, const struct generation *generation, uint8_t *data,
		size_t size);

#endif
