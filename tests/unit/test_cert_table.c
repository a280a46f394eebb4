/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates in every form that an agent may give, and in none, to one table. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>

#include "agent/answer.h"
#include "agent/attestation.h"
#include "sim/cert.h"
#include "sim/crypto.h"
#include "tools/fixture.h"
#include "translate/cert_table.h"

enum { ELEMENTS = 4 };

/* A certificate with that common name, in DER. */
static struct bytes der_of(const char *common_name)
{
	EVP_PKEY *key = crypto_key("certificate of a test", NID_X9_62_prime256v1);
	X509 *cert = cert_begin(common_name, key, NULL);
	struct bytes der = {0};

	cert_sign(cert, key);
	cert_add_der(&der, cert);
	X509_free(cert);
	EVP_PKEY_free(key);
	return der;
}

static void add_pem(struct bytes *out, const struct bytes *der)
{
	const uint8_t *next = der->data;
	X509 *cert = d2i_X509(NULL, &next, (long)der->len);

	cert_add_pem(out, cert);
	X509_free(cert);
}

static struct buf element(const struct bytes *bytes)
{
	struct buf buf = {0};

	assert_int_equal(buf_append(&buf, bytes->data, bytes->len, SIZE_MAX), 0);
	return buf;
}

/* What the table is to hold: kind by kind, and how much was dropped. */
static void expect(const struct buf *elements, size_t count, const char *kinds,
		   struct cert_table_drops drops)
{
	static const char letters[] = {[CERT_VCEK] = 'v',
				       [CERT_VLEK] = 'l',
				       [CERT_ASK] = 's',
				       [CERT_ARK] = 'r',
				       [CERT_OTHER] = 'o'};
	struct cert_table_drops dropped;
	struct cert_entry entry;
	struct buf table = {0};
	char found[32] = "";
	size_t i = 0;

	assert_int_equal(cert_table_make(elements, count, &table, &dropped), 0);
	for (; cert_table_entry(table.data, table.len, i, &entry) == 0; i++)
		found[i] = letters[entry.kind];
	assert_string_equal(found, kinds);
	assert_int_equal(dropped.broken, drops.broken);
	assert_int_equal(dropped.unknown, drops.unknown);
	assert_int_equal(dropped.duplicate, drops.duplicate);
	assert_int_equal(dropped.too_large, drops.too_large);
	if (*kinds) {
		assert_int_equal(cert_table_entry(table.data, table.len, i, &entry), -ENOENT);
		/* nothing behind the last certificate */
		assert_int_equal(cert_table_entry(table.data, table.len, i - 1, &entry), 0);
		assert_ptr_equal(entry.data + entry.len, table.data + table.len);
	} else {
		assert_int_equal(table.len, 0);
	}
	buf_free(&table);
}

static void free_elements(struct buf *elements, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_free(&elements[i]);
}

static void expect_one(const void *data, size_t len, const char *kinds,
		       struct cert_table_drops drops)
{
	struct bytes bytes = {0};
	struct buf buf;

	bytes_add(&bytes, data, len);
	buf = element(&bytes);
	expect(&buf, 1, kinds, drops);
	buf_free(&buf);
	bytes_free(&bytes);
}

static void nothing(void **state)
{
	static const uint8_t zeros[4096];
	const struct buf empty[2] = {{0}};

	(void)state;
	expect(NULL, 0, "", (struct cert_table_drops){0});
	expect(empty, 2, "", (struct cert_table_drops){0});
	/* the page that KVM gives without certificates */
	expect_one(zeros, sizeof(zeros), "", (struct cert_table_drops){0});
}

