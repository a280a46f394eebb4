/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak with its original padding, as Ethereum uses it; OpenSSL has it only since 3.2. */
#ifndef TEESHIM_SIM_KECCAK_H
#define TEESHIM_SIM_KECCAK_H

#include <stddef.h>
#include <stdint.h>

/*
 * keccak() - one hash.
 * @digest: receives len bytes: 32, 48 or 64 for Keccak-256, -384 or -512
 */
void keccak(const void *data, size_t data_len, uint8_t *digest, size_t len);

#endif
