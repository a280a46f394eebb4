/* SPDX-License-Identifier: Apache-2.0 */
/* MessagePack: a type byte that holds small values itself, else big-endian values after it. */
#include "sim/msgpack.h"

#include <string.h>

static void add_be16(struct bytes *out, size_t value)
{
	bytes_u8(out, (uint8_t)(value >> 8));
	bytes_u8(out, (uint8_t)value);
}

/* A type byte and a length of 8, 16 or 32 bits; type8 is 0 where there is no form of 8 bits. */
static void add_length(struct bytes *out, uint8_t type8, uint8_t type16, size_t len)
{
	if (len <= UINT8_MAX && type8) {
		bytes_u8(out, type8);
		bytes_u8(out, (uint8_t)len);
	} else if (len <= UINT16_MAX) {
		bytes_u8(out, type16);
		add_be16(out, len);
	} else {
		bytes_u8(out, (uint8_t)(type16 + 1));
		add_be16(out, len >> 16);
		add_be16(out, len);
	}
}

void msgpack_put_map(struct bytes *out, unsigned int count)
{
	bytes_u8(out, (uint8_t)(0x80 | count));
}

void msgpack_put_array(struct bytes *out, size_t count)
{
	if (count < 16)
		bytes_u8(out, (uint8_t)(0x90 | count));
	else
		add_length(out, 0, 0xdc, count);
}

void msgpack_put_uint(struct bytes *out, uint32_t value)
{
	if (value < 0x80)
		bytes_u8(out, (uint8_t)value);
	else
		add_length(out, 0xcc, 0xcd, value);
}

void msgpack_put_text(struct bytes *out, const char *text)
{
	size_t len = strlen(text);

	if (len < 32)
		bytes_u8(out, (uint8_t)(0xa0 | len));
	else
		add_length(out, 0xd9, 0xda, len);
	bytes_add(out, text, len);
}

void msgpack_put_bin(struct bytes *out, const void *data, size_t len)
{
	add_length(out, 0xc4, 0xc5, len);
	bytes_add(out, data, len);
}

void msgpack_put_int_array(struct bytes *out, const void *data, size_t len)
{
	const uint8_t *in = data;

	msgpack_put_array(out, len);
	for (size_t i = 0; i < len; i++)
		msgpack_put_uint(out, in[i]);
}
