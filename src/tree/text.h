/* SPDX-License-Identifier: Apache-2.0 */
/* The text attributes that are only read: generation and provider. */
#ifndef TEESHIM_TREE_TEXT_H
#define TEESHIM_TREE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tree/entry.h"
#include "tree/place.h"

struct tsm_provider;

/* generation_open(), provider_open() - struct attribute's open(). */
int generation_open(const struct tree *tree, struct entry *entry, int flags);
int provider_open(const struct tree *tree, struct entry *entry, int flags);

/* provider_store() - note the provider of a new entry in its store. */
int provider_store(int store, const char *name);

/*
 * provider_stored() - what provider_store() noted.
 * Return: 0 and the provider, NULL where it is none of ours; -errno.
 */
int provider_stored(int store, const struct tsm_provider **provider);

/* entry_text_open() - a descriptor of an attribute whose content never changes. */
int entry_text_open(const struct tree *tree, struct entry *entry, const char *name,
		    const char *text, int flags);

/*
 * snapshot_write() - put an answer into the store, complete or not at all.
 * The entry must be locked, or not yet be visible.
 * Return: 0; -ENOMEM for a full file system; -errno.
 */
int snapshot_write(int store, const char *name, const void *data, size_t len);

/*
 * snapshot_open() - a descriptor of an answer for the program; -ENOENT where there is none yet.
 * The file is never changed after it got its name, so an opened one is a private, complete copy.
 */
int snapshot_open(int store, const char *name, int flags);

/*
 * snapshot_open_unusable() - what access mode 3 gives: a descriptor that neither reads nor writes, of
 * an empty file that is already unlinked.
 */
int snapshot_open_unusable(int store, const char *attribute, int flags);

/*
 * place_folder_open() - the folder of the store in which a fixed file's answers are, as an entry is.
 * entry_close() ends it.  0; -errno.
 */
int place_folder_open(const struct tree *tree, const struct place *place, struct entry *folder);

/* place_text_open() - a descriptor of a fixed file whose content never changes. */
int place_text_open(const struct tree *tree, const struct place *place, const void *text,
		    size_t len, int flags);

/* place_private_open() - a descriptor of a fixed file for this one open(): a complete copy, nobody else's. */
int place_private_open(const struct tree *tree, const struct place *place,
		       const struct buf *content, int flags);

#endif
