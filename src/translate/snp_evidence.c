/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/snp_evidence.h"

#include <errno.h>

#include "base/config.h"
#include "base/log.h"
#include "translate/cert_table.h"
#include "translate/snp_certs.h"

/* @source: of the certificates, as people know it */
static int table_make(const char *source, const struct buf *elements, size_t count,
		      struct buf *table)
{
	struct cert_table_drops drops;
	int err = cert_table_make(elements, count, table, &drops);

	if (err < 0)
		return err;
	if (drops.broken + drops.unknown + drops.duplicate + drops.too_large > 0)
		log_error("certificates from %s: left out %u broken, %u of no known subject, %u "
			  "double, "
			  "%u too large; the report itself is whole",
			  source, drops.broken, drops.unknown, drops.duplicate, drops.too_large);
	return 0;
}

/* The user's own, where there are any: what is wrong with them is no failure of the report. */
static int table_of_user(struct buf *table)
{
	const char *path = config_string("TEESHIM_SNP_CERTS");
	struct buf files[SNP_CERTS_FILES_MAX] = {{0}};
	size_t count = 0;
	int err;

	if (!path)
		return 0;
	err = snp_certs_read(path, files, &count);
	if (err < 0)
		return err == -ENOMEM ? err : 0;
	err = table_make(path, files, count, table);
	if (err == 0 && count == 0)
		log_error("TEESHIM_SNP_CERTS=%s: no file in it; reports go without certificates",
			  path);
	while (count > 0)
		buf_free(&files[--count]);
	return err;
}

int snp_evidence_get(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct snp_evidence *out)
{
	struct agent_report report = {0};
	struct buf table = {0};
	int err = agent_get_report(agent, report_data, deadline_ms, &report);

	if (err < 0)
		return err;
	err = table_make(agent->path, report.certs, report.cert_count, &table);
	if (err == 0 && table.len == 0)
		err = table_of_user(&table);
	if (err == 0) {
		*out = (struct snp_evidence){report.report, table};
		report.report = (struct buf){0};
	}
	agent_report_free(&report);
	return err;
}
