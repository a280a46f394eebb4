/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/tsm_provider.h"

#include <errno.h>
#include <stdlib.h>

/* drivers/virt/coco/tdx-guest/tdx-guest.c, tdx_report_new(): only full report data will do. */
static int tdx_report(const struct agent *agent, const uint8_t *inblob, size_t len,
		      int64_t deadline_ms, struct tsm_report *out)
{
	struct agent_quote quote = {0};
	int err;

	if (len != REPORT_DATA_SIZE)
		return -EINVAL;
	err = agent_get_quote(agent, inblob, deadline_ms, &quote);
	if (err < 0)
		return err;
	out->outblob = quote.quote;
	quote.quote = (struct buf){0};
	agent_quote_free(&quote);
	return 0;
}

static const struct tsm_provider tdx_guest = {
	.name = "tdx_guest",
	.report = tdx_report,
};

const struct tsm_provider *tsm_provider_of(enum tee tee)
{
	return tee == TEE_TDX ? &tdx_guest : NULL;
}
