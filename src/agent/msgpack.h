/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded reader of MessagePack, the codec of the agent's "V1" attestations
 * (github.com/msgpack/msgpack, spec.md: big endian, the first byte of a value tells its type).
 *
 * Own code because it is 150 lines for one kind of document: a library would be a third static part
 * in a preloaded object, and brings unpackers that allocate what a length field says.
 *
 * Use: msgpack_check() the whole document once, then look values up in it.  Every function returns
 * 0 or -EINVAL and does not move the reader on failure.  Bytes are never read past the end even in a
 * document that was not checked.
 */
#ifndef TEESHIM_AGENT_MSGPACK_H
#define TEESHIM_AGENT_MSGPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct msgpack {
	const uint8_t *at; /* the next value */
	size_t left;       /* bytes from at to the end */
};

/*
 * msgpack_check() - whether the bytes are exactly one value: complete, nested at most 16 deep,
 * nothing behind it.
 */
int msgpack_check(const uint8_t *data, size_t len);

/* msgpack_skip() - pass over one value with all that is inside it. */
int msgpack_skip(struct msgpack *reader);

/* msgpack_array() - enter an array; its items follow. */
int msgpack_array(struct msgpack *reader, uint32_t *items);

/* msgpack_uint() - an unsigned integer of any width. */
int msgpack_uint(struct msgpack *reader, uint64_t *value);

/* msgpack_is() - whether the next value is this text; the reader stays where it is. */
bool msgpack_is(const struct msgpack *reader, const char *text);

/*
 * msgpack_find() - look up a key in the map that the reader stands on; the reader stays there.
 * @value: stands on the value after success
 *
 * Return: 0; -ENOENT where the map has no such key; -EINVAL where this is no map, or one that holds
 * the key twice (two readers could then take it for two things).
 */
int msgpack_find(const struct msgpack *reader, const char *key, struct msgpack *value);

/*
 * msgpack_bytes() - a byte string: bin, or an array of integers below 256, which is how Rust's serde
 * writes a plain Vec<u8>.
 * @out: owned by the caller after success
 *
 * Return: 0; -EINVAL; -ENOMEM.
 */
int msgpack_bytes(struct msgpack *reader, struct buf *out);

#endif
