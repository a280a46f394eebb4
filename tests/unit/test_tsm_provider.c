/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "translate/tsm_provider.h"

enum { UNTOUCHED = 77 };

struct level_case {
	const char *text;
	size_t len; /* 0: up to the end */
	int err;
	unsigned level;
};

/* lib/kstrtox.c with base 0, and the range of drivers/virt/coco/guest/report.c. */
static const struct level_case levels[] = {
	{"0", 0, 0, 0},
	{"3", 0, 0, 3},
	{"3\n", 0, 0, 3},
	{"+2", 0, 0, 2},
	{"+2\n", 0, 0, 2},
	{"0x1", 0, 0, 1},
	{"0X2", 0, 0, 2},
	{"+0x3\n", 0, 0, 3},
	{"02", 0, 0, 2},
	{"000000000000000000000000000000000000000003", 0, 0, 3},
	{"0x000000000000000000000000000000000000003", 0, 0, 3},
	{"1\0garbage", 9, 0, 1},
	{"1\n\0", 3, 0, 1},
	{"", 0, -EINVAL, 0},
	{"\0001", 2, -EINVAL, 0},
	{"\n", 0, -EINVAL, 0},
	{"+", 0, -EINVAL, 0},
	{"++1", 0, -EINVAL, 0},
	{"-1", 0, -EINVAL, 0},
	{" 1", 0, -EINVAL, 0},
	{"1 ", 0, -EINVAL, 0},
	{"1\n\n", 0, -EINVAL, 0},
	{"1\r\n", 0, -EINVAL, 0},
	{"0x", 0, -EINVAL, 0},
	{"0x\n", 0, -EINVAL, 0},
	{"0xg", 0, -EINVAL, 0},
	{"x1", 0, -EINVAL, 0},
	{"0x0x1", 0, -EINVAL, 0},
	{"09", 0, -EINVAL, 0},
	{"1a", 0, -EINVAL, 0},
	{"4", 0, -EINVAL, 0},
	{"04", 0, -EINVAL, 0},
	{"0x4", 0, -EINVAL, 0},
	{"4294967295", 0, -EINVAL, 0},
	{"4294967296", 0, -ERANGE, 0},
	{"4294967296x", 0, -EINVAL, 0},
	{"18446744073709551615", 0, -ERANGE, 0},
	{"18446744073709551616", 0, -ERANGE, 0},
	{"18446744073709551616x", 0, -ERANGE, 0},
	{"0x1ffffffffffffffff", 0, -ERANGE, 0},
	{"02000000000000000000000", 0, -ERANGE, 0},
};

/* In memory that ends with the text, so that a byte read behind it is found. */
static void test_privlevel(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		const struct level_case *c = &levels[i];
		const size_t len = c->len ? c->len : strlen(c->text);
		char *text = malloc(len + (len == 0));
		unsigned level = UNTOUCHED;
		int err;

		assert_non_null(text);
		memcpy(text, c->text, len);
		err = tsm_privlevel_parse(text, len, &level);
		if (err != c->err)
			print_error("%s\n", c->text);
		assert_int_equal(err, c->err);
		assert_int_equal(level, err < 0 ? UNTOUCHED : c->level);
		free(text);
	}
}

static void test_providers(void **state)
{
	const struct tsm_provider *tdx = tsm_provider_of(TEE_TDX);
	const struct tsm_provider *sev = tsm_provider_of(TEE_SEV_SNP);

	(void)state;
	assert_string_equal(tdx->name, "tdx_guest");
	assert_string_equal(sev->name, "sev_guest");
	assert_null(tsm_provider_of(TEE_NONE));
	assert_ptr_equal(tsm_provider_named("sev_guest", 9), sev);
	assert_ptr_equal(tsm_provider_named("tdx_guest\n", 9), tdx);
	assert_null(tsm_provider_named("sev_gues", 8));
	assert_null(tsm_provider_named("sev_guest\n", 10));
	assert_null(tsm_provider_named("", 0));
}

/* No report is over less than all report data, and the agent is not asked. */
static void test_lengths(void **state)
{
	const uint8_t inblob[REPORT_DATA_SIZE] = {0};
	const struct agent nobody = {.path = "/nowhere"};
	struct tsm_report report = {0};

	(void)state;
	for (size_t len = 0; len < sizeof(inblob); len += 21) {
		assert_int_equal(tsm_provider_of(TEE_TDX)->report(&nobody, inblob, len, 0, &report),
				 -EINVAL);
		assert_int_equal(
			tsm_provider_of(TEE_SEV_SNP)->report(&nobody, inblob, len, 0, &report),
			-EINVAL);
	}
	assert_null(report.outblob.data);
	assert_null(report.auxblob.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_privlevel),
		cmocka_unit_test(test_providers),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests_name("configfs-tsm providers", tests, NULL, NULL);
}
