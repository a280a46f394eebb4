/* SPDX-License-Identifier: Apache-2.0 */
/* Attestations of both codecs: own ones whole, cut and spoilt; real ones where they are at hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/answer.h"
#include "agent/attestation.h"
#include "tools/fixture.h"
#include "translate/snp_report.h"

enum { DOC_MAX = 8192 };

/* A document under construction. */
struct doc {
	uint8_t data[DOC_MAX];
	size_t len;
};

static void put(struct doc *doc, const void *data, size_t len)
{
	assert_true(len <= sizeof(doc->data) - doc->len);
	memcpy(doc->data + doc->len, data, len);
	doc->len += len;
}

static void put_byte(struct doc *doc, unsigned byte)
{
	const uint8_t value = (uint8_t)byte;

	put(doc, &value, 1);
}

/* attestation_parse() for its errno alone. */
static int parse_only(const uint8_t *data, size_t len)
{
	struct attestation attestation;
	int err = attestation_parse(data, len, &attestation);

	if (err == 0)
		attestation_free(&attestation);
	return err;
}

static void check_every_cut(const uint8_t *data, size_t len)
{
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *exact = malloc(cut ? cut : 1);

		memcpy(exact, data, cut);
		assert_int_equal(parse_only(exact, cut), -EINVAL);
		free(exact);
	}
	assert_int_equal(parse_only(data, len), 0);
}

static void put_scale(struct doc *doc, const char *text)
{
	put_byte(doc, (unsigned)strlen(text) << 2);
	put(doc, text, strlen(text));
}

static void put_v0_stack(struct doc *doc)
{
	static const uint8_t report_data[64] = {1, 2, 3};

	put_byte(doc, 2 << 2); /* runtime events */
	put_scale(doc, "app-id");
	put_scale(doc, "payload");
	put_scale(doc, "system-ready");
	put_scale(doc, "");
	put(doc, report_data, sizeof(report_data));
	put_scale(doc, "{\"cpu_count\":2}");
}

static void make_v0_tdx(struct doc *doc)
{
	static const uint8_t numbers[8] = {3, 0, 0, 0, 1, 0, 0, 8};

	*doc = (struct doc){0};
	put(doc, "\0\0", 2);
	put_scale(doc, "the quote");
	put_byte(doc, 1 << 2); /* events */
	put(doc, numbers, sizeof(numbers));
	put_scale(doc, "digest");
	put_scale(doc, "app-id");
	put_scale(doc, "payload");
	put_v0_stack(doc);
}

/* A report of that many bytes; the first is no integer of one byte in MessagePack. */
static void put_report(struct doc *doc, size_t len)
{
	static const uint8_t report[SNP_REPORT_SIZE + 1] = {0x83, [SNP_REPORT_SIZE - 1] = 0x7f};

	put(doc, report, len);
}

static void make_v0_snp(struct doc *doc, size_t report_len)
{
	*doc = (struct doc){0};
	put(doc, "\0\3", 2);
	put_byte(doc, (report_len << 2 | 1) & 0xff);
	put_byte(doc, (unsigned)(report_len >> 6));
	put_report(doc, report_len);
	put_byte(doc, 2 << 2); /* certificates */
	put_scale(doc, "ask");
	put_scale(doc, "vcek");
	put_scale(doc, "{\"version\":3}");
	put_v0_stack(doc);
}

static void put_text(struct doc *doc, const char *text)
{
	put_byte(doc, 0xa0 | (unsigned)strlen(text));
	put(doc, text, strlen(text));
}

