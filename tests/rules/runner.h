/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the rows of a table and compares, or prints the table.
 *
 * Under teeshim's preload a row must give the answer of its teeshim column where it has one; with
 * --native, on a TDX guest and as root, the kernel's.  One process per row: a row that crashes or
 * hangs is that row's failure.
 */
#ifndef RULES_RUNNER_H
#define RULES_RUNNER_H

#include "rules/rules.h"

struct rule_table {
	const char *name; /* of the program */
	const struct rule_group *const *groups;
	size_t count;
	void (*begin)(
		void);     /* in the row's process, before it; ends it by got() and run_finish() */
	void (*end)(void); /* afterwards, in the runner */
	unsigned skips;    /* flags of rows that are not for this table */
};

/* rule_table_main() - main() of a program that runs this table.  Return: its exit status. */
int rule_table_main(const struct rule_table *table, int argc, char **argv);

#endif
