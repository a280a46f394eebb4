/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-f[1600] after FIPS 202, section 3; written for shortness, not for speed. */
#include "sim/keccak.h"

#include <string.h>

static uint64_t rotate(uint64_t lane, unsigned int by)
{
	return by ? lane << by | lane >> (64 - by) : lane;
}

/* The bits of iota's constants: a linear feedback shift register, FIPS 202 algorithm 5. */
static uint64_t round_constant(uint8_t *lfsr)
{
	uint64_t constant = 0;

	for (unsigned int j = 0; j < 7; j++) {
		if (*lfsr & 1)
			constant |= UINT64_C(1) << ((1U << j) - 1);
		*lfsr = (uint8_t)(*lfsr << 1 ^ (*lfsr & 0x80 ? 0x71 : 0));
	}
	return constant;
}

static void theta(uint64_t a[static 25])
{
	uint64_t column[5];

	for (unsigned int x = 0; x < 5; x++)
		column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	for (unsigned int i = 0; i < 25; i++)
		a[i] ^= column[(i + 4) % 5] ^ rotate(column[(i + 1) % 5], 1);
}

static void rho_and_pi(uint64_t a[static 25])
{
	uint64_t lane = a[1];
	unsigned int x = 1, y = 0;

	for (unsigned int t = 0; t < 24; t++) {
		unsigned int next = (2 * x + 3 * y) % 5;
		uint64_t replaced;

		x = y;
		y = next;
		replaced = a[x + 5 * y];
		a[x + 5 * y] = rotate(lane, (t + 1) * (t + 2) / 2 % 64);
		lane = replaced;
	}
}

static void chi(uint64_t a[static 25])
{
	for (unsigned int y = 0; y < 25; y += 5) {
		uint64_t row[5];

		memcpy(row, a + y, sizeof(row));
		for (unsigned int x = 0; x < 5; x++)
			a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
	}
}

static void permute(uint64_t a[static 25])
{
	uint8_t lfsr = 1;

	for (int round = 0; round < 24; round++) {
		theta(a);
		rho_and_pi(a);
		chi(a);
		a[0] ^= round_constant(&lfsr);
	}
}

static void absorb(uint64_t a[static 25], size_t at, uint8_t byte)
{
	a[at / 8] ^= (uint64_t)byte << (8 * (at % 8));
}

void keccak(const void *data, size_t data_len, uint8_t *digest, size_t len)
{
	const uint8_t *in = data;
	const size_t rate = 200 - 2 * len;
	uint64_t a[25] = {0};
	size_t at = 0;

	for (size_t i = 0; i < data_len; i++) {
		absorb(a, at++, in[i]);
		if (at == rate) {
			permute(a);
			at = 0;
		}
	}
	absorb(a, at, 0x01);
	absorb(a, rate - 1, 0x80);
	permute(a);
	for (size_t i = 0; i < len; i++)
		digest[i] = (uint8_t)(a[i / 8] >> (8 * (i % 8)));
}
