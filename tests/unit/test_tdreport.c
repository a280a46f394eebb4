/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDREPORTs rebuilt from quotes: the layout on bytes made here, and byte for byte against a real pair
 * of TDREPORT and quote where the fixtures are present.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <cmocka.h>

#include "base/sha384.h"
#include "tools/fixture.h"
#include "translate/tdreport.h"

enum { V4_SIZE = 1200, V5_SIZE = 1300, MAC_AT = 224, MAC_SIZE = 32 };

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

/* A quote in which every byte of the body differs from its neighbours. */
static void quote_make(uint8_t *data, size_t size, unsigned version)
{
	const size_t body = version == 4 ? 48 : 54;
	const size_t body_size = version == 4 ? 584 : 648;
	const size_t auth = body + body_size + 4;

	memset(data, 0, size);
	put16(data, version);
	data[4] = 0x81;
	if (version == 5) {
		data[48] = 3;
		put16(data + 50, 648);
	}
	for (size_t i = 0; i < body_size; i++)
		data[body + i] = (uint8_t)(i * 7 + 1);
	put16(data + auth - 4, (unsigned)(size - auth));
	if (size < auth + 150)
		return;
	data[auth + 128] = 6;
	for (size_t i = 0; i < 16; i++)
		data[auth + 134 + i] = (uint8_t)(0xc0 + i);
}

static void check_hash(const uint8_t *report, size_t at, size_t from, size_t len)
{
	uint8_t digest[SHA384_SIZE];

	assert_int_equal(EVP_Digest(report + from, len, digest, NULL, EVP_sha384(), NULL), 1);
	assert_memory_equal(report + at, digest, SHA384_SIZE);
}

static void test_v4(void **state)
{
	uint8_t data[V4_SIZE];
	uint8_t report[TDREPORT_SIZE];
	struct tdx_quote quote;

	(void)state;
	quote_make(data, sizeof(data), 4);
	assert_int_equal(tdx_quote_parse(&quote, data, sizeof(data)), 0);
	memset(report, 0xee, sizeof(report));
	tdreport_rebuild(report, &quote);
	assert_int_equal(report[0], 0x81);
	assert_int_equal(report[2], 0);
	assert_memory_equal(report + 128, data + 568, 64);      /* REPORTDATA */
	assert_memory_equal(report + 512, data + 168, 400);     /* attributes to RTMR3 */
	assert_memory_equal(report + 264, data + 48, 16);       /* TEE_TCB_SVN */
	assert_memory_equal(report + 384, data + 48, 16);       /* TEE_TCB_SVN2 := TEE_TCB_SVN */
	assert_memory_equal(report + 16, data + 636 + 134, 16); /* CPUSVN of the QE report */
	check_hash(report, 32, 256, 239);
	check_hash(report, 80, 512, 512);
	for (size_t i = 0; i < MAC_SIZE; i++)
		assert_int_equal(report[MAC_AT + i], 0);
}

static void test_v5(void **state)
{
	uint8_t data[V5_SIZE];
	uint8_t report[TDREPORT_SIZE];
	struct tdx_quote quote;

	(void)state;
	quote_make(data, sizeof(data), 5);
	assert_int_equal(tdx_quote_parse(&quote, data, sizeof(data)), 0);
	tdreport_rebuild(report, &quote);
	assert_int_equal(report[2], 1); /* a service TD is bound */
	assert_memory_equal(report + 128, data + 574, 64);
	assert_memory_equal(report + 384, data + 638, 16);
	assert_memory_equal(report + 912, data + 654, 48);
	check_hash(report, 32, 256, 239);
	check_hash(report, 80, 512, 512);
}

/* A quote whose signature data are too short for a QE report still gives a report, without CPUSVN. */
static void test_short_auth(void **state)
{
	static const uint8_t zeros[16];
	uint8_t data[700];
	uint8_t report[TDREPORT_SIZE];
	struct tdx_quote quote;

	(void)state;
	quote_make(data, sizeof(data), 4);
	assert_int_equal(tdx_quote_parse(&quote, data, sizeof(data)), 0);
	tdreport_rebuild(report, &quote);
	assert_memory_equal(report + 16, zeros, sizeof(zeros));
}

static void test_real_pair(void **state)
{
	uint8_t report[TDREPORT_SIZE];
	struct tdx_quote quote;
	struct buf real = {0};
	struct buf bytes = {0};

	(void)state;
	fixture_read("tdreport/azure-tdreport.bin", &real);
	fixture_read("tdreport/azure-td-quote.dat", &bytes);
	assert_int_equal(real.len, TDREPORT_SIZE);
	assert_int_equal(tdx_quote_parse(&quote, bytes.data, bytes.len), 0);
	tdreport_rebuild(report, &quote);
	memset(real.data + MAC_AT, 0, MAC_SIZE);
	assert_memory_equal(report, real.data, TDREPORT_SIZE);
	buf_free(&real);
	buf_free(&bytes);
}

static void test_sha384(void **state)
{
	uint8_t data[600];
	uint8_t digest[SHA384_SIZE];
	uint8_t wanted[SHA384_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 + 5);
	for (size_t len = 0; len <= sizeof(data); len++) {
		sha384(digest, data, len);
		assert_int_equal(EVP_Digest(data, len, wanted, NULL, EVP_sha384(), NULL), 1);
		assert_memory_equal(digest, wanted, SHA384_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),         cmocka_unit_test(test_v5),
		cmocka_unit_test(test_short_auth), cmocka_unit_test(test_real_pair),
		cmocka_unit_test(test_sha384),
	};

	return cmocka_run_group_tests_name("TDREPORT", tests, NULL, NULL);
}
