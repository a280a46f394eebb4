/* SPDX-License-Identifier: Apache-2.0 */
/* The teeshim command: which subcommand, and the words for those who ask. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

void cli_usage(FILE *to)
{
	fputs("usage: teeshim quote --report-data HEX [--raw | --hex | --json]\n"
	      "       teeshim report --report-data HEX [--raw | --hex | --json]\n"
	      "       teeshim --version | --help\n"
	      "\n"
	      "quote    get a TDX quote from the dstack agent and show its fields\n"
	      "report   the same with an SEV-SNP report\n"
	      "  --report-data HEX   up to 128 hexadecimal digits, filled up with zeros on the "
	      "right\n"
	      "  --raw               the bytes of quote or report\n"
	      "  --hex               the same in hexadecimal\n"
	      "  --json              the quote with the event log and the VM's configuration,\n"
	      "                      the report with its certificates\n"
	      "\n"
	      "The agent's socket is TEESHIM_SOCKET, else /var/run/dstack.sock and its like; see\n"
	      "teeshim(1).\n",
	      to);
}

/* Output that could not be written is a failure: the reader of a pipe must learn of it. */
static int flushed(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fputs("teeshim: standard output cannot be written\n", stderr);
	return status == CLI_GOOD ? CLI_FAILED : status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("teeshim " TEESHIM_VERSION);
		return flushed(CLI_GOOD);
	}
	if (argc >= 2 && strcmp(argv[argc - 1], "--help") == 0) {
		cli_usage(stdout);
		return flushed(CLI_GOOD);
	}
	if (argc >= 2 && strcmp(argv[1], "quote") == 0)
		return flushed(quote_main(argc - 1, argv + 1));
	if (argc >= 2 && strcmp(argv[1], "report") == 0)
		return flushed(report_main(argc - 1, argv + 1));
	if (argc >= 2)
		fprintf(stderr, "teeshim: %s: no such subcommand or option\n", argv[1]);
	cli_usage(stderr);
	return CLI_USAGE;
}
