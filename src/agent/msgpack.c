/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/msgpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

enum type { TYPE_OTHER, TYPE_UINT, TYPE_STR, TYPE_BIN, TYPE_ARRAY, TYPE_MAP };

/* What the head of a value says. */
struct head {
	enum type type;
	size_t size; /* of the head itself, from the type byte on */
	uint64_t
		value; /* the integer; else bytes (str, bin, other) or items or pairs that follow */
};

/* Types whose first byte is followed by a length or value of `width` bytes, then `extra` bytes. */
struct form {
	enum type type;
	uint8_t width;
	uint8_t extra;
};

/* 0xc0 to 0xdf; the other first bytes carry their length or value in themselves. */
static const struct form forms[32] = {
	[0x00] = {TYPE_OTHER, 0, 0}, /* nil */
	[0x02] = {TYPE_OTHER, 0, 0}, /* false */
	[0x03] = {TYPE_OTHER, 0, 0}, /* true */
	[0x04] = {TYPE_BIN, 1, 0},   [0x05] = {TYPE_BIN, 2, 0},    [0x06] = {TYPE_BIN, 4, 0},
	[0x07] = {TYPE_OTHER, 1, 1}, [0x08] = {TYPE_OTHER, 2, 1},  [0x09] = {TYPE_OTHER, 4, 1},
	[0x0a] = {TYPE_OTHER, 0, 4}, [0x0b] = {TYPE_OTHER, 0, 8}, /* floats */
	[0x0c] = {TYPE_UINT, 1, 0},  [0x0d] = {TYPE_UINT, 2, 0},   [0x0e] = {TYPE_UINT, 4, 0},
	[0x0f] = {TYPE_UINT, 8, 0},  [0x10] = {TYPE_OTHER, 0, 1},  [0x11] = {TYPE_OTHER, 0, 2},
	[0x12] = {TYPE_OTHER, 0, 4}, [0x13] = {TYPE_OTHER, 0, 8}, /* signed integers */
	[0x14] = {TYPE_OTHER, 0, 2}, [0x15] = {TYPE_OTHER, 0, 3},  [0x16] = {TYPE_OTHER, 0, 5},
	[0x17] = {TYPE_OTHER, 0, 9}, [0x18] = {TYPE_OTHER, 0, 17}, /* extensions of fixed size */
	[0x19] = {TYPE_STR, 1, 0},   [0x1a] = {TYPE_STR, 2, 0},    [0x1b] = {TYPE_STR, 4, 0},
	[0x1c] = {TYPE_ARRAY, 2, 0}, [0x1d] = {TYPE_ARRAY, 4, 0},  [0x1e] = {TYPE_MAP, 2, 0},
	[0x1f] = {TYPE_MAP, 4, 0},
};

static int head_of_form(const struct msgpack *reader, struct head *head)
{
	const struct form *form = &forms[*reader->at & 31];

	if (*reader->at == 0xc1 || reader->left - 1 < form->width)
		return -EINVAL;
	*head = (struct head){.type = form->type, .size = 1u + form->width};
	for (unsigned i = 1; i <= form->width; i++)
		head->value = head->value << 8 | reader->at[i];
	head->value += form->extra;
	return 0;
}

/* Read a head and check that what it announces can be there: every item needs a byte at least. */
static int head_read(const struct msgpack *reader, struct head *head)
{
	uint64_t need;
	uint8_t first;

	if (reader->left < 1)
		return -EINVAL;
	first = *reader->at;
	if (first < 0x80)
		*head = (struct head){TYPE_UINT, 1, first};
	else if (first < 0x90)
		*head = (struct head){TYPE_MAP, 1, first & 15};
	else if (first < 0xa0)
		*head = (struct head){TYPE_ARRAY, 1, first & 15};
	else if (first < 0xc0)
		*head = (struct head){TYPE_STR, 1, first & 31};
	else if (first >= 0xe0)
		*head = (struct head){TYPE_OTHER, 1, 0}; /* a small negative integer */
	else if (head_of_form(reader, head) < 0)
		return -EINVAL;
	need = head->type == TYPE_MAP ? 2 * head->value : head->value;
	if (head->type != TYPE_UINT && need > reader->left - head->size)
		return -EINVAL;
	return 0;
}

