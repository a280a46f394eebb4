/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for attestation_parse() whatever the codec. */
#ifndef TEESHIM_TESTS_FUZZ_ATTESTATION_H
#define TEESHIM_TESTS_FUZZ_ATTESTATION_H

#include <errno.h>

#include "agent/attestation.h"
#include "fuzz/fuzz.h"

static void attestation_check(const uint8_t *data, size_t size)
{
	struct attestation attestation = {0};
	int err = attestation_parse(data, size, &attestation);

	fuzz_check(err == 0 || err == -EINVAL);
	if (err < 0) {
		fuzz_check(!attestation.quote.data);
		return;
	}
	fuzz_check(attestation.kind <= ATTESTATION_UNKNOWN);
	fuzz_check((attestation.kind == ATTESTATION_TDX) == (attestation.quote.len > 0));
	fuzz_check(attestation.quote.len < size);
	attestation_free(&attestation);
}

#endif