/* The data before the kind, an unknown key, the stack before the platform: order means nothing. */
static void make_v1(struct doc *doc, const char *kind, bool as_array)
{
	*doc = (struct doc){0};
	put_byte(doc, 0x83);
	put_text(doc, "stack");
	put_byte(doc, 0x81);
	put_text(doc, "kind");
	put_text(doc, "sev-snp"); /* not the platform's */
	put_text(doc, "platform");
	put_byte(doc, 0x83);
	put_text(doc, "data");
	put_byte(doc, 0x82);
	put_text(doc, "later");
	put_byte(doc, 0xc0);
	put_text(doc, "quote");
	if (as_array) {
		put_byte(doc, 0x99);
		put(doc, "the quote", 9);
	} else {
		put_byte(doc, 0xc4);
		put_byte(doc, 9);
		put(doc, "the quote", 9);
	}
	put_text(doc, "kind");
	put_text(doc, kind);
	put_text(doc, "extra");
	put(doc, "\x92\xc4\1x\xcf\0\0\0\0\0\0\0\0", 13);
	put_text(doc, "version");
	put_byte(doc, 1);
}

/* {version: 1, platform: {kind: "sev-snp", data: {report, cert_chain, mr_config}}}; as_bin: else arrays */
static void make_v1_snp(struct doc *doc, size_t report_len, unsigned certs, bool as_bin)
{
	*doc = (struct doc){0};
	put_byte(doc, 0x82);
	put_text(doc, "version");
	put_byte(doc, 1);
	put_text(doc, "platform");
	put_byte(doc, 0x82);
	put_text(doc, "kind");
	put_text(doc, "sev-snp");
	put_text(doc, "data");
	put_byte(doc, 0x83);
	put_text(doc, "cert_chain");
	put_byte(doc, 0xdc);
	put_byte(doc, 0);
	put_byte(doc, certs);
	for (unsigned i = 0; i < certs; i++)
		put(doc, as_bin ? "\xc4\1x" : "\x91x", as_bin ? 3 : 2);
	put_text(doc, "report");
	put_byte(doc, as_bin ? 0xc5 : 0xdc);
	put_byte(doc, (unsigned)(report_len >> 8));
	put_byte(doc, report_len & 0xff);
	if (as_bin) {
		put_report(doc, report_len);
	} else {
		put(doc, "\xcc\x83", 2);
		put_report(doc, report_len);
		memmove(doc->data + doc->len - report_len, doc->data + doc->len - report_len + 1,
			report_len - 1);
		doc->len--;
	}
	put_text(doc, "mr_config");
	put_text(doc, "{}");
}

static void expect(const struct doc *doc, enum attestation_kind kind, const char *quote)
{
	struct attestation attestation;

	assert_int_equal(attestation_parse(doc->data, doc->len, &attestation), 0);
	assert_int_equal(attestation.kind, kind);
	assert_int_equal(attestation.quote.len, strlen(quote));
	assert_int_equal(attestation.report.len, 0);
	assert_int_equal(attestation.cert_count, 0);
	if (*quote)
		assert_memory_equal(attestation.quote.data, quote, strlen(quote));
	attestation_free(&attestation);
}

/* @certs: what they hold, one after another, a comma behind each */
static void expect_snp(const struct doc *doc, const char *certs)
{
	struct attestation attestation;
	struct buf found = {0};

	assert_int_equal(attestation_parse(doc->data, doc->len, &attestation), 0);
	assert_int_equal(attestation.kind, ATTESTATION_SEV_SNP);
	assert_int_equal(attestation.quote.len, 0);
	assert_int_equal(attestation.report.len, SNP_REPORT_SIZE);
	assert_int_equal(attestation.report.data[0], 0x83);
	assert_int_equal(attestation.report.data[SNP_REPORT_SIZE - 1], 0x7f);
	for (size_t i = 0; i < attestation.cert_count; i++) {
		const struct buf *cert = &attestation.certs[i];

		assert_int_equal(buf_append(&found, cert->data, cert->len, DOC_MAX), 0);
		assert_int_equal(buf_append(&found, ",", 1, DOC_MAX), 0);
	}
	assert_int_equal(buf_append(&found, "", 1, DOC_MAX), 0);
	assert_string_equal((const char *)found.data, certs);
	buf_free(&found);
	attestation_free(&attestation);
}

