/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/spare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "translate/tdx_quote.h"
#include "tree/device.h"
#include "tree/entry.h"
#include "tree/fresh.h"
#include "tree/text.h"
#include "tree/tree.h"

enum { NAME_SIZE = 64, CHUNK = 1024, SPARE_MAX = 64 << 10 };

/* quote-PID-START, in the device's folder of the store */
static void spare_base(char name[static NAME_SIZE], const struct caller *caller)
{
	uint64_t start;
	int pid;

	caller->identity(caller, &pid, &start);
	snprintf(name, NAME_SIZE, "quote-%d-%llu", pid, (unsigned long long)start);
}

void spare_keep(const struct tree *tree, const struct caller *caller, uint64_t extends,
		const struct buf *quote)
{
	char base[NAME_SIZE];
	char name[FRESH_NAME_SIZE];
	struct entry folder;

	if (place_folder_open(tree, device_place(TEE_TDX), &folder) < 0)
		return;
	spare_base(base, caller);
	if (entry_lock(tree, &folder) == 0) {
		if (fresh_find(tree, folder.store, base, name) == 0)
			sys_unlinkat(folder.store, name, 0);
		fresh_write(folder.store, base, extends, quote->data, quote->len);
		entry_unlock(&folder);
	}
	entry_close(&folder);
}

static int file_read(int folder, const char *name, struct buf *out)
{
	int fd = file_open(folder, name, O_RDONLY | O_CLOEXEC);
	uint8_t chunk[CHUNK];
	ssize_t got;
	int err = 0;

	if (fd < 0)
		return fd;
	while (err == 0 && (got = sys_read(fd, chunk, sizeof(chunk))) > 0)
		err = buf_append(out, chunk, (size_t)got, SPARE_MAX);
	sys_close(fd);
	return err;
}

static int spare_read(int folder, const char *name, const uint8_t *report_data, struct buf *out)
{
	struct buf bytes = {0};
	struct tdx_quote quote;
	int err = file_read(folder, name, &bytes);

	if (err == 0 && (tdx_quote_parse(&quote, bytes.data, bytes.len) < 0 ||
			 memcmp(quote.report_data, report_data, REPORT_DATA_SIZE) != 0))
		err = -ENOENT;
	if (err == 0)
		*out = bytes;
	else
		buf_free(&bytes);
	return err;
}

int spare_take(const struct tree *tree, const struct caller *caller,
	       const uint8_t report_data[static REPORT_DATA_SIZE], struct buf *quote)
{
	char base[NAME_SIZE];
	char name[FRESH_NAME_SIZE];
	struct entry folder;
	int err = place_folder_open(tree, device_place(TEE_TDX), &folder);

	if (err < 0)
		return -ENOENT;
	spare_base(base, caller);
	err = entry_lock(tree, &folder);
	if (err == 0) {
		err = fresh_find(tree, folder.store, base, name);
		if (err == 0)
			err = spare_read(folder.store, name, report_data, quote);
		if (err == 0)
			sys_unlinkat(folder.store, name, 0);
		entry_unlock(&folder);
	}
	entry_close(&folder);
	return err == -ENOMEM ? err : err < 0 ? -ENOENT : 0;
}
