/* SPDX-License-Identifier: Apache-2.0 */
/* The walker of certificates: made ones of every odd shape, each cut and each byte spoilt; real ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/fixture.h"
#include "translate/der_cert.h"
#include "translate/pem.h"

enum { DER_MAX = 1024 };

/* One element under construction, its content alone until der_wrap(). */
struct der_text {
	uint8_t data[DER_MAX];
	size_t len;
};

static void put(struct der_text *der, const void *data, size_t len)
{
	assert_true(len <= sizeof(der->data) - der->len);
	memcpy(der->data + der->len, data, len);
	der->len += len;
}

/* Put tag and length in front of the content; the shortest form of the length. */
static void der_wrap(struct der_text *der, uint8_t tag)
{
	uint8_t head[4] = {tag, (uint8_t)der->len};
	size_t head_len = 2;

	if (der->len >= 128 && der->len < 256) {
		head[1] = 0x81;
		head[2] = (uint8_t)der->len;
		head_len = 3;
	} else if (der->len >= 256) {
		head[1] = 0x82;
		head[2] = (uint8_t)(der->len >> 8);
		head[3] = (uint8_t)der->len;
		head_len = 4;
	}
	assert_true(der->len + head_len <= sizeof(der->data));
	memmove(der->data + head_len, der->data, der->len);
	memcpy(der->data, head, head_len);
	der->len += head_len;
}

static void put_element(struct der_text *der, uint8_t tag, const void *data, size_t len)
{
	struct der_text element = {0};

	put(&element, data, len);
	der_wrap(&element, tag);
	put(der, element.data, element.len);
}

/* SET { SEQUENCE { OID 2.5.4.@oid, UTF8String } } */
static void put_name_part(struct der_text *name, uint8_t oid, const char *text)
{
	const uint8_t full_oid[] = {0x55, 0x04, oid};
	struct der_text part = {0};

	put_element(&part, 0x06, full_oid, sizeof(full_oid));
	put_element(&part, 0x0c, text, strlen(text));
	der_wrap(&part, 0x30);
	der_wrap(&part, 0x31);
	put(name, part.data, part.len);
}

/* A certificate around the content of a subject.  @version: with the tag that version 1 lacks */
static void cert_make(struct der_text *cert, const struct der_text *subject, bool version)
{
	struct der_text tbs = {0};

	if (version)
		put_element(&tbs, 0xa0, "\x02\x01\x02", 3);
	put_element(&tbs, 0x02, "\x07", 1);         /* serial */
	put_element(&tbs, 0x30, "\x06\x01\x2a", 3); /* signature */
	put_element(&tbs, 0x30, "", 0);             /* issuer */
	put_element(&tbs, 0x30, "dates", 5);        /* validity, not looked into */
	put_element(&tbs, 0x30, subject->data, subject->len);
	put_element(&tbs, 0x30, "key", 3);
	der_wrap(&tbs, 0x30);
	*cert = tbs;
	put_element(cert, 0x30, "\x06\x01\x2a", 3);
	put_element(cert, 0x03, "\0signature", 10);
	der_wrap(cert, 0x30);
}

static void expect_name(const struct der_text *cert, const char *name)
{
	struct der_cert parsed;

	assert_int_equal(der_cert_parse(&parsed, cert->data, cert->len), 0);
	assert_int_equal(parsed.len, cert->len);
	assert_int_equal(parsed.common_name_len, name ? strlen(name) : 0);
	assert_int_equal(!parsed.common_name, !name);
	if (name)
		assert_memory_equal(parsed.common_name, name, strlen(name));
}

