/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rename(2) between two names of the tree: always refused but for a name and itself.  Which errno comes
 * first is fs/namei.c, do_renameat2(); the last one, EPERM, is that configfs has no rename.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree/layout.h"
#include "tree/place.h"
#include "tree/tree.h"

static bool ends_in_dots(const struct node *node)
{
	return node->ends_in_dot || node->ends_in_dotdot;
}

/*
 * The path of the folder that holds a node, or would.  A folder that is not ours is "/", which is not
 * above or below anything of ours that matters.
 */
static void parent_path(char path[static LAYOUT_PATH_SIZE], const struct node *node)
{
	struct node folder = {.kind = NODE_PLACE, .place = node->place};
	char *slash;

	if (node->kind != NODE_PLACE) {
		/* an entry lies in its place, all else in the entry or the place */
		if (node->kind != NODE_ENTRY)
			memcpy(folder.name, node->name, sizeof(folder.name));
		layout_native_path(path, &folder);
		return;
	}
	layout_native_path(path, node);
	slash = strrchr(path, '/');
	slash[slash == path] = '\0';
}

/* Is a the folder at this path, or one above it? */
static bool is_above(const struct node *a, const char *below)
{
	char above[LAYOUT_PATH_SIZE];
	size_t len;

	if (node_is_file(a) || a->kind == NODE_MISSING)
		return false;
	layout_native_path(above, a);
	len = strlen(above);
	return strncmp(above, below, len) == 0 && (below[len] == '/' || below[len] == '\0');
}

static bool is_same(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->place == b->place && a->attribute == b->attribute &&
	       strcmp(a->name, b->name) == 0;
}

static int rename_refusal(const struct tree *tree, const struct node *from, const struct node *to,
			  bool no_replace)
{
	const bool from_is_folder = !node_is_file(from);
	const int target = node_check(tree, to);
	const bool target_exists =
		target == 0 || (target == -ENOTDIR && to->kind != NODE_BELOW_FILE);
	char from_parent[LAYOUT_PATH_SIZE];
	char to_parent[LAYOUT_PATH_SIZE];

	parent_path(from_parent, from);
	parent_path(to_parent, to);
	if (no_replace && target_exists)
		return -EEXIST;
	if (!from_is_folder && (from->dir_wanted || to->dir_wanted))
		return -ENOTDIR;
	if (is_same(from, to))
		return 0;
	if (is_above(from, to_parent))
		return -EINVAL;
	if (is_above(to, from_parent))
		return -ENOTEMPTY;
	if (target_exists && from_is_folder && node_is_file(to))
		return -ENOTDIR;
	if (target_exists && !from_is_folder && !node_is_file(to))
		return -EISDIR;
	return -EPERM;
}

static int rename_nodes(const struct tree *tree, const struct node *from, const struct node *to,
			bool no_replace)
{
	int err = node_parent_check(tree, from);

	if (err == 0)
		err = node_parent_check(tree, to);
	if (err == 0 && (ends_in_dots(from) || ends_in_dots(to)))
		err = -EBUSY;
	if (err < 0)
		return err;
	err = node_check(tree, from);
	/* a slash behind a file's name is looked at later */
	if (err < 0 && !(err == -ENOTDIR && from->kind != NODE_BELOW_FILE))
		return err;
	return rename_refusal(tree, from, to, no_replace);
}

int tree_rename(const struct node *from, const struct node *to, bool no_replace)
{
	struct tree tree;
	int ret = tree_begin(&tree, from);

	if (ret < 0)
		return ret;
	ret = rename_nodes(&tree, from, to, no_replace);
	tree_end(&tree);
	return ret;
}
