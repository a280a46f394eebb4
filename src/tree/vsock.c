/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/vsock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sys.h"
#include "tree/quoting.h"
#include "tree/tree.h"

enum {
	/* beside the device's mark; F_SETOWN is never set, so it is never sent */
	VSOCK_MARK = 60,
	CID_HOST = 2,
	REQUEST_MAX = 60 << 10, /* framed; QGS takes a mebibyte, and no client needs two pages */
	REQUEST_SECONDS = 30,
	PAUSE_FIRST_US = 50,
	PAUSE_MAX_US = 5000,
	CHUNK = 512,
	CHUNKS_MAX = 2 * REQUEST_MAX / CHUNK,
};

/* struct sockaddr_vm, whose header not every libc's include path has. */
struct vm_address {
	uint16_t family;
	uint16_t reserved;
	uint32_t port;
	uint32_t cid;
	uint8_t zero[4];
};

_Static_assert(sizeof(struct vm_address) == 16, "struct sockaddr_vm");

static int mark_set(int fd)
{
	return (int)sys_call(SYS_fcntl, fd, F_SETSIG, VSOCK_MARK, 0, 0, 0);
}

bool vsock_is_marked(int fd)
{
	return sys_call(SYS_fcntl, fd, F_GETSIG, 0, 0, 0, 0) == VSOCK_MARK;
}

int vsock_placeholder(int type)
{
	int fd = (int)sys_call(SYS_socket, AF_UNIX, type, 0, 0, 0, 0);
	int err = fd < 0 ? fd : mark_set(fd);

	if (err == 0)
		return fd;
	if (fd >= 0)
		sys_close(fd);
	return err;
}

static ssize_t socket_recv(int fd, void *buf, size_t len, int flags)
{
	return sys_call(SYS_recvfrom, fd, (long)buf, (long)len, flags | MSG_DONTWAIT, 0, 0);
}

static size_t socket_waiting(int fd)
{
	int have = 0;

	sys_call(SYS_ioctl, fd, FIONREAD, (long)&have, 0, 0, 0);
	return have > 0 ? (size_t)have : 0;
}

/* ---------------------------------------------------------------------------- connecting */

/* Room for one descriptor as SCM_RIGHTS, aligned as its header. */
union rights {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/* Put the peer in flight: to the other end, and so into its keeping. */
static int peer_send(int peer)
{
	char marker = 0;
	struct iovec vector = {&marker, sizeof(marker)};
	union rights rights = {.room = {0}};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &rights,
				 .msg_controllen = sizeof(rights)};
	ssize_t sent;

	rights.head.cmsg_level = SOL_SOCKET;
	rights.head.cmsg_type = SCM_RIGHTS;
	rights.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&rights.head), &peer, sizeof(peer));
	sent = sys_call(SYS_sendmsg, peer, (long)&message, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0, 0);
	return sent < 0 ? (int)sent : 0;
}

static int pair_make(int ends[static 2], int flags)
{
	int err = (int)sys_call(SYS_socketpair, AF_UNIX,
				SOCK_STREAM | SOCK_CLOEXEC | (flags & O_NONBLOCK), 0, (long)ends, 0,
				0);

	if (err < 0)
		return err;
	err = mark_set(ends[0]);
	if (err == 0)
		err = peer_send(ends[1]);
	sys_close(ends[1]);
	if (err < 0)
		sys_close(ends[0]);
	return err;
}

/* The program's descriptor becomes our connection; what the descriptor itself says stays. */
static int descriptor_replace(int fd)
{
	int flags = (int)sys_call(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0);
	int of_fd = (int)sys_call(SYS_fcntl, fd, F_GETFD, 0, 0, 0, 0);
	int ends[2];
	int err;

	if (flags < 0 || of_fd < 0)
		return -EBADF;
	err = pair_make(ends, flags);
	if (err < 0)
		return err;
	err = (int)sys_call(SYS_dup3, ends[0], fd, of_fd & FD_CLOEXEC ? O_CLOEXEC : 0, 0, 0, 0);
	sys_close(ends[0]);
	return err < 0 ? err : 0;
}

