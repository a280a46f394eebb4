/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware says to a request for a report, and the bytes of its responses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "translate/snp_message.h"

enum { FLAGS_VLEK = 4, FLAGS_NONE = 28, REPORT_AT = 0x20 };

static enum snp_status status_of(uint32_t vmpl, uint8_t key_select, uint32_t flags)
{
	const struct snp_report_req req = {.vmpl = vmpl, .rsvd = {key_select}};
	const struct snp_report report = {.flags = flags};

	return snp_report_status(&req, &report);
}

static void vmpl(void **state)
{
	(void)state;
	for (uint32_t level = 0; level <= 3; level++)
		assert_int_equal(status_of(level, 0, 0), SNP_STATUS_OK);
	assert_int_equal(status_of(4, 0, 0), SNP_STATUS_INVALID_PARAM);
	assert_int_equal(status_of(UINT32_MAX, 0, 0), SNP_STATUS_INVALID_PARAM);
}

static void key_selection(void **state)
{
	static const struct {
		uint8_t select;
		uint32_t flags;
		enum snp_status status;
	} cases[] = {
		{0, 0, SNP_STATUS_OK},
		{0, FLAGS_VLEK, SNP_STATUS_OK},
		{0, FLAGS_NONE, SNP_STATUS_OK},
		{1, 0, SNP_STATUS_OK},
		{1, FLAGS_VLEK, SNP_STATUS_INVALID_KEY},
		{1, FLAGS_NONE, SNP_STATUS_INVALID_KEY},
		{2, 0, SNP_STATUS_INVALID_KEY},
		{2, FLAGS_VLEK, SNP_STATUS_OK},
		{3, 0, SNP_STATUS_INVALID_PARAM},
		{3, FLAGS_VLEK, SNP_STATUS_INVALID_PARAM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(status_of(0, cases[i].select, cases[i].flags), cases[i].status);
}

static void reserved_bits(void **state)
{
	const struct snp_report report = {0};

	(void)state;
	for (unsigned bit = 2; bit < 28 * 8; bit++) {
		struct snp_report_req req = {0};

		req.rsvd[bit / 8] = (uint8_t)(1 << bit % 8);
		assert_int_equal(snp_report_status(&req, &report), SNP_STATUS_INVALID_PARAM);
	}
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	while (len > 0 && bytes[len - 1] == 0)
		len--;
	return len == 0;
}

static void report_response(void **state)
{
	static const uint8_t head[REPORT_AT] = {0, 0, 0, 0, 0xa0, 0x04};
	uint8_t response[SNP_REPORT_RESPONSE_SIZE] = {0};
	struct snp_report report;

	(void)state;
	memset(&report, 0x5a, sizeof(report));
	snp_report_response(response, SNP_STATUS_OK, &report);
	assert_memory_equal(response, head, sizeof(head));
	assert_memory_equal(response + REPORT_AT, &report, sizeof(report));
	assert_true(is_zero(response + REPORT_AT + 1184, sizeof(response) - REPORT_AT - 1184));
}

/* A verdict comes alone. */
static void refusal(void **state)
{
	uint8_t response[SNP_REPORT_RESPONSE_SIZE] = {0};
	uint8_t key_response[SNP_KEY_RESPONSE_SIZE] = {0};
	struct snp_report report;

	(void)state;
	memset(&report, 0x5a, sizeof(report));
	snp_report_response(response, SNP_STATUS_INVALID_KEY, &report);
	assert_int_equal(response[0], 0x27);
	assert_true(is_zero(response + 1, sizeof(response) - 1));
	snp_key_response(key_response, SNP_STATUS_INVALID_PARAM, NULL);
	assert_int_equal(key_response[0], 0x16);
	assert_true(is_zero(key_response + 1, sizeof(key_response) - 1));
}

static void key_response(void **state)
{
	uint8_t response[SNP_KEY_RESPONSE_SIZE] = {0};
	uint8_t key[SNP_KEY_SIZE];

	(void)state;
	memset(key, 0x77, sizeof(key));
	snp_key_response(response, SNP_STATUS_OK, key);
	assert_true(is_zero(response, 0x20));
	assert_memory_equal(response + 0x20, key, sizeof(key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmpl),          cmocka_unit_test(key_selection),
		cmocka_unit_test(reserved_bits), cmocka_unit_test(report_response),
		cmocka_unit_test(refusal),       cmocka_unit_test(key_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
