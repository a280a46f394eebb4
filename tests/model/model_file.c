/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "model/model.h"

enum { TEXT_SIZE = 4096 };

void desc_text(const struct model *model, struct desc *desc)
{
	const struct entry *entry = &model->entry[desc->node.entry];

	if (desc->node.attr == ATTR_GENERATION)
		snprintf(desc->text, sizeof(desc->text), "%lu\n", entry->generation);
	else
		snprintf(desc->text, sizeof(desc->text), "tdx_guest\n");
}

static int64_t text_read(const struct desc *desc, const struct op *op, int64_t at,
			 struct result *want)
{
	int64_t left = (int64_t)strlen(desc->text) - at;

	want->len = left <= 0 ? 0 : left < op->size ? (uint32_t)left : op->size;
	memcpy(want->bytes, desc->text + (left > 0 ? at : 0), want->len);
	return want->len;
}

/* What the first read() of a description finds; it stays. */
static int desc_load(const struct model *model, struct desc *desc)
{
	const struct entry *entry = &model->entry[desc->node.entry];

	if (desc->loaded)
		return 0;
	if (entry->removed)
		return -ENOENT;
	desc_text(model, desc);
	desc->answer = entry->answer;
	desc->loaded = true;
	return 0;
}

/* A read that cannot store anything: of no bytes, or to a bad pointer. */
static int64_t nothing_read(const struct model *model, const struct fd *fd, const struct op *op,
			    int64_t at, const struct result *got, struct result *want)
{
	const struct desc *desc = fd->desc;
	int64_t end;

	if (desc->node.attr != ATTR_OUTBLOB) {
		end = (int64_t)strlen(desc->text);
	} else {
		struct result none = *got;

		none.ret = got->ret == -EINVAL ? -EINVAL : 0;
		if (!desc->answer || answer_read(desc->answer, 0, 0, &none, want) < 0)
			return -EINVAL;
		/* where the end is not known yet, either is right */
		if (at >= desc->answer->size_min && at < desc->answer->size_max)
			return got->ret == -EFAULT ? -EFAULT : 0;
		end = desc->answer->size_min;
	}
	if (at >= end || (op->size == 0 && fd->inherited && differs(model, DIFFERENCE_EXEC)))
		return 0;
	return -EFAULT;
}

static void read_step(struct model *model, const struct fd *fd, const struct op *op,
		      const struct result *got, struct result *want)
{
	struct desc *desc = fd->desc;
	const int64_t at = op->kind == OP_PREAD ? op->at : desc->pos;
	bool was_loaded = desc->loaded;

	if (op->kind == OP_PREAD && at < 0) {
		want->ret = -EINVAL;
		return;
	}
	if (desc->path_only || desc->access != O_RDONLY) {
		want->ret = -EBADF;
		return;
	}
	if (node_is_dir(desc->node)) {
		want->ret = -EISDIR;
		/* where a listing left the position is the file system's affair, too */
		if (desc->pos && differs(model, DIFFERENCE_LISTING) && got->ret == -EINVAL)
			want->ret = -EINVAL;
		return;
	}
	want->ret = desc_load(model, desc);
	if (want->ret < 0)
		return;
	if (op->null || op->size == 0)
		want->ret = nothing_read(model, fd, op, at, got, want);
	else if (desc->node.attr != ATTR_OUTBLOB)
		want->ret = text_read(desc, op, at, want);
	else if (!desc->answer)
		want->ret = -EINVAL;
	else
		want->ret = answer_read(desc->answer, at, op->size, got, want);
	if (want->ret > 0 && op->kind == OP_READ)
		desc->pos += want->ret;
	/* a first read that fails is done again by the next one */
	if (want->ret == -EINVAL && desc->node.attr == ATTR_OUTBLOB)
		desc->loaded = was_loaded;
}

static void blob_grow(struct desc *desc, int64_t end)
{
	if ((size_t)end > desc->blob.size)
		desc->blob.size = (size_t)end;
}

/* fs/configfs/file.c configfs_bin_write_iter(): the buffer grows before anything is copied. */
static int64_t blob_write(struct desc *desc, const struct op *op, int64_t at)
{
	const int64_t end = at + op->size;

	desc->written = true;
	if (end > INBLOB_MAX)
		return -EFBIG;
	blob_grow(desc, end);
	if (op->size == 0 || op->null)
		return -EFAULT;
	op_bytes(op, desc->blob.bytes + at, op->size);
	return op->size;
}

/* The same description in a program that does not know it. */
static int64_t file_write(struct desc *desc, const struct op *op, int64_t at)
{
	if (op->size == 0)
		return 0;
	if (op->null)
		return -EFAULT;
	desc->written = true;
	blob_grow(desc, at + op->size);
	op_bytes(op, desc->blob.bytes + at, op->size);
	return op->size;
}

