/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `teeshim` share. */
#ifndef TEESHIM_CLI_CLI_H
#define TEESHIM_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/agent.h"
#include "translate/snp_evidence.h"

/* Exit status of the subcommands. */
enum { CLI_GOOD = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/*
 * quote_main(), report_main() - teeshim quote, teeshim report.
 * @argc, @argv: from the subcommand's name on
 *
 * Return: the exit status.
 */
int quote_main(int argc, char **argv);
int report_main(int argc, char **argv);

enum cli_form { FORM_HUMAN, FORM_RAW, FORM_HEX, FORM_JSON };

/* What the command line of quote and report asks for. */
struct cli_request {
	char name[32]; /* "teeshim quote", for messages */
	enum cli_form form;
	bool has_report_data;
	uint8_t report_data[REPORT_DATA_SIZE];
};

/*
 * cli_request_read() - read the command line.
 * @argc, @argv: from the subcommand's name on
 *
 * Return: 0; -EINVAL after a line that says why, and the help text.
 */
int cli_request_read(struct cli_request *request, int argc, char **argv);

/* cli_usage() - the help text; to stdout where it was asked for, else to stderr. */
void cli_usage(FILE *to);

/*
 * cli_get_quote() - agent_find() and agent_get_quote() with the words of a command around them:
 * while it takes longer than a second a notice stands on the terminal, and a failure is a line on
 * stderr, whatever kind of file that is.
 * @agent: all zero; holds what was found, for the failures after that too
 *
 * Return: 0, or -errno after that line.
 */
int cli_get_quote(const uint8_t report_data[static REPORT_DATA_SIZE], struct agent *agent,
		  struct agent_quote *quote);

/* cli_get_report() - the same around snp_evidence_get(). */
int cli_get_report(const uint8_t report_data[static REPORT_DATA_SIZE], struct agent *agent,
		   struct snp_evidence *evidence);

/*
 * print_quote_human() - the fields of a TDX quote, one a line, aligned.
 *
 * Return: 0; -EINVAL where the bytes are no TDX quote.
 */
int print_quote_human(FILE *to, const struct agent *agent, const struct agent_quote *quote);

/*
 * print_quote_json() - quote, event_log, vm_config and report_data as the agent's answer has them.
 *
 * Return: 0; -ENOMEM.
 */
int print_quote_json(FILE *to, const struct agent_quote *quote,
		     const uint8_t report_data[static REPORT_DATA_SIZE]);

/*
 * print_report_human() - the fields of an SEV-SNP report, one a line, aligned, and its certificates.
 * @evidence: with a whole report
 */
void print_report_human(FILE *to, const struct agent *agent, const struct snp_evidence *evidence);

/*
 * print_report_json() - report, certificate table, AMD's address of the VCEK and report data.
 *
 * Return: 0; -ENOMEM.
 */
int print_report_json(FILE *to, const struct snp_evidence *evidence,
		      const uint8_t report_data[static REPORT_DATA_SIZE]);

/* print_field() - a name, and bytes in hexadecimal in the column of the values. */
void print_field(FILE *to, const char *name, const uint8_t *data, size_t len);

/* print_hex() - bytes as hexadecimal digits, without a newline. */
void print_hex(FILE *to, const uint8_t *data, size_t len);

#endif