static void attestation_v0(void **state)
{
	struct doc doc;

	(void)state;
	make_v0_tdx(&doc);
	expect(&doc, ATTESTATION_TDX, "the quote");
	check_every_cut(doc.data, doc.len);
	put_byte(&doc, 0);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);

	/* of GCP TDX the part before the TPM's; up to 0.5.11 nothing at all */
	make_v0_tdx(&doc);
	doc.data[1] = ATTESTATION_GCP_TDX;
	expect(&doc, ATTESTATION_GCP_TDX, "the quote");
	doc = (struct doc){.data = {0, 1}, .len = 2};
	expect(&doc, ATTESTATION_GCP_TDX, "");
	put_byte(&doc, 4);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	doc.data[1] = ATTESTATION_NITRO_TPM;
	expect(&doc, ATTESTATION_NITRO_TPM, "");
	doc.data[1] = 5;
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	/* a vector of a billion events in four bytes */
	assert_int_equal(parse_only((const uint8_t *)"\0\0\4q\xfe\xff\xff\xff", 8), -EINVAL);
}

static void attestation_v0_snp(void **state)
{
	struct doc doc;

	(void)state;
	make_v0_snp(&doc, SNP_REPORT_SIZE);
	expect_snp(&doc, "ask,vcek,");
	check_every_cut(doc.data, doc.len);
	put_byte(&doc, 0);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	make_v0_snp(&doc, SNP_REPORT_SIZE - 1);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	make_v0_snp(&doc, SNP_REPORT_SIZE + 1);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);

	/* certificates: none, as many as there may be, one more */
	for (unsigned count = 0; count <= ATTESTATION_CERTS_MAX + 1;
	     count += count ? 1 : ATTESTATION_CERTS_MAX) {
		doc = (struct doc){0};
		put(&doc, "\0\3\x81\x12", 4);
		put_report(&doc, SNP_REPORT_SIZE);
		put_byte(&doc, count << 2);
		for (unsigned i = 0; i < count; i++)
			put_byte(&doc, 0);
		put_scale(&doc, "{}");
		put_v0_stack(&doc);
		if (count <= ATTESTATION_CERTS_MAX)
			expect_snp(&doc, count ? ",,,,,,,,,,,,,,,," : "");
		else
			assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	}
}

static void attestation_v1_snp(void **state)
{
	struct doc doc;

	(void)state;
	for (unsigned as_bin = 0; as_bin < 2; as_bin++) {
		make_v1_snp(&doc, SNP_REPORT_SIZE, 2, as_bin);
		expect_snp(&doc, "x,x,");
		check_every_cut(doc.data, doc.len);
		put_byte(&doc, 0);
		assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
		make_v1_snp(&doc, SNP_REPORT_SIZE - 1, 0, as_bin);
		assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
		make_v1_snp(&doc, SNP_REPORT_SIZE, 0, as_bin);
		expect_snp(&doc, "");
		make_v1_snp(&doc, SNP_REPORT_SIZE, ATTESTATION_CERTS_MAX + 1, as_bin);
		assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	}
	/* the report of another kind's data */
	make_v1(&doc, "sev-snp", true);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
}

static void attestation_v1(void **state)
{
	struct doc doc;

	(void)state;
	make_v1(&doc, "tdx", false);
	expect(&doc, ATTESTATION_TDX, "the quote");
	check_every_cut(doc.data, doc.len);
	make_v1(&doc, "tdx", true);
	expect(&doc, ATTESTATION_TDX, "the quote");
	put_byte(&doc, 0);
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	make_v1(&doc, "gcp-tdx", true);
	expect(&doc, ATTESTATION_GCP_TDX, "the quote");
	make_v1(&doc, "nitro-enclave", true);
	expect(&doc, ATTESTATION_NITRO_ENCLAVE, "");
	make_v1(&doc, "aws-nitro-tpm", true);
	expect(&doc, ATTESTATION_NITRO_TPM, "");
	make_v1(&doc, "cca", true);
	expect(&doc, ATTESTATION_UNKNOWN, "");
	make_v1(&doc, "tdx", true);
	doc.data[doc.len - 1] = 2; /* version */
	assert_int_equal(parse_only(doc.data, doc.len), -EINVAL);
	assert_int_equal(parse_only((const uint8_t *)"\x80", 1), -EINVAL);
	assert_int_equal(parse_only((const uint8_t *)"\x05", 1), -EINVAL);
}

