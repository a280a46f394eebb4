/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the quoting service and its replies, as the rules of vsock.c and quote.c need them. */
#ifndef DEVICE_SERVICE_H
#define DEVICE_SERVICE_H

#include "device/device.h"

/* Framed: 4 bytes of length in front of a message, see qgs_msg_lib.h. */
enum {
	FRAME_SIZE = 4,
	REQUEST_SIZE = 1048,
	FRAMED_SIZE = FRAME_SIZE + REQUEST_SIZE,
	REPLY_HEAD = 24,
	REPLY_MAX = 65536,
};

/* put32() - a little-endian integer. */
void put32(uint8_t *at, uint32_t value);

/* service_request() - a framed request over report_data(seed), with a TDREPORT of the device. */
void service_request(uint8_t framed[static FRAMED_SIZE], uint8_t seed);

/*
 * service_reply() - "quote 3", "error 12005", or what is wrong with a framed reply of that many bytes;
 * in a buffer of the thread's.
 */
const char *service_reply(const uint8_t *framed, size_t len);

#endif
