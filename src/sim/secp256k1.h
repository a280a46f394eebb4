/* SPDX-License-Identifier: Apache-2.0 */
/* The application's key of dstack: its keys and its signatures, of the kind that Ethereum uses. */
#ifndef TEESHIM_SIM_SECP256K1_H
#define TEESHIM_SIM_SECP256K1_H

#include <stdint.h>

enum { SECP256K1_PUBLIC_LEN = 33, SECP256K1_SIGNATURE_LEN = 65 };

/* secp256k1_public() - the compressed public key of a private one, which is below the group's order. */
void secp256k1_public(const uint8_t key[static 32], uint8_t out[static SECP256K1_PUBLIC_LEN]);

/*
 * secp256k1_sign() - a recoverable signature over a hash: r, s (the lower of the two that there are), and
 * which of the two keys that fit it is the signer's, 0 or 1.
 */
void secp256k1_sign(const uint8_t key[static 32], const uint8_t hash[static 32],
		    uint8_t out[static SECP256K1_SIGNATURE_LEN]);

#endif
