/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The preload front of tree/vsock.h: what the wrappers of socket calls do with descriptors that carry a
 * hint.  libc's prototypes are not needed here, nor its headers, whose address types differ.
 *
 * errno as in front.h: kept on success, set on failure.
 */
#ifndef TEESHIM_INTERPOSE_FRONT_SOCKET_H
#define TEESHIM_INTERPOSE_FRONT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* AF_VSOCK, the one family that is looked at */
enum { FRONT_VSOCK = 40 };

/* front_is_vsock() - is this descriptor a placeholder or a connection of ours? */
bool front_is_vsock(int fd);

/* front_socket() - the kernel has answered socket(AF_VSOCK, ...) with fd; what the program gets. */
int front_socket(int fd, int type, int protocol, int before);

/* front_connect() - connect() of a hinted descriptor, by the kernel unless it is to the host. */
int front_connect(int fd, const void *addr, unsigned len);

/* front_send() - send() on a descriptor that front_is_vsock(): a request that is complete is answered. */
ssize_t front_send(int fd, const void *buf, size_t len, int flags);

/*
 * front_may_receive() - before a receive on a hinted descriptor, with the flags of recv(): true where the
 * kernel has the answer; else errno is set.
 */
bool front_may_receive(int fd, int flags);

#endif
