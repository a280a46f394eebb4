/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP on one listening socket, by libmicrohttpd; one thread per connection. */
#ifndef TEESHIM_SIM_SERVER_H
#define TEESHIM_SIM_SERVER_H

#include "sim/routes.h"

struct server;

/*
 * server_begin() - answer on a listening socket from now on.
 * @fd: the socket; the server closes it
 */
struct server *server_begin(struct sim *sim, enum door door, int fd);

/* server_end() - close every connection and release the server; sim->stop_fd must be readable. */
void server_end(struct server *server);

#endif
