/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting service behind a vsock stream to the host (CID 2), at whatever port.
 *
 * Theory of operation.  At connect() the program's descriptor is replaced by one end of a pair of unix
 * stream sockets.  Nobody of ours is there to hold the other end, the peer, so it is in flight: it lies
 * as SCM_RIGHTS in the receive queue of the program's own end, behind one byte, the marker.  What the
 * program sends waits in the peer's queue.  Whoever finds a whole request there, in any process that
 * has the descriptor, takes marker and request out, asks the agent, sends the reply through the peer and
 * shuts it down.  From then on the kernel answers everything by itself, end of file, poll() and EPIPE
 * included; and when the program closes its end early, the peer goes with it.
 *
 * The descriptor is marked by the signal number of F_SETSIG, as the device's is (tree/device.h).  So is
 * a placeholder: what socket() gives where the system refuses vsock itself.
 *
 * Descriptors must be those of the calling process.  Thread-safe; waits for the agent as
 * quoting_answer() does.  Sources: net/vmw_vsock/af_vsock.c, include/uapi/linux/vm_sockets.h; Intel
 * SGXDataCenterAttestationPrimitives, qgs_server.cpp (one request per connection, 30 s for it).
 */
#ifndef TEESHIM_TREE_VSOCK_H
#define TEESHIM_TREE_VSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tree/caller.h"

/*
 * vsock_placeholder() - socket(2) where vsock is refused: a descriptor to connect, or -errno.
 * @type: SOCK_STREAM with any of SOCK_CLOEXEC and SOCK_NONBLOCK
 */
int vsock_placeholder(int type);

/* vsock_is_marked() - is this descriptor a placeholder or a connection of ours?  One fcntl(). */
bool vsock_is_marked(int fd);

/*
 * vsock_connect() - connect(2) of a vsock socket or a placeholder.
 * @addr, @len: the address in the program's memory, reached through the caller
 *
 * Return: 0 and the descriptor replaced, its flags kept; TREE_PASS where the kernel has to connect it;
 * for a placeholder, which it cannot, the errno of af_vsock.c; -errno.
 */
int vsock_connect(const struct caller *caller, int fd, uint64_t addr, size_t len);

/* vsock_room() - of a send of len bytes, how many may go to the kernel: one at least, if it has any. */
size_t vsock_room(int fd, size_t len);

/*
 * vsock_gather() - join what many small sends have left in the peer's queue, which counts each of them as
 * nearly a kilobyte.  True where another send is worth a try.
 */
bool vsock_gather(int fd);

/*
 * vsock_serve() - answer the request, if one is complete.
 * Return: 0 where the kernel has all that a receive may find, or will have it; -EAGAIN while the
 * request is not complete; -ENOTCONN of a placeholder; -EMFILE, -ENFILE.
 */
int vsock_serve(const struct caller *caller, int fd);

/*
 * vsock_wait() - the same before a receive that blocks, for as long as QGS would wait; then the
 * connection ends.  A non-blocking descriptor does not wait.
 * @wait: false for a single receive that does not either
 */
int vsock_wait(const struct caller *caller, int fd, bool wait);

#endif