static void kinds_by_name(void **state)
{
	static const struct {
		const char *name;
		const char *kind;
	} cases[] = {
		{"SEV-VCEK", "v"},
		{"SEV-VLEK", "l"},
		{"SEV-Milan", "s"},
		{"SEV-Genoa", "s"},
		{"SEV-Turin", "s"},
		{"SEV-VLEK-Milan", "s"},
		{"SEV-VLEK-Turin", "s"},
		{"ARK-Milan", "r"},
		{"ARK-Genoa", "r"},
		{"ARK-Turin", "r"},
		{"SEV", ""},
		{"ARK", ""},
		{"sev-vcek", ""},
		{"Simulator Root CA", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes der = der_of(cases[i].name);

		expect_one(der.data, der.len, cases[i].kind,
			   (struct cert_table_drops){.unknown = !*cases[i].kind});
		bytes_free(&der);
	}
}

/* The same three as one PEM text, as PEM elements, as DER elements, as DER in a row, and as a table. */
static void same_in_every_form(void **state)
{
	static const char *const names[] = {"SEV-Milan", "SEV-VCEK", "ARK-Milan"};
	struct bytes pem_all = {0}, der_all = {0};
	struct buf pem[3], der[3], one;
	struct cert_table_drops drops;
	struct buf table = {0}, again = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bytes cert = der_of(names[i]), text = {0};

		add_pem(&text, &cert);
		add_pem(&pem_all, &cert);
		bytes_add(&der_all, cert.data, cert.len);
		der[i] = element(&cert);
		pem[i] = element(&text);
		bytes_free(&cert);
		bytes_free(&text);
	}
	assert_int_equal(cert_table_make(der, 3, &table, &drops), 0);
	for (unsigned form = 0; form < 4; form++) {
		const struct bytes *all = form == 1 ? &pem_all : &der_all;

		one = form < 3 ? element(all) : (struct buf){0};
		if (form == 0)
			assert_int_equal(cert_table_make(pem, 3, &again, &drops), 0);
		else if (form < 3)
			assert_int_equal(cert_table_make(&one, 1, &again, &drops), 0);
		else
			assert_int_equal(cert_table_make(&table, 1, &again, &drops), 0);
		assert_int_equal(again.len, table.len);
		assert_memory_equal(again.data, table.data, table.len);
		buf_free(&again);
		buf_free(&one);
	}
	expect(der, 3, "svr", (struct cert_table_drops){0});
	free_elements(der, 3);
	free_elements(pem, 3);
	buf_free(&table);
	bytes_free(&pem_all);
	bytes_free(&der_all);
}

