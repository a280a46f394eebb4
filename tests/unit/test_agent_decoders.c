/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded readers of SCALE and MessagePack: good bytes, hostile bytes, every cut. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/msgpack.h"
#include "agent/scale.h"

static void compact_numbers(void **state)
{
	static const struct {
		uint8_t bytes[5];
		size_t len;
		int err;
		uint32_t value;
	} cases[] = {
		{{0x00}, 1, 0, 0},
		{{0xfc}, 1, 0, 63},
		{{0x01, 0x01}, 2, 0, 64},
		{{0xfd, 0xff}, 2, 0, 16383},
		{{0x02, 0x00, 0x01, 0x00}, 4, 0, 16384},
		{{0xfe, 0xff, 0xff, 0xff}, 4, 0, (1u << 30) - 1},
		{{0xfd, 0x00}, 2, -EINVAL, 0},             /* 63 in two bytes */
		{{0x02, 0x00, 0x00, 0x00}, 4, -EINVAL, 0}, /* 0 in four */
		{{0x03, 0x00, 0x00, 0x00, 0x40}, 5, -EINVAL, 0},
		{{0x01}, 1, -EINVAL, 0},
		{{0x02, 0x00, 0x01}, 3, -EINVAL, 0},
		{{0x00}, 0, -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scale scale = {cases[i].bytes, cases[i].len};
		uint32_t value = 99;

		assert_int_equal(scale_compact(&scale, &value), cases[i].err);
		assert_int_equal(value, cases[i].err ? 99 : cases[i].value);
		assert_int_equal(scale.left, cases[i].err ? cases[i].len : 0);
	}
}

static void scale_strings(void **state)
{
	static const uint8_t bytes[] = {3 << 2, 'a', 'b', 'c', 9};
	struct scale scale = {bytes, sizeof(bytes)};
	const uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(scale_bytes(&scale, &data, &len), 0);
	assert_int_equal(len, 3);
	assert_ptr_equal(data, bytes + 1);
	assert_int_equal(scale.left, 1);
	scale = (struct scale){bytes, 3};
	assert_int_equal(scale_bytes(&scale, &data, &len), -EINVAL);
	assert_int_equal(scale.left, 3);
}

/* One value of every form that the format has. */
static const uint8_t every_form[] = {
	0xdc, 0,    38,                    /* array 16 */
	0x7f, 0xff, 0x80, 0x90, 0xa1, 'x', /* fixed: integers, map, array, text */
	0xc0, 0xc2, 0xc3,                  /* nil, booleans */
	0xc4, 1,    0,    0xc5, 0,    1,    0,   0xc6, 0,    0,    0,    1, 0, /* bin */
	0xc7, 1,    5,    0,    0xc8, 0,    1,   5,    0,    0xc9, 0,    0, 0,   1,
	5,    0,                                                                    /* ext */
	0xca, 0,    0,    0,    0,    0xcb, 0,   0,    0,    0,    0,    0, 0,   0, /* floats */
	0xcc, 200,  0xcd, 1,    0,    0xce, 0,   1,    0,    0,    0xcf, 0, 0,   0,
	1,    0,    0,    0,    0,    0xd0, 0,   0xd1, 0,    0,    0xd2, 0, 0,   0,
	0,    0xd3, 0,    0,    0,    0,    0,   0,    0,    0,    0xd4, 5, 0,   0xd5,
	5,    0,    0,    0xd6, 5,    0,    0,   0,    0, /* fixed ext */
	0xd7, 5,    0,    0,    0,    0,    0,   0,    0,    0,    0xd8, 5, 0,   0,
	0,    0,    0,    0,    0,    0,    0,   0,    0,    0,    0,    0, 0,   0,
	0xd9, 1,    'x',  0xda, 0,    1,    'x', 0xdb, 0,    0,    0,    1, 'x', 0xdc,
	0,    1,    0,    0xdd, 0,    0,    0,   1,    0,    0xde, 0,    1, 0,   0,
	0xdf, 0,    0,    0,    1,    0,    0,   0x91, 0x81, 0,    0x90, 0,
};

static void check_every_cut(const uint8_t *data, size_t len, int (*check)(const uint8_t *, size_t))
{
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *exact = malloc(cut ? cut : 1);

		memcpy(exact, data, cut);
		assert_int_equal(check(exact, cut), -EINVAL);
		free(exact);
	}
	assert_int_equal(check(data, len), 0);
}

static void msgpack_forms(void **state)
{
	uint8_t longer[sizeof(every_form) + 1] = {0};

	(void)state;
	check_every_cut(every_form, sizeof(every_form), msgpack_check);
	memcpy(longer, every_form, sizeof(every_form));
	assert_int_equal(msgpack_check(longer, sizeof(longer)), -EINVAL);
	assert_int_equal(msgpack_check((const uint8_t *)"\xc1", 1), -EINVAL);
}

static void msgpack_depth(void **state)
{
	uint8_t nested[20];

	(void)state;
	memset(nested, 0x91, sizeof(nested)); /* arrays of one item */
	nested[16] = 0;
	assert_int_equal(msgpack_check(nested, 17), 0);
	nested[16] = 0x91;
	nested[17] = 0;
	assert_int_equal(msgpack_check(nested, 18), -EINVAL);
}

