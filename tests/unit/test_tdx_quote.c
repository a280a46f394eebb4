/* SPDX-License-Identifier: Apache-2.0 */
/* TDX quotes: own bytes of every version, cut anywhere; and every real quote that is at hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/hex.h"
#include "tools/fixture.h"
#include "translate/tdx_quote.h"

enum { HEADER = 48, AUTH = 32, PADDING = 70, QUOTE_MAX = 1024 };

static void put16(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

/*
 * A quote whose body bytes count up from 0, so that a field's place shows in its content.
 * body_type 0: version 4; else version 5.  Return: the length of the quote proper.
 */
static size_t quote_build(uint8_t quote[static QUOTE_MAX], unsigned body_type)
{
	size_t body_len = body_type == 3 ? 648 : 584;
	size_t at = HEADER;

	memset(quote, 0, QUOTE_MAX);
	put16(quote, body_type ? 5 : 4);
	put16(quote + 2, 2);
	put16(quote + 4, 0x81);
	if (body_type) {
		put16(quote + 48, body_type);
		put16(quote + 50, (unsigned)body_len);
		at += 6;
	}
	for (size_t i = 0; i < body_len; i++)
		quote[at + i] = (uint8_t)(i * 7 + i / 256);
	at += body_len;
	put16(quote + at, AUTH);
	memset(quote + at + 4, 0xee, AUTH);
	return at + 4 + AUTH;
}

/* Offsets in the whole quote, as the reference documents print them. */
static void check_places(const uint8_t *data, const struct tdx_quote *quote, size_t shift)
{
	assert_ptr_equal(quote->tee_tcb_svn, data + 48 + shift);
	assert_ptr_equal(quote->mrseam, data + 64 + shift);
	assert_ptr_equal(quote->mrsignerseam, data + 112 + shift);
	assert_ptr_equal(quote->seamattributes, data + 160 + shift);
	assert_ptr_equal(quote->tdattributes, data + 168 + shift);
	assert_ptr_equal(quote->xfam, data + 176 + shift);
	assert_ptr_equal(quote->mrtd, data + 184 + shift);
	assert_ptr_equal(quote->mrconfigid, data + 232 + shift);
	assert_ptr_equal(quote->mrowner, data + 280 + shift);
	assert_ptr_equal(quote->mrownerconfig, data + 328 + shift);
	for (size_t i = 0; i < TDX_RTMR_COUNT; i++)
		assert_ptr_equal(quote->rtmr[i], data + 376 + 48 * i + shift);
	assert_ptr_equal(quote->report_data, data + 568 + shift);
}

static void version_4(void **state)
{
	uint8_t data[QUOTE_MAX];
	size_t len = quote_build(data, 0);
	struct tdx_quote quote;

	(void)state;
	assert_int_equal(tdx_quote_parse(&quote, data, len + PADDING), 0);
	assert_int_equal(quote.version, 4);
	check_places(data, &quote, 0);
	assert_null(quote.tee_tcb_svn2);
	assert_null(quote.mrservicetd);
	assert_ptr_equal(quote.auth, data + 636);
	assert_int_equal(quote.auth_len, AUTH);
	assert_int_equal(quote.len, len);
}

static void version_5(void **state)
{
	uint8_t data[QUOTE_MAX];
	struct tdx_quote quote;
	size_t len;

	(void)state;
	len = quote_build(data, 2);
	assert_int_equal(tdx_quote_parse(&quote, data, len), 0);
	assert_int_equal(quote.version, 5);
	check_places(data, &quote, 6);
	assert_null(quote.tee_tcb_svn2);
	assert_int_equal(quote.len, len);

	len = quote_build(data, 3);
	assert_int_equal(tdx_quote_parse(&quote, data, len), 0);
	check_places(data, &quote, 6);
	assert_ptr_equal(quote.tee_tcb_svn2, data + 638);
	assert_ptr_equal(quote.mrservicetd, data + 654);
	assert_ptr_equal(quote.auth, data + 706);
	assert_int_equal(quote.len, len);
}

