/* SPDX-License-Identifier: Apache-2.0 */
/* The controls of failing_malloc.c, for the one thread of the program that it is loaded into. */
#ifndef TEESHIM_TESTS_TORTURE_FAILING_MALLOC_H
#define TEESHIM_TESTS_TORTURE_FAILING_MALLOC_H

#include <stdbool.h>

/* failing_arm() - let the nth allocation from now on (from 1) fail, once. */
void failing_arm(unsigned nth);

/* failing_met() - did it fail yet?  failing_disarm() - the same, and none fails from now on. */
bool failing_met(void);
bool failing_disarm(void);

/* failing_live() - blocks that were allocated and not freed. */
long failing_live(void);

#endif