/* Lengths that only a sum or a product in 32 bits would let pass. */
static void msgpack_huge_counts(void **state)
{
	static const uint8_t cases[][8] = {
		{0xdd, 0xff, 0xff, 0xff, 0xff, 0, 0, 0}, {0xdf, 0x80, 0, 0, 0, 0, 0, 0},
		{0xdf, 0x80, 0, 0, 1, 0, 0, 0},          {0xdb, 0xff, 0xff, 0xff, 0xff, 0, 0, 0},
		{0xc6, 0xff, 0xff, 0xff, 0xfb, 0, 0, 0}, {0xc9, 0xff, 0xff, 0xff, 0xff, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct msgpack reader = {cases[i], sizeof(cases[i])};
		struct buf bytes = {0};

		assert_int_equal(msgpack_check(cases[i], sizeof(cases[i])), -EINVAL);
		assert_int_equal(msgpack_bytes(&reader, &bytes), -EINVAL);
		assert_int_equal(reader.left, sizeof(cases[i]));
	}
}

static void msgpack_numbers(void **state)
{
	static const struct {
		uint8_t bytes[9];
		size_t len;
		uint64_t value;
	} good[] = {
		{{0x7f}, 1, 127},
		{{0xcc, 0xff}, 2, 255},
		{{0xcd, 1, 2}, 3, 0x102},
		{{0xce, 1, 2, 3, 4}, 5, 0x1020304},
		{{0xcf, 0xff, 2, 3, 4, 5, 6, 7, 8}, 9, 0xff02030405060708},
	};
	struct msgpack reader;
	uint64_t value = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		reader = (struct msgpack){good[i].bytes, good[i].len};
		assert_int_equal(msgpack_uint(&reader, &value), 0);
		assert_true(value == good[i].value);
		assert_int_equal(reader.left, 0);
		reader = (struct msgpack){good[i].bytes, good[i].len - 1};
		assert_int_equal(msgpack_uint(&reader, &value), -EINVAL);
	}
	reader = (struct msgpack){(const uint8_t *)"\xa1\x31", 2};
	assert_int_equal(msgpack_uint(&reader, &value), -EINVAL);
}

static void msgpack_lookup(void **state)
{
	/* {7: [], "kinder": 1, "kind": 2, "other": 3} */
	static const uint8_t map[] = "\x84\x07\x90\xa6kinder\x01\xa4kind\x02\xa5other\x03";
	static const uint8_t twice[] = "\x82\xa4kind\x02\xa4kind\x02";
	struct msgpack reader = {map, sizeof(map) - 1};
	struct msgpack value;
	uint64_t number = 0;

	(void)state;
	assert_int_equal(msgpack_find(&reader, "kind", &value), 0);
	assert_int_equal(msgpack_uint(&value, &number), 0);
	assert_int_equal(number, 2);
	assert_int_equal(msgpack_find(&reader, "kin", &value), -ENOENT);
	assert_ptr_equal(reader.at, map);
	reader = (struct msgpack){twice, sizeof(twice) - 1};
	assert_int_equal(msgpack_find(&reader, "kind", &value), -EINVAL);
	reader = (struct msgpack){(const uint8_t *)"\x90", 1};
	assert_int_equal(msgpack_find(&reader, "kind", &value), -EINVAL);
}

static void msgpack_byte_strings(void **state)
{
	static const uint8_t bin[] = {0xc4, 3, 1, 2, 255};
	static const uint8_t array[] = {0x93, 1, 2, 0xcc, 255};
	static const uint8_t too_big[] = {0x92, 1, 0xcd, 1, 0};
	static const uint8_t text[] = {0xa3, 1, 2, 3};
	struct msgpack reader;
	struct buf bytes = {0};

	(void)state;
	reader = (struct msgpack){bin, sizeof(bin)};
	assert_int_equal(msgpack_bytes(&reader, &bytes), 0);
	assert_int_equal(bytes.len, 3);
	assert_memory_equal(bytes.data, bin + 2, 3);
	buf_free(&bytes);
	reader = (struct msgpack){array, sizeof(array)};
	assert_int_equal(msgpack_bytes(&reader, &bytes), 0);
	assert_int_equal(bytes.len, 3);
	assert_memory_equal(bytes.data, bin + 2, 3);
	buf_free(&bytes);
	reader = (struct msgpack){too_big, sizeof(too_big)};
	assert_int_equal(msgpack_bytes(&reader, &bytes), -EINVAL);
	reader = (struct msgpack){text, sizeof(text)};
	assert_int_equal(msgpack_bytes(&reader, &bytes), -EINVAL);
	reader = (struct msgpack){(const uint8_t *)"\x90", 1};
	assert_int_equal(msgpack_bytes(&reader, &bytes), 0);
	assert_int_equal(bytes.len, 0);
	assert_null(bytes.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_numbers),     cmocka_unit_test(scale_strings),
		cmocka_unit_test(msgpack_forms),       cmocka_unit_test(msgpack_depth),
		cmocka_unit_test(msgpack_huge_counts), cmocka_unit_test(msgpack_numbers),
		cmocka_unit_test(msgpack_lookup),      cmocka_unit_test(msgpack_byte_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