/* Each length in a block of its own size, so that a sanitizer sees any read behind it. */
static void cut_anywhere(void **state)
{
	static const unsigned body_types[] = {0, 2, 3};
	uint8_t data[QUOTE_MAX];
	struct tdx_quote quote = {.version = 77};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		size_t whole = quote_build(data, body_types[i]);

		for (size_t len = 0; len < whole; len++) {
			uint8_t *exact = malloc(len ? len : 1);

			memcpy(exact, data, len);
			assert_int_equal(tdx_quote_parse(&quote, exact, len), -EINVAL);
			free(exact);
		}
	}
	assert_int_equal(quote.version, 77); /* outputs stay as they were */
}

static void foreign_bytes(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{0, 3},    /* an older version */
		{4, 0},    /* an SGX quote */
		{48, 1},   /* an SGX body */
		{48, 4},   /* an unknown body */
		{50, 0},   /* a body of another size */
		{53, 1},   /* the same in its highest byte */
		{705, 255} /* 4 GB of signature data */
	};
	uint8_t data[QUOTE_MAX];
	struct tdx_quote quote;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		size_t len = quote_build(data, 3);

		data[changes[i].at] = changes[i].value;
		assert_int_equal(tdx_quote_parse(&quote, data, len), -EINVAL);
	}
}

static unsigned real_quotes;

/* The bytes of a file of hexadecimal text, with or without "0x" in front. */
static void text_to_bytes(const struct buf *text, struct buf *bytes)
{
	const char *digits = (const char *)text->data;
	size_t len = text->len;

	while (len > 0 && digits[len - 1] <= ' ')
		len--;
	if (len > 2 && digits[1] == 'x') {
		digits += 2;
		len -= 2;
	}
	bytes->len = len / 2;
	bytes->data = malloc(bytes->len);
	assert_int_equal(hex_decode(bytes->data, digits, bytes->len), 0);
}

static void check_real(const char *name, const struct buf *content)
{
	struct buf bytes = {0};
	struct tdx_quote quote;

	if (strstr(name, ".hex"))
		text_to_bytes(content, &bytes);
	else if (strstr(name, ".dat"))
		assert_int_equal(buf_append(&bytes, content->data, content->len, 1 << 20), 0);
	if (bytes.len > TDX_REPORT_DATA_SIZE) { /* one file is a nonce */
		print_message("%s\n", name);
		assert_int_equal(tdx_quote_parse(&quote, bytes.data, bytes.len), 0);
		assert_true(quote.auth_len > 584); /* signature, key, QE report */
		assert_in_range(bytes.len - quote.len, 0, 4096);
		real_quotes++;
	}
	buf_free(&bytes);
}

static void real_ones(void **state)
{
	(void)state;
	fixture_each("tdx", check_real);
	assert_true(real_quotes >= 8);
}

/* This one was made over a nonce that lies beside it. */
static void real_report_data(void **state)
{
	struct buf data = {0};
	struct buf nonce = {0};
	struct tdx_quote quote;

	(void)state;
	fixture_read("tdx/gotdx-cos-113-tdx-quote-padded8000.dat", &data);
	fixture_read("tdx/gotdx-cos-113-nonce.dat", &nonce);
	assert_int_equal(tdx_quote_parse(&quote, data.data, data.len), 0);
	assert_int_equal(data.len, 8000);
	assert_true(quote.len < 8000);
	assert_int_equal(nonce.len, TDX_REPORT_DATA_SIZE);
	assert_memory_equal(quote.report_data, nonce.data, nonce.len);
	buf_free(&data);
	buf_free(&nonce);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_4),    cmocka_unit_test(version_5),
		cmocka_unit_test(cut_anywhere), cmocka_unit_test(foreign_bytes),
		cmocka_unit_test(real_ones),    cmocka_unit_test(real_report_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
