/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of TDX quotes: every field that it points at lies inside the quote that it measured. */
#include <errno.h>

#include "fuzz/fuzz.h"
#include "translate/tdx_quote.h"

static void inside(const uint8_t *data, const struct tdx_quote *quote, const uint8_t *field,
		   size_t len)
{
	fuzz_check(field >= data && len <= (size_t)(data + quote->len - field));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tdx_quote quote = {.version = 77};
	int err = tdx_quote_parse(&quote, data, size);

	if (err < 0) {
		fuzz_check(err == -EINVAL && quote.version == 77 && !quote.mrtd);
		return 0;
	}
	fuzz_check(quote.version == 4 || quote.version == 5);
	fuzz_check(quote.len <= size);
	inside(data, &quote, quote.tee_tcb_svn, TDX_TCB_SVN_SIZE);
	inside(data, &quote, quote.mrseam, TDX_MEASUREMENT_SIZE);
	inside(data, &quote, quote.mrtd, TDX_MEASUREMENT_SIZE);
	inside(data, &quote, quote.mrownerconfig, TDX_MEASUREMENT_SIZE);
	for (size_t i = 0; i < TDX_RTMR_COUNT; i++)
		inside(data, &quote, quote.rtmr[i], TDX_MEASUREMENT_SIZE);
	inside(data, &quote, quote.report_data, TDX_REPORT_DATA_SIZE);
	fuzz_check(!quote.tee_tcb_svn2 == !quote.mrservicetd);
	if (quote.mrservicetd) {
		inside(data, &quote, quote.tee_tcb_svn2, TDX_TCB_SVN_SIZE);
		inside(data, &quote, quote.mrservicetd, TDX_MEASUREMENT_SIZE);
	}
	inside(data, &quote, quote.auth, quote.auth_len);
	fuzz_check(quote.auth + quote.auth_len == data + quote.len);
	return 0;
}