static bool is_vsock(int fd)
{
	int domain = 0;
	int len = sizeof(domain);

	return sys_call(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, (long)&domain, (long)&len, 0) ==
		       0 &&
	       domain == AF_VSOCK;
}

/* getpeername() of what is not connected fails. */
static bool is_connected(int fd)
{
	struct sockaddr_storage name;
	int len = sizeof(name);

	return sys_call(SYS_getpeername, fd, (long)&name, (long)&len, 0, 0, 0) == 0;
}

/* In the order of vsock_connect() in af_vsock.c; the address itself as __sys_connect() copies it. */
static int address_check(const struct caller *caller, int fd, uint64_t addr, size_t len)
{
	struct vm_address to = {0};
	int err;

	if (len > sizeof(struct sockaddr_storage))
		return -EINVAL;
	err = caller->read_memory(caller, &to, addr, len < sizeof(to) ? len : sizeof(to));
	if (err < 0)
		return err;
	if (is_connected(fd))
		return -EISCONN;
	if (len < sizeof(to) || to.family != AF_VSOCK)
		return -EINVAL;
	if (to.cid != CID_HOST)
		return -ENODEV;
	return quoting_serves() ? 0 : -ECONNRESET;
}

int vsock_connect(const struct caller *caller, int fd, uint64_t addr, size_t len)
{
	const bool marked = vsock_is_marked(fd);
	int err;

	if (!marked && !is_vsock(fd))
		return TREE_PASS;
	err = address_check(caller, fd, addr, len);
	if (err < 0)
		return marked ? err : TREE_PASS;
	return descriptor_replace(fd);
}

/* ---------------------------------------------------------------------------- the peer */

/*
 * A descriptor of the peer, which stays in flight.
 * Return: it; -ENOTCONN where the marker is gone; -EMFILE, -ENFILE.
 */
static int peer_look(int fd)
{
	char marker;
	struct iovec vector = {&marker, sizeof(marker)};
	union rights rights = {.room = {0}};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &rights,
				 .msg_controllen = sizeof(rights)};
	const int flags = MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
	int peer;

	if (sys_call(SYS_recvmsg, fd, (long)&message, flags, 0, 0, 0) != sizeof(marker))
		return -ENOTCONN;
	/* the table of descriptors is full */
	if (message.msg_flags & MSG_CTRUNC)
		return -EMFILE;
	if (message.msg_controllen < CMSG_LEN(sizeof(int)) ||
	    rights.head.cmsg_level != SOL_SOCKET || rights.head.cmsg_type != SCM_RIGHTS)
		return -ENOTCONN;
	memcpy(&peer, CMSG_DATA(&rights.head), sizeof(peer));
	return peer;
}

/* Without it the peer is in flight no more; false where somebody else has read it. */
static bool marker_take(int fd)
{
	char marker;

	return socket_recv(fd, &marker, sizeof(marker), 0) == sizeof(marker);
}

/*
 * End the connection: by a shutdown, for a child forked meanwhile has the peer as well.  What is unread
 * goes first, or the program would get ECONNRESET in place of the end of file.
 */
static void peer_end(int peer)
{
	char chunk[CHUNK];

	for (int i = 0; i < CHUNKS_MAX && socket_recv(peer, chunk, sizeof(chunk), 0) > 0; i++)
		;
	sys_call(SYS_shutdown, peer, SHUT_RDWR, 0, 0, 0, 0);
	sys_close(peer);
}

static bool is_half_closed(int peer)
{
	struct pollfd ask = {.fd = peer, .events = POLLRDHUP};
	const struct timespec none = {0};

	return sys_call(SYS_ppoll, (long)&ask, 1, (long)&none, 0, 0, 0) == 1;
}

/*
 * How long the complete request in the peer's queue is, framed; -EAGAIN while it is not complete;
 * -EMSGSIZE where it is too long, and -EPIPE where it never will be complete.
 */
static int request_look(int peer)
{
	const size_t have = socket_waiting(peer);
	uint8_t frame[QGS_FRAME_SIZE];
	uint32_t len;

	if (have >= sizeof(frame) &&
	    socket_recv(peer, frame, sizeof(frame), MSG_PEEK) == (ssize_t)sizeof(frame)) {
		len = qgs_frame_len(frame);
		if (len > REQUEST_MAX - sizeof(frame))
			return -EMSGSIZE;
		if (have >= sizeof(frame) + len)
			return (int)(sizeof(frame) + len);
	}
	return is_half_closed(peer) ? -EPIPE : -EAGAIN;
}

