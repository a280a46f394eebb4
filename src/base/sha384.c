/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha384.h"

#include <string.h>

enum { BLOCK = 128, ROUNDS = 80, WORDS = 8, LENGTH_SIZE = 16 };

/* FIPS 180-4, 4.2.3 */
static const uint64_t constants[ROUNDS] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

static uint64_t load(const uint8_t *p)
{
	uint64_t x = 0;

	for (int i = 0; i < 8; i++)
		x = x << 8 | p[i];
	return x;
}

static void store(uint8_t *p, uint64_t x)
{
	for (int i = 8; i-- > 0; x >>= 8)
		p[i] = (uint8_t)x;
}

/* The next word of the message schedule, in a window of sixteen. */
static uint64_t schedule(uint64_t w[static 16], int t)
{
	const uint64_t a = w[(t + 1) & 15];
	const uint64_t b = w[(t + 14) & 15];

	w[t & 15] += (rotate(a, 1) ^ rotate(a, 8) ^ a >> 7) + w[(t + 9) & 15] +
		     (rotate(b, 19) ^ rotate(b, 61) ^ b >> 6);
	return w[t & 15];
}

static void compress(uint64_t state[static WORDS], const uint8_t block[static BLOCK])
{
	uint64_t v[WORDS];
	uint64_t w[16];

	for (int i = 0; i < 16; i++)
		w[i] = load(block + 8 * i);
	memcpy(v, state, sizeof(v));
	for (int t = 0; t < ROUNDS; t++) {
		const uint64_t word = t < 16 ? w[t] : schedule(w, t);
		const uint64_t t1 = v[7] +
				    (rotate(v[4], 14) ^ rotate(v[4], 18) ^ rotate(v[4], 41)) +
				    ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[t] + word;
		const uint64_t t2 = (rotate(v[0], 28) ^ rotate(v[0], 34) ^ rotate(v[0], 39)) +
				    ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, sizeof(v) - sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < WORDS; i++)
		state[i] += v[i];
}

void sha384(uint8_t digest[static SHA384_SIZE], const void *data, size_t len)
{
	/* FIPS 180-4, 5.3.4 */
	uint64_t state[WORDS] = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
				 0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
				 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};
	const uint8_t *at = data;
	uint8_t tail[2 * BLOCK] = {0};
	size_t left = len;
	size_t padded;

	for (; left >= BLOCK; left -= BLOCK, at += BLOCK)
		compress(state, at);
	memcpy(tail, at, left);
	tail[left] = 0x80;
	padded = left + 1 + LENGTH_SIZE <= BLOCK ? BLOCK : 2 * BLOCK;
	store(tail + padded - 8, (uint64_t)len << 3);
	for (size_t i = 0; i < padded; i += BLOCK)
		compress(state, tail + i);
	for (int i = 0; i < SHA384_SIZE / 8; i++)
		store(digest + 8 * i, state[i]);
}
