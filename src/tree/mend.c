/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/mend.h"

#include <string.h>
#include <sys/statfs.h>

#include "base/sys.h"
#include "tree/attribute.h"

/* configfs shows folders as 0755 whatever mkdir asked for (fs/configfs/dir.c). */
enum { NATIVE_FOLDER_MODE = 0755, NATIVE_BLOCK = 4096 };

/* fs/configfs/mount.c, which answers with simple_statfs(). */
enum { CONFIGFS_MAGIC = 0x62656570 };

static mode_t native_mode(const struct node *node)
{
	return node->attribute ? S_IFREG | node->attribute->mode : S_IFDIR | NATIVE_FOLDER_MODE;
}

void mend_stat(const struct node *node, struct stat *st)
{
	st->st_mode = native_mode(node);
	st->st_uid = 0;
	st->st_gid = 0;
	st->st_rdev = 0;
	st->st_size = node->attribute ? node->attribute->size : 0;
	st->st_blksize = NATIVE_BLOCK;
	st->st_blocks = 0;
}

void mend_statx(const struct node *node, struct sys_statx *stx)
{
	stx->mode = (uint16_t)native_mode(node);
	stx->uid = 0;
	stx->gid = 0;
	stx->rdev_major = 0;
	stx->rdev_minor = 0;
	stx->size = node->attribute ? (uint64_t)node->attribute->size : 0;
	stx->blksize = NATIVE_BLOCK;
	stx->blocks = 0;
	stx->mask &= ~(uint32_t)SYS_STATX_BTIME;
}

void mend_statfs(struct statfs *fs)
{
	fs->f_type = CONFIGFS_MAGIC;
	fs->f_bsize = NATIVE_BLOCK;
	fs->f_frsize = NATIVE_BLOCK;
	fs->f_blocks = 0;
	fs->f_bfree = 0;
	fs->f_bavail = 0;
	fs->f_files = 0;
	fs->f_ffree = 0;
	fs->f_namelen = NODE_NAME_MAX;
}

/* Length without the ".NUMBER" (and " (deleted)") of a file behind an attribute. */
static size_t attribute_len(const char *path, size_t len)
{
	const char *name = memrchr(path, '/', len);
	const char *dot = name ? memchr(name, '.', len - (size_t)(name - path)) : NULL;

	if (!dot || !attribute_find(name + 1, (size_t)(dot - name - 1)))
		return len;
	return (size_t)(dot - path);
}

size_t mend_path(char *text, size_t len)
{
	static const char needle[] = "/" TREE_COMPONENT_PREFIX;
	const size_t head = sizeof(needle) - 1 + sizeof("names") - 1;
	char *found = memmem(text, len, needle, sizeof(needle) - 1);
	size_t native_len;
	bool in_store;

	if (!found || (len > 5 && memcmp(text, "/sys/", 5) == 0))
		return len;
	if ((size_t)(text + len - found) <= head || found[head] != '/')
		return len;
	in_store = memcmp(found + 1, TREE_STORE, sizeof(TREE_STORE) - 1) == 0;
	native_len = len - head - (size_t)(found - text);
	memmove(text, found + head, native_len);
	return in_store ? attribute_len(text, native_len) : native_len;
}
