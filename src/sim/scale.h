/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An encoder for as much of SCALE (the Parity codec) as an attestation needs; no C library writes
 * it.  Fixed integers are little-endian (bytes_le32()); lengths are "compact" integers.
 */
#ifndef TEESHIM_SIM_SCALE_H
#define TEESHIM_SIM_SCALE_H

#include "sim/bytes.h"

/* scale_put_count() - a compact integer: the number of elements or bytes that follow. */
void scale_put_count(struct bytes *out, uint32_t count);

/* scale_put_bytes(), scale_put_text() - a byte string or UTF-8 text with its length before it. */
void scale_put_bytes(struct bytes *out, const void *data, size_t len);
void scale_put_text(struct bytes *out, const char *text);

#endif
