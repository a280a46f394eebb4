/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `teeshim` share. */
#ifndef TEESHIM_CLI_CLI_H
#define TEESHIM_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/agent.h"

/* Exit status of the subcommands. */
enum { CLI_GOOD = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/*
 * quote_main() - teeshim quote.
 * @argc, @argv: from the subcommand's name on
 *
 * Return: the exit status.
 */
int quote_main(int argc, char **argv);

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

/* print_hex() - bytes as hexadecimal digits, without a newline. */
void print_hex(FILE *to, const uint8_t *data, size_t len);

#endif
