/* SPDX-License-Identifier: Apache-2.0 */
/* rules: the table of configfs-tsm.  A fresh entry exists for each row. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/run.h"
#include "rules/runner.h"

static const struct rule_group *const groups[] = {
	&group_make,       &group_remove,  &group_move, &group_modes,      &group_gone,
	&group_attributes, &group_listing, &group_open, &group_open_flags, &group_text,
	&group_inblob,     &group_commit,  &group_pass, &group_flock,      &group_outblob,
	&group_fd,         &group_names,   &group_cwd,  &group_pointers,   &group_results,
};

static void entry_make(void)
{
	if (mkdir(at("E"), 0700) == 0)
		return;
	got("no entry to work in: mkdir %s: %s", at("E"), errno_name(errno));
	run_finish();
}

static void entries_remove(void)
{
	rmdir(at("N"));
	rmdir(at("E"));
}

int main(int argc, char **argv)
{
	static const struct rule_table table = {
		.name = "rules",
		.groups = groups,
		.count = sizeof(groups) / sizeof(groups[0]),
		.begin = entry_make,
		.end = entries_remove,
	};

	return rule_table_main(&table, argc, argv);
}
