/* SPDX-License-Identifier: Apache-2.0 */
/* How the simulator fails at start: one line on stderr and exit status 1. */
#ifndef TEESHIM_SIM_DIE_H
#define TEESHIM_SIM_DIE_H

/*
 * die() - print "teeshim-sim: MESSAGE" on stderr and exit with status 1.
 * For what cannot be answered by an HTTP error: start-up, memory, OpenSSL refusing its own keys.
 */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

#endif
