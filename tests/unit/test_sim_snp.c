/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's SEV-SNP evidence is what it claims: reports verify under its ARK and no other with the
 * certificates of every form, and tampering is found.  The verifier itself is judged by real reports.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include "agent/attestation.h"
#include "sim/attest.h"
#include "sim/crypto.h"
#include "tools/fixture.h"
#include "tools/report_verify.h"
#include "translate/cert_table.h"

static const uint8_t report_data[REPORT_DATA_LEN] = {1, 2, 3, [63] = 64};

static void begin(struct sim *sim, enum agent agent, enum snp_certs certs)
{
	*sim = (struct sim){
		.agent = agent,
		.log_fd = -1,
		.stop_fd = -1,
		.platform = &platform_sev_snp,
		.certs = certs,
	};
	sim_begin(sim, 4, 0);
}

static X509 *pem_first(const uint8_t *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	assert_non_null(cert);
	BIO_free(bio);
	return cert;
}

static X509 *root_of(const struct sim *sim)
{
	struct bytes pem = {0};
	X509 *root;

	sim->platform->root(sim->tee, &pem);
	root = pem_first(pem.data, pem.len);
	bytes_free(&pem);
	return root;
}

/* The report and the table that a client makes of an attestation. */
static void take(struct sim *sim, bool v1, struct buf *report, struct buf *table)
{
	struct attestation attestation;
	struct cert_table_drops drops;
	struct bytes bytes = {0};

	if (v1)
		attest_v1(sim, report_data, &bytes);
	else
		attest_v0(sim, report_data, &bytes);
	assert_int_equal(attestation_parse(bytes.data, bytes.len, &attestation), 0);
	assert_int_equal(attestation.kind, ATTESTATION_SEV_SNP);
	*report = attestation.report;
	attestation.report = (struct buf){0};
	assert_int_equal(cert_table_make(attestation.certs, attestation.cert_count, table, &drops),
			 0);
	assert_int_equal(drops.broken + drops.unknown + drops.duplicate + drops.too_large, 0);
	attestation_free(&attestation);
	bytes_free(&bytes);
}

static void every_form(void **state)
{
	static const struct {
		enum snp_certs certs;
		const char *signer;
		size_t elements;
	} forms[] = {
		{SNP_CERTS_TABLE, "VCEK", 3},
		{SNP_CERTS_PEM, "VCEK", 2},
		{SNP_CERTS_DER, "VCEK", 3},
		{SNP_CERTS_VLEK, "VLEK", 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct sim sim;
		X509 *root;

		begin(&sim, AGENT_0_6_0, forms[i].certs);
		root = root_of(&sim);
		for (unsigned v1 = 0; v1 < 2; v1++) {
			struct buf report = {0}, table = {0};
			struct report_facts facts;
			struct cert_entry entry;

			take(&sim, v1, &report, &table);
			assert_int_equal(
				cert_table_entry(table.data, table.len, forms[i].elements, &entry),
				-ENOENT);
			assert_null(report_verify(report.data, report.len, table.data, table.len,
						  root, &facts));
			assert_int_equal(facts.version, 3);
			assert_string_equal(facts.signer, forms[i].signer);
			assert_memory_equal(facts.report_data, report_data, REPORT_DATA_LEN);
			buf_free(&report);
			buf_free(&table);
		}
		X509_free(root);
		sim_end(&sim);
	}
}

/* A run without certificates: those of another run, which a key service would have, do. */
static void no_certificates(void **state)
{
	struct buf report = {0}, table = {0}, others = {0}, unused = {0};
	struct report_facts facts;
	struct sim first, second;
	X509 *root;

	(void)state;
	begin(&first, AGENT_0_6_0, SNP_CERTS_NONE);
	begin(&second, AGENT_0_6_0_ALPHA, SNP_CERTS_TABLE);
	root = root_of(&second);
	take(&first, true, &report, &table);
	assert_int_equal(table.len, 0);
	assert_string_equal(report_verify(report.data, report.len, NULL, 0, root, &facts),
			    "the certificate of the report's signer is missing");
	take(&second, false, &unused, &others);
	assert_null(report_verify(report.data, report.len, others.data, others.len, root, &facts));
	buf_free(&report);
	buf_free(&others);
	buf_free(&unused);
	X509_free(root);
	sim_end(&first);
	sim_end(&second);
}

/* dstack's own events stand in the alpha's attestations, and no more in those of 0.6.0. */
static void events_of_the_alpha(void **state)
{
	static const enum agent agents[] = {AGENT_0_6_0_ALPHA, AGENT_0_6_0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct attestation attestation;
		struct bytes bytes = {0};
		struct sim sim;

		begin(&sim, agents[i], SNP_CERTS_NONE);
		attest_v0(&sim, report_data, &bytes);
		assert_int_equal(!memmem(bytes.data, bytes.len, "system-ready", 12),
				 agents[i] == AGENT_0_6_0);
		assert_int_equal(attestation_parse(bytes.data, bytes.len, &attestation), 0);
		attestation_free(&attestation);
		bytes_free(&bytes);
		sim_end(&sim);
	}
}

/* One flipped bit in what is signed, in the signature, or behind it must be noticed. */
static void tampering_is_found(void **state)
{
	struct buf report = {0}, table = {0};
	struct report_facts facts;
	struct sim sim;
	X509 *root;

	(void)state;
	begin(&sim, AGENT_0_6_0, SNP_CERTS_TABLE);
	root = root_of(&sim);
	take(&sim, true, &report, &table);
	for (size_t i = 0; i < report.len; i += 5) {
		report.data[i] ^= 1;
		assert_non_null(report_verify(report.data, report.len, table.data, table.len, root,
					      &facts));
		report.data[i] ^= 1;
	}
	assert_null(report_verify(report.data, report.len, table.data, table.len, root, &facts));
	buf_free(&report);
	buf_free(&table);
	X509_free(root);
	sim_end(&sim);
}

/* An ARK of the same name with another key. */
static void other_root_is_refused(void **state)
{
	EVP_PKEY *key = crypto_key("another ARK", NID_secp384r1);
	struct buf report = {0}, table = {0};
	struct report_facts facts;
	struct sim sim;
	X509 *root;

	(void)state;
	begin(&sim, AGENT_0_6_0, SNP_CERTS_TABLE);
	root = root_of(&sim);
	assert_true(X509_set_pubkey(root, key) && X509_sign(root, key, EVP_sha384()) > 0);
	take(&sim, true, &report, &table);
	assert_string_equal(
		report_verify(report.data, report.len, table.data, table.len, root, &facts),
		"the certificate chain does not lead to the given ARK");
	buf_free(&report);
	buf_free(&table);
	EVP_PKEY_free(key);
	X509_free(root);
	sim_end(&sim);
}

static void wrong_data_is_a_good_report(void **state)
{
	struct buf report = {0}, table = {0};
	struct report_facts facts;
	struct sim sim;
	X509 *root;

	(void)state;
	begin(&sim, AGENT_0_6_0, SNP_CERTS_DER);
	sim.fault = FAULT_WRONG_DATA;
	root = root_of(&sim);
	take(&sim, true, &report, &table);
	assert_null(report_verify(report.data, report.len, table.data, table.len, root, &facts));
	assert_memory_not_equal(facts.report_data, report_data, REPORT_DATA_LEN);
	buf_free(&report);
	buf_free(&table);
	X509_free(root);
	sim_end(&sim);
}

/* The steps in rsa.c lead to primes. */
static void rsa_keys_are_sound(void **state)
{
	EVP_PKEY *keys[] = {crypto_rsa_key("ARK"), crypto_rsa_key("ASK"), crypto_rsa_key("ASVK")};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, keys[i], NULL);

		assert_int_equal(EVP_PKEY_get_bits(keys[i]), 4096);
		assert_int_equal(EVP_PKEY_check(ctx), 1);
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(keys[i]);
	}
}

