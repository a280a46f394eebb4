/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the quoting service and its replies, as the rules of vsock.c and quote.c need them. */
#ifndef DEVICE_SERVICE_H
#define DEVICE_SERVICE_H

#include <sys/socket.h>

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

/* struct sockaddr_vm of linux/vm_sockets.h; service_host - the host's quoting service. */
struct service_address {
	uint16_t family;
	uint16_t reserved;
	uint32_t port;
	uint32_t cid;
	uint8_t zero[4];
};

extern const struct service_address service_host;

/* service_connect() - connect(), to whose argument musl and glibc give different types. */
int service_connect(int fd, const void *address, socklen_t len);

/*
 * service_socket() - a vsock stream socket; service_connected() - one connected to the quoting service.
 * They end the rule with a line in the outcome where that fails.
 */
int service_socket(int flags);
int service_connected(void);

/* service_send() - all of it, in pieces of step bytes. */
void service_send(int fd, const uint8_t *data, size_t len, size_t step);

/* service_receive() - the reply, to the end of the connection, as libtdx_attest: the length first. */
size_t service_receive(int fd, uint8_t reply[static REPLY_MAX]);

/* got_service() - the same, judged by service_reply(). */
void got_service(int fd);

#endif
