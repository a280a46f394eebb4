/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for attestation_parse() whatever the codec. */
#ifndef TEESHIM_TESTS_FUZZ_ATTESTATION_H
#define TEESHIM_TESTS_FUZZ_ATTESTATION_H

#include <errno.h>

#include "agent/attestation.h"
#include "fuzz/fuzz.h"
#include "translate/snp_report.h"

static void attestation_check(const uint8_t *data, size_t size)
{
	struct attestation attestation = {0};
	int err = attestation_parse(data, size, &attestation);

	fuzz_check(err == 0 || err == -EINVAL);
	if (err < 0) {
		fuzz_check(!attestation.quote.data && !attestation.report.data);
		return;
	}
	fuzz_check(attestation.kind <= ATTESTATION_UNKNOWN);
	if (attestation.kind != ATTESTATION_GCP_TDX)
		fuzz_check((attestation.kind == ATTESTATION_TDX) == (attestation.quote.len > 0));
	fuzz_check(attestation.quote.len < size);
	fuzz_check(attestation.report.len ==
		   (attestation.kind == ATTESTATION_SEV_SNP ? SNP_REPORT_SIZE : 0));
	fuzz_check(attestation.cert_count <= ATTESTATION_CERTS_MAX);
	fuzz_check(attestation.cert_count == 0 || attestation.kind == ATTESTATION_SEV_SNP);
	for (size_t i = 0; i < attestation.cert_count; i++)
		fuzz_check(attestation.certs[i].len < size);
	attestation_free(&attestation);
}

#endif
