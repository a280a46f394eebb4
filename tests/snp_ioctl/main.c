/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snp_ioctl: the table of /dev/sev-guest's ioctls, for an agent with certificates; with --no-certs as
 * the first argument, for one without.
 */
#include <string.h>

#include "rules/runner.h"
#include "snp_ioctl/snp.h"

static const struct rule_group *const groups[] = {
	&group_snp_report,       &group_snp_pointers, &group_snp_command, &group_snp_ext,
	&group_snp_ext_pointers, &group_snp_once,     &group_snp_key,     &group_snp_pass,
};

static const struct rule_group *const no_certs[] = {&group_snp_no_certs};

static void nothing(void)
{
}

int main(int argc, char **argv)
{
	static const struct rule_table table = {
		"snp_ioctl", groups, sizeof(groups) / sizeof(groups[0]), nothing, nothing,
	};
	static const struct rule_table without = {
		"snp_ioctl --no-certs",
		no_certs,
		sizeof(no_certs) / sizeof(no_certs[0]),
		nothing,
		nothing,
	};

	if (argc == 4 && strcmp(argv[1], "--inherited") == 0)
		inherited(argv[2], argv[3]);
	if (argc > 1 && strcmp(argv[1], "--no-certs") == 0)
		return rule_table_main(&without, argc - 1, argv + 1);
	return rule_table_main(&table, argc, argv);
}
