/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worker processes that perform operations, one at a time, on command.  When one of them has ended
 * its descriptors are closed: the kernel tells by a pidfd.
 */
#ifndef TEESHIM_TESTS_MODEL_CONTROL_H
#define TEESHIM_TESTS_MODEL_CONTROL_H

#include "model/model.h"

#define REPORT "/sys/kernel/config/tsm/report"

/* control_init() - once: the channels that all workers inherit. */
void control_init(void);

/* control_start() - the first worker; false where it does not get into the report folder. */
bool control_start(void);

/* control_perform() - false where the worker died or does not answer. */
bool control_perform(const struct op *op, struct result *got);

/*
 * control_clean() - end all workers and remove the entries that the model says were made: only those,
 * on a real kernel others may have theirs.
 */
void control_clean(const struct model *model);

/* control_remove() - remove one entry, if it is there. */
void control_remove(const char *name);

/* control_die() - what failed, with errno, and the end of the program. */
_Noreturn void control_die(const char *what);

#endif
