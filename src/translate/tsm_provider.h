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

/*
 * The most bytes that inblob takes, and the highest privlevel (TSM_INBLOB_MAX, TSM_PRIVLEVEL_MAX in
 * include/linux/tsm.h); the lowest one is the VMPL of the guest's own key, which is 0.  A write to a text
 * attribute is at most TSM_TEXT_MAX bytes long (SIMPLE_ATTR_SIZE in fs/configfs/file.c, less one).
 */
enum {
	TSM_INBLOB_MAX = 64,
	TSM_PRIVLEVEL_FLOOR = 0,
	TSM_PRIVLEVEL_MAX = 3,
	TSM_TEXT_MAX = 4095,
};

/* What one report brings.  The buffers are the caller's to free. */
struct tsm_report {
	struct buf outblob;
	struct buf auxblob; /* of SEV-SNP the certificate table, or empty; of TDX empty */
};

struct tsm_provider {
	enum tee tee;
	const char *name; /* as the kernel spells it, without the newline of the attribute */

	/*
	 * report() - make the report over a committed inblob.
	 * Return: 0 and the blobs in out; -EINVAL where the inblob's length is not the provider's;
	 * -EIO, -ENOMEM, -EMFILE or -ENFILE where the agent failed (it has logged why).
	 */
	int (*report)(const struct agent *agent, const uint8_t *inblob, size_t len,
		      int64_t deadline_ms, struct tsm_report *out);
};

/*
 * tsm_provider_of() - the provider of a TEE, or NULL where it has none.
 * tsm_provider_named() - the one of that name (len bytes, not terminated), or NULL.
 */
const struct tsm_provider *tsm_provider_of(enum tee tee);
const struct tsm_provider *tsm_provider_named(const char *name, size_t len);

/*
 * tsm_privlevel_parse() - the number that is written to privlevel: base by its prefix, "+" before and a
 * newline behind it allowed, and anything after a zero byte.
 * @text: len bytes, not terminated
 * Return: 0; -ERANGE above 32 bits; -EINVAL for no number, and for one out of range.
 */
int tsm_privlevel_parse(const char *text, size_t len, unsigned *privlevel);

#endif
