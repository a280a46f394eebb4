/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/inblob.h"

#include <stdio.h>

#include "base/file.h"
#include "base/sys.h"
#include "tree/layout.h"

enum { NAME_SIZE = 32 };

int inblob_read(const struct entry *entry, const struct generation *generation, uint8_t *data,
		size_t size)
{
	char name[NAME_SIZE];
	ssize_t got;
	int fd;

	snprintf(name, sizeof(name), "blob.%llu", (unsigned long long)generation->inblob);
	fd = file_open(entry->store, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return layout_failed(name, fd);
	got = sys_pread(fd, data, size, 0);
	sys_close(fd);
	return got < 0 ? layout_failed(name, (int)got) : (int)got;
}

int inblob_open(const struct tree *tree, struct entry *entry, int flags)
{
	return settle_open(tree, entry, PENDING_INBLOB, flags);
}
