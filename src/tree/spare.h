/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spare answer: a quote, or a report, that was asked for by one call and may serve, once, the next
 * question of the same process over the same report data within two seconds.  Clients ask for the
 * TDREPORT first and for the quote right after it (libtdx_attest always), or for the length of the
 * certificates and then for these, and each answer costs seconds on real hardware.
 */
#ifndef TEESHIM_TREE_SPARE_H
#define TEESHIM_TREE_SPARE_H

#include <stdint.h>

#include "agent/agent.h"
#include "tree/caller.h"

struct tree;

/*
 * spare_keep() - keep an answer for the caller; failing only costs another question.
 * @extends: of fresh_extends() before it was asked for
 */
void spare_keep(const struct tree *tree, const struct caller *caller,
		const uint8_t report_data[static REPORT_DATA_SIZE], uint64_t extends,
		const struct buf *answer);

/*
 * spare_take() - the caller's spare answer over this report data, which is then gone.
 * Return: 0 and the answer, the caller's to free; -ENOENT; -ENOMEM.
 */
int spare_take(const struct tree *tree, const struct caller *caller,
	       const uint8_t report_data[static REPORT_DATA_SIZE], struct buf *answer);

#endif
