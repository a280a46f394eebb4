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

/*
 * fail_arm() - let the nth call from now on (from 1) fail.
 * @variant: which of the errnos that the system call may have; 0 for allocations
 */
void fail_arm(enum fail_kind kind, unsigned nth, unsigned variant);

/* What came of it. */
struct fail_result {
	bool reached; /* there was an nth call */
	bool failed;  /* and it has such a variant, so it failed */
	long number;  /* the system call, or 0 */
	int error;    /* with which it failed */
};

/* fail_disarm() - let everything succeed again. */
struct fail_result fail_disarm(void);

#endif
