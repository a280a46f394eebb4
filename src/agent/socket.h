/* SPDX-License-Identifier: Apache-2.0 */
/* Where an agent's socket may be when no variable names it; for those who explain a search. */
#ifndef TEESHIM_AGENT_SOCKET_H
#define TEESHIM_AGENT_SOCKET_H

#include <stddef.h>

/* socket_place() - the i-th fixed place in the order of the search; NULL after the last. */
const char *socket_place(size_t i);

/*
 * socket_variable() - the path that a variable gives, and the variable's name.
 * @name: set when the value is not NULL
 *
 * Return: the value of TEESHIM_SOCKET, else of DSTACK_SIMULATOR_ENDPOINT, else NULL.
 */
const char *socket_variable(const char **name);

#endif
