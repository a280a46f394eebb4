/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences of operations: made at random, or performed once more in the course of shrinking. */
#ifndef TEESHIM_TESTS_MODEL_SEQUENCE_H
#define TEESHIM_TESTS_MODEL_SEQUENCE_H

#include "model/model.h"

enum { OPS_MAX = 400 };

struct sequence {
	struct op op[OPS_MAX];
	int ops;
	int failed; /* index of the operation on which model and world differ; -1: none */
	struct result got, want;
	bool silent; /* the worker gave no answer at all */
	bool native; /* the kernel's own rules, to the letter */
};

/* sequence_random() - make one while performing it; it ends where model and world differ. */
void sequence_random(struct sequence *sequence, int ops, bool native, uint64_t *random);

/*
 * sequence_replay() - perform one that is given, without the operations that have become impossible.
 * Return: does it fail?  Not so where the last one left behind what stops every worker.
 */
bool sequence_replay(struct sequence *sequence);

/* sequence_print() - one that fails, with what was expected. */
void sequence_print(const struct sequence *sequence);

/* sequence_shrink() - leave out what is not needed for the failure, and make the rest plainer. */
void sequence_shrink(struct sequence *sequence);

#endif
