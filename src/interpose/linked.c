/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other half of the build's renaming: in libcurl and jansson, which are linked in, calls to the
 * functions that we interpose become teeshim_next_NAME, so that they never come back to us.  Those
 * they use are here; the link fails for one that is missing.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interpose/next.h"

int teeshim_next_close(int fd);
int teeshim_next_close(int fd)
{
	return NEXT(close)(fd);
}

int teeshim_next_fcntl(int fd, int cmd, void *arg);
int teeshim_next_fcntl(int fd, int cmd, void *arg)
{
	return NEXT(fcntl)(fd, cmd, arg);
}

int teeshim_next_socket(int domain, int type, int protocol);
int teeshim_next_socket(int domain, int type, int protocol)
{
	return NEXT(socket)(domain, type, protocol);
}

int teeshim_next_connect(int fd, const struct sockaddr *addr, socklen_t len);
int teeshim_next_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return NEXT(connect)(fd, addr, len);
}

ssize_t teeshim_next_send(int fd, const void *buf, size_t len, int flags);
ssize_t teeshim_next_send(int fd, const void *buf, size_t len, int flags)
{
	return NEXT(send)(fd, buf, len, flags);
}

ssize_t teeshim_next_recv(int fd, void *buf, size_t len, int flags);
ssize_t teeshim_next_recv(int fd, void *buf, size_t len, int flags)
{
	return NEXT(recv)(fd, buf, len, flags);
}