static void advance(struct msgpack *reader, size_t len)
{
	reader->at += len;
	reader->left -= len;
}

/*
 * Without recursion: pending[depth] counts the values still to come at each level, so the stack used
 * inside the host's thread does not depend on the document.
 */
int msgpack_skip(struct msgpack *reader)
{
	uint64_t pending[DEPTH_MAX + 1] = {1};
	struct msgpack ahead = *reader;
	unsigned depth = 0;
	struct head head;

	for (;;) {
		while (pending[depth] == 0) {
			if (depth == 0) {
				*reader = ahead;
				return 0;
			}
			depth--;
		}
		pending[depth]--;
		if (head_read(&ahead, &head) < 0)
			return -EINVAL;
		advance(&ahead, head.size);
		if (head.type == TYPE_ARRAY || head.type == TYPE_MAP) {
			if (depth == DEPTH_MAX)
				return -EINVAL;
			pending[++depth] = head.type == TYPE_MAP ? 2 * head.value : head.value;
		} else if (head.type != TYPE_UINT) {
			advance(&ahead, (size_t)head.value);
		}
	}
}

int msgpack_check(const uint8_t *data, size_t len)
{
	struct msgpack reader = {data, len};

	return msgpack_skip(&reader) == 0 && reader.left == 0 ? 0 : -EINVAL;
}

int msgpack_array(struct msgpack *reader, uint32_t *items)
{
	struct head head;

	if (head_read(reader, &head) < 0 || head.type != TYPE_ARRAY)
		return -EINVAL;
	*items = (uint32_t)head.value;
	advance(reader, head.size);
	return 0;
}

int msgpack_uint(struct msgpack *reader, uint64_t *value)
{
	struct head head;

	if (head_read(reader, &head) < 0 || head.type != TYPE_UINT)
		return -EINVAL;
	*value = head.value;
	advance(reader, head.size);
	return 0;
}

bool msgpack_is(const struct msgpack *reader, const char *text)
{
	struct head head;

	return head_read(reader, &head) == 0 && head.type == TYPE_STR &&
	       head.value == strlen(text) && memcmp(reader->at + head.size, text, head.value) == 0;
}

int msgpack_find(const struct msgpack *reader, const char *key, struct msgpack *value)
{
	struct msgpack ahead = *reader;
	struct msgpack found = {0};
	struct head head;

	if (head_read(&ahead, &head) < 0 || head.type != TYPE_MAP)
		return -EINVAL;
	advance(&ahead, head.size);
	for (uint64_t pair = 0; pair < head.value; pair++) {
		bool match = msgpack_is(&ahead, key);

		if ((match && found.at) || msgpack_skip(&ahead) < 0)
			return -EINVAL;
		if (match)
			found = ahead;
		if (msgpack_skip(&ahead) < 0)
			return -EINVAL;
	}
	if (!found.at)
		return -ENOENT;
	*value = found;
	return 0;
}

/* The items of an array as bytes, into room for all of them. */
static int array_bytes(struct msgpack *reader, uint8_t *data, size_t items)
{
	uint64_t value;

	for (size_t i = 0; i < items; i++) {
		if (msgpack_uint(reader, &value) < 0 || value > UINT8_MAX)
			return -EINVAL;
		data[i] = (uint8_t)value;
	}
	return 0;
}

int msgpack_bytes(struct msgpack *reader, struct buf *out)
{
	struct msgpack ahead = *reader;
	struct buf bytes = {0};
	struct head head;
	int err = 0;

	if (head_read(&ahead, &head) < 0 || (head.type != TYPE_BIN && head.type != TYPE_ARRAY))
		return -EINVAL;
	advance(&ahead, head.size);
	if (head.value > 0) {
		bytes.len = bytes.cap = (size_t)head.value;
		bytes.data = malloc(bytes.cap);
		if (!bytes.data)
			return -ENOMEM;
	}
	if (head.type == TYPE_ARRAY) {
		err = array_bytes(&ahead, bytes.data, bytes.len);
	} else if (bytes.len > 0) {
		memcpy(bytes.data, ahead.at, bytes.len);
		advance(&ahead, bytes.len);
	}
	if (err < 0) {
		buf_free(&bytes);
		return err;
	}
	*reader = ahead;
	*out = bytes;
	return 0;
}
