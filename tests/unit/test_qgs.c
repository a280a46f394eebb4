/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the quoting service: every error that a request can have, each length cut and grown, and
 * the bytes of replies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "translate/qgs.h"

enum { REQUEST = 1048, REPORT_AT = 24, REPORTDATA_AT = REPORT_AT + 128, ID = 16 };

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* A request of its own on the heap, so that ASan sees a step beyond it. */
static uint8_t *request_make(size_t ids)
{
	const size_t len = REQUEST + ids * ID;
	uint8_t *message = calloc(1, len);

	assert_non_null(message);
	message[0] = 1;
	message[2] = 1;
	put32(message + 8, (uint32_t)len);
	put32(message + 16, 1024);
	put32(message + 20, (uint32_t)(ids * ID));
	message[REPORT_AT] = 0x81;
	for (size_t i = 0; i < 64; i++)
		message[REPORTDATA_AT + i] = (uint8_t)(i * 3 + 1);
	return message;
}

static enum qgs_error parse(const uint8_t *message, size_t len)
{
	const uint8_t *report_data = NULL;
	enum qgs_error error = qgs_request_parse(message, len, &report_data);

	if (error == QGS_SUCCESS)
		assert_ptr_equal(report_data, message + REPORTDATA_AT);
	else
		assert_null(report_data);
	return error;
}

static void test_request(void **state)
{
	(void)state;
	for (size_t ids = 0; ids < 4; ids++) {
		uint8_t *message = request_make(ids);

		assert_int_equal(parse(message, REQUEST + ids * ID), QGS_SUCCESS);
		message[2] = 0; /* an older minor version, and one to come */
		assert_int_equal(parse(message, REQUEST + ids * ID), QGS_SUCCESS);
		message[2] = 9;
		assert_int_equal(parse(message, REQUEST + ids * ID), QGS_SUCCESS);
		free(message);
	}
}

/* Only the head has to be there of a message whose id list is long. */
static void test_head_only(void **state)
{
	const uint32_t len = REQUEST + 100 * ID;
	uint8_t *message = request_make(0);

	(void)state;
	put32(message + 8, len);
	put32(message + 20, 100 * ID);
	assert_int_equal(parse(message, len), QGS_SUCCESS);
	free(message);
}

static void test_header(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
		enum qgs_error error;
	} rows[] = {
		{0, 0, QGS_INVALID_VERSION},       {0, 2, QGS_INVALID_VERSION},
		{1, 1, QGS_INVALID_VERSION},       {4, 1, QGS_INVALID_TYPE},
		{4, 2, QGS_INVALID_TYPE},          {4, 4, QGS_INVALID_TYPE},
		{4, 6, QGS_INVALID_TYPE},          {7, 0x80, QGS_INVALID_TYPE},
		{8, 0x17, QGS_INVALID_SIZE},       {11, 0xff, QGS_INVALID_SIZE},
		{12, 1, QGS_INVALID_CODE},         {15, 0x80, QGS_INVALID_CODE},
		{16, 1, QGS_INVALID_SIZE},         {19, 0xff, QGS_INVALID_SIZE},
		{20, 16, QGS_INVALID_SIZE},        {23, 0xff, QGS_INVALID_SIZE},
		{24, 0, QGS_INVALID_PARAMETER},    {24, 0x80, QGS_INVALID_PARAMETER},
		{24, 0x01, QGS_INVALID_PARAMETER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *message = request_make(0);

		message[rows[i].at] = rows[i].byte;
		assert_int_equal(parse(message, REQUEST), rows[i].error);
		free(message);
	}
}

/* Sizes that add up, and are not those of a TDREPORT and whole ids. */
static void test_sizes(void **state)
{
	static const uint32_t sizes[][2] = {{0, 1024}, {1023, 1}, {1008, 16}, {1016, 8}, {1, 1023}};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *message = request_make(0);

		put32(message + 16, sizes[i][0]);
		put32(message + 20, sizes[i][1]);
		assert_int_equal(parse(message, REQUEST), QGS_INVALID_PARAMETER);
		free(message);
	}
}

/* Sizes whose sum overflows 32 bits to the right one. */
static void test_overflow(void **state)
{
	uint8_t *message = request_make(0);

	(void)state;
	put32(message + 16, 0xfffffc00);
	put32(message + 20, 0x00000800);
	assert_int_equal(parse(message, REQUEST), QGS_INVALID_SIZE);
	put32(message + 16, 1024);
	put32(message + 20, 0);
	put32(message + 8, 0xffffffff);
	assert_int_equal(parse(message, REQUEST), QGS_INVALID_SIZE);
	free(message);
}

static void test_short(void **state)
{
	(void)state;
	for (size_t len = 0; len < REQUEST; len++) {
		uint8_t *whole = request_make(0);
		uint8_t *part = malloc(len ? len : 1);

		assert_non_null(part);
		memcpy(part, whole, len);
		assert_int_equal(parse(part, len), QGS_INVALID_SIZE);
		if (len >= REPORT_AT) {
			put32(part + 8, (uint32_t)len);
			assert_int_equal(parse(part, len), QGS_INVALID_SIZE);
		}
		free(part);
		free(whole);
	}
}

static void test_frame(void **state)
{
	static const uint8_t frame[] = {0x00, 0x00, 0x04, 0x18};
	static const uint8_t most[] = {0xff, 0xfe, 0xfd, 0xfc};

	(void)state;
	assert_int_equal(qgs_frame_len(frame), REQUEST);
	assert_int_equal(qgs_frame_len(most), 0xfffefdfc);
}

static void test_reply(void **state)
{
	static const uint8_t good[QGS_FRAMED_HEAD] = {
		0x00, 0x00, 0x20, 0x19,                         /* 24 + 0x2001, big-endian */
		0x01, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, /* version 1.1, GET_QUOTE_RESP */
		0x19, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* its size, no error */
		0x00, 0x00, 0x00, 0x00, 0x01, 0x20, 0x00, 0x00, /* no id, the quote's size */
	};
	static const uint8_t refused[QGS_FRAMED_HEAD] = {
		0x00, 0x00, 0x00, 0x18, 0x01, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x18, 0x00,
		0x00, 0x00, 0x05, 0x20, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	};
	uint8_t head[QGS_FRAMED_HEAD];

	(void)state;
	memset(head, 0xee, sizeof(head));
	qgs_reply_head(head, QGS_SUCCESS, 0x2001);
	assert_memory_equal(head, good, sizeof(head));
	qgs_reply_head(head, QGS_INVALID_TYPE, 0);
	assert_memory_equal(head, refused, sizeof(head));
	for (int code = QGS_UNEXPECTED; code <= QGS_INVALID_CODE; code++) {
		qgs_reply_head(head, (enum qgs_error)code, 0);
		assert_int_equal(head[16], code & 0xff);
		assert_int_equal(head[17], 0x20);
		assert_int_equal(head[18], 0x01);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),  cmocka_unit_test(test_head_only),
		cmocka_unit_test(test_header),   cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_overflow), cmocka_unit_test(test_short),
		cmocka_unit_test(test_frame),    cmocka_unit_test(test_reply),
	};

	return cmocka_run_group_tests_name("qgs", tests, NULL, NULL);
}
