/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "attestation" bytes that Attest and /v1/Attest give.  The first byte tells the codec: 0 is
 * SCALE ("V0"), the head of a MessagePack map is "V1".
 *
 * Layout: dstack, dstack-attest/src/attestation.rs (V0) and v1.rs (V1).
 */
#ifndef TEESHIM_AGENT_ATTESTATION_H
#define TEESHIM_AGENT_ATTESTATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { ATTESTATION_CERTS_MAX = 16 };

/* The numbers are those of the variants in V0. */
enum attestation_kind {
	ATTESTATION_TDX = 0,
	ATTESTATION_GCP_TDX = 1,
	ATTESTATION_NITRO_ENCLAVE = 2,
	ATTESTATION_SEV_SNP = 3,
	ATTESTATION_NITRO_TPM = 4,
	ATTESTATION_UNKNOWN, /* V1 with a kind this version of teeshim does not know */
};

struct attestation {
	enum attestation_kind kind;
	struct buf quote;  /* of TDX, never empty; of GCP TDX where there is one; else empty */
	struct buf report; /* of SEV-SNP, SNP_REPORT_SIZE bytes; else empty */
	struct buf certs[ATTESTATION_CERTS_MAX]; /* SEV-SNP's cert_chain, in any form */
	size_t cert_count;
};

/*
 * attestation_parse() - read an attestation as far as its kind, its quote or its report.
 * @data, @len: hostile bytes
 * @out: owned by the caller after success; attestation_free() releases it
 *
 * The whole document must be well formed and end where the bytes end.  The exception is V0 of the
 * kinds that carry a TPM's or Nitro's documents: Nitro's are not followed beyond their variant, GCP TDX
 * not beyond its quote and event log (agents up to 0.5.11 give not even those).
 *
 * Return: 0; -EINVAL; -ENOMEM.
 */
int attestation_parse(const uint8_t *data, size_t len, struct attestation *out);

void attestation_free(struct attestation *attestation);

#endif
