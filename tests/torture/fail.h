/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One failure at a chosen point: the Nth allocation, or the Nth system call of the library's own.
 *
 * Allocations fail by ld's --wrap of malloc, calloc, realloc and strdup, which takes in libcurl and
 * jansson.  System calls go through a sys_call() of our own: the sources are compiled with
 * fail_sys.h before them.
 */
#ifndef TEESHIM_TESTS_TORTURE_FAIL_H
#define TEESHIM_TESTS_TORTURE_FAIL_H

#include <stdbool.h>

enum fail_kind { FAIL_ALLOCATION, FAIL_SYS_CALL };

enum { FAIL_VARIANTS = 4 };

/*
 * fail_arm() - let the nth call from now on (from 1) fail, once.
 * @variant: which of the errnos that a system call may have, below FAIL_VARIANTS; calls that have
 *           fewer are not counted
 */
void fail_arm(enum fail_kind kind, unsigned nth, unsigned variant);

/* What came of it. */
struct fail_result {
	bool failed; /* there was an nth call that can fail so */
	long number; /* of the system call that failed */
	int error;   /* its errno */
};

/* fail_met() - what came of it so far; fail_disarm() - the same, and everything succeeds again. */
struct fail_result fail_met(void);
struct fail_result fail_disarm(void);

#endif
