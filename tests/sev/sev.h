/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of sev_guest's entries, as rows of the same kind as those of tests/rules. */
#ifndef SEV_SEV_H
#define SEV_SEV_H

#include "rules/rules.h"

extern const struct rule_group group_sev_attributes, group_sev_privlevel, group_sev_privlevel_fd,
	group_sev_blobs;

#endif
