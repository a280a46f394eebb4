/* SPDX-License-Identifier: Apache-2.0 */
/* RSA-4096 key pairs from public labels. */
#include "sim/crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <string.h>

#include "sim/die.h"

enum { PRIME_SIZE = 256, PIECE_SIZE = 64, EXPONENT = 65537 };

/*
 * How far each label's two numbers are from the next primes that suit the exponent.  To find them took
 * seconds; to add them takes none.
 */
static const struct {
	const char *label;
	unsigned long p_step, q_step;
} steps[] = {{"ARK", 828, 260}, {"ASK", 9220, 98}, {"ASVK", 376, 1236}};

/* A prime of 2048 bits: the label's bytes with the two highest bits and the lowest set, and a step. */
static BIGNUM *stable_prime(const char *label, char which, unsigned long step)
{
	uint8_t bytes[PRIME_SIZE];
	char piece_label[64];
	BIGNUM *prime;

	for (int piece = 0; piece < PRIME_SIZE / PIECE_SIZE; piece++) {
		snprintf(piece_label, sizeof(piece_label), "%s %c %d", label, which, piece);
		crypto_stable(piece_label, bytes + (size_t)piece * PIECE_SIZE, PIECE_SIZE);
	}
	bytes[0] |= 0xc0;
	bytes[PRIME_SIZE - 1] |= 1;
	prime = BN_bin2bn(bytes, sizeof(bytes), NULL);
	if (!prime || !BN_add_word(prime, step))
		die("out of memory");
	return prime;
}

/* number - 1 */
static BIGNUM *less_one(const BIGNUM *number)
{
	BIGNUM *less = BN_dup(number);

	if (!less || !BN_sub_word(less, 1))
		die("out of memory");
	return less;
}

static void push(OSSL_PARAM_BLD *build, const char *name, const BIGNUM *number)
{
	if (!OSSL_PARAM_BLD_push_BN(build, name, number))
		die("out of memory");
}

/* All numbers of the key, from its two primes (RFC 8017, section 3). */
static void push_numbers(OSSL_PARAM_BLD *build, BIGNUM *numbers[8], const BIGNUM *p,
			 const BIGNUM *q)
{
	static const char *const names[8] = {
		OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
		OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
	};
	BIGNUM *p1 = less_one(p);
	BIGNUM *q1 = less_one(q);
	BIGNUM *phi = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	for (size_t i = 0; i < 6; i++)
		numbers[i] = BN_new();
	numbers[6] = BN_dup(p);
	numbers[7] = BN_dup(q);
	if (!ctx || !phi || !BN_mul(numbers[0], p, q, ctx) || !BN_mul(phi, p1, q1, ctx) ||
	    !BN_set_word(numbers[1], EXPONENT) ||
	    !BN_mod_inverse(numbers[2], numbers[1], phi, ctx) ||
	    !BN_mod(numbers[3], numbers[2], p1, ctx) || !BN_mod(numbers[4], numbers[2], q1, ctx) ||
	    !BN_mod_inverse(numbers[5], q, p, ctx))
		die("cannot derive an RSA key: OpenSSL refused the arithmetic");
	for (size_t i = 0; i < 8; i++)
		push(build, names[i], numbers[i]);
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
	BN_CTX_free(ctx);
}

/* The key of p and q, which it takes over. */
static EVP_PKEY *key_of_primes(BIGNUM *p, BIGNUM *q)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[8];
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	if (!build || !ctx)
		die("out of memory");
	push_numbers(build, numbers, p, q);
	params = OSSL_PARAM_BLD_to_param(build);
	if (!params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		die("cannot derive an RSA key: OpenSSL refused the numbers");
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	for (size_t i = 0; i < 8; i++)
		BN_free(numbers[i]);
	BN_free(p);
	BN_free(q);
	return key;
}

EVP_PKEY *crypto_rsa_key(const char *label)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].label, label) == 0)
			return key_of_primes(stable_prime(label, 'p', steps[i].p_step),
					     stable_prime(label, 'q', steps[i].q_step));
	die("there is no RSA key %s", label);
}
