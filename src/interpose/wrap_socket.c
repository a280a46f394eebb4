/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets: those of vsock, which may lead to the host's quoting service.  socket() compares its address
 * family, the others look at the hint that it has set.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#include "interpose/front_socket.h"
#include "interpose/hint.h"
#include "interpose/wrap.h"

#define WRAP_SOCKET(name)                                                                          \
	EXPORT int name(int domain, int type, int protocol);                                       \
	int name(int domain, int type, int protocol)                                               \
	{                                                                                          \
		const int before = UNLIKELY(domain == FRONT_VSOCK) ? errno : 0;                    \
		const int fd = NEXT(name)(domain, type, protocol);                                 \
                                                                                                   \
		return UNLIKELY(domain == FRONT_VSOCK) ? front_socket(fd, type, protocol, before)  \
						       : fd;                                       \
	}

#define WRAP_CONNECT(name)                                                                         \
	EXPORT int name(int fd, const void *addr, unsigned len);                                   \
	int name(int fd, const void *addr, unsigned len)                                           \
	{                                                                                          \
		return hint_get(fd) ? front_connect(fd, addr, len) : NEXT(name)(fd, addr, len);    \
	}

#define WRAP_SEND(name)                                                                            \
	EXPORT ssize_t name(int fd, const void *buf, size_t len, int flags);                       \
	ssize_t name(int fd, const void *buf, size_t len, int flags)                               \
	{                                                                                          \
		if (hint_get(fd) && front_is_vsock(fd))                                            \
			return front_send(fd, buf, len, flags);                                    \
		return NEXT(name)(fd, buf, len, flags);                                            \
	}

#define WRAP_RECV(name)                                                                            \
	EXPORT ssize_t name(int fd, void *buf, size_t len, int flags);                             \
	ssize_t name(int fd, void *buf, size_t len, int flags)                                     \
	{                                                                                          \
		if (hint_get(fd) && !front_may_receive(fd, flags))                                 \
			return -1;                                                                 \
		return NEXT(name)(fd, buf, len, flags);                                            \
	}

/* What a fortified program calls. */
#define WRAP_RECV_CHK(name)                                                                        \
	EXPORT ssize_t name(int fd, void *buf, size_t len, size_t size, int flags);                \
	ssize_t name(int fd, void *buf, size_t len, size_t size, int flags)                        \
	{                                                                                          \
		if (hint_get(fd) && !front_may_receive(fd, flags))                                 \
			return -1;                                                                 \
		return NEXT(name)(fd, buf, len, size, flags);                                      \
	}

#define FAMILY_SOCKET
#include "interpose/symbols.def"
