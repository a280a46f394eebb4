/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of CCEL event logs that shares nothing with the code that writes them: for tests of what was
 * written, and of what real firmware writes.
 */
#ifndef TEESHIM_TESTS_CCEL_READER_H
#define TEESHIM_TESTS_CCEL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/sha384.h"

enum { CCEL_READER_SPEC_ID = 33, CCEL_READER_NO_ACTION = 3, CCEL_READER_RTMRS = 4 };

struct ccel_reader {
	const uint8_t *at;
	size_t left;
};

struct ccel_entry {
	uint32_t index; /* of the register, RTMR0 has 1 */
	uint32_t type;
	const uint8_t *digest;
	const uint8_t *data;
	uint32_t len;
};

/* The next len bytes, or NULL. */
static const uint8_t *ccel_reader_take(struct ccel_reader *reader, size_t len)
{
	const uint8_t *at = reader->at;

	if (len > reader->left)
		return NULL;
	reader->at += len;
	reader->left -= len;
	return at;
}

static bool ccel_reader_u32(struct ccel_reader *reader, uint32_t *value)
{
	const uint8_t *at = ccel_reader_take(reader, 4);

	if (at)
		*value = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
			 (uint32_t)at[3] << 24;
	return at != NULL;
}

/* Read the first event, which must promise one SHA-384 digest for each other. */
static bool ccel_reader_start(struct ccel_reader *reader, const uint8_t *data, size_t len)
{
	static const char promise[CCEL_READER_SPEC_ID] =
		"Spec ID Event03\0\0\0\0\0\0\2\0\2\1\0\0\0\x0c\0\x30\0";
	static const uint8_t zeros[20];
	const uint8_t *digest;
	const uint8_t *event;
	uint32_t index;
	uint32_t type;
	uint32_t size;

	*reader = (struct ccel_reader){data, len};
	if (!ccel_reader_u32(reader, &index) || !ccel_reader_u32(reader, &type) ||
	    !(digest = ccel_reader_take(reader, sizeof(zeros))) || !ccel_reader_u32(reader, &size))
		return false;
	event = ccel_reader_take(reader, size);
	return index == 1 && type == CCEL_READER_NO_ACTION &&
	       memcmp(digest, zeros, sizeof(zeros)) == 0 && size == sizeof(promise) && event &&
	       memcmp(event, promise, sizeof(promise)) == 0;
}

/* 1 and the next event; 0 at the end, where only 0xff may follow; -1 where it is none. */
static int ccel_reader_next(struct ccel_reader *reader, struct ccel_entry *entry)
{
	const uint8_t *algorithm;
	uint32_t digests;

	if (!ccel_reader_u32(reader, &entry->index))
		return -1;
	if (entry->index == UINT32_MAX) {
		for (size_t i = 0; i < reader->left; i++)
			if (reader->at[i] != 0xff)
				return -1;
		return 0;
	}
	if (!ccel_reader_u32(reader, &entry->type) || !ccel_reader_u32(reader, &digests) ||
	    digests != 1 || !(algorithm = ccel_reader_take(reader, 2)) || algorithm[0] != 0x0c ||
	    algorithm[1] != 0 || !(entry->digest = ccel_reader_take(reader, SHA384_SIZE)) ||
	    !ccel_reader_u32(reader, &entry->len))
		return -1;
	entry->data = ccel_reader_take(reader, entry->len);
	return entry->data && entry->index >= 1 && entry->index <= CCEL_READER_RTMRS ? 1 : -1;
}

/* The number of events after the first, and the registers that they leave; -1 for a bad log. */
static int ccel_reader_replay(const uint8_t *data, size_t len,
			      uint8_t rtmr[static CCEL_READER_RTMRS][SHA384_SIZE])
{
	uint8_t both[2 * SHA384_SIZE];
	struct ccel_reader reader;
	struct ccel_entry entry;
	int count = 0;
	int more;

	memset(rtmr, 0, CCEL_READER_RTMRS * sizeof(rtmr[0]));
	if (!ccel_reader_start(&reader, data, len))
		return -1;
	while ((more = ccel_reader_next(&reader, &entry)) == 1) {
		count++;
		if (entry.type == CCEL_READER_NO_ACTION)
			continue;
		memcpy(both, rtmr[entry.index - 1], SHA384_SIZE);
		memcpy(both + SHA384_SIZE, entry.digest, SHA384_SIZE);
		sha384(rtmr[entry.index - 1], both, sizeof(both));
	}
	return more < 0 ? -1 : count;
}

#endif
