/* SPDX-License-Identifier: Apache-2.0 */
/* Between main.c and help.c: the state of the process that runs one rule. */
#ifndef RULES_RUN_H
#define RULES_RUN_H

struct run {
	char name[64];      /* of the fresh entry */
	char scratch[256];  /* a folder on another file system, with "file" in it */
	char outcome[2048]; /* what was seen so far */
	int report_fd;      /* where it goes */
};

extern struct run run;

/* run_finish() - hand the outcome over and end the process. */
_Noreturn void run_finish(void);

#endif
