/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for names: what a path leads to, and what each call on it answers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

const char *const model_attr_names[ATTRS] = {
	[ATTR_GENERATION] = "generation",
	[ATTR_PROVIDER] = "provider",
	[ATTR_INBLOB] = "inblob",
	[ATTR_OUTBLOB] = "outblob",
};

bool node_is_dir(struct node node)
{
	return node.kind != NODE_ATTR;
}

bool node_is_same(struct node a, struct node b)
{
	return a.kind == b.kind && (a.kind < NODE_ENTRY || a.entry == b.entry) &&
	       (a.kind != NODE_ATTR || a.attr == b.attr);
}

bool node_is_removed(const struct model *model, struct node node)
{
	return (node.kind == NODE_ENTRY || node.kind == NODE_ATTR) &&
	       model->entry[node.entry].removed;
}

static bool child_find(const struct model *model, struct node parent, const char *name,
		       struct node *child)
{
	*child = parent;
	switch (parent.kind) {
	case NODE_REPORT:
		child->kind = NODE_ENTRY;
		for (child->entry = 0; child->entry < model->entries; child->entry++)
			if (!model->entry[child->entry].removed &&
			    strcmp(model->entry[child->entry].name, name) == 0)
				return true;
		return false;
	case NODE_ENTRY:
		child->kind = NODE_ATTR;
		for (int attr = 0; attr < ATTRS && !model->entry[parent.entry].removed; attr++) {
			child->attr = (enum attribute)attr;
			if (strcmp(model_attr_names[attr], name) == 0)
				return true;
		}
		return false;
	case NODE_ATTR:
	case NODE_OUTSIDE:
		return false;
	default:
		child->kind = parent.kind + 1;
		return strcmp(model_folder_names[child->kind], name) == 0;
	}
}

static struct node parent_of(struct node node)
{
	if (node.kind != NODE_ROOT)
		node.kind--;
	return node;
}

static bool node_is_within(struct node node, struct node folder)
{
	while (node.kind > folder.kind)
		node = parent_of(node);
	return node_is_same(node, folder);
}

static void walk_step(const struct model *model, struct walk *walk)
{
	walk->dot = strcmp(walk->last, ".") == 0;
	walk->dotdot = strcmp(walk->last, "..") == 0;
	walk->exists = true;
	if (!node_is_dir(walk->parent))
		walk->error = ENOTDIR;
	else if (walk->dot)
		walk->node = walk->parent;
	else if (walk->dotdot)
		walk->node = parent_of(walk->parent);
	else
		walk->exists = child_find(model, walk->parent, walk->last, &walk->node);
	/* above configfs is the machine's own file system */
	if (!walk->error && (walk->exists ? walk->node : walk->parent).kind < NODE_CONFIG)
		walk->foreign = walk->dotdot || !walk->exists;
}

/* Is the last component one that the kernel would not get past? */
static bool walk_leads_nowhere(const struct model *model, const struct walk *walk)
{
	struct walk next = *walk;

	walk_step(model, &next);
	return next.error || !next.exists || !node_is_dir(next.node);
}

void walk_path(const struct model *model, const struct proc *proc, int dirfd, const char *path,
	       struct walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	if (path[0] != '/')
		walk->node = proc->cwd;
	walk->exists = true;
	if (path[0] != '/' && dirfd != OP_NO_DIRFD) {
		const struct desc *desc = proc->fd[dirfd].desc;

		if (!desc)
			walk->error = EBADF;
		else if (!node_is_dir(desc->node))
			walk->error = ENOTDIR;
		else
			walk->node = desc->node;
	}
	while (!walk->error && !walk->foreign) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 0)
			break;
		if (!walk->exists) {
			walk->error = ENOENT;
			break;
		}
		walk->parent = walk->node;
		memcpy(walk->last, path, len);
		walk->last[len] = '\0';
		path += len;
		walk->slash = *path == '/';
		if (differs(model, DIFFERENCE_LEXICAL) && strncmp(path, "/..", 3) == 0)
			walk->foreign = walk_leads_nowhere(model, walk);
		if (!walk->foreign)
			walk_step(model, walk);
	}
}

/* For the calls that want what is there. */
static int lookup_refuses(const struct walk *walk)
{
	if (walk->error)
		return walk->error;
	if (!walk->exists)
		return ENOENT;
	return walk->slash && !node_is_dir(walk->node) ? ENOTDIR : 0;
}

static int mkdir_step(struct model *model, const struct walk *walk)
{
	struct entry *entry;

	if (walk->error)
		return -walk->error;
	if (walk->exists)
		return -EEXIST;
	if (node_is_removed(model, walk->parent))
		return -ENOENT;
	if (walk->parent.kind != NODE_REPORT)
		return -EPERM;
	entry = &model->entry[model->entries++];
	snprintf(entry->name, sizeof(entry->name), "%.15s", walk->last);
	entry->dir_mode = 0755;
	for (int attr = 0; attr < ATTRS; attr++)
		entry->mode[attr] = attr == ATTR_INBLOB ? 0200 : 0444;
	return 0;
}

