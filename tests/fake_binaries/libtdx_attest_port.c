/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel libtdx_attest 1.21 to 1.23 where /etc/tdx-attest.conf names a port (argv[2], else QGS's own): a
 * TDREPORT first, then vsock and nothing else.  Whatever fails there is final.
 */
#include "quoting.h"

/* One send of the whole, four bytes, then a loop over the rest, whose end is a failure. */
static size_t exchange(int fd, const uint8_t *request, uint8_t reply[static REPLY_MAX])
{
	size_t have = 0;
	size_t size;
	long got;

	if (OK("send", send(fd, request, FRAMED_SIZE, 0)) != FRAMED_SIZE)
		fail("send", "took less than all");
	if (OK("recv of the length", recv(fd, reply, FRAME_SIZE, 0)) != FRAME_SIZE)
		fail("recv of the length", "short");
	size = get_be32(reply);
	if (size > REPLY_MAX - FRAME_SIZE)
		fail("reply", "%zu bytes", size);
	while (have < size) {
		got = OK("recv", recv(fd, reply + FRAME_SIZE + have, size - have, 0));
		if (got == 0)
			fail("recv", "the end after %zu of %zu bytes", have, size);
		have += (size_t)got;
	}
	return FRAME_SIZE + size;
}

int main(int argc, char **argv)
{
	uint32_t port = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : DEFAULT_PORT;
	uint8_t request[FRAMED_SIZE];
	uint8_t reply[REPLY_MAX];
	size_t size;
	int fd;

	request_take(request, argc > 1 ? argv[1] : NULL);
	fd = OK_INT("socket", socket(AF_VSOCK, SOCK_STREAM, 0));
	OK("connect", host_connect(fd, port));
	size = exchange(fd, request, reply);
	OK("close", close(fd));
	reply_print(reply, size);
	return 0;
}
