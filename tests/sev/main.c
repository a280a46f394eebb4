/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sev: the table of configfs-tsm with the provider sev_guest: what it shares with the other one, whose
 * rows are those of tests/rules, and what is its own.  A fresh entry exists for each row.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/run.h"
#include "rules/runner.h"
#include "sev/sev.h"

static const struct rule_group *const groups[] = {
	&group_make,
	&group_remove,
	&group_move,
	&group_modes,
	&group_gone,
	&group_open,
	&group_open_flags,
	&group_inblob,
	&group_commit,
	&group_pass,
	&group_flock,
	&group_fd,
	&group_names,
	&group_cwd,
	&group_pointers,
	&group_results,
	&group_sev_attributes,
	&group_sev_privlevel,
	&group_sev_privlevel_fd,
	&group_sev_blobs,
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
		.name = "sev",
		.groups = groups,
		.count = sizeof(groups) / sizeof(groups[0]),
		.begin = entry_make,
		.end = entries_remove,
		.skips = RULE_TDX,
	};

	return rule_table_main(&table, argc, argv);
}
