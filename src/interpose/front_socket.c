/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/front_socket.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/socket.h>

#include "interpose/front.h"
#include "interpose/hint.h"
#include "interpose/next.h"
#include "interpose/own.h"
#include "tree/quoting.h"
#include "tree/tree.h"
#include "tree/vsock.h"

_Static_assert((int)FRONT_VSOCK == AF_VSOCK, "address family");

bool front_is_vsock(int fd)
{
	return !getauxval(AT_SECURE) && vsock_is_marked(fd);
}

/* As a container's seccomp profile, or a kernel without vsock, refuses it. */
static bool is_refused(int error)
{
	return error == EPERM || error == EACCES || error == EAFNOSUPPORT;
}

int front_socket(int fd, int type, int protocol, int before)
{
	const int refused = errno;
	int ret = TREE_PASS;

	if ((type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != SOCK_STREAM || getauxval(AT_SECURE))
		return fd;
	if (fd >= 0) {
		hint_set(fd);
		return fd;
	}
	if (is_refused(refused) && (protocol == 0 || protocol == AF_VSOCK) && quoting_serves())
		ret = vsock_placeholder(type);
	if (ret >= 0)
		hint_set(ret);
	return (int)front_end(ret, refused, before);
}

int front_connect(int fd, const void *addr, unsigned len)
{
	const int before = errno;
	int ret = getauxval(AT_SECURE) ? TREE_PASS
				       : vsock_connect(&own_process, fd, (uint64_t)addr, len);

	if (ret != TREE_PASS)
		return (int)front_end(ret, 0, before);
	errno = before;
	ret = NEXT(connect)(fd, addr, len);
	/* connected elsewhere: nothing of ours from here on */
	if (ret == 0 || errno == EINPROGRESS)
		hint_clear(fd);
	return ret;
}

/* Nobody empties the other end but us, so the kernel must not wait for that. */
ssize_t front_send(int fd, const void *buf, size_t len, int flags)
{
	const int before = errno;
	const size_t room = vsock_room(fd, len);
	ssize_t ret = NEXT(send)(fd, buf, room, flags | MSG_DONTWAIT);

	if (ret < 0 && errno == EAGAIN && vsock_gather(fd))
		ret = NEXT(send)(fd, buf, room, flags | MSG_DONTWAIT);
	if (ret >= 0) {
		vsock_serve(&own_process, fd);
		errno = before;
	}
	return ret;
}

bool front_may_receive(int fd, int flags)
{
	const int before = errno;

	return !front_is_vsock(fd) ||
	       front_end(vsock_wait(&own_process, fd, !(flags & MSG_DONTWAIT)), 0, before) == 0;
}