/* A host's table: entries of its own stay, empty ones and a page's zeros go, GUIDs decide. */
static void table_of_a_host(void **state)
{
	struct bytes cert = der_of("any name");
	struct bytes table = {0};
	const struct {
		uint8_t guid[16];
		uint32_t offset, len;
	} entries[] = {
		{{0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b,
		  0xe8, 0xac, 0xcd},
		 144,
		 (uint32_t)cert.len},
		{"of the host's ow", 8, 16},
		{"an empty entry..", 0, 0},
		{{0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01,
		  0x4c, 0xd0, 0xae},
		 0,
		 100},
		{{0}, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		bytes_add(&table, entries[i].guid, 16);
		bytes_le32(&table, entries[i].offset);
		bytes_le32(&table, entries[i].len);
	}
	bytes_zero(&table, 144 - table.len);
	bytes_add(&table, cert.data, cert.len);
	bytes_zero(&table, 4096 - table.len);
	expect_one(table.data, table.len, "vo", (struct cert_table_drops){.broken = 1});

	/* an entry beyond the end: then it is no table at all */
	table.data[24 + 16] = 0xff;
	table.data[24 + 17] = 0xff;
	expect_one(table.data, table.len, "", (struct cert_table_drops){.broken = 1});
	bytes_free(&table);
	bytes_free(&cert);
}

static void rubbish_and_duplicates(void **state)
{
	struct bytes ask = der_of("SEV-Milan"), vcek = der_of("SEV-VCEK"), other = der_of("other");
	struct bytes text = {0};
	struct buf elements[ELEMENTS];

	(void)state;
	expect_one("rubbish", 7, "", (struct cert_table_drops){.broken = 1});
	expect_one(vcek.data, vcek.len - 1, "", (struct cert_table_drops){.broken = 1});
	bytes_text(&text, "-----BEGIN CERTIFICATE-----\nTWFu\n-----END CERTIFICATE-----\n");
	add_pem(&text, &ask);
	bytes_text(&text, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
	add_pem(&text, &other);
	elements[0] = element(&text);
	elements[1] = element(&vcek);
	elements[2] = element(&ask);
	elements[3] = element(&vcek);
	expect(elements, 4, "sv",
	       (struct cert_table_drops){.broken = 2, .unknown = 1, .duplicate = 2});
	free_elements(elements, 4);
	bytes_free(&text);
	bytes_free(&ask);
	bytes_free(&vcek);
	bytes_free(&other);
}

/* What would not fit into the kernel's 16 KiB is left out; what comes after it may fit. */
static void too_large(void **state)
{
	struct bytes vcek = der_of("SEV-VCEK");
	struct bytes table = {0};
	struct buf elements[2];

	(void)state;
	bytes_text(&table, "of the host's ow");
	bytes_le32(&table, 48);
	bytes_le32(&table, CERT_TABLE_MAX - 48);
	bytes_zero(&table, 24);
	bytes_zero(&table, CERT_TABLE_MAX - 48 - 1);
	bytes_u8(&table, 1);
	elements[0] = element(&vcek);
	elements[1] = element(&table);
	expect(elements, 2, "v", (struct cert_table_drops){.too_large = 1});
	expect(elements + 1, 1, "o", (struct cert_table_drops){0});
	free_elements(elements, 2);
	bytes_free(&vcek);
	bytes_free(&table);
}

static void hostile_entries(void **state)
{
	uint8_t table[72] = "0123456789abcdef";
	struct cert_entry entry;

	(void)state;
	assert_int_equal(cert_table_entry(NULL, 0, 0, &entry), -EINVAL);
	assert_int_equal(cert_table_entry(table, 23, 0, &entry), -EINVAL);
	assert_int_equal(cert_table_entry(table, 72, 3, &entry), -EINVAL);
	assert_int_equal(cert_table_entry(table, 72, SIZE_MAX, &entry), -EINVAL);
	assert_int_equal(cert_table_entry(table, 72, 1, &entry), -ENOENT);
	memset(table + 16, 0xff, 8);
	assert_int_equal(cert_table_entry(table, 72, 0, &entry), -EINVAL);
	memcpy(table + 16, "\x48\0\0\0\0\0\0\0", 8);
	assert_int_equal(cert_table_entry(table, 72, 0, &entry), 0);
	memcpy(table + 16, "\x47\0\0\0\2\0\0\0", 8);
	assert_int_equal(cert_table_entry(table, 72, 0, &entry), -EINVAL);
	memcpy(table + 16, "\x02\0\0\0\xff\xff\xff\xff", 8);
	assert_int_equal(cert_table_entry(table, 72, 0, &entry), -EINVAL);
}

static void real_table(const char *file, const char *kinds)
{
	struct cert_table_drops drops;
	struct buf given = {0}, made = {0};

	print_message("%s\n", file);
	fixture_read(file, &given);
	expect(&given, 1, kinds, (struct cert_table_drops){0});
	if (strstr(file, "cert-table")) {
		assert_int_equal(cert_table_make(&given, 1, &made, &drops), 0);
		assert_int_equal(made.len, given.len);
		assert_memory_equal(made.data, given.data, given.len);
		buf_free(&made);
	}
	buf_free(&given);
}

static void real_answer(const char *file, const char *kinds)
{
	struct attestation attestation;
	struct buf body = {0}, bytes = {0};
	json_t *answer;

	print_message("%s\n", file);
	fixture_read(file, &body);
	assert_int_equal(answer_object(&body, &answer), 0);
	assert_int_equal(answer_hex(answer, "attestation", &bytes), 0);
	assert_int_equal(attestation_parse(bytes.data, bytes.len, &attestation), 0);
	expect(attestation.certs, attestation.cert_count, kinds, (struct cert_table_drops){0});
	attestation_free(&attestation);
	json_decref(answer);
	buf_free(&bytes);
	buf_free(&body);
}

static void real_forms(void **state)
{
	(void)state;
	real_table("constructed/snp-cert-table-vcek-ask-ark.bin", "vsr");
	real_table("constructed/snp-cert-table-vcek-ask.bin", "vs");
	real_table("snp/gosev-milan-vlek-asvk-ark.pem", "sr");
	real_table("snp/gosev-trust-ask_ark_turin_vlek.pem", "sr");
	real_table("snp/dstack-milan-vcek.pem", "v");
	real_table("snp/virtee-vcek_turin.der", "v");
	real_table("snp/trustee-test-vlek.der", "l");
	real_answer("dstack/attest-sev-snp-with-certs.json", "sv");
	real_answer("constructed/v1-attest-snp-with-certs.response.json", "sv");
	real_answer("constructed/v1-attest-snp.response.json", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(kinds_by_name),
		cmocka_unit_test(same_in_every_form),
		cmocka_unit_test(table_of_a_host),
		cmocka_unit_test(rubbish_and_duplicates),
		cmocka_unit_test(too_large),
		cmocka_unit_test(hostile_entries),
		cmocka_unit_test(real_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
