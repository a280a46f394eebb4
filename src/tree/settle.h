/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written to an entry reaches it at the last close, as one step of its generation.
 *
 * Theory of operation.  Each open for writing gets a file of its own in the entry's store, with an
 * open-file-description lock on one byte far behind its content.  The lock belongs to the
 * description: it survives dup, fork, exec and SCM_RIGHTS, and ends at the last close or a crash.
 * So whoever looks at the entry later can tell from the file alone whether the description is still
 * open, and commits what is closed: one rename, from inblob.N to blob.G or from privlevel.N to level.G,
 * which is atomic and needs no space.  Nothing has to run when the writer closes, which is as well: the
 * writer is often another program than the one that opened (a shell's redirect).
 */
#ifndef TEESHIM_TREE_SETTLE_H
#define TEESHIM_TREE_SETTLE_H

#include <stdint.h>

#include "tree/entry.h"

/*
 * The byte whose lock tells that a description is open, far behind any content, so that no lock call
 * of a program on its data meets it.  flock.c uses the bytes after it.
 */
#define SETTLE_OPEN_MARK ((off_t)1 << 40)

/* What an entry stands at. */
struct generation {
	uint64_t number; /* what was committed so far, inblobs and options */
	uint64_t inblob; /* the number with which the current inblob came; 0 before the first */
	int64_t len;     /* bytes of it */
};

/* Which attribute a pending file is of. */
enum pending_kind { PENDING_INBLOB, PENDING_PRIVLEVEL };

/*
 * settle() - commit what was written and closed, in the order of opening.  A privlevel that is none is
 * dropped (one log line).
 * settle_option() - the same, and then an option, as one step more.
 * The entry must be locked.
 * Return: 0 and the generation; -errno.
 */
int settle(const struct entry *entry, struct generation *generation);
int settle_option(const struct entry *entry, unsigned privlevel);

/*
 * settle_open() - a new file for a description that writes, what was closed before settled first.
 * @flags: of open(2), for writing
 * Return: a descriptor; -ENOMEM for a full file system; -errno.
 */
int settle_open(const struct tree *tree, struct entry *entry, enum pending_kind kind, int flags);

#endif
