/* SPDX-License-Identifier: Apache-2.0 */
/*
 * google/go-sev-guest by configfs: an entry of its own to see who provides, which it leaves behind; then
 * the level, and auxblob before outblob.  Prints the report and what auxblob had.
 */
#include "go.h"

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t report[QUOTE_MAX];
	static uint8_t certs[QUOTE_MAX];
	char entry[256];
	unsigned long generation;
	size_t certs_size;
	size_t size;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	go_begin();
	go_entry_make(entry);
	go_provider_check(entry, "sev_guest\n");

	go_entry_make(entry);
	generation = generation_read(entry);
	go_write_file(PATH_OF(entry, "inblob"), report_data, sizeof(report_data));
	generation++;
	go_write_file(PATH_OF(entry, "privlevel"), "0", 1);
	generation++;

	certs_size = go_read_at(entry, "auxblob", generation, certs, sizeof(certs));
	size = go_read_at(entry, "outblob", generation, report, sizeof(report));
	go_provider_check(entry, "sev_guest\n");
	if (generation_read(entry) != generation)
		fail("generation", "is not %lu after provider", generation);
	entry_remove(entry);

	quote_print(report, size);
	quote_print(certs, certs_size);
	return 0;
}
