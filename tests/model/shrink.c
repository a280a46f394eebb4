/* SPDX-License-Identifier: Apache-2.0 */
/* From a long sequence that fails to a short one. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "model/control.h"
#include "model/sequence.h"

static int64_t error_of(const struct result *result)
{
	return result->ret < 0 ? result->ret : 0;
}

/* By the call and its errors: a shorter sequence may well fail for another reason. */
static bool failure_is_same(const struct sequence *a, const struct sequence *b)
{
	return a->op[a->failed].kind == b->op[b->failed].kind && a->silent == b->silent &&
	       error_of(&a->got) == error_of(&b->got) && error_of(&a->want) == error_of(&b->want);
}

/* Try a simpler sequence in place of one that fails. */
static bool shrink_try(struct sequence *sequence, struct sequence *simpler)
{
	if (!sequence_replay(simpler) || !failure_is_same(sequence, simpler))
		return false;
	*sequence = *simpler;
	return true;
}

static void sequence_drop(struct sequence *sequence, int at, int count)
{
	memmove(sequence->op + at, sequence->op + at + count,
		(size_t)(sequence->ops - at - count) * sizeof(sequence->op[0]));
	sequence->ops -= count;
}

/* Without one descriptor, later ones move down by one number. */
static void descriptor_drop(struct sequence *sequence, int at)
{
	int gone = FD_FIRST;

	for (int i = 0; i < at; i++)
		gone += sequence->op[i].kind == OP_OPEN;
	sequence_drop(sequence, at, 1);
	for (int i = at; i < sequence->ops; i++) {
		struct op *op = &sequence->op[i];

		op->fd -= op->kind != OP_FORK && op->fd > gone;
		op->fd2 -= op->fd2 > gone;
		op->dirfd -= op->dirfd > gone;
	}
}

/* The plainer forms of an operation, one by one; false where there are no more. */
static bool op_simplify(struct op *op, int how)
{
	const char *last = strrchr(op->path, '/');

	switch (how) {
	case 0:
		op->proc = 0;
		return true;
	case 1:
		op->dirfd = OP_NO_DIRFD;
		return true;
	case 2:
		if (op->kind == OP_OPEN)
			op->flags &= O_ACCMODE;
		return true;
	case 3:
		if (op_has_path(op->kind) && op->kind != OP_RENAME)
			snprintf(op->path, sizeof(op->path), REPORT "/a");
		return true;
	case 4:
		if (op_has_path(op->kind) && op->kind != OP_RENAME && op->path[0] != '/') {
			char name[16];

			snprintf(name, sizeof(name), "%.15s", last ? last + 1 : op->path);
			snprintf(op->path, sizeof(op->path), REPORT "/a/%s", name);
		}
		return true;
	default:
		return false;
	}
}

static bool op_is_as_plain(const struct op *a, const struct op *b)
{
	return a->proc == b->proc && a->dirfd == b->dirfd && a->flags == b->flags &&
	       strcmp(a->path, b->path) == 0;
}

/* Leave out what is not needed for the failure: first half of it at a time, at last one by one. */
static bool shrink_by_dropping(struct sequence *sequence)
{
	static struct sequence simpler;
	bool any = false;

	for (int chunk = (sequence->ops + 1) / 2; chunk > 0; chunk /= 2) {
		for (int at = 0; at + chunk <= sequence->ops;) {
			simpler = *sequence;
			sequence_drop(&simpler, at, chunk);
			if (shrink_try(sequence, &simpler))
				any = true;
			else
				at++;
		}
	}
	for (int at = 0; at < sequence->ops;) {
		simpler = *sequence;
		descriptor_drop(&simpler, at);
		if (shrink_try(sequence, &simpler))
			any = true;
		else
			at++;
	}
	return any;
}

static bool shrink_by_simplifying(struct sequence *sequence)
{
	static struct sequence simpler;
	bool any = false;

	for (int at = 0; at < sequence->ops; at++) {
		for (int how = 0;; how++) {
			simpler = *sequence;
			if (!op_simplify(&simpler.op[at], how))
				break;
			if (!op_is_as_plain(&simpler.op[at], &sequence->op[at]) &&
			    shrink_try(sequence, &simpler))
				any = true;
			if (at >= sequence->ops)
				break;
		}
	}
	return any;
}

void sequence_shrink(struct sequence *sequence)
{
	bool any;

	do {
		any = shrink_by_dropping(sequence);
		any = shrink_by_simplifying(sequence) || any;
	} while (any);
}
