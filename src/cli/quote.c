/* SPDX-License-Identifier: Apache-2.0 */
/* teeshim quote: the command line, and what becomes of its answer. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/hex.h"
#include "cli/cli.h"

enum form { FORM_HUMAN, FORM_RAW, FORM_HEX, FORM_JSON };

struct request {
	enum form form;
	bool has_report_data;
	uint8_t report_data[REPORT_DATA_SIZE];
};

/* Up to 128 digits, shorter ones filled up with zeros on the right, as the agent does. */
static int report_data_read(struct request *request, const char *text)
{
	size_t digits;

	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	digits = strlen(text);
	if (digits > 2 * REPORT_DATA_SIZE) {
		fprintf(stderr,
			"teeshim quote: --report-data: %zu digits; a quote has room for %d\n",
			digits, 2 * REPORT_DATA_SIZE);
		return -EINVAL;
	}
	memset(request->report_data, 0, sizeof(request->report_data));
	if (digits % 2 || hex_decode(request->report_data, text, digits / 2) < 0) {
		fputs("teeshim quote: --report-data: not an even number of hexadecimal digits\n",
		      stderr);
		return -EINVAL;
	}
	request->has_report_data = true;
	return 0;
}

static int form_set(struct request *request, enum form form)
{
	if (request->form != FORM_HUMAN && request->form != form) {
		fputs("teeshim quote: only one of --raw, --hex, --json\n", stderr);
		return -EINVAL;
	}
	request->form = form;
	return 0;
}

static int request_read(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{"report-data", required_argument, NULL, 'd'},
		{"raw", no_argument, NULL, FORM_RAW},
		{"hex", no_argument, NULL, FORM_HEX},
		{"json", no_argument, NULL, FORM_JSON},
		{0},
	};
	static char name[] = "teeshim quote";
	int option;
	int err = 0;

	argv[0] = name; /* begins getopt's messages */
	while (err == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return -EINVAL; /* getopt has said why */
		if (option == 'd')
			err = report_data_read(request, optarg);
		else
			err = form_set(request, (enum form)option);
	}
	if (err == 0 && optind < argc) {
		fprintf(stderr, "teeshim quote: %s: not expected\n", argv[optind]);
		err = -EINVAL;
	}
	if (err == 0 && !request->has_report_data) {
		fputs("teeshim quote: --report-data HEX is needed\n", stderr);
		err = -EINVAL;
	}
	return err;
}

static int quote_print(const struct request *request, const struct agent *agent,
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
	struct request request = {.form = FORM_HUMAN};
	struct agent_quote quote = {0};
	struct agent agent = {0};
	int err;

	if (request_read(&request, argc, argv) < 0) {
		cli_usage(stderr);
		return CLI_USAGE;
	}
	err = cli_get_quote(request.report_data, &agent, &quote);
	if (err < 0)
		return CLI_FAILED;
	err = quote_print(&request, &agent, &quote);
	agent_quote_free(&quote);
	if (err < 0)
		fputs("teeshim quote: out of memory\n", stderr);
	return err < 0 ? CLI_FAILED : CLI_GOOD;
}
