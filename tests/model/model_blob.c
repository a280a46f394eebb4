/* SPDX-License-Identifier: Apache-2.0 */
/* What a closed inblob becomes, and which bytes an outblob may then give. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

static struct answer *answer_new(struct model *model)
{
	static const uint8_t head[] = {4, 0, 2, 0, 0x81, 0, 0, 0}; /* version, key type, TEE type */
	struct answer *answer = model->answers < ANSWERS ? calloc(1, sizeof(*answer)) : NULL;

	if (!answer)
		abort();
	model->answer[model->answers++] = answer;
	answer->size_min = QUOTE_MIN;
	answer->size_max = QUOTE_MAX;
	memcpy(answer->bytes, head, sizeof(head));
	memset(answer->known, true, sizeof(head));
	return answer;
}

/* The last opened of the batch that begins at each of the unsettled ones. */
static void candidates_find(const struct entry *entry, struct answer *answer)
{
	const struct blob *last = NULL;

	for (int i = entry->unsettleds - 1; i >= 0; i--) {
		if (last && entry->unsettled[i].order < last->order)
			continue;
		last = &entry->unsettled[i];
		answer->candidate[answer->candidates++] = *last;
	}
}

void blob_commit(struct model *model, struct desc *desc)
{
	struct entry *entry = &model->entry[desc->node.entry];

	if (!desc->written || entry->removed)
		return;
	entry->generation++;
	entry->answer = answer_new(model);
	if (!differs(model, DIFFERENCE_ORDER))
		entry->unsettleds = 0;
	/* one that all later ones may come before is as good as settled */
	if (entry->unsettleds == CANDIDATES) {
		memmove(entry->unsettled, entry->unsettled + 1,
			sizeof(entry->unsettled) - sizeof(entry->unsettled[0]));
		entry->unsettleds--;
	}
	entry->unsettled[entry->unsettleds++] = desc->blob;
	candidates_find(entry, entry->answer);
}

void blob_look(struct entry *entry)
{
	entry->unsettleds = 0;
}

static bool blob_is_valid(const struct blob *blob)
{
	return blob->size == INBLOB_MAX;
}

static bool blob_fits(const struct blob *blob, int64_t at, const struct result *got)
{
	for (int64_t i = 0; i < INBLOB_MAX; i++) {
		int64_t in_result = REPORT_DATA_AT + i - at;

		if (in_result >= 0 && in_result < got->ret &&
		    got->bytes[in_result] != blob->bytes[i])
			return false;
	}
	return true;
}

/* Keep the inblobs that the result can be over; false where there are none. */
static bool candidates_keep(struct answer *answer, int64_t at, const struct result *got)
{
	int kept = 0;

	for (int i = 0; i < answer->candidates; i++) {
		const struct blob *blob = &answer->candidate[i];
		bool fits = got->ret == -EINVAL ? !blob_is_valid(blob)
						: blob_is_valid(blob) && blob_fits(blob, at, got);

		if (fits)
			answer->candidate[kept++] = *blob;
	}
	if (kept)
		answer->candidates = kept;
	return kept > 0;
}

static void sizes_learn(struct answer *answer, int64_t at, size_t size, int64_t got)
{
	if (got == (int64_t)size) {
		if (got > 0 && at + got > answer->size_min)
			answer->size_min = at + got;
	} else if (got > 0) {
		answer->size_min = at + got;
		answer->size_max = at + got;
	} else if (at < answer->size_max) {
		answer->size_max = at;
	}
}

static bool sizes_allow(const struct answer *answer, int64_t at, size_t size, int64_t got)
{
	struct answer after = {.size_min = answer->size_min, .size_max = answer->size_max};

	sizes_learn(&after, at, size, got);
	return got <= (int64_t)size && after.size_min <= after.size_max &&
	       after.size_min >= answer->size_min && after.size_max <= answer->size_max;
}

static bool bytes_allow(const struct answer *answer, int64_t at, const struct result *got)
{
	for (int64_t i = 0; i < got->ret; i++)
		if (answer->known[at + i] && answer->bytes[at + i] != got->bytes[i])
			return false;
	return true;
}

/* What we would have liked to see, for the report of a failure. */
static void answer_wanted(const struct answer *answer, int64_t at, size_t size, struct result *want)
{
	const struct blob *blob = &answer->candidate[0];

	if (!blob_is_valid(blob)) {
		want->ret = -EINVAL;
		return;
	}
	for (int64_t i = at; i < at + (int64_t)size && i < answer->size_min; i++) {
		int64_t in_data = i - REPORT_DATA_AT;

		want->bytes[want->len++] = in_data >= 0 && in_data < INBLOB_MAX
						   ? blob->bytes[in_data]
						   : answer->bytes[i];
	}
	want->ret = want->len;
}

int64_t answer_read(struct answer *answer, int64_t at, size_t size, const struct result *got,
		    struct result *want)
{
	bool right = got->ret == -EINVAL;

	if (got->ret >= 0)
		right = sizes_allow(answer, at, size, got->ret) && bytes_allow(answer, at, got);
	if (!right || !candidates_keep(answer, at, got)) {
		answer_wanted(answer, at, size, want);
		return want->ret;
	}
	if (got->ret >= 0)
		sizes_learn(answer, at, size, got->ret);
	for (int64_t i = 0; i < got->ret; i++) {
		answer->bytes[at + i] = got->bytes[i];
		answer->known[at + i] = true;
	}
	*want = *got;
	return got->ret;
}
