/* SPDX-License-Identifier: Apache-2.0 */
/* The caller of the tree when the tree lives inside the program: this process itself. */
#ifndef TEESHIM_INTERPOSE_OWN_H
#define TEESHIM_INTERPOSE_OWN_H

#include "tree/caller.h"

extern const struct caller own_process;

#endif
