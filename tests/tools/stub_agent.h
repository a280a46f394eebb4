/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child process that listens on a unix socket and answers as one test wants it: for answers that
 * no agent and no simulator gives.
 */
#ifndef TEESHIM_TESTS_STUB_AGENT_H
#define TEESHIM_TESTS_STUB_AGENT_H

#include <sys/types.h>

#include "agent/agent.h"

struct stub_agent {
	struct agent agent; /* to ask */
	pid_t pid;
	char folder[32]; /* of the socket */
};

/*
 * stub_answer - answers one request.
 * @fd: of the connection, closed afterwards
 * @request: head and body, zero terminated
 */
typedef void stub_answer(int fd, const char *request);

/*
 * stub_start() - listen, fork and serve one connection after another.
 * @name: of the socket's file
 * @answer: NULL never accepts (the backlog has room for one)
 */
void stub_start(struct stub_agent *stub, const char *name, stub_answer *answer);

/* stub_stop() - end the child; the socket stays where it is, and refuses. */
void stub_stop(struct stub_agent *stub);

/* stub_remove() - remove the socket and its folder. */
void stub_remove(struct stub_agent *stub);

/* stub_reply() - send a complete answer. */
void stub_reply(int fd, int status, const char *body);

/* stub_reply_unknown() - what an agent says to a method that its version does not have. */
void stub_reply_unknown(int fd, int status);

/* stub_asks() - whether a request is a POST to this route. */
bool stub_asks(const char *request, const char *route);

/* stub_quote_hex() - a minimal TDX quote of version 4 over the report data in the request's body. */
const char *stub_quote_hex(const char *request);

/*
 * stub_attestation_hex() - an attestation (V0) of SEV-SNP: a report over the report data in the request's
 * body, and one element of cert_chain, which is no certificate.
 */
const char *stub_attestation_hex(const char *request);

#endif
