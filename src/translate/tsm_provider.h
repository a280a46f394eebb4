/* SPDX-License-Identifier: Apache-2.0 */
/*
 * configfs-tsm providers: for each TEE, what an entry below /sys/kernel/config/tsm/report shows and
 * how its report comes to be.  The counterpart of the kernel's struct tsm_ops
 * (drivers/virt/coco/guest/report.c).  A new TEE is one more provider here.
 */
#ifndef TEESHIM_TRANSLATE_TSM_PROVIDER_H
#define TEESHIM_TRANSLATE_TSM_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"
#include "base/buf.h"

/* The most bytes that inblob takes (TSM_INBLOB_MAX in include/linux/tsm.h). */
enum { TSM_INBLOB_MAX = 64 };

/* What one report brings.  The buffers are the caller's to free. */
struct tsm_report {
	struct buf outblob;
};

struct tsm_provider {
	const char *name; /* as the kernel spells it, without the newline of the attribute */

	/*
	 * report() - make the report over a committed inblob.
	 * Return: 0 and the blobs in out; -EINVAL where the inblob's length is not the provider's;
	 * -EIO, -ENOMEM, -EMFILE or -ENFILE where the agent failed (it has logged why).
	 */
	int (*report)(const struct agent *agent, const uint8_t *inblob, size_t len,
		      int64_t deadline_ms, struct tsm_report *out);
};

/* tsm_provider_of() - the provider of a TEE, or NULL where it has none. */
const struct tsm_provider *tsm_provider_of(enum tee tee);

#endif
