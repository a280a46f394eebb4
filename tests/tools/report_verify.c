/* SPDX-License-Identifier: Apache-2.0 */
/* Checking an SEV-SNP report: its certificates by subject, its signature, the chain. */
#include "tools/report_verify.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <string.h>

enum { REPORT_SIZE = 0x4a0, SIGNED_SIZE = 0x2a0, SCALAR_FIELD = 72, ENTRY_SIZE = 24 };

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The certificates of a table, in its order; false where it is none. */
static bool read_table(const uint8_t *table, size_t len, STACK_OF(X509) * certs)
{
	static const uint8_t end[ENTRY_SIZE];

	for (size_t at = 0; len >= ENTRY_SIZE && at <= len - ENTRY_SIZE; at += ENTRY_SIZE) {
		const uint32_t offset = le32(table + at + 16);
		const uint32_t length = le32(table + at + 20);
		const uint8_t *der = table + offset;
		X509 *cert;

		if (memcmp(table + at, end, ENTRY_SIZE) == 0)
			return true;
		if (offset > len || length > len - offset)
			return false;
		cert = d2i_X509(NULL, &der, (long)length);
		if (!cert || der != table + offset + length)
			return false;
		sk_X509_push(certs, cert);
	}
	return false;
}

static void read_pem(const uint8_t *pem, size_t len, STACK_OF(X509) * certs)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *cert;

	while (bio && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		sk_X509_push(certs, cert);
	BIO_free(bio);
}

static X509 *find_by_name(STACK_OF(X509) * certs, const char *common_name)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);
		char text[64] = "";

		X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text,
					  sizeof(text));
		if (strcmp(text, common_name) == 0)
			return cert;
	}
	return NULL;
}

/* ECDSA with SHA-384; r and s are little-endian. */
static bool signed_by(EVP_PKEY *key, const uint8_t *report)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_lebin2bn(report + SIGNED_SIZE, SCALAR_FIELD, NULL);
	BIGNUM *s = BN_lebin2bn(report + SIGNED_SIZE + SCALAR_FIELD, SCALAR_FIELD, NULL);
	uint8_t *der = NULL;
	bool good = false;

	if (ctx && sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		int der_len = i2d_ECDSA_SIG(sig, &der);

		good = der_len > 0 &&
		       EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
		       EVP_DigestVerify(ctx, der, (size_t)der_len, report, SIGNED_SIZE) == 1;
	} else {
		BN_free(r);
		BN_free(s);
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return good;
}

/* The VCEK's extension "hwID" holds the chip's number as it is. */
static bool of_chip(X509 *vcek, const uint8_t chip_id[static 64])
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.3704.1.4", 1);
	int at = oid ? X509_get_ext_by_OBJ(vcek, oid, -1) : -1;
	const ASN1_OCTET_STRING *value =
		at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(vcek, at));

	ASN1_OBJECT_free(oid);
	return value && ASN1_STRING_length(value) == 64 &&
	       memcmp(ASN1_STRING_get0_data(value), chip_id, 64) == 0;
}

static bool leads_to(X509 *leaf, STACK_OF(X509) * certs, X509 *root)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good = store && ctx && X509_STORE_add_cert(store, root) == 1 &&
		    X509_STORE_set_flags(store, X509_V_FLAG_NO_CHECK_TIME) == 1 &&
		    X509_STORE_CTX_init(ctx, store, leaf, certs) == 1 && X509_verify_cert(ctx) == 1;

	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return good;
}

static const char *check(const uint8_t *report, STACK_OF(X509) * certs, X509 *ark,
			 struct report_facts *facts)
{
	static const uint8_t zeros[REPORT_SIZE];
	const unsigned signer = le32(report + 0x48) >> 2 & 7;
	X509 *leaf;

	facts->version = le32(report);
	facts->report_data = report + 0x50;
	facts->measurement = report + 0x90;
	facts->host_data = report + 0xc0;
	facts->signer = signer == 0 ? "VCEK" : "VLEK";
	if (facts->version < 2 || facts->version > 5)
		return "the report is of no known version";
	if (le32(report + 0x34) != 1)
		return "the report is not signed by ECDSA P-384 with SHA-384";
	if (signer > 1)
		return "the report is signed neither by a VCEK nor by a VLEK";
	if (memcmp(report + SIGNED_SIZE + 2 * SCALAR_FIELD, zeros,
		   REPORT_SIZE - SIGNED_SIZE - 2 * SCALAR_FIELD) != 0)
		return "something other than zeros follows the signature";
	leaf = find_by_name(certs, signer == 0 ? "SEV-VCEK" : "SEV-VLEK");
	if (!leaf)
		return "the certificate of the report's signer is missing";
	if (!X509_get0_pubkey(leaf) || !signed_by(X509_get0_pubkey(leaf), report))
		return "the leaf certificate did not sign this report";
	if (signer == 0 && !of_chip(leaf, report + 0x1a0))
		return "the VCEK is of another chip";
	if (!leads_to(leaf, certs, ark))
		return "the certificate chain does not lead to the given ARK";
	return NULL;
}

const char *report_verify(const uint8_t *report, size_t len, const uint8_t *certs, size_t certs_len,
			  X509 *ark, struct report_facts *facts)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	struct report_facts found = {0};
	const char *why;

	if (!chain)
		return "out of memory";
	if (len != REPORT_SIZE) {
		why = "the report is not of 1184 bytes";
	} else {
		if (!read_table(certs, certs_len, chain)) {
			while (sk_X509_num(chain) > 0)
				X509_free(sk_X509_pop(chain));
			read_pem(certs, certs_len, chain);
		}
		why = check(report, chain, ark, &found);
	}
	sk_X509_pop_free(chain, X509_free);
	if (!why)
		*facts = found;
	return why;
}
