/* SPDX-License-Identifier: Apache-2.0 */
/* teeshim quote: a TDX quote, and what becomes of it. */
#include "cli/cli.h"

static int quote_print(const struct cli_request *request, const struct agent *agent,
		       const struct agent_quote *quote)
{
	switch (request->form) {
	case FORM_RAW:
		fwrite(quote->quote.data, 1, quote->quote.len, stdout);
		return 0;
	case FORM_HEX:
		print_hex(stdout, quote->quote.data, quote->quote.len);
		putchar('\n');
		return 0;
	case FORM_JSON:
		return print_quote_json(stdout, quote, request->report_data);
	case FORM_HUMAN:
		break;
	}
	return print_quote_human(stdout, agent, quote);
}

int quote_main(int argc, char **argv)
{
	struct cli_request request = {.form = FORM_HUMAN};
	struct agent_quote quote = {0};
	struct agent agent = {0};
	int err;

	if (cli_request_read(&request, argc, argv) < 0)
		return CLI_USAGE;
	err = cli_get_quote(request.report_data, &agent, &quote);
	if (err < 0)
		return CLI_FAILED;
	err = quote_print(&request, &agent, &quote);
	agent_quote_free(&quote);
	if (err < 0)
		fputs("teeshim quote: out of memory\n", stderr);
	return err < 0 ? CLI_FAILED : CLI_GOOD;
}