/* Each byte of good documents set to each of a few nasty values: whatever it gives, no crash. */
static void attestation_mutated(void **state)
{
	static const uint8_t nasty[] = {0x00, 0x7f, 0x80, 0xc1, 0xdb, 0xdd, 0xdf, 0xfe, 0xff};
	struct doc docs[4];

	(void)state;
	make_v0_tdx(&docs[0]);
	make_v0_snp(&docs[1], SNP_REPORT_SIZE);
	make_v1(&docs[2], "tdx", true);
	make_v1_snp(&docs[3], SNP_REPORT_SIZE, 2, true);
	for (size_t d = 0; d < 4; d++)
		for (size_t at = 0; at < docs[d].len; at++)
			for (size_t i = 0; i < sizeof(nasty); i++) {
				uint8_t *exact = malloc(docs[d].len);
				int err;

				memcpy(exact, docs[d].data, docs[d].len);
				exact[at] = nasty[i];
				err = parse_only(exact, docs[d].len);
				assert_true(err == 0 || err == -EINVAL);
				free(exact);
			}
}

static void real_bytes(const char *name, enum attestation_kind kind, size_t quote_min, size_t certs)
{
	struct attestation attestation;
	struct buf file = {0};
	struct buf bytes = {0};
	json_t *answer = NULL;

	print_message("%s\n", name);
	fixture_read(name, &file);
	if (strstr(name, ".json")) {
		assert_int_equal(answer_object(&file, &answer), 0);
		assert_int_equal(answer_hex(answer, "attestation", &bytes), 0);
		json_decref(answer);
		buf_free(&file);
	} else {
		bytes = file;
	}
	assert_int_equal(attestation_parse(bytes.data, bytes.len, &attestation), 0);
	assert_int_equal(attestation.kind, kind);
	assert_true(attestation.quote.len >= quote_min);
	assert_int_equal(attestation.report.len, kind == ATTESTATION_SEV_SNP ? SNP_REPORT_SIZE : 0);
	assert_int_equal(attestation.cert_count, certs);
	attestation_free(&attestation);
	buf_free(&bytes);
}

static void attestation_real(void **state)
{
	(void)state;
	real_bytes("dstack/sim-attestation-tdx-scale-v0.bin", ATTESTATION_TDX, 5000, 0);
	real_bytes("dstack/attest-0.6.0-alpha-tdx.json", ATTESTATION_TDX, 5000, 0);
	real_bytes("dstack/attest-sev-snp-scale-v0.bin", ATTESTATION_SEV_SNP, 0, 0);
	real_bytes("dstack/attest-sev-snp-with-certs.json", ATTESTATION_SEV_SNP, 0, 2);
	real_bytes("dstack/attest-nitro-enclave.bin", ATTESTATION_NITRO_ENCLAVE, 0, 0);
	real_bytes("constructed/attest-v0-tdx.response.json", ATTESTATION_TDX, 5000, 0);
	real_bytes("constructed/v1-attest-tdx.response.json", ATTESTATION_TDX, 5000, 0);
	real_bytes("constructed/v1-attest-snp-with-certs.response.json", ATTESTATION_SEV_SNP, 0, 2);
	real_bytes("constructed/attest-v1-snp.msgpack", ATTESTATION_SEV_SNP, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attestation_v0),      cmocka_unit_test(attestation_v0_snp),
		cmocka_unit_test(attestation_v1),      cmocka_unit_test(attestation_v1_snp),
		cmocka_unit_test(attestation_mutated), cmocka_unit_test(attestation_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
