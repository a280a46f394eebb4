/* SPDX-License-Identifier: Apache-2.0 */
/* The model's processes and their descriptor tables. */
#include "model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct model *model_new(bool native)
{
	struct model *model = calloc(1, sizeof(*model));

	if (!model)
		abort();
	model->differences = native ? 0 : ~0U;
	model->proc[0].alive = true;
	model->proc[0].cwd.kind = NODE_REPORT;
	for (int i = 0; i < NODE_ENTRY; i++)
		model->dir_mode[i] = 0755;
	return model;
}

void model_free(struct model *model)
{
	for (int i = 0; i < model->answers; i++)
		free(model->answer[i]);
	free(model);
}

int fd_lowest(const struct proc *proc)
{
	for (int fd = FD_FIRST; fd < FD_END; fd++)
		if (!proc->fd[fd].desc)
			return fd;
	return FD_END;
}

/* A descriptor ends; seen where the library learns of it. */
void fd_drop(struct model *model, struct fd *fd, bool seen)
{
	struct desc *desc = fd->desc;
	bool inherited = fd->inherited;

	if (!desc)
		return;
	memset(fd, 0, sizeof(*fd));
	if (desc->node.kind != NODE_ATTR || desc->node.attr != ATTR_INBLOB || desc->path_only) {
		desc->refs--;
		return;
	}
	if (--desc->refs == 0)
		blob_commit(model, desc);
	if (seen && !inherited)
		blob_look(&model->entry[desc->node.entry]);
}

static void proc_end(struct model *model, struct proc *proc)
{
	for (int fd = FD_FIRST; fd < FD_END; fd++)
		fd_drop(model, &proc->fd[fd], false);
	proc->alive = false;
}

static void proc_step(struct model *model, const struct op *op, struct result *want)
{
	struct proc *proc = &model->proc[op->proc];
	struct proc *child;

	switch (op->kind) {
	case OP_FORK:
		child = &model->proc[op->fd];
		*child = *proc;
		for (int fd = FD_FIRST; fd < FD_END; fd++)
			if (child->fd[fd].desc)
				child->fd[fd].desc->refs++;
		break;
	case OP_EXEC:
		for (int fd = FD_FIRST; fd < FD_END; fd++) {
			if (proc->fd[fd].cloexec)
				fd_drop(model, &proc->fd[fd], false);
			proc->fd[fd].inherited = true;
		}
		proc->execed = true;
		break;
	default:
		proc_end(model, proc);
		break;
	}
	want->ret = 0;
}

static int desc_add(struct model *model, struct proc *proc, int flags)
{
	int fd = fd_lowest(proc);
	struct desc *desc;

	if (fd == FD_END || model->descs == DESCS)
		abort();
	desc = &model->desc[model->descs++];
	desc->refs = 1;
	desc->access = flags & O_ACCMODE;
	desc->path_only = (flags & O_PATH) != 0;
	proc->fd[fd] = (struct fd){.desc = desc, .cloexec = (flags & O_CLOEXEC) != 0};
	return fd;
}

static int attribute_refuses(const struct model *model, struct node node, int flags)
{
	const int access = flags & O_ACCMODE;
	const int mode = model->entry[node.entry].mode[node.attr];

	/* uid 0 passes a mode only while some bit of that kind is there: fs/configfs/file.c */
	if (node.attr == ATTR_INBLOB)
		return (access != O_WRONLY && access != O_ACCMODE) || !(mode & 0222) ? EACCES : 0;
	return (access != O_RDONLY && access != O_ACCMODE) || !(mode & 0444) ? EACCES : 0;
}

static void attribute_opened(struct model *model, struct desc *desc, int flags)
{
	struct entry *entry = &model->entry[desc->node.entry];

	desc->blob.order = ++model->opened;
	if (desc->node.attr != ATTR_PROVIDER)
		blob_look(entry);
	if (differs(model, DIFFERENCE_AT_OPEN)) {
		desc->loaded = true;
		desc->answer = entry->answer;
		desc_text(model, desc);
	}
	if ((flags & O_TRUNC) && !differs(model, DIFFERENCE_CHANGES))
		entry->resized[desc->node.attr] = true;
}

