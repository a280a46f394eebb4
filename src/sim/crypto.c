/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, keys derived from public labels, and raw ECDSA signatures for the simulator. */
#include "sim/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <string.h>

#include "sim/bytes.h"
#include "sim/die.h"

void crypto_hash(const char *name, const void *data, size_t len, uint8_t *out)
{
	if (EVP_Q_digest(NULL, name, NULL, data, len, out, NULL) != 1)
		die("OpenSSL has no digest %s", name);
}

void crypto_stable(const char *label, uint8_t *out, size_t len)
{
	struct bytes text = {0};
	uint8_t digest[64];

	bytes_text(&text, "teeshim simulator, no security: ");
	bytes_text(&text, label);
	crypto_hash("SHA512", text.data, text.len, digest);
	bytes_free(&text);
	memcpy(out, digest, len < sizeof(digest) ? len : sizeof(digest));
}

/* The private number of a label, between 1 and the curve's order - 1. */
static BIGNUM *stable_scalar(const char *label, const EC_GROUP *group)
{
	uint8_t seed[64];
	BIGNUM *number;
	BIGNUM *limit = BN_dup(EC_GROUP_get0_order(group));
	BN_CTX *ctx = BN_CTX_new();

	crypto_stable(label, seed, sizeof(seed));
	number = BN_bin2bn(seed, sizeof(seed), NULL);
	if (!limit || !ctx || !number || !BN_sub_word(limit, 1) ||
	    !BN_mod(number, number, limit, ctx) || !BN_add_word(number, 1))
		die("cannot derive a key: OpenSSL refused the arithmetic");
	BN_free(limit);
	BN_CTX_free(ctx);
	return number;
}

EVP_PKEY *crypto_key(const char *label, int curve)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(curve);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *number = point ? stable_scalar(label, group) : NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;
	uint8_t public[1 + 2 * 48];
	size_t len;

	if (!number || !ctx || !build || !EC_POINT_mul(group, point, number, NULL, NULL, NULL))
		die("cannot derive a key: OpenSSL lacks the curve");
	len = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public,
				 sizeof(public), NULL);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(curve), 0);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, len);
	params = OSSL_PARAM_BLD_to_param(build);
	if (!params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		die("cannot derive a key: OpenSSL refused the numbers");
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(number);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return key;
}

void crypto_public_p256(EVP_PKEY *key, uint8_t xy[static 64])
{
	uint8_t public[65];
	size_t len = 0;

	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, public, sizeof(public),
					    &len) != 1 ||
	    len != sizeof(public))
		die("OpenSSL does not give the public key");
	memcpy(xy, public + 1, 64);
}

/* r and s, each of @size bytes. */
static void sign_ecdsa(EVP_PKEY *key, const EVP_MD *hash, const void *data, size_t len, uint8_t *rs,
		       int size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[120];
	const uint8_t *next = der;
	size_t der_len = sizeof(der);
	ECDSA_SIG *sig;

	if (!ctx || EVP_DigestSignInit(ctx, NULL, hash, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, der, &der_len, data, len) != 1)
		die("OpenSSL does not sign");
	sig = d2i_ECDSA_SIG(NULL, &next, (long)der_len);
	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, size) != size ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + size, size) != size)
		die("OpenSSL made a signature of another size");
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

void crypto_sign_p256(EVP_PKEY *key, const void *data, size_t len, uint8_t rs[static 64])
{
	sign_ecdsa(key, EVP_sha256(), data, len, rs, 32);
}

void crypto_sign_p384(EVP_PKEY *key, const void *data, size_t len, uint8_t rs[static 96])
{
	sign_ecdsa(key, EVP_sha384(), data, len, rs, 48);
}

void crypto_hkdf(const char *salt, const uint8_t key[static 32], const char *info,
		 uint8_t out[static 32])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){"SHA256"}, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (char *)salt, strlen(salt)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (uint8_t *)key, 32),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (char *)info, strlen(info)),
		OSSL_PARAM_construct_end(),
	};

	if (!ctx || EVP_KDF_derive(ctx, out, 32, params) != 1)
		die("OpenSSL does not derive a key");
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}
