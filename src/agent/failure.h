/* SPDX-License-Identifier: Apache-2.0 */
/* How a question to the agent fails: one log line, in one form, whatever went wrong. */
#ifndef TEESHIM_AGENT_FAILURE_H
#define TEESHIM_AGENT_FAILURE_H

#include <stddef.h>

#include "agent/agent.h"

/*
 * agent_fail() - log "ROUTE at SOCKET: WHY; CURE" as an error.
 * @route: of the question, with its leading slash ("/GetQuote")
 * @why, @cure: what happened and what to do, a few words each
 *
 * Return: -EIO, for the caller to pass on.
 */
int agent_fail(const struct agent *agent, const char *route, const char *why, const char *cure);

/*
 * failure_text() - copy text that the agent chose so that it can go into one log line.
 * @out, @size: receives at most size - 1 characters and a terminating zero; size is at least 1
 * @text, @len: hostile bytes
 *
 * Runs of white space become one blank and every byte that is not printable ASCII a question mark:
 * an answer must not be able to end our line or to speak to the terminal.
 */
void failure_text(char *out, size_t size, const char *text, size_t len);

#endif
