/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries: the folders below /sys/kernel/config/tsm/report, made and removed whole.
 *
 * An entry appears by one rename, and what is under way is noted before anything is touched, so that
 * the next process to come by finishes (or undoes) what a killed one left.
 */
#ifndef TEESHIM_TREE_ENTRY_H
#define TEESHIM_TREE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "tree/node.h"
#include "tree/tree.h"

/*
 * entry_tree_lock() - exclude everybody else from the tree as a whole, for a few system calls, and
 * finish what a killed holder left.  0; -EIO at the deadline; -errno.  lock_drop() releases it.
 */
int entry_tree_lock(const struct tree *tree, struct lock *lock);

/* entry_place() - the folder in which entries are. */
const struct place *entry_place(void);

/* An entry that is being worked on. */
struct entry {
	int store; /* descriptor of its folder below TREE_STORE */
	struct lock lock;
};

/*
 * entry_exists() - is there such an entry?
 * A folder that lost its mark, or that a native mkdir made without us, is put right on the way.
 */
bool entry_exists(const struct tree *tree, const struct node *node);

/*
 * entry_attribute_check() - has an entry that exists the node's attribute?  That is decided when it is made,
 * and does not change with the agent.  0; -ENOENT; -errno.
 */
int entry_attribute_check(const struct tree *tree, const struct node *node);

/* entry_make() - 0; -EEXIST; -ENOMEM; -EIO where others block us until the deadline; -errno. */
int entry_make(const struct tree *tree, const struct node *node);

/* entry_remove() - with all that is in it.  0; -ENOENT; -EIO as above; -errno. */
int entry_remove(const struct tree *tree, const struct node *node);

/* entry_open() - 0 and entry->store open; -ENOENT; -errno.  entry_close() ends it. */
int entry_open(const struct tree *tree, const struct node *node, struct entry *entry);
void entry_close(struct entry *entry);

/*
 * entry_lock() - exclude everybody else from the entry's files, for a few system calls.
 * Return: 0; -ENOENT where the entry was removed meanwhile; -EIO at the deadline; -errno.
 */
int entry_lock(const struct tree *tree, struct entry *entry);
void entry_unlock(struct entry *entry);

#endif
