/* SPDX-License-Identifier: Apache-2.0 */
/* One sequence, performed by the workers and by the model side by side. */
#include "model/sequence.h"

#include <stdio.h>
#include <string.h>

#include "model/control.h"
#include "model/generate.h"

static bool results_agree(const struct result *a, const struct result *b)
{
	return a->ret == b->ret && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* One operation on both; false where they differ. */
static bool sequence_step(struct model *model, struct sequence *sequence, int at)
{
	const struct op *op = &sequence->op[at];

	sequence->silent = !control_perform(op, &sequence->got);
	model_step(model, op, &sequence->got, &sequence->want);
	if (!sequence->silent && results_agree(&sequence->got, &sequence->want))
		return true;
	sequence->failed = at;
	return false;
}

static void bytes_print(const struct result *want, const struct result *got)
{
	uint32_t at = 0;

	while (at < want->len && at < got->len && want->bytes[at] == got->bytes[at])
		at++;
	if (at < want->len && at < got->len)
		printf("      byte %u: expected %02x, got %02x\n", at, want->bytes[at],
		       got->bytes[at]);
}

void sequence_print(const struct sequence *sequence)
{
	char text[OP_TEXT_SIZE];

	for (int i = 0; i < sequence->ops; i++) {
		op_text(&sequence->op[i], text);
		printf("  %2d  %s\n", i + 1, text);
	}
	op_result_text(&sequence->op[sequence->failed], &sequence->want, text);
	printf("      expected: %s\n", text);
	op_result_text(&sequence->op[sequence->failed], &sequence->got, text);
	printf("      got:      %s\n", sequence->silent ? "no answer" : text);
	if (sequence->op[sequence->failed].kind == OP_READ ||
	    sequence->op[sequence->failed].kind == OP_PREAD)
		bytes_print(&sequence->want, &sequence->got);
}

void sequence_random(struct sequence *sequence, int ops, bool native, uint64_t *random)
{
	struct model *model = model_new(native);

	sequence->native = native;
	sequence->failed = -1;
	if (!control_start())
		control_die("a worker cannot get into " REPORT);
	for (sequence->ops = 0; sequence->ops < ops; sequence->ops++) {
		generate_op(model, random, &sequence->op[sequence->ops]);
		if (!sequence_step(model, sequence, sequence->ops)) {
			sequence->ops++;
			break;
		}
	}
	control_clean(model);
	model_free(model);
}

bool sequence_replay(struct sequence *sequence)
{
	struct model *model = model_new(sequence->native);
	int kept = 0;

	sequence->failed = -1;
	if (!control_start()) {
		model_free(model);
		return false;
	}
	for (int i = 0; i < sequence->ops && sequence->failed < 0; i++) {
		if (!model_ready(model, &sequence->op[i]))
			continue;
		sequence->op[kept] = sequence->op[i];
		sequence_step(model, sequence, kept++);
	}
	sequence->ops = kept;
	control_clean(model);
	model_free(model);
	return sequence->failed >= 0;
}
