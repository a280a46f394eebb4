/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA on secp256k1 step by step (SEC 1, section 4.1): OpenSSL's own does not tell which of the two
 * points of the nonce was taken.  The nonce is a hash of key and message, so signatures are the same in
 * every run; the key is public all the same.
 */
#include "sim/secp256k1.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <string.h>

#include "sim/crypto.h"
#include "sim/die.h"

static void need(int good)
{
	if (!good)
		die("OpenSSL refuses arithmetic on secp256k1");
}

static EC_GROUP *group_new(void)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_secp256k1);

	if (!group)
		die("OpenSSL lacks the curve secp256k1");
	return group;
}

static BIGNUM *number(const uint8_t bytes[static 32])
{
	BIGNUM *bn = BN_bin2bn(bytes, 32, NULL);

	need(bn != NULL);
	return bn;
}

void secp256k1_public(const uint8_t key[static 32], uint8_t out[static SECP256K1_PUBLIC_LEN])
{
	EC_GROUP *group = group_new();
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *private = number(key);

	need(point && EC_POINT_mul(group, point, private, NULL, NULL, NULL));
	need(EC_POINT_point2oct(group, point, POINT_CONVERSION_COMPRESSED, out,
				SECP256K1_PUBLIC_LEN, NULL) == SECP256K1_PUBLIC_LEN);
	BN_free(private);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

static BIGNUM *nonce_make(const uint8_t key[static 32], const uint8_t hash[static 32])
{
	uint8_t text[64], nonce[32];

	memcpy(text, key, 32);
	memcpy(text + 32, hash, 32);
	crypto_hash("SHA256", text, sizeof(text), nonce);
	return number(nonce);
}

void secp256k1_sign(const uint8_t key[static 32], const uint8_t hash[static 32],
		    uint8_t out[static SECP256K1_SIGNATURE_LEN])
{
	EC_GROUP *group = group_new();
	const BIGNUM *order = EC_GROUP_get0_order(group);
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *private = number(key), *message = number(hash), *nonce = nonce_make(key, hash);
	BIGNUM *r = BN_new(), *s = BN_new(), *half = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	uint8_t compressed[SECP256K1_PUBLIC_LEN];

	need(point && r && s && half && ctx);
	need(EC_POINT_mul(group, point, nonce, NULL, NULL, ctx));
	need(EC_POINT_point2oct(group, point, POINT_CONVERSION_COMPRESSED, compressed,
				sizeof(compressed), ctx) == sizeof(compressed));
	/* x is below the order but for one case in 2^128 */
	need(BN_bin2bn(compressed + 1, 32, r) != NULL && BN_cmp(r, order) < 0);
	/* s = (message + r * private) / nonce */
	need(BN_mod_mul(s, r, private, order, ctx) && BN_mod_add(s, s, message, order, ctx) &&
	     BN_mod_inverse(nonce, nonce, order, ctx) && BN_mod_mul(s, s, nonce, order, ctx));
	out[64] = compressed[0] & 1;
	need(BN_rshift1(half, order));
	if (BN_cmp(s, half) > 0) {
		need(BN_sub(s, order, s));
		out[64] ^= 1;
	}
	need(BN_bn2binpad(r, out, 32) == 32 && BN_bn2binpad(s, out + 32, 32) == 32);
	BN_CTX_free(ctx);
	BN_free(half);
	BN_free(s);
	BN_free(r);
	BN_free(nonce);
	BN_free(message);
	BN_free(private);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}
