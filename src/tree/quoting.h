/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting service that a program believes to speak to: Intel's QGS, by vsock.c or by
 * quote_ioctl.c.  What it signs is a TDREPORT; ours carries no MAC, so a real one would refuse it.
 */
#ifndef TEESHIM_TREE_QUOTING_H
#define TEESHIM_TREE_QUOTING_H

#include <stdbool.h>

#include "base/buf.h"
#include "translate/qgs.h"
#include "tree/caller.h"

/* Framed, a reply is no longer than this: a larger quote is an error. */
enum { QUOTING_REPLY_MAX = 64 << 10 };

/* quoting_serves() - is the device ours now, so that its quotes are, too? */
bool quoting_serves(void);

/*
 * quoting_answer() - the quote over the report data in a request.
 * @message, @len: as qgs_request_parse() takes them
 * @quote: on QGS_SUCCESS the quote, the caller's to free
 *
 * The caller's spare quote serves first.  Waits for the agent until TEESHIM_TIMEOUT_MS.
 * Return: QGS_SUCCESS; QGS_UNEXPECTED where the agent failed and QGS_OUT_OF_MEMORY (one log line each);
 * else what is wrong with the request.
 */
enum qgs_error quoting_answer(const struct caller *caller, const uint8_t *message, size_t len,
			      struct buf *quote);

#endif
