/* SPDX-License-Identifier: Apache-2.0 */
/* PEM to DER: base64 of every length, the lines around it, and what only looks like them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "translate/pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"

/* The text in memory of exactly its length. */
static uint8_t *exact(const char *text)
{
	uint8_t *copy = malloc(strlen(text) + 1);

	return memcpy(copy, text, strlen(text));
}

/* What pem_next() makes of the first certificate. */
static int first_of(const char *text, struct buf *der)
{
	uint8_t *copy = exact(text);
	struct pem pem = {copy, strlen(text)};
	int err = pem_next(&pem, der);

	assert_ptr_equal(pem.at + pem.left, copy + strlen(text));
	free(copy);
	return err;
}

static void good_base64(void **state)
{
	static const struct {
		const char *text;
		const char *bytes;
	} cases[] = {
		{BEGIN "\nTQ==\n" END, "M"},
		{BEGIN "\nTWE=\n" END, "Ma"},
		{BEGIN "\nTWFu\n" END "\n", "Man"},
		{BEGIN "\r\nTWFuTW\r\n Fu\t\r\n" END "\r\n", "ManMan"},
		{"subject: x\n" BEGIN "TWFu" END "rest", "Man"},
		{BEGIN "\n+/+/\n" END, "\xfb\xff\xbf"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf der = {0};

		assert_int_equal(first_of(cases[i].text, &der), 0);
		assert_int_equal(der.len, strlen(cases[i].bytes));
		assert_memory_equal(der.data, cases[i].bytes, der.len);
		buf_free(&der);
	}
}

static void bad_base64(void **state)
{
	static const char *const texts[] = {
		BEGIN END,
		BEGIN "\n" END,
		BEGIN "\nTWF\n" END,
		BEGIN "\nT===\n" END,
		BEGIN "\n====\n" END,
		BEGIN "\nTQ=u\n" END,
		BEGIN "\nTQ==TWFu\n" END,
		BEGIN "\nTQ======\n" END,
		BEGIN "\nTW-_\n" END,
		BEGIN "\nTWFu",
		BEGIN "\nTWFu\n-----",
		BEGIN "\nTWFu\n-----END CERTIFICATE----",
		BEGIN "\nTWFu\n-----END PUBLIC KEY-----\n" END,
		BEGIN,
	};
	struct buf der = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(first_of(texts[i], &der), -EINVAL);
		assert_null(der.data);
	}
	assert_int_equal(first_of("", &der), -ENOENT);
	assert_int_equal(first_of("-----BEGIN PUBLIC KEY-----\nTWFu\n", &der), -ENOENT);
}

/* A broken one between two good ones is passed over, also where its last line is missing. */
static void several(void **state)
{
	static const char *const broken[] = {BEGIN "\nTW\n" END "\n", BEGIN "\nTWFu\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char text[256];
		struct buf der = {0};
		struct pem pem;

		snprintf(text, sizeof(text), BEGIN "\nTWFu\n" END "\n%s" BEGIN "\nTQ==\n" END "\n",
			 broken[i]);
		pem = (struct pem){(const uint8_t *)text, strlen(text)};
		assert_int_equal(pem_next(&pem, &der), 0);
		assert_int_equal(der.len, 3);
		buf_free(&der);
		assert_int_equal(pem_next(&pem, &der), -EINVAL);
		assert_int_equal(pem_next(&pem, &der), 0);
		assert_int_equal(der.len, 1);
		buf_free(&der);
		assert_int_equal(pem_next(&pem, &der), -ENOENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_base64),
		cmocka_unit_test(bad_base64),
		cmocka_unit_test(several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