/* A real report, its leaf and chain in the forms they come in, and the ARK at the chain's end. */
static void real_report(const char *report_file, const char *leaf_file, const char *chain_file)
{
	struct cert_table_drops drops;
	struct report_facts facts;
	struct buf report = {0}, certs[2] = {{0}}, table = {0};
	const uint8_t *ark;
	X509 *root;

	print_message("%s\n", report_file);
	fixture_read(report_file, &report);
	fixture_read(leaf_file, &certs[0]);
	fixture_read(chain_file, &certs[1]);
	assert_int_equal(cert_table_make(certs, 2, &table, &drops), 0);
	ark = memmem(certs[1].data + 1, certs[1].len - 1, "-----BEGIN", 10);
	root = pem_first(ark, (size_t)(certs[1].data + certs[1].len - ark));
	assert_null(report_verify(report.data, report.len, table.data, table.len, root, &facts));
	report.data[0x90] ^= 1;
	assert_string_equal(
		report_verify(report.data, report.len, table.data, table.len, root, &facts),
		"the leaf certificate did not sign this report");
	X509_free(root);
	buf_free(&report);
	buf_free(&certs[0]);
	buf_free(&certs[1]);
	buf_free(&table);
}

static void real_reports(void **state)
{
	(void)state;
	real_report("snp/dstack-milan-report-v3.bin", "snp/dstack-milan-vcek.pem",
		    "snp/gosev-milan-ask-ark.pem");
	real_report("snp/gosev-milan-report-v2.bin", "snp/gosev-milan-vcek.der",
		    "snp/gosev-milan-ask-ark.pem");
	real_report("snp/trustee-test-report.bin", "snp/trustee-test-vcek.der",
		    "snp/gosev-trust-ask_ark_milan.pem");
	real_report("snp/trustee-test-vlek-report.bin", "snp/trustee-test-vlek.der",
		    "snp/gosev-milan-vlek-asvk-ark.pem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form),
		cmocka_unit_test(no_certificates),
		cmocka_unit_test(events_of_the_alpha),
		cmocka_unit_test(tampering_is_found),
		cmocka_unit_test(other_root_is_refused),
		cmocka_unit_test(wrong_data_is_a_good_report),
		cmocka_unit_test(rsa_keys_are_sound),
		cmocka_unit_test(real_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
