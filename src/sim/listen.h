/* SPDX-License-Identifier: Apache-2.0 */
/* A listening unix socket with the agent's mode; replaces a stale one, is removed at the end. */
#ifndef TEESHIM_SIM_LISTEN_H
#define TEESHIM_SIM_LISTEN_H

#include <sys/types.h>

struct listener {
	int fd;
	const char *path;
	dev_t dev; /* of the socket file: at the end only our own is removed */
	ino_t ino;
};

/*
 * listen_open() - listen on path, mode 0777 as the agent's sockets have.
 * A socket file on which nobody listens is replaced; anything else there ends the process.
 */
void listen_open(struct listener *listener, const char *path);

/* listen_remove() - remove the socket file, unless it is another's by now; fd is not closed. */
void listen_remove(const struct listener *listener);

#endif
