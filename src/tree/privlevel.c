/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/privlevel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/settle.h"
#include "tree/text.h"

enum { PAGE = 4096 };

int privlevel_open(const struct tree *tree, struct entry *entry, int flags)
{
	return settle_open(tree, entry, PENDING_PRIVLEVEL, flags);
}

int privlevel_floor_open(const struct tree *tree, struct entry *entry, int flags)
{
	char text[16];

	snprintf(text, sizeof(text), "%d\n", TSM_PRIVLEVEL_FLOOR);
	return entry_text_open(tree, entry, "privlevel_floor.0", text, flags);
}

/*
 * The level, and how many bytes the kernel takes for it: what can be read of the first 4095.  Not inlined:
 * the stack is free again when the entry is locked.
 */
static __attribute__((noinline)) ssize_t level_read(const struct caller *caller, uint64_t from,
						    size_t len, unsigned *level)
{
	char text[TSM_TEXT_MAX];
	const size_t in_page = PAGE - (from & (PAGE - 1));
	size_t taken = len < TSM_TEXT_MAX ? len : TSM_TEXT_MAX;
	const size_t first = taken < in_page ? taken : in_page;
	int err = first == 0 ? -EFAULT : caller->read_memory(caller, text, from, first);

	if (err < 0)
		return err;
	if (taken > first &&
	    caller->read_memory(caller, text + first, from + first, taken - first) < 0)
		taken = first;
	err = tsm_privlevel_parse(text, taken, level);
	return err < 0 ? err : (ssize_t)taken;
}

/* Of a removed entry nothing is left, even where another has its name by now. */
static bool is_removed(int fd)
{
	struct stat st;

	return sys_fstat(fd, &st) < 0 || st.st_nlink == 0;
}

static int level_commit(const struct tree *tree, const struct node *node, int fd, unsigned level)
{
	struct entry entry;
	int err = entry_open(tree, node, &entry);

	if (err < 0)
		return err;
	err = entry_lock(tree, &entry);
	if (err == 0) {
		err = is_removed(fd) ? -ENOENT : settle_option(&entry, level);
		entry_unlock(&entry);
	}
	entry_close(&entry);
	return err;
}

ssize_t privlevel_store(const struct caller *caller, const struct node *node, int fd, uint64_t from,
			size_t len)
{
	unsigned level = 0;
	ssize_t taken = level_read(caller, from, len, &level);
	struct tree tree;
	int err;

	if (taken < 0)
		return is_removed(fd) && taken != -EFAULT ? -ENOENT : taken;
	err = tree_begin_existing(&tree);
	if (err < 0)
		return err;
	err = level_commit(&tree, node, fd, level);
	tree_end(&tree);
	return err < 0 ? err : taken;
}