static void names(void **state)
{
	char text[201];
	struct der_text subject = {0};
	struct der_text cert;

	(void)state;
	cert_make(&cert, &subject, true);
	expect_name(&cert, NULL);
	put_name_part(&subject, 10, "an organisation");
	cert_make(&cert, &subject, true);
	expect_name(&cert, NULL);
	put_name_part(&subject, 3, "the name");
	put_name_part(&subject, 3, "another");
	cert_make(&cert, &subject, true);
	expect_name(&cert, "the name");
	cert_make(&cert, &subject, false);
	expect_name(&cert, "the name");

	/* lengths in one and two octets more */
	memset(text, 'x', 200);
	text[200] = '\0';
	subject.len = 0;
	put_name_part(&subject, 3, text);
	put_name_part(&subject, 10, text);
	cert_make(&cert, &subject, true);
	expect_name(&cert, text);
}

static int parse_exact(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct der_cert parsed;
	int err;

	memcpy(exact, data, len);
	err = der_cert_parse(&parsed, exact, len);
	if (err == 0)
		assert_true(parsed.len <= len && parsed.common_name_len < len);
	free(exact);
	return err;
}

static void cut_and_spoilt(void **state)
{
	static const uint8_t nasty[] = {0x00, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff};
	struct der_text subject = {0};
	struct der_text cert;

	(void)state;
	put_name_part(&subject, 3, "the name");
	cert_make(&cert, &subject, true);
	for (size_t len = 0; len < cert.len; len++)
		assert_int_equal(parse_exact(cert.data, len), -EINVAL);
	for (size_t at = 0; at < cert.len; at++) {
		const uint8_t good = cert.data[at];

		for (size_t i = 0; i < sizeof(nasty); i++) {
			cert.data[at] = nasty[i];
			parse_exact(cert.data, cert.len);
		}
		cert.data[at] = good;
	}
	/* a byte behind it is somebody else's */
	cert.data[cert.len] = 0x30;
	cert.len++;
	assert_int_equal(parse_exact(cert.data, cert.len), 0);
}

/* Lengths that BER allows and DER does not, or that say more than there is. */
static void odd_lengths(void **state)
{
	static const struct {
		uint8_t head[8];
		size_t len;
	} heads[] = {
		{{0x30, 0x80}, 2},                         /* indefinite */
		{{0x30, 0x81, 0x40}, 3},                   /* one octet too many */
		{{0x30, 0x83, 0x00, 0x01, 0x00}, 5},       /* a zero in front */
		{{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, 6}, /* four gigabytes */
		{{0x30, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00}, 7},
		{{0x30, 0xff}, 2},
	};
	uint8_t data[512] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		memcpy(data, heads[i].head, heads[i].len);
		assert_int_equal(parse_exact(data, sizeof(data)), -EINVAL);
	}
}

static void real_pem(const char *file, const char *const *expected)
{
	struct buf text = {0};
	struct pem pem;

	print_message("%s\n", file);
	fixture_read(file, &text);
	pem = (struct pem){text.data, text.len};
	for (; *expected; expected++) {
		struct der_cert cert;
		struct buf der = {0};

		assert_int_equal(pem_next(&pem, &der), 0);
		assert_int_equal(der_cert_parse(&cert, der.data, der.len), 0);
		assert_int_equal(cert.len, der.len);
		assert_int_equal(cert.common_name_len, strlen(*expected));
		assert_memory_equal(cert.common_name, *expected, strlen(*expected));
		buf_free(&der);
	}
	assert_int_equal(pem_next(&pem, &(struct buf){0}), -ENOENT);
	buf_free(&text);
}

static void real_certificates(void **state)
{
	(void)state;
	real_pem("snp/dstack-milan-vcek.pem", (const char *[]){"SEV-VCEK", NULL});
	real_pem("snp/gosev-milan-ask-ark.pem", (const char *[]){"SEV-Milan", "ARK-Milan", NULL});
	real_pem("snp/gosev-trust-ask_ark_genoa_vlek.pem",
		 (const char *[]){"SEV-VLEK-Genoa", "ARK-Genoa", NULL});
	real_pem("snp/virtee-cert_chain_turin", (const char *[]){"SEV-Turin", "ARK-Turin", NULL});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(cut_and_spoilt),
		cmocka_unit_test(odd_lengths),
		cmocka_unit_test(real_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
