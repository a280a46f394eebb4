/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard steps by which an SEV-SNP report is checked, down to a given ARK.  Written apart from the
 * library's parsers and from the simulator, so that it can judge both.  It looks at signatures only: no
 * TCB level, no revocation list, no policy, no dates.
 */
#ifndef TEESHIM_TESTS_REPORT_VERIFY_H
#define TEESHIM_TESTS_REPORT_VERIFY_H

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

/* Where the fields of a verified report are; they point into the report. */
struct report_facts {
	uint32_t version;
	const uint8_t *report_data; /* 64 bytes */
	const uint8_t *measurement; /* 48 bytes */
	const uint8_t *host_data;   /* 32 bytes */
	const char *signer;         /* "VCEK" or "VLEK" */
};

/*
 * report_verify() - check a report (AMD 56860, ATTESTATION_REPORT): the VCEK or VLEK, whichever the
 * report names, signed it; a VCEK is of the chip in the report; it leads to @ark.
 * @certs: a certificate table, else certificates in PEM; those for the chain's inner part at least
 *
 * Return: NULL, with @facts filled in; else one line that says which step failed.
 */
const char *report_verify(const uint8_t *report, size_t len, const uint8_t *certs, size_t certs_len,
			  X509 *ark, struct report_facts *facts);

#endif
