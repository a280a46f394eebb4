/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/snp_evidence.h"

#include "base/log.h"
#include "translate/cert_table.h"

static void log_drops(const struct agent *agent, const struct cert_table_drops *drops)
{
	if (drops->broken + drops->unknown + drops->duplicate + drops->too_large == 0)
		return;
	log_error("certificates from %s: left out %u broken, %u of no known subject, %u double, "
		  "%u too large; the report itself is whole",
		  agent->path, drops->broken, drops->unknown, drops->duplicate, drops->too_large);
}

int snp_evidence_get(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct snp_evidence *out)
{
	struct agent_report report = {0};
	struct cert_table_drops drops;
	struct buf table = {0};
	int err = agent_get_report(agent, report_data, deadline_ms, &report);

	if (err < 0)
		return err;
	err = cert_table_make(report.certs, report.cert_count, &table, &drops);
	if (err == 0) {
		log_drops(agent, &drops);
		*out = (struct snp_evidence){report.report, table};
		report.report = (struct buf){0};
	}
	agent_report_free(&report);
	return err;
}
