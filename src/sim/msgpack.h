/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An encoder for the MessagePack types of an attestation.  Thirty lines are less than a dependency
 * would cost, and the real agent's choice between forms (a byte string as an array of integers) is
 * visible here.
 */
#ifndef TEESHIM_SIM_MSGPACK_H
#define TEESHIM_SIM_MSGPACK_H

#include "sim/bytes.h"

/* msgpack_put_map(), msgpack_put_array() - open a map of count pairs (at most 15), an array. */
void msgpack_put_map(struct bytes *out, unsigned int count);
void msgpack_put_array(struct bytes *out, size_t count);

/* msgpack_put_uint(), msgpack_put_text(), msgpack_put_bin() - one value in its shortest form. */
void msgpack_put_uint(struct bytes *out, uint32_t value);
void msgpack_put_text(struct bytes *out, const char *text);
void msgpack_put_bin(struct bytes *out, const void *data, size_t len);

/* msgpack_put_int_array() - a byte string as the array of integers that Rust's Vec<u8> becomes. */
void msgpack_put_int_array(struct bytes *out, const void *data, size_t len);

#endif
