/* SPDX-License-Identifier: Apache-2.0 */
/*
 * veraison/ratsd's tsm-report attester: an entry for the report alone, and on SEV-SNP a second one over the
 * same report data for auxblob as well.  Prints the second report and what auxblob had.
 */
#include "go.h"

/* linuxtsm.Open().CreateReport() */
static void report_create(const uint8_t *report_data, uint8_t *report, size_t *size, uint8_t *certs,
			  size_t *certs_size)
{
	char entry[256];
	unsigned long generation;

	go_entry_make(entry);
	generation = generation_read(entry);
	go_write_file(PATH_OF(entry, "inblob"), report_data, REPORT_DATA_SIZE);
	generation++;
	if (certs)
		*certs_size = go_read_at(entry, "auxblob", generation, certs, QUOTE_MAX);
	*size = go_read_at(entry, "outblob", generation, report, QUOTE_MAX);
	go_provider_check(entry, "sev_guest\n");
	entry_remove(entry);
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t report[QUOTE_MAX];
	static uint8_t certs[QUOTE_MAX];
	size_t certs_size = 0;
	size_t size = 0;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	go_begin();
	report_create(report_data, report, &size, NULL, NULL);
	report_create(report_data, report, &size, certs, &certs_size);
	quote_print(report, size);
	quote_print(certs, certs_size);
	return 0;
}
