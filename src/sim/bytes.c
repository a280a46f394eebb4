/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte string and hexadecimal text for the simulator. */
#include "sim/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "sim/die.h"

static uint8_t *bytes_grow(struct bytes *bytes, size_t len)
{
	uint8_t *end;

	if (len > SIZE_MAX / 4 - bytes->len)
		die("out of memory");
	if (bytes->len + len > bytes->room) {
		size_t room = 2 * (bytes->len + len);

		bytes->data = realloc(bytes->data, room);
		if (!bytes->data)
			die("out of memory");
		bytes->room = room;
	}
	end = bytes->data + bytes->len;
	bytes->len += len;
	return end;
}

void bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){0};
}

void bytes_add(struct bytes *bytes, const void *data, size_t len)
{
	if (len)
		memcpy(bytes_grow(bytes, len), data, len);
}

void bytes_zero(struct bytes *bytes, size_t len)
{
	if (len)
		memset(bytes_grow(bytes, len), 0, len);
}

void bytes_text(struct bytes *bytes, const char *text)
{
	bytes_add(bytes, text, strlen(text));
}

void bytes_u8(struct bytes *bytes, uint8_t value)
{
	bytes_add(bytes, &value, 1);
}

void bytes_le16(struct bytes *bytes, uint16_t value)
{
	bytes_u8(bytes, (uint8_t)value);
	bytes_u8(bytes, (uint8_t)(value >> 8));
}

void bytes_le32(struct bytes *bytes, uint32_t value)
{
	bytes_le16(bytes, (uint16_t)value);
	bytes_le16(bytes, (uint16_t)(value >> 16));
}

char *bytes_hex(const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = data;
	char *text;

	if (len > SIZE_MAX / 4)
		die("out of memory");
	text = malloc(2 * len + 1);
	if (!text)
		die("out of memory");
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[in[i] >> 4];
		text[2 * i + 1] = digits[in[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool bytes_from_hex(struct bytes *bytes, const char *text)
{
	size_t before = bytes->len;

	while (text[0] == '0' && text[1] == 'x')
		text += 2;
	for (; text[0]; text += 2) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0) {
			bytes->len = before;
			return false;
		}
		bytes_u8(bytes, (uint8_t)(high << 4 | low));
	}
	return true;
}
