/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_platform() on any sequence of answers, as stub_http.h reads them: which route is asked next
 * depends on the answer before.
 */
#include <errno.h>

#include "fuzz/stub_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct agent agent = {.path = "/fuzz/agent.sock", .named = true};
	const enum tee untouched = (enum tee)77;
	enum tee tee = untouched;
	int err;

	stub_answers(data, size);
	err = agent_platform(&agent, -1, 0, &tee);
	fuzz_check(err == 0 || err == -EIO);
	if (err == 0)
		fuzz_check(tee == TEE_NONE || tee == TEE_TDX || tee == TEE_SEV_SNP);
	else
		fuzz_check(tee == untouched);
	return 0;
}
