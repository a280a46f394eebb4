/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel libtdx_attest 1.18 to 1.20, which know no configfs: a TDREPORT, then vsock where a port is
 * configured (argv[2]); without one, or where vsock fails, the GET_QUOTE ioctl of the same device.
 */
#include "quoting.h"

/* _IOR('T', 4, struct quote_request) */
#ifdef __GLIBC__
#define GET_QUOTE 0x80105404UL
#else
#define GET_QUOTE ((int)0x80105404)
#endif

struct quote_request {
	uint64_t buf;
	uint64_t len;
};

struct quote_buffer {
	uint64_t version;
	uint64_t status;
	uint32_t in_len;
	uint32_t out_len;
	uint8_t data[REPLY_MAX - 24];
};

_Static_assert(sizeof(struct quote_buffer) == REPLY_MAX, "struct quote_buffer");

static bool vsock_receive(int fd, uint8_t *to, size_t size)
{
	ssize_t got;

	for (size_t have = 0; have < size; have += (size_t)got) {
		got = recv(fd, to + have, size - have, 0);
		if (got <= 0)
			return false;
	}
	return true;
}

/* The reply's size, or 0: then the ioctl is tried. */
static size_t vsock_exchange(const uint8_t *request, const char *port, uint8_t *reply)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	size_t size = 0;

	if (fd < 0)
		return 0;
	if (host_connect(fd, (uint32_t)strtoul(port, NULL, 10)) == 0 &&
	    send(fd, request, FRAMED_SIZE, 0) == FRAMED_SIZE &&
	    vsock_receive(fd, reply, FRAME_SIZE) && get_be32(reply) <= REPLY_MAX - FRAME_SIZE &&
	    vsock_receive(fd, reply + FRAME_SIZE, get_be32(reply)))
		size = FRAME_SIZE + get_be32(reply);
	close(fd);
	return size;
}

/* Everything but success is reported, in the buffer, by a call that returns 0. */
static void ioctl_exchange(const uint8_t *request)
{
	static struct quote_buffer buffer = {.version = 1, .in_len = FRAMED_SIZE};
	const struct quote_request argument = {(uintptr_t)&buffer, sizeof(buffer)};
	int fd = OK_INT("open " DEVICE, open(DEVICE, O_RDWR | O_SYNC));

	memcpy(buffer.data, request, FRAMED_SIZE);
	OK("ioctl GET_QUOTE", ioctl(fd, GET_QUOTE, &argument));
	OK("close " DEVICE, close(fd));
	if (buffer.status != 0)
		fail("ioctl GET_QUOTE", "status %#llx", (unsigned long long)buffer.status);
	if (buffer.out_len <= FRAME_SIZE || buffer.out_len > sizeof(buffer.data))
		fail("ioctl GET_QUOTE", "out_len %u", buffer.out_len);
	reply_print(buffer.data, buffer.out_len);
}

int main(int argc, char **argv)
{
	uint8_t request[FRAMED_SIZE];
	uint8_t reply[REPLY_MAX];
	size_t size = 0;

	request_take(request, argc > 1 ? argv[1] : NULL);
	if (argc > 2)
		size = vsock_exchange(request, argv[2], reply);
	if (size > 0)
		reply_print(reply, size);
	else
		ioctl_exchange(request);
	return 0;
}
