/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/spare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/sys.h"
#include "translate/tdx_quote.h"
#include "tree/device.h"
#include "tree/entry.h"
#include "tree/text.h"
#include "tree/tree.h"

enum { FRESH_MS = 2000, NAME_SIZE = 64, CHUNK = 1024, SPARE_MAX = 64 << 10 };

/* quote-PID-START.STAMP, in the device's folder of the store */
static void spare_prefix(char name[static NAME_SIZE], const struct caller *caller)
{
	uint64_t start;
	int pid;

	caller->identity(caller, &pid, &start);
	snprintf(name, NAME_SIZE, "quote-%d-%llu.", pid, (unsigned long long)start);
}

struct search {
	const char *prefix;
	int64_t now;
	char found[NAME_SIZE];
};

static bool is_fresh(const char *name, int64_t now)
{
	const char *at = strrchr(name, '.');
	int64_t stamp = 0;

	for (at = at ? at + 1 : ""; *at >= '0' && *at <= '9' && stamp < INT64_MAX / 100; at++)
		stamp = stamp * 10 + (*at - '0');
	return stamp <= now && now - stamp <= FRESH_MS;
}

/* Find the caller's, and clear what nobody came for. */
static int spare_visit(int dir, const char *name, void *arg)
{
	struct search *search = arg;

	if (strncmp(name, "quote-", 6) != 0 || strlen(name) >= NAME_SIZE)
		return 0;
	if (!is_fresh(name, search->now))
		sys_unlinkat(dir, name, 0);
	else if (strncmp(name, search->prefix, strlen(search->prefix)) == 0)
		memcpy(search->found, name, strlen(name) + 1);
	return 0;
}

static void spare_find(int folder, const char *prefix, struct search *search)
{
	*search = (struct search){.prefix = prefix, .now = clock_now_ms()};
	dir_each(folder, spare_visit, search);
}

void spare_keep(const struct tree *tree, const struct caller *caller, const struct buf *quote)
{
	char prefix[NAME_SIZE];
	char name[NAME_SIZE * 2];
	struct search search;
	struct entry folder;

	if (place_folder_open(tree, device_place(), &folder) < 0)
		return;
	spare_prefix(prefix, caller);
	if (entry_lock(tree, &folder) == 0) {
		spare_find(folder.store, prefix, &search);
		if (search.found[0])
			sys_unlinkat(folder.store, search.found, 0);
		snprintf(name, sizeof(name), "%s%lld", prefix, (long long)clock_now_ms());
		snapshot_write(folder.store, name, quote->data, quote->len);
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
	char prefix[NAME_SIZE];
	struct search search;
	struct entry folder;
	int err = place_folder_open(tree, device_place(), &folder);

	if (err < 0)
		return -ENOENT;
	spare_prefix(prefix, caller);
	err = entry_lock(tree, &folder);
	if (err == 0) {
		spare_find(folder.store, prefix, &search);
		err = search.found[0] ? spare_read(folder.store, search.found, report_data, quote)
				      : -ENOENT;
		if (err == 0)
			sys_unlinkat(folder.store, search.found, 0);
		entry_unlock(&folder);
	}
	entry_close(&folder);
	return err == -ENOMEM ? err : err < 0 ? -ENOENT : 0;
}