static int open_refuses(const struct model *model, const struct walk *walk, int flags)
{
	const bool dir = walk->exists && node_is_dir(walk->node);

	if (walk->error)
		return walk->error;
	if (flags & O_PATH) {
		if (!walk->exists)
			return ENOENT;
		return !dir && (walk->slash || (flags & O_DIRECTORY)) ? ENOTDIR : 0;
	}
	if ((flags & O_CREAT) && walk->slash && !walk->dot && !walk->dotdot)
		return EISDIR;
	if (!walk->exists)
		return (flags & O_CREAT) && !node_is_removed(model, walk->parent) ? EACCES : ENOENT;
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return EEXIST;
	if (dir) {
		if ((flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY)
			return EISDIR;
		return flags & O_DIRECT ? EINVAL : 0;
	}
	if (walk->slash || (flags & O_DIRECTORY))
		return ENOTDIR;
	if (attribute_refuses(model, walk->node, flags))
		return EACCES;
	return flags & O_DIRECT ? EINVAL : 0;
}

void open_step(struct model *model, const struct op *op, const struct walk *walk,
	       struct result *want)
{
	struct proc *proc = &model->proc[op->proc];
	int error = open_refuses(model, walk, op->flags);
	struct desc *desc;

	if (error) {
		want->ret = -error;
		return;
	}
	want->ret = desc_add(model, proc, op->flags);
	desc = proc->fd[want->ret].desc;
	desc->node = walk->node;
	if (walk->node.kind == NODE_ATTR && !desc->path_only)
		attribute_opened(model, desc, op->flags);
}

static bool fd_is_blob(const struct desc *desc)
{
	return desc->node.kind == NODE_ATTR && desc->node.attr >= ATTR_INBLOB;
}

/* Not where the position that a real file gets would count from now on, or where files differ. */
static bool fd_ready(const struct model *model, const struct proc *proc, const struct op *op)
{
	const struct fd *fd;

	if (op->fd < FD_FIRST || op->fd >= FD_END)
		return false;
	fd = &proc->fd[op->fd];
	if (!fd->desc)
		return true;
	if (op->kind == OP_LSEEK && fd->desc->node.kind != NODE_ATTR)
		return false;
	if (op->kind == OP_LSEEK && fd->inherited && differs(model, DIFFERENCE_EXEC))
		return !fd_is_blob(fd->desc) && op->flags != SEEK_END;
	/* an exec'ed writer has made it longer than it can be */
	if ((op->kind == OP_WRITE || op->kind == OP_PWRITE) && fd->desc->blob.size > INBLOB_MAX)
		return false;
	if (op->kind == OP_FLOCK && differs(model, DIFFERENCE_FLOCK))
		return fd->desc->path_only || fd->desc->node.kind != NODE_ATTR ||
		       (fd->desc->node.attr == ATTR_INBLOB &&
			!node_is_removed(model, fd->desc->node));
	return true;
}

bool model_ready(const struct model *model, const struct op *op)
{
	const struct proc *proc = &model->proc[op->proc];
	struct walk walk;

	if (!proc->alive)
		return false;
	if (op_has_path(op->kind)) {
		walk_path(model, proc, op->dirfd, op->path, &walk);
		if (walk.foreign)
			return false;
		if (op->kind == OP_RENAME) {
			walk_path(model, proc, op->dirfd, op->path2, &walk);
			return !walk.foreign;
		}
		if (op->kind == OP_MKDIR && model->entries == ENTRIES)
			return false;
		/* from a program that has not met the tree it reaches a folder that nobody mends */
		if (op->kind == OP_CHMOD && differs(model, DIFFERENCE_CHANGES) &&
		    (node_is_removed(model, walk.node) || (proc->execed && op->path[0] != '/')))
			return false;
		return op->kind != OP_OPEN || (fd_lowest(proc) < FD_END && model->descs < DESCS);
	}
	switch (op->kind) {
	case OP_FORK:
		return op->fd >= 0 && op->fd < PROCS && !model->proc[op->fd].alive;
	case OP_EXEC:
	case OP_EXIT:
	case OP_KILL:
	case OP_GETCWD:
		return true;
	case OP_DUP:
		return fd_ready(model, proc, op) && fd_lowest(proc) < FD_END;
	case OP_DUP2:
		return fd_ready(model, proc, op) && op->fd2 >= FD_FIRST && op->fd2 < FD_END;
	default:
		return fd_ready(model, proc, op);
	}
}

void model_step(struct model *model, const struct op *op, const struct result *got,
		struct result *want)
{
	memset(want, 0, offsetof(struct result, bytes) + sizeof(struct op_stat));
	switch (op->kind) {
	case OP_FORK:
	case OP_EXEC:
	case OP_EXIT:
	case OP_KILL:
		proc_step(model, op, want);
		break;
	case OP_GETCWD:
		path_name(model, model->proc[op->proc].cwd, want);
		break;
	default:
		if (op_has_path(op->kind))
			path_step(model, op, got, want);
		else
			file_step(model, op, got, want);
		break;
	}
}
