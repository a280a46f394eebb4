/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outblob and auxblob: the report over the current inblob and what came with it, asked for once per
 * entry and generation, and both at once.
 *
 * The question runs without the entry's lock (it takes seconds on real hardware), under one of its
 * own, so that several readers ask once.  That second lock only saves questions: who cannot get it
 * within half of the deadline, because its holder was stopped, asks as well.
 */
#ifndef TEESHIM_TREE_OUTBLOB_H
#define TEESHIM_TREE_OUTBLOB_H

#include "tree/entry.h"

/*
 * outblob_open(), auxblob_open() - struct attribute's open().
 *
 * The kernel reports at read() what we know at open().  An inblob that is missing or has the wrong
 * length gives a descriptor whose reads fail with EINVAL; the agent's failure gives -EIO here.
 */
int outblob_open(const struct tree *tree, struct entry *entry, int flags);
int auxblob_open(const struct tree *tree, struct entry *entry, int flags);

#endif
