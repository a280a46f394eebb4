/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the agent that may serve once more within two seconds: files in a folder of the store named
 * BASE.EXTENDS.MS.  MS is when the answer came.  EXTENDS is how often an extend of RTMR3 by this user had
 * begun or ended when the answer was asked for: an extend makes all stale whose question came before
 * its end, also those that are still on their way, without a look at any of them.
 *
 * The count is the size of a file: growing a sparse file needs no space, so that it cannot fail after the
 * event has been emitted.
 */
#ifndef TEESHIM_TREE_FRESH_H
#define TEESHIM_TREE_FRESH_H

#include <stddef.h>
#include <stdint.h>

struct tree;

enum { FRESH_NAME_SIZE = 96 };

/* fresh_extends() - the count, to be looked at before a question. */
uint64_t fresh_extends(const struct tree *tree);

/*
 * fresh_counter_open() - a descriptor of the count for fresh_advance(), the caller's to close.
 * fresh_advance() - one extend has begun or ended.  Call it with the registers' ask lock held.
 * Return: the descriptor, 0; -errno.
 */
int fresh_counter_open(const struct tree *tree);
int fresh_advance(int counter);

/*
 * fresh_find() - the answer of that base name, with the folder locked; stale ones are cleared on the way.
 * @name: receives its name
 * Return: 0; -ENOENT where there is none that may serve; -errno.
 */
int fresh_find(const struct tree *tree, int folder, const char *base,
	       char name[static FRESH_NAME_SIZE]);

/*
 * fresh_write() - keep an answer, with the folder locked.
 * @base: without a dot
 * @extends: of fresh_extends() before the question
 * Return: 0; -errno.
 */
int fresh_write(int folder, const char *base, uint64_t extends, const void *data, size_t len);

#endif
