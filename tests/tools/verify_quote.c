/* SPDX-License-Identifier: Apache-2.0 */
/* verify-quote: check the TDX quote on stdin against a root certificate and the caller's bytes. */
#include <getopt.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/quote_verify.h"

/* Larger than any answer that a client takes. */
enum { QUOTE_MAX = 16 * 1024 * 1024 };

__attribute__((noreturn)) static void fail(const char *why)
{
	fprintf(stderr, "verify-quote: %s\n", why);
	exit(1);
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("Usage: verify-quote --root ROOT.PEM --report-data HEX < QUOTE\n"
	      "HEX has up to 128 digits; zeros are added on the right, as the agent does.\n",
	      stderr);
	exit(2);
}

static X509 *read_root(const char *path)
{
	FILE *file = fopen(path, "re");
	X509 *root = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

	if (!root)
		fail("the file of --root holds no certificate in PEM");
	fclose(file);
	return root;
}

static void read_hex(const char *text, uint8_t report_data[static 64])
{
	size_t digits = strlen(text);

	if (digits % 2 || digits > 128 || strspn(text, "0123456789abcdefABCDEF") != digits)
		usage();
	memset(report_data, 0, 64);
	for (size_t i = 0; i < digits; i += 2) {
		const char pair[] = {text[i], text[i + 1], '\0'};

		report_data[i / 2] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static uint8_t *read_quote(size_t *len)
{
	uint8_t *quote = malloc(QUOTE_MAX);

	if (!quote)
		fail("out of memory");
	*len = fread(quote, 1, QUOTE_MAX, stdin);
	if (ferror(stdin) || !feof(stdin))
		fail("stdin cannot be read, or holds more than any quote");
	return quote;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{"root", required_argument, NULL, 'r'},
		{"report-data", required_argument, NULL, 'd'},
		{0},
	};
	const char *root_path = NULL;
	const char *hex = NULL;
	struct quote_facts facts;
	uint8_t report_data[64];
	const char *why;
	uint8_t *quote;
	X509 *root;
	size_t len;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		if (option == 'r')
			root_path = optarg;
		else if (option == 'd')
			hex = optarg;
		else
			usage();
	}
	if (!root_path || !hex || optind < argc)
		usage();
	read_hex(hex, report_data);
	root = read_root(root_path);
	quote = read_quote(&len);
	why = quote_verify(quote, len, root, &facts);
	if (why)
		fail(why);
	if (memcmp(facts.report_data, report_data, 64) != 0)
		fail("the quote is over other report data");
	printf("TDX quote v%u, %zu bytes: report data ok, signatures and chain ok, MRTD ",
	       facts.version, len);
	for (size_t i = 0; i < 8; i++)
		printf("%02x", facts.mrtd[i]);
	puts("...");
	X509_free(root);
	free(quote);
	return fflush(stdout) ? 1 : 0;
}
