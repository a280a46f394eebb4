/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert_table_make() on any elements of a cert_chain: first byte how many, the rest shared among them,
 * each but the last with two bytes of length in front (little endian).  What comes out is a table that
 * ends where its last certificate ends, that the kernel would pass on, and that is made of itself again.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "translate/cert_table.h"
#include "translate/der_cert.h"

enum { ELEMENTS_MAX = 4 };

static size_t elements_of(const uint8_t *data, size_t size, struct buf elements[ELEMENTS_MAX])
{
	size_t count = 1 + data[0] % ELEMENTS_MAX;

	data++;
	size--;
	for (size_t i = 0; i < count; i++) {
		size_t len = size;

		if (i + 1 < count) {
			if (size < 2)
				return i;
			len = data[0] | (size_t)data[1] << 8;
			data += 2;
			size -= 2;
			if (len > size)
				len = size;
		}
		/* memory of exactly that length, for the sanitizer to guard its end */
		fuzz_check(buf_append(&elements[i], data, len, len) == 0);
		data += len;
		size -= len;
	}
	return count;
}

static void table_check(const struct buf *table)
{
	struct cert_table_drops drops;
	struct cert_entry entry;
	struct der_cert cert;
	struct buf again = {0};
	const uint8_t *end = NULL;
	size_t i = 0;
	int err;

	if (table->len == 0)
		return;
	fuzz_check(table->len <= CERT_TABLE_MAX);
	for (; (err = cert_table_entry(table->data, table->len, i, &entry)) == 0; i++) {
		fuzz_check(entry.len > 0 && (!end || entry.data == end));
		if (entry.kind != CERT_OTHER)
			fuzz_check(der_cert_parse(&cert, entry.data, entry.len) == 0 &&
				   cert.len == entry.len);
		end = entry.data + entry.len;
	}
	fuzz_check(err == -ENOENT && i > 0 && end == table->data + table->len);
	if (der_cert_parse(&cert, table->data, table->len) == 0)
		return; /* a GUID that is a certificate's beginning: then it is one */
	fuzz_check(cert_table_make(table, 1, &again, &drops) == 0);
	fuzz_check(again.len == table->len && memcmp(again.data, table->data, table->len) == 0);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf elements[ELEMENTS_MAX] = {{0}};
	struct cert_table_drops drops;
	struct buf table = {0};
	size_t count;

	if (size == 0)
		return 0;
	count = elements_of(data, size, elements);
	fuzz_check(cert_table_make(elements, count, &table, &drops) == 0);
	table_check(&table);
	buf_free(&table);
	for (size_t i = 0; i < ELEMENTS_MAX; i++)
		buf_free(&elements[i]);
	return 0;
}
