/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text, as the agent's JSON carries every byte string. */
#ifndef TEESHIM_BASE_HEX_H
#define TEESHIM_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * hex_encode() - write 2 * len lower-case digits and a terminating zero.
 * @text: receives 2 * len + 1 bytes
 */
void hex_encode(char *text, const uint8_t *data, size_t len);

/*
 * hex_decode() - read exactly 2 * len digits of either case.
 * @text: digits; need not be terminated
 * @data: receives len bytes; its content is undefined after a failure
 *
 * Return: 0, or -EINVAL where a character is no hexadecimal digit.
 */
int hex_decode(uint8_t *data, const char *text, size_t len);

#endif
