/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fake clients of a quoting service share: the TDREPORT that goes into a request, the request
 * framed for QGS, and the quote out of a reply, checked as Intel's qgs_msg_lib checks it.
 */
#ifndef TEESHIM_TESTS_FAKE_QUOTING_H
#define TEESHIM_TESTS_FAKE_QUOTING_H

#include "common.h"

#include <sys/socket.h>

enum {
	FRAME_SIZE = 4,
	REQUEST_SIZE = 24 + REPORT_SIZE,
	FRAMED_SIZE = FRAME_SIZE + REQUEST_SIZE,
	REPLY_HEAD = 24,
	REPLY_MAX = 16384,
	VSOCK_HOST = 2,
	DEFAULT_PORT = 4050,
};

/* struct sockaddr_vm, whose header musl's include path has not */
struct vsock_address {
	uint16_t family;
	uint16_t reserved;
	uint32_t port;
	uint32_t cid;
	uint8_t zero[4];
};

static inline void put_le32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline uint32_t get_le32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint32_t get_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* request_take() - a TDREPORT over the report data, framed as a GET_QUOTE_REQ. */
static inline void request_take(uint8_t framed[static FRAMED_SIZE], const char *hex)
{
	uint8_t *message = framed + FRAME_SIZE;
	struct report_request request = {0};
	int fd = OK_INT("open " DEVICE, open(DEVICE, O_RDWR | O_SYNC));

	report_data_parse(hex, request.report_data);
	OK("ioctl GET_REPORT0", ioctl(fd, GET_REPORT0, &request));
	OK("close " DEVICE, close(fd));
	memset(framed, 0, FRAMED_SIZE);
	framed[2] = REQUEST_SIZE >> 8;
	framed[3] = REQUEST_SIZE & 0xff;
	message[0] = 1;
	message[2] = 1;
	put_le32(message + 8, REQUEST_SIZE);
	put_le32(message + 16, REPORT_SIZE);
	memcpy(message + 24, request.report, REPORT_SIZE);
}

/* reply_print() - the quote of a framed reply, on stdout. */
static inline void reply_print(const uint8_t *framed, size_t size)
{
	const uint8_t *message = framed + FRAME_SIZE;

	if (size < FRAME_SIZE + REPLY_HEAD || get_be32(framed) != size - FRAME_SIZE)
		fail("reply", "%zu bytes do not fit their frame", size);
	if (message[0] != 1 || message[1] != 0 || get_le32(message + 4) != 1 ||
	    get_le32(message + 8) != size - FRAME_SIZE)
		fail("reply", "a bad header");
	if (get_le32(message + 12) != 0)
		fail("reply", "error %#x", get_le32(message + 12));
	if (get_le32(message + 16) != 0 || get_le32(message + 20) != size - FRAME_SIZE - REPLY_HEAD)
		fail("reply", "sizes that do not add up");
	quote_print(message + REPLY_HEAD, size - FRAME_SIZE - REPLY_HEAD);
}

static inline int host_connect(int fd, uint32_t port)
{
	const struct vsock_address address = {.family = AF_VSOCK, .port = port, .cid = VSOCK_HOST};

	return connect(fd, (const void *)&address, sizeof(address));
}

#endif
