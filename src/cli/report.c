/* SPDX-License-Identifier: Apache-2.0 */
/* teeshim report: an SEV-SNP report, and what becomes of it. */
#include "cli/cli.h"

static int report_print(const struct cli_request *request, const struct agent *agent,
			const struct snp_evidence *evidence)
{
	switch (request->form) {
	case FORM_RAW:
		fwrite(evidence->report.data, 1, evidence->report.len, stdout);
		return 0;
	case FORM_HEX:
		print_hex(stdout, evidence->report.data, evidence->report.len);
		putchar('\n');
		return 0;
	case FORM_JSON:
		return print_report_json(stdout, evidence, request->report_data);
	case FORM_HUMAN:
		break;
	}
	print_report_human(stdout, agent, evidence);
	return 0;
}

int report_main(int argc, char **argv)
{
	struct cli_request request = {.form = FORM_HUMAN};
	struct snp_evidence evidence = {0};
	struct agent agent = {0};
	int err;

	if (cli_request_read(&request, argc, argv) < 0)
		return CLI_USAGE;
	err = cli_get_report(request.report_data, &agent, &evidence);
	if (err < 0)
		return CLI_FAILED;
	err = report_print(&request, &agent, &evidence);
	buf_free(&evidence.report);
	buf_free(&evidence.certs);
	if (err < 0)
		fputs("teeshim report: out of memory\n", stderr);
	return err < 0 ? CLI_FAILED : CLI_GOOD;
}
