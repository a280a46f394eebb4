/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded reader of SCALE, the codec of the agent's "V0" attestations (parity-scale-codec: little
 * endian, compact lengths).  Every function either advances the reader or returns -EINVAL and leaves
 * it where it was; nothing is allocated, and views point into the caller's bytes.
 */
#ifndef TEESHIM_AGENT_SCALE_H
#define TEESHIM_AGENT_SCALE_H

#include <stddef.h>
#include <stdint.h>

struct scale {
	const uint8_t *at;
	size_t left; /* bytes from at to the end */
};

/* scale_u8() - one byte. */
int scale_u8(struct scale *scale, uint8_t *value);

/* scale_skip() - pass over len bytes of fixed layout. */
int scale_skip(struct scale *scale, size_t len);

/*
 * scale_compact() - a compact unsigned integer, below 2^30: the four-byte form ends there, and a
 * length in the longer form could not be met by any answer.  Only the shortest form is valid.
 */
int scale_compact(struct scale *scale, uint32_t *value);

/* scale_bytes() - a byte string or text: its compact length, then a view of its bytes. */
int scale_bytes(struct scale *scale, const uint8_t **data, size_t *len);

#endif
