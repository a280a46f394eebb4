/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/tree.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "tree/attribute.h"
#include "tree/device.h"
#include "tree/entry.h"
#include "tree/layout.h"
#include "tree/mend.h"
#include "tree/place.h"
#include "tree/text.h"

/* A program that knew nothing of us may have changed the mode of a folder or a name of ours. */
static void node_mend(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	struct stat st;

	layout_path(path, TREE_NAMES, node);
	if (sys_fstatat(tree->state_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !layout_is_marked(st.st_mode))
		layout_mend(tree->state_fd, path);
}

int node_check(const struct tree *tree, const struct node *node)
{
	int err;

	switch (node->kind) {
	case NODE_FOREIGN:
	case NODE_MISSING:
		return -ENOENT;
	case NODE_PLACE:
		node_mend(tree, node);
		return node_is_file(node) && node->dir_wanted ? -ENOTDIR : 0;
	case NODE_ENTRY:
		return node->is_held || entry_exists(tree, node) ? 0 : -ENOENT;
	case NODE_ATTRIBUTE:
		err = entry_exists(tree, node) ? entry_attribute_check(tree, node) : -ENOENT;
		if (err < 0)
			return err;
		node_mend(tree, node);
		return node->dir_wanted ? -ENOTDIR : 0;
	case NODE_BELOW_FILE:
		if (!node->name[0])
			return -ENOTDIR;
		err = entry_exists(tree, node) ? entry_attribute_check(tree, node) : -ENOENT;
		return err < 0 ? err : -ENOTDIR;
	}
	return -ENOENT;
}

int node_parent_check(const struct tree *tree, const struct node *node)
{
	/* what ends in "." lies in itself; what lies below a file, nowhere */
	if (node->ends_in_dot || node->ends_in_dotdot || node->kind == NODE_BELOW_FILE)
		return node_check(tree, node);
	/* in an entry, not the entry itself */
	if (node->name[0] && node->kind != NODE_ENTRY && !entry_exists(tree, node))
		return -ENOENT;
	return 0;
}

/* What open() refuses of any file, the flags that only the file itself can judge left out. */
static int open_file_flags(int flags)
{
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	return flags & O_DIRECTORY ? -ENOTDIR : 0;
}

static int open_attribute(const struct tree *tree, const struct node *node, int flags)
{
	const int access = flags & O_ACCMODE;
	struct entry entry;
	int ret;

	/* fs/configfs/file.c asks for the attribute's own direction, root included */
	if (access != (node->attribute->written ? O_WRONLY : O_RDONLY) && access != O_ACCMODE)
		return -EACCES;
	if (flags & O_DIRECT)
		return -EINVAL;
	ret = entry_open(tree, node, &entry);
	if (ret < 0)
		return ret;
	ret = access == O_ACCMODE
		      ? snapshot_open_unusable(entry.store, node->attribute->name, flags)
		      : node->attribute->open(tree, &entry, flags);
	entry_close(&entry);
	return ret;
}

/* fs/kernfs/file.c asks for the file's mode bits, root included. */
static int open_place_file(const struct tree *tree, const struct place *place, int flags)
{
	const int access = flags & O_ACCMODE;

	if (access != O_RDONLY && !(place->mode & 0222))
		return -EACCES;
	return flags & O_DIRECT ? -EINVAL : place->open(tree, place, flags);
}

static int open_file(const struct tree *tree, const struct node *node, int flags)
{
	int err = open_file_flags(flags);

	if (err < 0)
		return err;
	if (node->attribute)
		return open_attribute(tree, node, flags);
	if (node->place->kind == PLACE_DEVICE)
		return flags & O_DIRECT ? -EINVAL : device_open(node->place->tee, flags);
	return open_place_file(tree, node->place, flags);
}

static int open_name(const struct tree *tree, const struct node *node, int flags)
{
	const int kept = O_PATH | O_DIRECTORY | O_NONBLOCK | O_NOATIME | O_NOFOLLOW | O_CLOEXEC;
	char path[LAYOUT_PATH_SIZE];

	layout_path(path, TREE_NAMES, node);
	return sys_openat(tree->state_fd, path, flags & kept, 0);
}

static bool ends_in_slash(const struct node *node)
{
	return node->dir_wanted && !node->ends_in_dot && !node->ends_in_dotdot;
}

static int open_folder(const struct tree *tree, const struct node *node, int flags)
{
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return -EOPNOTSUPP;
	if ((flags & O_CREAT) && (flags & O_EXCL) && !ends_in_slash(node))
		return -EEXIST;
	if ((flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY)
		return -EISDIR;
	if (flags & O_DIRECT)
		return -EINVAL;
	return open_name(tree, node, flags);
}

/* O_CREAT of a name that is not there, or that cannot be a file. */
static int open_refused(const struct tree *tree, const struct node *node, int err)
{
	if (err == -ENOTDIR && node_is_file(node) && node->kind != NODE_BELOW_FILE)
		return -EISDIR;
	if (err != -ENOENT || node->ends_in_dot || node->ends_in_dotdot)
		return err;
	err = node_parent_check(tree, node);
	if (err < 0)
		return err;
	return node->dir_wanted ? -EISDIR : -EACCES;
}

static int open_node(const struct tree *tree, const struct node *node, int flags)
{
	int err = node_check(tree, node);

	if (err < 0 && (flags & O_CREAT) && !(flags & O_PATH))
		return open_refused(tree, node, err);
	if (err < 0)
		return err;
	if (flags & O_PATH)
		return (flags & O_DIRECTORY) && node_is_file(node) ? -ENOTDIR
								   : open_name(tree, node, flags);
	return node_is_file(node) ? open_file(tree, node, flags) : open_folder(tree, node, flags);
}

int tree_open(const struct caller *caller, const struct node *node, int flags)
{
	struct tree tree;
	int ret = tree_begin(&tree, node);

	if (ret < 0)
		return ret;
	tree.caller = caller;
	ret = open_node(&tree, node, flags);
	tree_end(&tree);
	return ret;
}

/* An operation that takes nothing but a node. */
static int tree_do(const struct node *node,
		   int (*operation)(const struct tree *tree, const struct node *node))
{
	struct tree tree;
	int ret = tree_begin(&tree, node);

	if (ret < 0)
		return ret;
	ret = operation(&tree, node);
	tree_end(&tree);
	return ret;
}

static int mkdir_node(const struct tree *tree, const struct node *node)
{
	int err = node_check(tree, node);

	if (err == 0)
		return -EEXIST;
	if (err != -ENOENT || node->ends_in_dot || node->ends_in_dotdot)
		return err == -ENOTDIR && node->kind != NODE_BELOW_FILE ? -EEXIST : err;
	if (node->kind == NODE_ENTRY)
		return tree->provider ? entry_make(tree, node) : -ENXIO;
	if (node->kind == NODE_BELOW_FILE)
		return err;
	err = node_parent_check(tree, node);
	return err < 0 ? err : -EPERM;
}

int tree_mkdir(const struct node *node)
{
	return tree_do(node, mkdir_node);
}

static int rmdir_node(const struct tree *tree, const struct node *node)
{
	int err = node_check(tree, node);

	if (node->ends_in_dot)
		return err < 0 ? err : -EINVAL;
	if (node->ends_in_dotdot)
		return err < 0 ? err : -ENOTEMPTY;
	if (err < 0)
		return err;
	if (node_is_file(node))
		return -ENOTDIR;
	if (node->kind == NODE_ENTRY)
		return entry_remove(tree, node);
	/* configfs is mounted there */
	return strcmp(node->place->path, CONFIGFS_PATH) == 0 ? -EBUSY : -EPERM;
}

int tree_rmdir(const struct node *node)
{
	return tree_do(node, rmdir_node);
}

static int unlink_node(const struct tree *tree, const struct node *node)
{
	int err = node_check(tree, node);

	if (err < 0)
		return err;
	return node_is_file(node) ? -EPERM : -EISDIR;
}

int tree_unlink(const struct node *node)
{
	return tree_do(node, unlink_node);
}

static int create_node(const struct tree *tree, const struct node *node)
{
	int err = node_check(tree, node);

	if (err == 0)
		return -EEXIST;
	return err == -ENOENT && node_parent_check(tree, node) == 0 ? -EPERM : err;
}

int tree_create(const struct node *node)
{
	return tree_do(node, create_node);
}

int tree_truncate(const struct node *node, off_t len)
{
	int ret = len < 0 ? -EINVAL : tree_check(node);

	if (ret == 0 && !node_is_file(node))
		return -EISDIR;
	return ret == 0 && !node->attribute && node->place->kind == PLACE_DEVICE ? -EINVAL : ret;
}

int tree_check(const struct node *node)
{
	return tree_do(node, node_check);
}

int tree_stat(const struct node *node, struct stat *st)
{
	char path[LAYOUT_PATH_SIZE];
	struct tree tree;
	int ret = tree_begin(&tree, node);

	if (ret < 0)
		return ret;
	ret = node_check(&tree, node);
	if (ret == 0) {
		layout_path(path, TREE_NAMES, node);
		ret = sys_fstatat(tree.state_fd, path, st, AT_SYMLINK_NOFOLLOW);
	}
	if (ret == 0)
		mend_stat(node, st);
	tree_end(&tree);
	return ret;
}

int tree_statx(const struct node *node, int flags, unsigned mask, struct sys_statx *stx)
{
	char path[LAYOUT_PATH_SIZE];
	struct tree tree;
	int ret = tree_begin(&tree, node);

	if (ret < 0)
		return ret;
	ret = node_check(&tree, node);
	if (ret == 0) {
		layout_path(path, TREE_NAMES, node);
		ret = sys_statx(tree.state_fd, path, flags | AT_SYMLINK_NOFOLLOW, mask, stx);
	}
	if (ret == 0)
		mend_statx(node, stx);
	tree_end(&tree);
	return ret;
}

int tree_access(const struct node *node, int mode)
{
	int ret = tree_check(node);

	/* uid 0 may read and write what it likes, and execute what has a bit for it */
	return ret == 0 && (mode & X_OK) && node_is_file(node) ? -EACCES : ret;
}
