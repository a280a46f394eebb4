/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment variables that steer teeshim, each read where it is needed: a program may set
 * one after our constructor ran.  In a set-user-ID program (AT_SECURE) all of them read as unset.
 */
#ifndef TEESHIM_BASE_CONFIG_H
#define TEESHIM_BASE_CONFIG_H

#include <stdint.h>

/* config_string() - the variable's value, or NULL where it is unset or empty. */
const char *config_string(const char *name);

/*
 * config_timeout_ms() - TEESHIM_TIMEOUT_MS: how long one whole answer of the agent, and every wait
 * of our own for another process, may take.  1 to 3 600 000 ms; 60 000 when unset or unreadable.
 */
int64_t config_timeout_ms(void);

#endif
