/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which descriptors of this process may be ours.
 *
 * A hint never decides anything: what a descriptor is, its kernel object tells.  It only keeps the
 * wrappers of write(), close() and the like at one load and one branch for everybody else's
 * descriptors.  A program that inherited a descriptor over exec has no hint for it, and loses just
 * what docs/differences.md says.
 *
 * Atomic bits: async-signal-safe, thread-safe, safe in a vfork child (which shares them).
 */
#ifndef TEESHIM_INTERPOSE_HINT_H
#define TEESHIM_INTERPOSE_HINT_H

#include <stdbool.h>
#include <stdint.h>

/* Descriptors from HINT_MAX up share one bit. */
enum { HINT_MAX = 1 << 16 };

extern uint64_t hint_bits[HINT_MAX / 64 + 1];

static inline __attribute__((always_inline)) uint64_t *hint_word(int fd, uint64_t *bit)
{
	const unsigned at = (unsigned)fd < HINT_MAX ? (unsigned)fd : HINT_MAX;

	*bit = 1ULL << (at % 64);
	return &hint_bits[at / 64];
}

static inline __attribute__((always_inline)) bool hint_get(int fd)
{
	uint64_t bit;
	uint64_t *word = hint_word(fd, &bit);

	return __builtin_expect((__atomic_load_n(word, __ATOMIC_RELAXED) & bit) != 0, 0);
}

static inline void hint_set(int fd)
{
	uint64_t bit;
	uint64_t *word = hint_word(fd, &bit);

	__atomic_fetch_or(word, bit, __ATOMIC_RELAXED);
}

static inline void hint_clear(int fd)
{
	uint64_t bit;
	uint64_t *word = hint_word(fd, &bit);

	if ((unsigned)fd < HINT_MAX)
		__atomic_fetch_and(word, ~bit, __ATOMIC_RELAXED);
}

#endif