static int rmdir_step(struct model *model, const struct walk *walk)
{
	if (walk->error)
		return -walk->error;
	if (walk->dot || walk->dotdot)
		return walk->dot ? -EINVAL : -ENOTEMPTY;
	if (!walk->exists)
		return -ENOENT;
	if (!node_is_dir(walk->node))
		return -ENOTDIR;
	if (walk->node.kind != NODE_ENTRY)
		return -EPERM;
	model->entry[walk->node.entry].removed = true;
	return 0;
}

static int unlink_step(const struct walk *walk)
{
	if (walk->error)
		return -walk->error;
	if (walk->dot || walk->dotdot)
		return -EISDIR;
	if (!walk->exists)
		return -ENOENT;
	if (node_is_dir(walk->node))
		return -EISDIR;
	return walk->slash ? -ENOTDIR : -EPERM;
}

/* fs/namei.c do_renameat2() and vfs_rename(): much is refused before configfs is asked. */
static int rename_step(const struct model *model, const struct walk *from, const struct walk *to)
{
	const bool dir = from->exists && node_is_dir(from->node);

	if (from->error || to->error)
		return from->error ? -from->error : -to->error;
	if (from->dot || from->dotdot || to->dot || to->dotdot)
		return -EBUSY;
	if (!from->exists)
		return -ENOENT;
	if (!dir && (from->slash || to->slash))
		return -ENOTDIR;
	if (to->exists && node_is_same(from->node, to->node))
		return 0;
	if (node_is_within(to->parent, from->node))
		return -EINVAL;
	if (to->exists && node_is_within(from->parent, to->node))
		return -ENOTEMPTY;
	if (!to->exists && node_is_removed(model, to->parent))
		return -ENOENT;
	if (to->exists && dir != node_is_dir(to->node))
		return dir ? -ENOTDIR : -EISDIR;
	return -EPERM;
}

static int chmod_step(struct model *model, struct node node, int mode)
{
	if (differs(model, DIFFERENCE_CHANGES))
		return 0;
	if (node.kind == NODE_ATTR)
		model->entry[node.entry].mode[node.attr] = mode;
	else if (node.kind == NODE_ENTRY)
		model->entry[node.entry].dir_mode = mode;
	else
		model->dir_mode[node.kind] = mode;
	return 0;
}

static int access_step(const struct model *model, struct node node, int mode)
{
	if (node.kind != NODE_ATTR)
		return 0;
	return (mode & X_OK) && !(model->entry[node.entry].mode[node.attr] & 0111) ? -EACCES : 0;
}

static int truncate_step(struct model *model, struct node node)
{
	if (node_is_dir(node))
		return -EISDIR;
	if (!differs(model, DIFFERENCE_CHANGES))
		model->entry[node.entry].resized[node.attr] = true;
	return 0;
}

/* The calls that only want the node; it is there. */
static void node_step(struct model *model, const struct op *op, struct node node,
		      const struct result *got, struct result *want)
{
	switch (op->kind) {
	case OP_STAT:
		path_stat(model, node, got, want);
		break;
	case OP_ACCESS:
		want->ret = access_step(model, node, op->flags);
		break;
	case OP_LIST:
		path_list(model, node, got, want);
		break;
	case OP_CHDIR:
		want->ret = node_is_dir(node) ? 0 : -ENOTDIR;
		if (want->ret == 0)
			model->proc[op->proc].cwd = node;
		break;
	case OP_TRUNCATE:
		want->ret = truncate_step(model, node);
		break;
	default:
		want->ret = chmod_step(model, node, op->flags);
		break;
	}
}

void path_step(struct model *model, const struct op *op, const struct result *got,
	       struct result *want)
{
	const struct proc *proc = &model->proc[op->proc];
	struct walk walk;
	struct walk to;

	walk_path(model, proc, op->dirfd, op->path, &walk);
	switch (op->kind) {
	case OP_MKDIR:
		want->ret = mkdir_step(model, &walk);
		break;
	case OP_RMDIR:
		want->ret = rmdir_step(model, &walk);
		break;
	case OP_UNLINK:
		want->ret = unlink_step(&walk);
		break;
	case OP_OPEN:
		open_step(model, op, &walk, want);
		break;
	case OP_RENAME:
		walk_path(model, proc, op->dirfd, op->path2, &to);
		want->ret = rename_step(model, &walk, &to);
		break;
	default:
		if (op->kind == OP_TRUNCATE && op->at < 0)
			want->ret = -EINVAL;
		else if (lookup_refuses(&walk))
			want->ret = -lookup_refuses(&walk);
		else
			node_step(model, op, walk.node, got, want);
		break;
	}
}
