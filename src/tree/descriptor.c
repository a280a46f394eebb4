/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/descriptor.h"

#include <errno.h>
#include <unistd.h>

#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/attribute.h"
#include "tree/entry.h"
#include "tree/layout.h"
#include "tree/settle.h"

static off_t write_start(int fd, off_t at)
{
	return at >= 0 ? at : (off_t)sys_call(SYS_lseek, fd, 0, SEEK_CUR, 0, 0, 0);
}

static void grow_to(int fd, off_t end)
{
	struct stat st;

	if (sys_fstat(fd, &st) == 0 && st.st_size < end)
		sys_call(SYS_ftruncate, fd, end, 0, 0, 0, 0);
}

int descriptor_write_check(int fd, off_t at, size_t len)
{
	const off_t start = write_start(fd, at);
	int err = 0;

	if (len > TSM_INBLOB_MAX || start > (off_t)(TSM_INBLOB_MAX - len)) {
		err = -EFBIG;
	} else if (len == 0) {
		grow_to(fd, start);
		err = -EFAULT;
	}
	if (err < 0)
		sys_fchmod(fd, MODE_INBLOB_WRITTEN);
	return err;
}

ssize_t descriptor_store(const struct caller *caller, const struct node *node, int fd,
			 uint64_t from, size_t len, off_t at)
{
	ssize_t taken = node->attribute->store(caller, node, fd, from, len);

	if (taken > 0 && at < 0)
		sys_call(SYS_lseek, fd, taken, SEEK_CUR, 0, 0, 0);
	return taken;
}

void descriptor_write_failed(int fd, off_t at, size_t len)
{
	grow_to(fd, write_start(fd, at) + (off_t)len);
}

void descriptor_closed(const struct node *node)
{
	struct generation generation;
	struct entry entry;
	struct tree tree;

	if (tree_begin_existing(&tree) < 0)
		return;
	if (entry_open(&tree, node, &entry) == 0) {
		if (entry_lock(&tree, &entry) == 0) {
			settle(&entry, &generation);
			entry_unlock(&entry);
		}
		entry_close(&entry);
	}
	tree_end(&tree);
}
