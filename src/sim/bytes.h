/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte string and hexadecimal text.  The simulator has its own, apart from src/base, so
 * that it shares no code with the client which it is used to check.
 */
#ifndef TEESHIM_SIM_BYTES_H
#define TEESHIM_SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty string.  Lack of memory ends the process (die()). */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t room;
};

/* bytes_free() - release the memory and leave an empty string. */
void bytes_free(struct bytes *bytes);

/* bytes_add() - append len bytes; bytes_zero() - append len zero bytes. */
void bytes_add(struct bytes *bytes, const void *data, size_t len);
void bytes_zero(struct bytes *bytes, size_t len);

/* bytes_text() - append a string without its terminating zero. */
void bytes_text(struct bytes *bytes, const char *text);

/* bytes_u8(), bytes_le16(), bytes_le32() - append one integer, little-endian. */
void bytes_u8(struct bytes *bytes, uint8_t value);
void bytes_le16(struct bytes *bytes, uint16_t value);
void bytes_le32(struct bytes *bytes, uint32_t value);

/* bytes_hex() - the lower-case hexadecimal text of data, in memory that the caller frees. */
char *bytes_hex(const void *data, size_t len);

/*
 * bytes_from_hex() - append the bytes of a hexadecimal text as the agent reads it: either case,
 * any number of leading "0x".
 *
 * Return: false, with bytes unchanged, where the text has an odd length or another character.
 */
bool bytes_from_hex(struct bytes *bytes, const char *text);

#endif
