/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/pem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char begin_line[] = "-----BEGIN CERTIFICATE-----";
static const char end_line[] = "-----END CERTIFICATE-----";
static const char dashes[] = "-----";

static const uint8_t *find(const struct pem *pem, const char *text)
{
	return memmem(pem->at, pem->left, text, strlen(text));
}

static void go_to(struct pem *pem, const uint8_t *place)
{
	pem->left -= (size_t)(place - pem->at);
	pem->at = place;
}

static int base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/*
 * Base64 of whole groups of four digits, white space anywhere, padding at the end alone.
 * @out: has room for 3 bytes for every 4 of the text
 *
 * Return: how many bytes came out; 0 where it is no base64, or none.
 */
static size_t base64_decode(const uint8_t *text, size_t len, uint8_t *out)
{
	size_t digits = 0;
	size_t padding = 0;
	size_t used = 0;
	uint32_t group = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = base64_digit(text[i]);

		if (memchr(" \t\r\n", text[i], 4))
			continue;
		if (text[i] == '=' && digits % 4 >= 2)
			padding++;
		else if (digit < 0 || padding > 0)
			return 0;
		group = group << 6 | (uint32_t)(digit < 0 ? 0 : digit);
		if (++digits % 4 > 0)
			continue;
		for (unsigned byte = 0; byte < 3 - padding; byte++)
			out[used++] = (uint8_t)(group >> (16 - 8 * byte));
	}
	return digits % 4 == 0 ? used : 0;
}

int pem_next(struct pem *pem, struct buf *der)
{
	const uint8_t *line = find(pem, begin_line);
	const uint8_t *end;
	size_t len;

	if (!line)
		return -ENOENT;
	go_to(pem, line + strlen(begin_line));
	/* The next line of dashes, so that looking through a text costs no more than its length. */
	end = find(pem, dashes);
	len = end ? (size_t)(end - pem->at) : 0;
	if (len == 0 || pem->left - len < strlen(end_line) ||
	    memcmp(end, end_line, strlen(end_line)) != 0)
		return -EINVAL;
	der->cap = len / 4 * 3 + 3;
	der->data = malloc(der->cap);
	if (!der->data) {
		*der = (struct buf){0};
		return -ENOMEM;
	}
	der->len = base64_decode(pem->at, len, der->data);
	if (der->len == 0) {
		buf_free(der);
		return -EINVAL;
	}
	go_to(pem, end + strlen(end_line));
	return 0;
}
