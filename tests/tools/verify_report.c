/* SPDX-License-Identifier: Apache-2.0 */
/* verify-report: check the SEV-SNP report on stdin against an ARK, certificates and the caller's bytes. */
#include <getopt.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/report_verify.h"

enum { INPUT_MAX = 1024 * 1024 };

__attribute__((noreturn)) static void fail(const char *why)
{
	fprintf(stderr, "verify-report: %s\n", why);
	exit(1);
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("Usage: verify-report --root ARK.PEM --certs FILE --report-data HEX < REPORT\n"
	      "FILE is a certificate table, or certificates in PEM.\n"
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

static uint8_t *read_all(FILE *file, size_t *len)
{
	uint8_t *data = malloc(INPUT_MAX);

	if (!file || !data)
		fail("a file cannot be opened");
	*len = fread(data, 1, INPUT_MAX, file);
	if (ferror(file) || !feof(file))
		fail("an input cannot be read, or is too large");
	return data;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{"root", required_argument, NULL, 'r'},
		{"certs", required_argument, NULL, 'c'},
		{"report-data", required_argument, NULL, 'd'},
		{0},
	};
	const char *paths[2] = {NULL, NULL};
	const char *hex = NULL;
	struct report_facts facts;
	uint8_t report_data[64];
	uint8_t *report, *certs;
	size_t len, certs_len;
	const char *why;
	X509 *root;
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		if (option == 'r' || option == 'c')
			paths[option == 'c'] = optarg;
		else if (option == 'd')
			hex = optarg;
		else
			usage();
	}
	if (!paths[0] || !paths[1] || !hex || optind < argc)
		usage();
	read_hex(hex, report_data);
	root = read_root(paths[0]);
	certs = read_all(fopen(paths[1], "re"), &certs_len);
	report = read_all(stdin, &len);
	why = report_verify(report, len, certs, certs_len, root, &facts);
	if (why)
		fail(why);
	if (memcmp(facts.report_data, report_data, 64) != 0)
		fail("the report is over other report data");
	printf("SEV-SNP report v%u: report data ok, signature by the %s and chain ok, "
	       "measurement ",
	       facts.version, facts.signer);
	for (size_t i = 0; i < 8; i++)
		printf("%02x", facts.measurement[i]);
	puts("...");
	X509_free(root);
	free(certs);
	free(report);
	return fflush(stdout) ? 1 : 0;
}
