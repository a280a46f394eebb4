/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes of an entry: what stat shows of each, and which file serves its open().
 * One row here and one function is all that a new attribute needs.
 *
 * Source: drivers/virt/coco/guest/report.c (tsm_report_attrs, tsm_report_bin_attrs) and
 * fs/configfs/file.c (4096 for text, 0 for binary attributes).
 */
#ifndef TEESHIM_TREE_ATTRIBUTE_H
#define TEESHIM_TREE_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/agent.h"

struct caller;
struct entry;
struct node;
struct tree;

struct attribute {
	const char *name;
	enum tee tee; /* which entries have it: those of this TEE's provider; TEE_NONE: all */
	mode_t mode;  /* permission bits that stat shows */
	off_t size;   /* that stat shows */
	bool written; /* open for writing only; else for reading only */
	/*
	 * open() - a descriptor of the attribute for the program.
	 * @flags: of open(2), already checked against the attribute's direction
	 * Return: a descriptor with the close-on-exec flag that flags ask for; -errno.
	 */
	int (*open)(const struct tree *tree, struct entry *entry, int flags);
	/*
	 * store() - write(2) on a descriptor of it, for text attributes that are written; else NULL.
	 * @from: address in the program's memory, reached through the caller
	 * Return: bytes taken; -errno.
	 */
	ssize_t (*store)(const struct caller *caller, const struct node *node, int fd,
			 uint64_t from, size_t len);
};

/* attribute_is_of() - have the entries of this TEE's provider the attribute? */
static inline bool attribute_is_of(const struct attribute *attribute, enum tee tee)
{
	return attribute->tee == TEE_NONE || attribute->tee == tee;
}

/* attribute_find() - the attribute of that name (len bytes, not terminated), or NULL. */
const struct attribute *attribute_find(const char *name, size_t len);

/*
 * attribute_at() - the attributes in the order in which the kernel creates them, which readdir
 * reverses; NULL after the last.
 */
const struct attribute *attribute_at(size_t index);

#endif
