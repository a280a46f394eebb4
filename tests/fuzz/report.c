/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snp_evidence_get() on any sequence of answers, as stub_http.h reads them.  Only a report over the bytes
 * asked for may come out, and nothing else on failure.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/stub_http.h"
#include "translate/cert_table.h"
#include "translate/snp_evidence.h"
#include "translate/snp_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct agent agent = {.path = "/fuzz/agent.sock", .named = true};
	struct snp_evidence evidence = {0};
	uint8_t report_data[REPORT_DATA_SIZE];
	struct snp_report report;
	int err;

	memset(report_data, 0x5a, sizeof(report_data));
	stub_answers(data, size);
	err = snp_evidence_get(&agent, report_data, 0, &evidence);
	fuzz_check(err == 0 || err == -EIO);
	if (err < 0) {
		fuzz_check(!evidence.report.data && !evidence.certs.data);
		return 0;
	}
	fuzz_check(snp_report_parse(&report, evidence.report.data, evidence.report.len) == 0);
	fuzz_check(memcmp(report.report_data, report_data, sizeof(report_data)) == 0);
	fuzz_check(evidence.certs.len <= CERT_TABLE_MAX);
	buf_free(&evidence.report);
	buf_free(&evidence.certs);
	return 0;
}
