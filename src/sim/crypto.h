/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL as the simulator needs it: hashes, keys that are the same at every start, raw signatures.
 * Every key comes from a public text by a hash, so anybody can compute it: there is no security
 * here, and none is meant.
 */
#ifndef TEESHIM_SIM_CRYPTO_H
#define TEESHIM_SIM_CRYPTO_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * crypto_hash() - one hash over len bytes.
 * @name: an OpenSSL digest name; one that OpenSSL lacks ends the process
 * @out: receives the digest, of the size which the name implies
 */
void crypto_hash(const char *name, const void *data, size_t len, uint8_t *out);

/*
 * crypto_stable() - up to 64 bytes that look random and are the same in every run.
 * @label: what the bytes are for; another label gives other bytes
 */
void crypto_stable(const char *label, uint8_t *out, size_t len);

/*
 * crypto_key() - a key pair that is the same in every run.
 * @curve: NID_X9_62_prime256v1 or another curve of at most 384 bits
 *
 * The caller owns the key.  Reading and signing with it is thread-safe.
 */
EVP_PKEY *crypto_key(const char *label, int curve);

/*
 * crypto_rsa_key() - an RSA-4096 key pair that is the same in every run.
 * @label: "ARK", "ASK" or "ASVK"
 *
 * The caller owns the key.
 */
EVP_PKEY *crypto_rsa_key(const char *label);

/* crypto_hkdf() - HKDF with SHA-256 (RFC 5869) over a key of 32 bytes: 32 bytes. */
void crypto_hkdf(const char *salt, const uint8_t key[static 32], const char *info,
		 uint8_t out[static 32]);

/* crypto_public_p256() - x and y of a P-256 key, big-endian, as an attestation key is written. */
void crypto_public_p256(EVP_PKEY *key, uint8_t xy[static 64]);

/* crypto_sign_p256() - ECDSA with SHA-256 over data: r and s, 32 bytes each, big-endian. */
void crypto_sign_p256(EVP_PKEY *key, const void *data, size_t len, uint8_t rs[static 64]);

/* crypto_sign_p384() - ECDSA with SHA-384 over data: r and s, 48 bytes each, big-endian. */
void crypto_sign_p384(EVP_PKEY *key, const void *data, size_t len, uint8_t rs[static 96]);

#endif
