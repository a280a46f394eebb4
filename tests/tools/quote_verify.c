/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a TDX quote: split it with bounds first, then four signatures and hashes. */
#include "tools/quote_verify.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>

enum {
	HEADER_SIZE = 48,
	BODY_TDX10_SIZE = 584,
	BODY_TDX15_SIZE = 648,
	QE_REPORT_SIZE = 384,
	QE_REPORT_DATA_AT = 320,
};

/* What is left to read; a failed cut leaves it empty for good. */
struct rest {
	const uint8_t *at;
	size_t len;
	bool broken;
};

struct parts {
	const uint8_t *signature;    /* 64 */
	const uint8_t *key;          /* 64 */
	const uint8_t *qe_report;    /* 384 */
	const uint8_t *qe_signature; /* 64 */
	const uint8_t *auth;
	size_t auth_len;
	const uint8_t *chain; /* PEM */
	size_t chain_len;
};

static const uint8_t *cut(struct rest *rest, size_t len)
{
	const uint8_t *start = rest->at;

	if (rest->broken || len > rest->len) {
		rest->broken = true;
		return NULL;
	}
	rest->at += len;
	rest->len -= len;
	return start;
}

/* A little-endian integer of up to four bytes; 0 where the data ends before it. */
static uint32_t cut_int(struct rest *rest, size_t len)
{
	const uint8_t *at = cut(rest, len);
	uint32_t value = 0;

	for (size_t i = len; at && i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

static const char *split_body(struct rest *rest, struct quote_facts *facts)
{
	const uint8_t *header = cut(rest, HEADER_SIZE);
	const uint8_t *body;
	size_t size = BODY_TDX10_SIZE;

	if (!header)
		return "the quote is shorter than its header";
	facts->version = header[0] | (unsigned int)header[1] << 8;
	if (memcmp(header + 2, "\x02\x00\x81\x00\x00\x00", 6) != 0)
		return "the header is not that of a TDX quote with a P-256 key";
	if (facts->version == 5) {
		uint32_t type = cut_int(rest, 2);

		size = cut_int(rest, 4);
		if ((type != 2 || size != BODY_TDX10_SIZE) &&
		    (type != 3 || size != BODY_TDX15_SIZE))
			return "the body type of the version 5 quote is no TDX type";
	} else if (facts->version != 4) {
		return "the quote is neither version 4 nor 5";
	}
	body = cut(rest, size);
	if (!body)
		return "the quote is shorter than its body";
	facts->mrtd = body + 136;
	for (size_t i = 0; i < 4; i++)
		facts->rtmr[i] = body + 328 + 48 * i;
	facts->report_data = body + 520;
	return NULL;
}

static const char *split_auth_data(struct rest *rest, struct parts *parts)
{
	struct rest inner;
	uint32_t type, len;

	parts->signature = cut(rest, 64);
	parts->key = cut(rest, 64);
	type = cut_int(rest, 2);
	len = cut_int(rest, 4);
	inner = (struct rest){.at = cut(rest, len), .len = len, .broken = rest->broken};
	if (rest->broken || type != 6 || rest->len)
		return "the authentication data is not a QE report certification";
	parts->qe_report = cut(&inner, QE_REPORT_SIZE);
	parts->qe_signature = cut(&inner, 64);
	parts->auth_len = cut_int(&inner, 2);
	parts->auth = cut(&inner, parts->auth_len);
	type = cut_int(&inner, 2);
	parts->chain_len = cut_int(&inner, 4);
	parts->chain = cut(&inner, parts->chain_len);
	if (inner.broken || type != 5 || inner.len || parts->chain_len > INT32_MAX)
		return "the QE report is not followed by a PEM certificate chain";
	return NULL;
}

static EVP_PKEY *public_key(const uint8_t xy[static 64])
{
	uint8_t point[65] = {0x04};
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){"P-256"}, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	memcpy(point + 1, xy, 64);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* ECDSA with SHA-256; the signature is r and s, 32 bytes each, big-endian. */
static bool signed_by(EVP_PKEY *key, const uint8_t rs[static 64], const uint8_t *data, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(rs, 32, NULL);
	BIGNUM *s = BN_bin2bn(rs + 32, 32, NULL);
	uint8_t *der = NULL;
	bool good = false;

	if (ctx && sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		int der_len = i2d_ECDSA_SIG(sig, &der);

		good = der_len > 0 &&
		       EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		       EVP_DigestVerify(ctx, der, (size_t)der_len, data, len) == 1;
	} else {
		BN_free(r);
		BN_free(s);
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return good;
}

static bool binds_key(const struct parts *parts)
{
	static const uint8_t zeros[32];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t digest[32];
	const uint8_t *bound = parts->qe_report + QE_REPORT_DATA_AT;
	bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(ctx, parts->key, 64) == 1 &&
		    EVP_DigestUpdate(ctx, parts->auth, parts->auth_len) == 1 &&
		    EVP_DigestFinal_ex(ctx, digest, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return good && memcmp(digest, bound, 32) == 0 && memcmp(bound + 32, zeros, 32) == 0;
}

/* The certificates of a PEM text; NULL where there is none. */
static STACK_OF(X509) * read_chain(const uint8_t *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *cert;

	while (bio && chain && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		sk_X509_push(chain, cert);
	BIO_free(bio);
	if (sk_X509_num(chain) > 0)
		return chain;
	sk_X509_free(chain);
	return NULL;
}

static bool leads_to(X509 *leaf, STACK_OF(X509) * chain, X509 *root)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good = store && ctx && X509_STORE_add_cert(store, root) == 1 &&
		    X509_STORE_CTX_init(ctx, store, leaf, chain) == 1 && X509_verify_cert(ctx) == 1;

	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return good;
}

static const char *check(const uint8_t *quote, const struct quote_facts *facts,
			 const struct parts *parts, STACK_OF(X509) * chain, X509 *root)
{
	X509 *leaf = sk_X509_value(chain, 0);
	EVP_PKEY *key = public_key(parts->key);
	bool good = key && signed_by(key, parts->signature, quote, facts->signed_len);

	EVP_PKEY_free(key);
	if (!good)
		return "the attestation key did not sign this quote";
	if (!binds_key(parts))
		return "the QE report does not bind the attestation key";
	if (!X509_get0_pubkey(leaf) || !signed_by(X509_get0_pubkey(leaf), parts->qe_signature,
						  parts->qe_report, QE_REPORT_SIZE))
		return "the leaf certificate did not sign the QE report";
	if (!leads_to(leaf, chain, root))
		return "the certificate chain does not lead to the given root";
	return NULL;
}

const char *quote_verify(const uint8_t *quote, size_t len, X509 *root, struct quote_facts *facts)
{
	struct rest rest = {.at = quote, .len = len};
	struct rest auth_data;
	struct quote_facts found = {0};
	struct parts parts;
	STACK_OF(X509) * chain;
	const char *why = split_body(&rest, &found);
	uint32_t auth_len;

	if (why)
		return why;
	found.signed_len = len - rest.len;
	auth_len = cut_int(&rest, 4);
	auth_data = (struct rest){.at = cut(&rest, auth_len), .len = auth_len};
	if (rest.broken)
		return "the quote is shorter than its authentication data";
	found.len = len - rest.len;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.at[i])
			return "something other than zeros follows the quote";
	why = split_auth_data(&auth_data, &parts);
	if (why)
		return why;
	chain = read_chain(parts.chain, parts.chain_len);
	if (!chain)
		return "the quote holds no certificate";
	why = check(quote, &found, &parts, chain, root);
	sk_X509_pop_free(chain, X509_free);
	if (!why)
		*facts = found;
	return why;
}
