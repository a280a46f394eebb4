/* SPDX-License-Identifier: Apache-2.0 */
/* A quote for the eye and for tools. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/hex.h"
#include "cli/cli.h"
#include "translate/tdx_quote.h"

enum { TDATTRIBUTES_DEBUG = 1 }; /* bit 0 of the first byte; Intel TDX Module ABI, ATTRIBUTES */

void print_hex(FILE *to, const uint8_t *data, size_t len)
{
	char digits[3];

	for (size_t i = 0; i < len; i++) {
		hex_encode(digits, data + i, 1);
		fwrite(digits, 1, 2, to);
	}
}

void print_field(FILE *to, const char *name, const uint8_t *data, size_t len)
{
	fprintf(to, "%-15s ", name);
	print_hex(to, data, len);
	fputc('\n', to);
}

static void print_measurements(FILE *to, const struct tdx_quote *quote)
{
	char name[] = "RTMR0";

	print_field(to, "MRTD", quote->mrtd, TDX_MEASUREMENT_SIZE);
	for (size_t i = 0; i < TDX_RTMR_COUNT; i++) {
		name[4] = (char)('0' + i);
		print_field(to, name, quote->rtmr[i], TDX_MEASUREMENT_SIZE);
	}
	print_field(to, "MRCONFIGID", quote->mrconfigid, TDX_MEASUREMENT_SIZE);
	print_field(to, "MROWNER", quote->mrowner, TDX_MEASUREMENT_SIZE);
	print_field(to, "MROWNERCONFIG", quote->mrownerconfig, TDX_MEASUREMENT_SIZE);
	if (quote->mrservicetd)
		print_field(to, "MRSERVICETD", quote->mrservicetd, TDX_MEASUREMENT_SIZE);
}

int print_quote_human(FILE *to, const struct agent *agent, const struct agent_quote *quote)
{
	struct tdx_quote parsed;
	int err = tdx_quote_parse(&parsed, quote->quote.data, quote->quote.len);

	if (err < 0)
		return err;
	fprintf(to, "%-15s %s\n", "agent", agent->path);
	fprintf(to, "%-15s TDX version %u, %zu bytes and %zu of padding\n", "quote",
		(unsigned)parsed.version, parsed.len, quote->quote.len - parsed.len);
	print_field(to, "report data", parsed.report_data, TDX_REPORT_DATA_SIZE);
	print_measurements(to, &parsed);
	print_field(to, "TEE TCB SVN", parsed.tee_tcb_svn, TDX_TCB_SVN_SIZE);
	if (parsed.tee_tcb_svn2)
		print_field(to, "TEE TCB SVN 2", parsed.tee_tcb_svn2, TDX_TCB_SVN_SIZE);
	print_field(to, "MRSEAM", parsed.mrseam, TDX_MEASUREMENT_SIZE);
	print_field(to, "MRSIGNERSEAM", parsed.mrsignerseam, TDX_MEASUREMENT_SIZE);
	print_field(to, "SEAM attributes", parsed.seamattributes, 8);
	print_field(to, "TD attributes", parsed.tdattributes, 8);
	print_field(to, "XFAM", parsed.xfam, 8);
	if (parsed.tdattributes[0] & TDATTRIBUTES_DEBUG)
		fputs("                the DEBUG attribute is set: the host can read this guest\n",
		      to);
	fputs("\nThe signature was not checked.\n", to);
	return 0;
}

/* json_pack() takes NULL for its "s?" as JSON null. */
int print_quote_json(FILE *to, const struct agent_quote *quote,
		     const uint8_t report_data[static REPORT_DATA_SIZE])
{
	char report_digits[2 * REPORT_DATA_SIZE + 1];
	char *digits = malloc(2 * quote->quote.len + 1);
	json_t *object = NULL;
	int err = -ENOMEM;

	if (digits) {
		hex_encode(digits, quote->quote.data, quote->quote.len);
		hex_encode(report_digits, report_data, REPORT_DATA_SIZE);
		object = json_pack("{s:s, s:s?, s:s?, s:s}", "quote", digits, "event_log",
				   quote->event_log, "vm_config", quote->vm_config, "report_data",
				   report_digits);
	}
	/* What it cannot write, main() finds on the stream. */
	if (object) {
		json_dumpf(object, to, JSON_INDENT(2));
		fputc('\n', to);
		err = 0;
	}
	json_decref(object);
	free(digits);
	return err;
}
