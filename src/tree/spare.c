/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/spare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "tree/device.h"
#include "tree/entry.h"
#include "tree/fresh.h"
#include "tree/text.h"
#include "tree/tree.h"

enum { NAME_SIZE = 64, SPARE_MAX = 64 << 10 };

/* spare-PID-START, in the device's folder of the store: report data, then the answer. */
static void spare_base(char name[static NAME_SIZE], const struct caller *caller)
{
	uint64_t start;
	int pid;

	caller->identity(caller, &pid, &start);
	snprintf(name, NAME_SIZE, "spare-%d-%llu", pid, (unsigned long long)start);
}

static void spare_replace(const struct tree *tree, const struct caller *caller, int folder,
			  uint64_t extends, const struct buf *content)
{
	char base[NAME_SIZE];
	char name[FRESH_NAME_SIZE];

	spare_base(base, caller);
	if (fresh_find(tree, folder, base, name) == 0)
		sys_unlinkat(folder, name, 0);
	fresh_write(folder, base, extends, content->data, content->len);
}

void spare_keep(const struct tree *tree, const struct caller *caller,
		const uint8_t report_data[static REPORT_DATA_SIZE], uint64_t extends,
		const struct buf *answer)
{
	struct buf content = {0};
	struct entry folder;

	if (buf_append(&content, report_data, REPORT_DATA_SIZE, SPARE_MAX) == 0 &&
	    buf_append(&content, answer->data, answer->len, SPARE_MAX) == 0 &&
	    place_folder_open(tree, device_place(tree->tee), &folder) == 0) {
		if (entry_lock(tree, &folder) == 0) {
			spare_replace(tree, caller, folder.store, extends, &content);
			entry_unlock(&folder);
		}
		entry_close(&folder);
	}
	buf_free(&content);
}

/* The report data come off the front; only those asked for will do. */
static int spare_read(int folder, const char *name, const uint8_t *report_data, struct buf *answer)
{
	int fd = file_open(folder, name, O_RDONLY | O_CLOEXEC);
	struct buf content = {0};
	int err;

	if (fd < 0)
		return fd;
	err = file_read(fd, &content, SPARE_MAX);
	sys_close(fd);
	if (err < 0)
		return err;
	if (content.len <= REPORT_DATA_SIZE ||
	    memcmp(content.data, report_data, REPORT_DATA_SIZE) != 0) {
		buf_free(&content);
		return -ENOENT;
	}
	content.len -= REPORT_DATA_SIZE;
	memmove(content.data, content.data + REPORT_DATA_SIZE, content.len);
	*answer = content;
	return 0;
}

int spare_take(const struct tree *tree, const struct caller *caller,
	       const uint8_t report_data[static REPORT_DATA_SIZE], struct buf *answer)
{
	char base[NAME_SIZE];
	char name[FRESH_NAME_SIZE];
	struct entry folder;
	int err = place_folder_open(tree, device_place(tree->tee), &folder);

	if (err < 0)
		return -ENOENT;
	spare_base(base, caller);
	err = entry_lock(tree, &folder);
	if (err == 0) {
		err = fresh_find(tree, folder.store, base, name);
		if (err == 0)
			err = spare_read(folder.store, name, report_data, answer);
		if (err == 0)
			sys_unlinkat(folder.store, name, 0);
		entry_unlock(&folder);
	}
	entry_close(&folder);
	return err == -ENOMEM ? err : err < 0 ? -ENOENT : 0;
}
