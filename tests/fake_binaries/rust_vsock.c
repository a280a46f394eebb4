/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Rust program with the vsock crate, as dstack's tdx-attest: a close-on-exec socket, write_all of frame
 * and message apart, read_exact of each part of the reply, repeated on EINTR.
 */
#include "quoting.h"

static void write_all(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		long put = OK("write", write(fd, data, size));

		if (put == 0)
			fail("write", "took nothing");
		data += put;
		size -= (size_t)put;
	}
}

static void read_exact(int fd, uint8_t *data, size_t size)
{
	while (size > 0) {
		long got;

		errno = 0;
		got = read(fd, data, size);
		if (got < 0 && errno == EINTR)
			continue;
		must_succeed("read", got);
		if (got == 0)
			fail("read", "the end, %zu bytes too early", size);
		data += got;
		size -= (size_t)got;
	}
}

int main(int argc, char **argv)
{
	uint8_t request[FRAMED_SIZE];
	uint8_t reply[REPLY_MAX];
	size_t size;
	int fd;

	request_take(request, argc > 1 ? argv[1] : NULL);
	fd = OK_INT("socket", socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));
	OK("connect", host_connect(fd, DEFAULT_PORT));
	write_all(fd, request, FRAME_SIZE);
	write_all(fd, request + FRAME_SIZE, REQUEST_SIZE);
	read_exact(fd, reply, FRAME_SIZE);
	size = get_be32(reply);
	if (size > sizeof(reply) - FRAME_SIZE)
		fail("reply", "%zu bytes", size);
	read_exact(fd, reply + FRAME_SIZE, size);
	OK("close", close(fd));
	reply_print(reply, FRAME_SIZE + size);
	return 0;
}
