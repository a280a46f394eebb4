/* SPDX-License-Identifier: Apache-2.0 */
#include "device/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rules/run.h"

enum { PORT = 4050, HOST = 2 };

enum { ERROR_AT = 12, QUOTE_SIZE_AT = 20, REPORT_AT = 24 };

void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void service_request(uint8_t framed[static FRAMED_SIZE], uint8_t seed)
{
	uint8_t *message = framed + FRAME_SIZE;
	struct request request;
	int fd = device_open(O_RDWR);

	request_make(&request, seed);
	if (ioctl(fd, GET_REPORT0, &request) < 0)
		got("GET_REPORT0 failed");
	close(fd);
	memset(framed, 0, FRAMED_SIZE);
	framed[2] = REQUEST_SIZE >> 8;
	framed[3] = REQUEST_SIZE & 0xff;
	message[0] = 1;
	message[2] = 1;
	put32(message + 8, REQUEST_SIZE);
	put32(message + 16, REPORT_SIZE);
	memcpy(message + REPORT_AT, request.tdreport, REPORT_SIZE);
}

const char *service_reply(const uint8_t *framed, size_t len)
{
	static _Thread_local char text[64];
	const uint8_t *message = framed + FRAME_SIZE;
	const uint32_t framed_len = (uint32_t)framed[0] << 24 | (uint32_t)framed[1] << 16 |
				    (uint32_t)framed[2] << 8 | framed[3];
	uint32_t quote_len;
	int seed;

	if (len < FRAME_SIZE + REPLY_HEAD)
		return "no reply";
	quote_len = get32(message + QUOTE_SIZE_AT);
	if (framed_len != len - FRAME_SIZE || get32(message + 8) != framed_len ||
	    get32(message) != 0x10001 || get32(message + 4) != 1 || get32(message + 16) != 0 ||
	    quote_len != framed_len - REPLY_HEAD)
		return "a bad head";
	if (get32(message + ERROR_AT) != 0) {
		snprintf(text, sizeof(text), "error %x%s", get32(message + ERROR_AT),
			 quote_len ? " with a quote" : "");
		return text;
	}
	seed = quote_seed(message + REPLY_HEAD, (ssize_t)quote_len);
	if (seed < 0)
		return "no quote over report data of ours";
	snprintf(text, sizeof(text), "quote %d", seed);
	return text;
}

const struct service_address service_host = {AF_VSOCK, 0, PORT, HOST, {0}};

int service_connect(int fd, const void *address, socklen_t len)
{
	return connect(fd, address, len);
}

int service_socket(int flags)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | flags, 0);

	if (fd < 0) {
		got("socket %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

int service_connected(void)
{
	int fd = service_socket(SOCK_CLOEXEC);

	if (service_connect(fd, &service_host, sizeof(service_host)) < 0) {
		got("connect %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

void service_send(int fd, const uint8_t *data, size_t len, size_t step)
{
	for (size_t at = 0; at < len;) {
		const size_t part = len - at < step ? len - at : step;
		ssize_t sent = send(fd, data + at, part, MSG_NOSIGNAL);

		if (sent < 0) {
			got("send %s", errno_name(errno));
			return;
		}
		at += (size_t)sent;
	}
}

size_t service_receive(int fd, uint8_t reply[static REPLY_MAX])
{
	size_t have = 0;
	ssize_t got_now;

	if (recv(fd, reply, FRAME_SIZE, 0) != FRAME_SIZE)
		return 0;
	have = FRAME_SIZE;
	while ((got_now = recv(fd, reply + have, REPLY_MAX - have, 0)) > 0)
		have += (size_t)got_now;
	return got_now < 0 ? 0 : have;
}

void got_service(int fd)
{
	static uint8_t reply[REPLY_MAX];

	got("%s", service_reply(reply, service_receive(fd, reply)));
}
