/* SPDX-License-Identifier: Apache-2.0 */
/* What a failed call must not change, looked at from outside; every difference fails the test. */
#ifndef TEESHIM_TESTS_TORTURE_WORLD_H
#define TEESHIM_TESTS_TORTURE_WORLD_H

#include <stddef.h>

#include "tree/caller.h"

/* world_start() - a temporary folder with room for a state folder, and a log that nobody reads. */
void world_start(void);
void world_end(void);

/* world_state_path() - the state folder, which need not exist; world_state_remove() - with all in it. */
const char *world_state_path(void);
void world_state_remove(void);

/*
 * world_state_list() - the names of all that is in the state folder, sorted, a line each.
 * Return: the caller's to free().
 */
char *world_state_list(void);

/* world_note() - remember open descriptors and blocked signals; world_check() - they are the same. */
void world_note(void);
void world_check(const char *what);

/* world_leak_check() - ask LeakSanitizer for memory that nothing points to any more. */
void world_leak_check(const char *what);

/*
 * world_program - the program on whose behalf the tree acts: this process, all of whose addresses are good.
 * It has no folders: dir_name is NULL.
 */
extern const struct caller world_program;

#endif
