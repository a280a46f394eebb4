/* SPDX-License-Identifier: Apache-2.0 */
/* google/go-configfs-tsm on TDX. */
#include "go.h"

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t quote[QUOTE_MAX];
	char entry[256];
	unsigned long generation;
	size_t size;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	go_begin();
	go_entry_make(entry);
	generation = generation_read(entry);
	go_write_file(PATH_OF(entry, "inblob"), report_data, sizeof(report_data));
	generation++;

	size = go_read_at(entry, "outblob", generation, quote, sizeof(quote));
	go_provider_check(entry, "tdx_guest\n");
	if (generation_read(entry) != generation)
		fail("generation", "is not %lu after provider", generation);
	entry_remove(entry);

	quote_print(quote, size);
	return 0;
}
