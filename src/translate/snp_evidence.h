/* SPDX-License-Identifier: Apache-2.0 */
/* An SEV-SNP report with its certificate table, as SNP_GET_EXT_REPORT and auxblob hand them out. */
#ifndef TEESHIM_TRANSLATE_SNP_EVIDENCE_H
#define TEESHIM_TRANSLATE_SNP_EVIDENCE_H

#include "agent/agent.h"
#include "base/buf.h"

/* The buffers are the caller's to free. */
struct snp_evidence {
	struct buf report; /* SNP_REPORT_SIZE bytes */
	struct buf certs;  /* a certificate table (cert_table.h), or empty */
};

/*
 * snp_evidence_get() - agent_get_report(), and cert_table_make() of what came with the report; of what
 *                      TEESHIM_SNP_CERTS names (snp_certs.h) where that was not one certificate.
 *
 * What does not go into the table is one log line, and no failure: a report without certificates is
 * what many hosts give.
 *
 * Return: as agent_get_report().
 */
int snp_evidence_get(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct snp_evidence *out);

#endif