static void reply_send(int peer, enum qgs_error error, const struct buf *quote)
{
	uint8_t head[QGS_FRAMED_HEAD];
	struct iovec vectors[] = {{head, sizeof(head)}, {quote->data, quote->len}};
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = quote->len ? 2 : 1};
	ssize_t sent;

	qgs_reply_head(head, error, (uint32_t)quote->len);
	sent = sys_call(SYS_sendmsg, peer, (long)&message, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0, 0);
	/* whoever has closed the other end wants no reply */
	if (sent >= 0 && (size_t)sent < sizeof(head) + quote->len)
		log_error("quoting service: a reply of %zu bytes does not fit the socket's buffer; "
			  "raise net.core.wmem_default",
			  sizeof(head) + quote->len);
}

/*
 * Two threads may have seen the request: the one that gets it out of the queue answers, and only that
 * one takes the marker, or it would take the reply's first byte.
 */
static void request_answer(const struct caller *caller, int fd, int peer, size_t framed)
{
	uint8_t request[QGS_FRAME_SIZE + QGS_REQUEST_HEAD];
	const size_t part = framed < sizeof(request) ? framed : sizeof(request);
	struct buf quote = {0};
	enum qgs_error error;

	if (socket_recv(peer, request, part, 0) != (ssize_t)part) {
		sys_close(peer);
		return;
	}
	if (marker_take(fd)) {
		error = quoting_answer(caller, request + QGS_FRAME_SIZE, framed - QGS_FRAME_SIZE,
				       &quote);
		reply_send(peer, error, &quote);
		buf_free(&quote);
	}
	peer_end(peer);
}

int vsock_serve(const struct caller *caller, int fd)
{
	int peer = peer_look(fd);
	int framed;

	if (peer == -ENOTCONN && is_connected(fd))
		return 0;
	if (peer < 0)
		return peer;
	framed = request_look(peer);
	if (framed == -EAGAIN) {
		sys_close(peer);
		return framed;
	}
	if (framed < 0) {
		marker_take(fd);
		peer_end(peer);
	} else {
		request_answer(caller, fd, peer, (size_t)framed);
	}
	return 0;
}

static bool may_block(int fd)
{
	return !(sys_call(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0) & O_NONBLOCK);
}

int vsock_wait(const struct caller *caller, int fd, bool wait)
{
	const int64_t deadline = clock_now_ms() + REQUEST_SECONDS * 1000;
	unsigned pause = PAUSE_FIRST_US;
	int peer;
	int err;

	for (;;) {
		err = vsock_serve(caller, fd);
		if (err != -EAGAIN || !wait || !may_block(fd))
			return err;
		if (clock_now_ms() >= deadline)
			break;
		clock_sleep_us(pause);
		if (pause < PAUSE_MAX_US)
			pause *= 2;
	}
	peer = peer_look(fd);
	if (peer >= 0) {
		marker_take(fd);
		peer_end(peer);
	}
	return 0;
}

size_t vsock_room(int fd, size_t len)
{
	int peer = peer_look(fd);
	size_t have;
	size_t room;

	if (peer < 0)
		return len;
	have = socket_waiting(peer);
	sys_close(peer);
	/* what calls that nobody looked at have brought may be more */
	room = have < REQUEST_MAX ? REQUEST_MAX - have : 1;
	return len < room ? len : room;
}

bool vsock_gather(int fd)
{
	int peer = peer_look(fd);
	size_t have = peer < 0 ? 0 : socket_waiting(peer);
	char *bytes = have > 0 && have <= REQUEST_MAX ? malloc(have) : NULL;
	ssize_t got = bytes ? socket_recv(peer, bytes, have, 0) : 0;

	if (got > 0)
		sys_call(SYS_sendto, fd, (long)bytes, got, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
	free(bytes);
	if (peer >= 0)
		sys_close(peer);
	return got > 0;
}
