/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before each operation of the tree: is the name ours, and does anybody serve it now? */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/state_dir.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/entry.h"
#include "tree/layout.h"
#include "tree/place.h"
#include "tree/tree.h"

enum { DIR_NAME_SIZE = 1024 };

bool tree_find(const struct caller *caller, int dirfd, const char *path, int error,
	       struct node *node)
{
	char dir[DIR_NAME_SIZE];

	if (path[0] == '/') {
		if (!node_is_candidate(path))
			return false;
		node_from_path(node, NULL, path);
		return node->kind != NODE_FOREIGN;
	}
	/* most names that are not there are nobody's: no system call for them */
	if (error == ENOENT && !node_may_start(path))
		return false;
	if (caller->dir_name(caller, dirfd, dir, sizeof(dir)) < 0)
		return false;
	if (!node_native_part(dir) && !node_may_start(path) && !node_is_candidate(dir))
		return false;
	node_from_path(node, dir, path);
	return node->kind != NODE_FOREIGN;
}

bool tree_find_descriptor(const struct caller *caller, int fd, struct node *node)
{
	char name[DIR_NAME_SIZE];

	if (caller->dir_name(caller, fd, name, sizeof(name)) < 0 || !node_native_part(name))
		return false;
	node_from_path(node, NULL, name);
	return node->kind != NODE_FOREIGN;
}

static bool may_use(const char *path, int mode)
{
	return sys_eaccess(path, mode) == 0;
}

/* A plain file may have come to be there by root's own open(O_CREAT), which is about to be undone. */
static bool is_device(const char *path)
{
	struct stat st;

	return sys_fstatat(AT_FDCWD, path, &st, 0) == 0 && S_ISCHR(st.st_mode);
}

/*
 * A native interface that this user may use is left alone, unless the agent is preferred.  What is
 * asked does not change between calls, so an interface is native or ours as a whole.
 */
static bool native_is_usable(const struct node *node)
{
	const char *prefer = config_string("TEESHIM_PREFER");

	/* a folder with other things in it is not replaced, whoever is preferred */
	if (node->kind == NODE_PLACE && place_holds_others(node->place) &&
	    may_use(node->place->path, F_OK))
		return true;
	if (prefer && strcmp(prefer, "agent") == 0)
		return false;
	switch (node->place->interface) {
	case INTERFACE_CONFIGFS:
		return may_use(TSM_REPORT_PATH, W_OK | X_OK);
	case INTERFACE_DEVICE:
		return is_device(node->place->path) && may_use(node->place->path, R_OK | W_OK);
	case INTERFACE_SYSFS:
		return may_use(node->place->path, F_OK);
	case INTERFACE_EVENT_LOG:
		return may_use(CCEL_DATA_PATH, R_OK);
	}
	return false;
}

/* Who answers, if anybody does: 0 and tree->provider, or TREE_PASS. */
static int provider_choose(struct tree *tree, const struct node *node)
{
	int err = agent_platform(&tree->agent, tree->state_fd, tree->deadline_ms, &tree->tee);

	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return err;
	if (err < 0)
		return TREE_PASS;
	/* one TEE is visible at a time */
	if (!place_is_of(node->place, tree->tee))
		return TREE_PASS;
	tree->provider = tsm_provider_of(tree->tee);
	return 0;
}

/* An entry made while there was an agent is ours for as long as it exists. */
static bool is_old_entry(const struct tree *tree, const struct node *node)
{
	return node->name[0] && entry_exists(tree, node);
}

static int layout_make(struct tree *tree)
{
	struct lock lock;
	int err;

	if (layout_is_ready(tree->state_fd))
		return 0;
	err = entry_tree_lock(tree, &lock);
	if (err < 0)
		return err;
	err = layout_prepare(tree->state_fd);
	lock_drop(&lock);
	return err;
}

/* What the path passed by ".." has to be there, and to be a folder. */
static int through_check(const struct tree *tree, const struct node *node)
{
	struct node entry = {.kind = NODE_ENTRY, .place = entry_place()};

	if (node->too_long)
		return -ENAMETOOLONG;
	memcpy(entry.name, node->through, sizeof(entry.name));
	if (node->through[0] && !entry_exists(tree, &entry))
		return -ENOENT;
	return node->through_file ? -ENOTDIR : 0;
}

int tree_begin(struct tree *tree, const struct node *node)
{
	bool inert;
	int ret;

	*tree = (struct tree){.deadline_ms = clock_now_ms() + config_timeout_ms()};
	if (native_is_usable(node))
		return TREE_PASS;
	inert = agent_find(&tree->agent) < 0;
	tree->state_fd = state_dir_open(!inert);
	if (tree->state_fd < 0)
		return inert ? TREE_PASS : tree->state_fd;
	ret = inert ? TREE_PASS : provider_choose(tree, node);
	if (ret == TREE_PASS && is_old_entry(tree, node))
		ret = 0;
	else if (ret == 0)
		ret = layout_make(tree);
	if (ret == 0)
		ret = through_check(tree, node);
	if (ret < 0)
		sys_close(tree->state_fd);
	return ret;
}

int tree_begin_existing(struct tree *tree)
{
	*tree = (struct tree){.deadline_ms = clock_now_ms() + config_timeout_ms()};
	tree->state_fd = state_dir_open(false);
	return tree->state_fd < 0 ? tree->state_fd : 0;
}

void tree_end(struct tree *tree)
{
	sys_close(tree->state_fd);
}

bool tree_serves(const struct node *node)
{
	struct tree tree;
	int ret = tree_begin(&tree, node);

	if (ret == 0)
		tree_end(&tree);
	return ret != TREE_PASS;
}
