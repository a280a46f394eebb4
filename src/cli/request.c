/* SPDX-License-Identifier: Apache-2.0 */
/* The command line that quote and report have in common. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/hex.h"
#include "cli/cli.h"

/* Up to 128 digits, shorter ones filled up with zeros on the right, as the agent does. */
static int report_data_read(struct cli_request *request, const char *text)
{
	size_t digits;

	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	digits = strlen(text);
	if (digits > 2 * REPORT_DATA_SIZE) {
		fprintf(stderr, "%s: --report-data: %zu digits; there is room for %d\n",
			request->name, digits, 2 * REPORT_DATA_SIZE);
		return -EINVAL;
	}
	memset(request->report_data, 0, sizeof(request->report_data));
	if (digits % 2 || hex_decode(request->report_data, text, digits / 2) < 0) {
		fprintf(stderr, "%s: --report-data: not an even number of hexadecimal digits\n",
			request->name);
		return -EINVAL;
	}
	request->has_report_data = true;
	return 0;
}

static int form_set(struct cli_request *request, enum cli_form form)
{
	if (request->form != FORM_HUMAN && request->form != form) {
		fprintf(stderr, "%s: only one of --raw, --hex, --json\n", request->name);
		return -EINVAL;
	}
	request->form = form;
	return 0;
}

static int request_parse(struct cli_request *request, int argc, char **argv)
{
	static const struct option options[] = {
		{"report-data", required_argument, NULL, 'd'},
		{"raw", no_argument, NULL, FORM_RAW},
		{"hex", no_argument, NULL, FORM_HEX},
		{"json", no_argument, NULL, FORM_JSON},
		{0},
	};
	int option;
	int err = 0;

	argv[0] = request->name; /* begins getopt's messages */
	while (err == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return -EINVAL; /* getopt has said why */
		if (option == 'd')
			err = report_data_read(request, optarg);
		else
			err = form_set(request, (enum cli_form)option);
	}
	if (err == 0 && optind < argc) {
		fprintf(stderr, "%s: %s: not expected\n", request->name, argv[optind]);
		err = -EINVAL;
	}
	if (err == 0 && !request->has_report_data) {
		fprintf(stderr, "%s: --report-data HEX is needed\n", request->name);
		err = -EINVAL;
	}
	return err;
}

int cli_request_read(struct cli_request *request, int argc, char **argv)
{
	int err;

	snprintf(request->name, sizeof(request->name), "teeshim %s", argv[0]);
	err = request_parse(request, argc, argv);
	if (err < 0)
		cli_usage(stderr);
	return err;
}