static int64_t write_step(struct model *model, const struct fd *fd, const struct op *op)
{
	struct desc *desc = fd->desc;
	const int64_t at = op->kind == OP_PWRITE ? op->at : desc->pos;
	int64_t ret;

	if (op->kind == OP_PWRITE && at < 0)
		return -EINVAL;
	if (desc->path_only || desc->access != O_WRONLY)
		return -EBADF;
	if (fd->inherited && differs(model, DIFFERENCE_EXEC))
		ret = file_write(desc, op, at);
	else
		ret = blob_write(desc, op, at);
	if (ret > 0 && op->kind == OP_WRITE)
		desc->pos += ret;
	return ret;
}

static int64_t lseek_step(struct desc *desc, const struct op *op)
{
	int64_t at = op->at;

	if (desc->path_only)
		return -EBADF;
	if (desc->node.attr >= ATTR_INBLOB)
		return -ESPIPE;
	if (op->flags == SEEK_CUR)
		at += desc->pos;
	else if (op->flags == SEEK_END)
		at += TEXT_SIZE;
	if (at < 0)
		return -EINVAL;
	desc->pos = at;
	return at;
}

static int flock_step(struct model *model, struct desc *desc, int operation)
{
	const int wanted = operation & (LOCK_SH | LOCK_EX);

	if (desc->path_only || (wanted && desc->access == O_ACCMODE))
		return -EBADF;
	if (wanted == desc->lock)
		return 0;
	/* flock(2): a conversion drops the old lock first */
	desc->lock = 0;
	for (int i = 0; wanted && i < model->descs; i++) {
		const struct desc *other = &model->desc[i];

		if (other != desc && other->refs && other->lock &&
		    node_is_same(other->node, desc->node) &&
		    (wanted == LOCK_EX || other->lock == LOCK_EX))
			return -EWOULDBLOCK;
	}
	desc->lock = wanted;
	return 0;
}

static int64_t dup_step(struct model *model, struct proc *proc, const struct op *op, int target)
{
	const struct fd *fd = &proc->fd[op->fd];

	if (target == op->fd)
		return target;
	fd->desc->refs++;
	fd_drop(model, &proc->fd[target], false);
	proc->fd[target] = (struct fd){.desc = fd->desc, .inherited = fd->inherited};
	return target;
}

static int64_t ftruncate_step(struct model *model, const struct desc *desc, const struct op *op)
{
	struct entry *entry = &model->entry[desc->node.entry];

	if (op->at < 0)
		return -EINVAL;
	if (desc->path_only)
		return -EBADF;
	if (desc->node.kind != NODE_ATTR || desc->access != O_WRONLY)
		return -EINVAL;
	if (!differs(model, DIFFERENCE_CHANGES))
		entry->resized[desc->node.attr] = true;
	return 0;
}

static void flist_step(const struct model *model, struct desc *desc, const struct result *got,
		       struct result *want)
{
	if (desc->path_only && node_is_dir(desc->node))
		want->ret = -EBADF;
	else
		path_list(model, desc->node, got, want);
	if (node_is_dir(desc->node))
		desc->pos = 1;
}

void file_step(struct model *model, const struct op *op, const struct result *got,
	       struct result *want)
{
	struct proc *proc = &model->proc[op->proc];
	struct fd *fd = &proc->fd[op->fd];

	if (!fd->desc) {
		want->ret = -EBADF;
		if ((op->kind == OP_FTRUNCATE || op->kind == OP_PREAD || op->kind == OP_PWRITE) &&
		    op->at < 0)
			want->ret = -EINVAL;
		return;
	}
	switch (op->kind) {
	case OP_CLOSE:
		fd_drop(model, fd, true);
		break;
	case OP_READ:
	case OP_PREAD:
		read_step(model, fd, op, got, want);
		break;
	case OP_WRITE:
	case OP_PWRITE:
		want->ret = write_step(model, fd, op);
		break;
	case OP_LSEEK:
		want->ret = lseek_step(fd->desc, op);
		break;
	case OP_DUP:
		want->ret = dup_step(model, proc, op, fd_lowest(proc));
		break;
	case OP_DUP2:
		want->ret = dup_step(model, proc, op, op->fd2);
		break;
	case OP_FSTAT:
		path_stat(model, fd->desc->node, got, want);
		break;
	case OP_FLIST:
		flist_step(model, fd->desc, got, want);
		break;
	case OP_FCHDIR:
		want->ret = node_is_dir(fd->desc->node) ? 0 : -ENOTDIR;
		if (want->ret == 0)
			proc->cwd = fd->desc->node;
		break;
	case OP_FLOCK:
		want->ret = flock_step(model, fd->desc, op->flags);
		break;
	default:
		want->ret = ftruncate_step(model, fd->desc, op);
		break;
	}
}
