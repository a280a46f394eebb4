/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_get_quote() on any answer: first byte the agent's kind, then answers as stub_http.h reads
 * them.  Only a quote over the bytes asked for may come out, and nothing else on failure.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/stub_http.h"
#include "translate/tdx_quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent agent = {.path = "/fuzz/agent.sock", .named = true};
	struct agent_quote quote = {0};
	uint8_t report_data[REPORT_DATA_SIZE];
	struct tdx_quote parsed;
	int err;

	if (size == 0)
		return 0;
	agent.tappd = data[0] & 1;
	memset(report_data, 0x5a, sizeof(report_data));
	stub_answers(data + 1, size - 1);
	err = agent_get_quote(&agent, report_data, 0, &quote);
	fuzz_check(err == 0 || err == -EIO);
	if (err < 0) {
		fuzz_check(!quote.quote.data && !quote.event_log && !quote.vm_config);
		return 0;
	}
	fuzz_check(tdx_quote_parse(&parsed, quote.quote.data, quote.quote.len) == 0);
	fuzz_check(memcmp(parsed.report_data, report_data, sizeof(report_data)) == 0);
	fuzz_check(!quote.event_log || *quote.event_log);
	agent_quote_free(&quote);
	return 0;
}
