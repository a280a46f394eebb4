/* SPDX-License-Identifier: Apache-2.0 */
/* Random operations, with a liking for those that make a difference later. */
#include "model/generate.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "model/control.h"

#define REPORT       "/sys/kernel/config/tsm/report"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const entry_names[] = GENERATE_NAMES;

/* xorshift64*: the same sequence everywhere for one seed. */
static uint32_t pick(uint64_t *random, size_t below)
{
	*random ^= *random >> 12;
	*random ^= *random << 25;
	*random ^= *random >> 27;
	return (uint32_t)(((*random * 0x2545f4914f6cdd1dULL) >> 33) % below);
}

static bool chance(uint64_t *random, size_t one_in)
{
	return pick(random, one_in) == 0;
}

/* Mostly the first two, so that operations meet. */
static const char *pick_entry(uint64_t *random)
{
	return entry_names[chance(random, 5) ? pick(random, COUNT(entry_names))
					     : chance(random, 3)];
}

static const char *pick_attr(uint64_t *random)
{
	if (chance(random, 16))
		return "nothing";
	return model_attr_names[pick(random, ATTRS)];
}

static void path_absolute(uint64_t *random, bool attr, char *path)
{
	static const char *const forms[] = {"//", "/./", "/a/../", "/"};
	const char *slash = chance(random, 6) ? forms[pick(random, COUNT(forms))] : "/";
	const char *end = chance(random, 12) ? "/" : "";

	if (chance(random, 24))
		snprintf(path, OP_PATH_SIZE, REPORT "%s%s/inblob/%s%s", slash, pick_entry(random),
			 chance(random, 2) ? "../" : "", pick_attr(random));
	else if (attr)
		snprintf(path, OP_PATH_SIZE, REPORT "%s%s%s%s%s", slash, pick_entry(random),
			 chance(random, 8) ? "/./" : "/", pick_attr(random), end);
	else if (chance(random, 10))
		snprintf(path, OP_PATH_SIZE, "/sys/kernel/config%s%s",
			 chance(random, 2) ? "/tsm" : "/tsm/report", end);
	else
		snprintf(path, OP_PATH_SIZE, REPORT "%s%s%s", slash, pick_entry(random),
			 chance(random, 16) ? "/." : end);
}

static void path_relative(uint64_t *random, enum node_kind base, bool attr, char *path)
{
	const char *end = chance(random, 16) ? "/" : "";
	const char *dot = chance(random, 8) ? "./" : "";

	if (base == NODE_REPORT && attr)
		snprintf(path, OP_PATH_SIZE, "%s%s/%s%s", dot, pick_entry(random),
			 pick_attr(random), end);
	else if (base == NODE_REPORT)
		snprintf(path, OP_PATH_SIZE, "%s%s%s", dot,
			 chance(random, 10) ? "." : pick_entry(random), end);
	else if (base == NODE_ENTRY && attr)
		snprintf(path, OP_PATH_SIZE, "%s%s%s%s", dot, chance(random, 4) ? "../a/" : "",
			 pick_attr(random), end);
	else if (base == NODE_ENTRY)
		snprintf(path, OP_PATH_SIZE, "%s%s%s",
			 chance(random, 8)   ? "../.."
			 : chance(random, 4) ? "."
					     : "..",
			 chance(random, 2) ? "/" : "", chance(random, 3) ? pick_entry(random) : "");
	else
		snprintf(path, OP_PATH_SIZE, "%s%s",
			 base == NODE_CONFIG ? "tsm/report/" : "report/", pick_entry(random));
}

static void pick_path(const struct model *model, uint64_t *random, struct op *op, bool attr,
		      char *path)
{
	const struct proc *proc = &model->proc[op->proc];
	enum node_kind base = proc->cwd.kind;

	if (op->dirfd != OP_NO_DIRFD && proc->fd[op->dirfd].desc)
		base = proc->fd[op->dirfd].desc->node.kind;
	if (chance(random, 2) || base == NODE_ATTR)
		path_absolute(random, attr, path);
	else
		path_relative(random, base, attr, path);
}

/* One that is open, and usually one that the operation is for. */
static int pick_fd(const struct model *model, uint64_t *random, const struct op *op)
{
	const struct proc *proc = &model->proc[op->proc];
	int fd = FD_FIRST + (int)pick(random, FD_END - FD_FIRST);

	if (chance(random, 40))
		return fd;
	for (int tries = 0; tries < 64; tries++) {
		const struct desc *desc;

		fd = FD_FIRST + (int)pick(random, FD_END - FD_FIRST);
		desc = proc->fd[fd].desc;
		if (!desc || (desc->path_only && !chance(random, 8)))
			continue;
		if ((op->kind == OP_WRITE || op->kind == OP_PWRITE || op->kind == OP_FLOCK) &&
		    desc->access != O_WRONLY && tries < 48)
			continue;
		if ((op->kind == OP_READ || op->kind == OP_PREAD || op->kind == OP_LSEEK) &&
		    (desc->access != O_RDONLY || node_is_dir(desc->node)) && tries < 48)
			continue;
		if ((op->kind == OP_FCHDIR || op->kind == OP_FLIST) && !node_is_dir(desc->node) &&
		    tries < 48)
			continue;
		return fd;
	}
	return fd;
}

static int pick_dirfd(const struct model *model, uint64_t *random, const struct op *op)
{
	const struct proc *proc = &model->proc[op->proc];

	for (int fd = FD_FIRST; fd < FD_END; fd++)
		if (proc->fd[fd].desc && node_is_dir(proc->fd[fd].desc->node) && chance(random, 2))
			return fd;
	return OP_NO_DIRFD;
}

static int open_flags(uint64_t *random, const char *path)
{
	static const int some[] = {O_CREAT,    O_CREAT | O_EXCL,  O_TRUNC,     O_APPEND,
				   O_NONBLOCK, O_CLOEXEC,         O_NOFOLLOW,  O_DIRECT,
				   O_PATH,     O_CREAT | O_TRUNC, O_DIRECTORY, O_CLOEXEC,
				   O_APPEND};
	const char *last = strrchr(path, '/');
	int flags = O_RDONLY;

	last = last ? last + 1 : path;
	if (strcmp(last, "inblob") == 0)
		flags = O_WRONLY;
	if (chance(random, 12))
		flags = (int)pick(random, 4);
	if (chance(random, 3))
		flags |= some[pick(random, COUNT(some))];
	/* what the kernel says to both changed in 6.4 */
	if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		flags &= ~O_CREAT;
	return flags;
}

static void pick_size(uint64_t *random, struct op *op)
{
	static const uint32_t reads[] = {8192, 16384, 4096, 64, 600};
	static const uint32_t writes[] = {64, 64, 64, 32, 63};

	op->seed = (uint8_t)pick(random, 256);
	op->null = chance(random, 24);
	if (op->kind == OP_READ || op->kind == OP_PREAD)
		op->size =
			chance(random, 2) ? reads[pick(random, COUNT(reads))] : pick(random, 700);
	else
		op->size =
			chance(random, 2) ? writes[pick(random, COUNT(writes))] : pick(random, 81);
	if (chance(random, 20))
		op->size = 0;
	op->at = chance(random, 24) ? -1 : (int64_t)pick(random, chance(random, 4) ? 6000 : 70);
	if (op->kind == OP_PWRITE && op->at > 200)
		op->at = 0;
}

static enum op_kind pick_kind(uint64_t *random)
{
	static const struct {
		enum op_kind kind;
		unsigned weight;
	} weights[] = {
		{OP_OPEN, 30},  {OP_WRITE, 14}, {OP_READ, 14},  {OP_CLOSE, 14},   {OP_MKDIR, 6},
		{OP_RMDIR, 3},  {OP_PWRITE, 5}, {OP_PREAD, 5},  {OP_DUP, 3},      {OP_DUP2, 4},
		{OP_FORK, 4},   {OP_EXEC, 1},   {OP_EXIT, 1},   {OP_KILL, 1},     {OP_STAT, 5},
		{OP_FSTAT, 4},  {OP_ACCESS, 3}, {OP_LIST, 3},   {OP_FLIST, 2},    {OP_CHDIR, 4},
		{OP_FCHDIR, 1}, {OP_GETCWD, 2}, {OP_FLOCK, 5},  {OP_TRUNCATE, 2}, {OP_FTRUNCATE, 2},
		{OP_CHMOD, 2},  {OP_UNLINK, 2}, {OP_RENAME, 2}, {OP_LSEEK, 3},
	};
	unsigned total = 0;
	uint32_t at;

	for (size_t i = 0; i < COUNT(weights); i++)
		total += weights[i].weight;
	at = pick(random, total);
	for (size_t i = 0;; i++) {
		if (at < weights[i].weight)
			return weights[i].kind;
		at -= weights[i].weight;
	}
}

static void fill_path(const struct model *model, uint64_t *random, struct op *op)
{
	static const int modes[] = {0777, 0600, 0, 0444, 0755};
	bool attr = op->kind == OP_OPEN || op->kind == OP_UNLINK || op->kind == OP_TRUNCATE
			    ? !chance(random, 5)
			    : chance(random, 2);

	if (op->kind == OP_MKDIR || op->kind == OP_RMDIR || op->kind == OP_CHDIR)
		attr = chance(random, 12);
	if (op->kind != OP_LIST && op->kind != OP_CHDIR && op->kind != OP_TRUNCATE &&
	    chance(random, 4))
		op->dirfd = pick_dirfd(model, random, op);
	pick_path(model, random, op, attr, op->path);
	if (op->kind == OP_RENAME)
		pick_path(model, random, op, chance(random, 2), op->path2);
	if (op->kind == OP_OPEN)
		op->flags = open_flags(random, op->path);
	if (op->kind == OP_ACCESS)
		op->flags = (int)pick(random, 8);
	if (op->kind == OP_STAT)
		op->flags = chance(random, 2) ? AT_SYMLINK_NOFOLLOW : 0;
	if (op->kind == OP_CHMOD)
		op->flags = modes[pick(random, COUNT(modes))];
	if (op->kind == OP_TRUNCATE)
		op->at = (int64_t)pick(random, 70) - 1;
}

static void fill_fd(const struct model *model, uint64_t *random, struct op *op)
{
	static const int locks[] = {LOCK_EX | LOCK_NB, LOCK_SH | LOCK_NB, LOCK_UN};

	op->fd = pick_fd(model, random, op);
	op->fd2 = FD_FIRST + (int)pick(random, FD_END - FD_FIRST);
	if (op->kind == OP_DUP2 && chance(random, 2))
		op->fd2 = pick_fd(model, random, op);
	pick_size(random, op);
	if (op->kind == OP_FLOCK)
		op->flags = locks[pick(random, COUNT(locks))];
	if (op->kind == OP_LSEEK) {
		op->flags = (int)pick(random, 3);
		op->at = (int64_t)pick(random, 40) - 10;
	}
}

static int pick_proc(const struct model *model, uint64_t *random)
{
	int proc;

	do
		proc = (int)pick(random, PROCS);
	while (!model->proc[proc].alive);
	return proc;
}

/* On a descriptor or name that is not there: true, but it teaches little. */
static bool leads_nowhere(const struct model *model, const struct op *op)
{
	const struct proc *proc = &model->proc[op->proc];
	struct walk walk;

	switch (op->kind) {
	case OP_FORK:
	case OP_EXEC:
	case OP_EXIT:
	case OP_KILL:
	case OP_GETCWD:
	case OP_MKDIR:
		return false;
	default:
		if (!op_has_path(op->kind))
			return !proc->fd[op->fd].desc;
		walk_path(model, proc, op->dirfd, op->path, &walk);
		return walk.error || !walk.exists;
	}
}

static bool generate_try(const struct model *model, uint64_t *random, struct op *op)
{
	memset(op, 0, sizeof(*op));
	op->dirfd = OP_NO_DIRFD;
	op->kind = pick_kind(random);
	op->proc = pick_proc(model, random);
	if (op_has_path(op->kind))
		fill_path(model, random, op);
	else if (op->kind == OP_FORK)
		op->fd = (int)pick(random, PROCS);
	else
		fill_fd(model, random, op);
	/* the last process goes on to the end */
	if (op->kind == OP_EXIT || op->kind == OP_KILL) {
		int alive = 0;

		for (int i = 0; i < PROCS; i++)
			alive += model->proc[i].alive;
		if (alive < 2)
			return false;
	}
	return model_ready(model, op) && (!leads_nowhere(model, op) || chance(random, 8));
}

/* What a client would do next with an inblob or outblob that it has open. */
static bool story_with_fd(const struct model *model, uint64_t *random, struct op *op)
{
	const struct desc *desc;

	op->kind = OP_CLOSE;
	op->fd = pick_fd(model, random, op);
	desc = model->proc[op->proc].fd[op->fd].desc;
	if (!desc || desc->path_only || desc->node.kind != NODE_ATTR)
		return false;
	if (desc->node.attr == ATTR_OUTBLOB) {
		op->kind = OP_READ;
		op->size = chance(random, 2) ? 8192 : 1 + pick(random, 900);
	} else if (desc->node.attr == ATTR_INBLOB && desc->pos < INBLOB_MAX) {
		op->kind = OP_WRITE;
		op->size = INBLOB_MAX - (uint32_t)desc->pos;
		op->seed = (uint8_t)pick(random, 256);
	} else if (desc->node.attr == ATTR_INBLOB && chance(random, 3)) {
		/* a close that nobody sees */
		op->kind = OP_DUP2;
		op->fd2 = op->fd;
		op->fd = pick_fd(model, random, op);
	} else if (desc->node.attr != ATTR_INBLOB) {
		return false;
	}
	return true;
}

static bool story_with_entry(const struct model *model, uint64_t *random, struct op *op)
{
	const struct entry *entry = &model->entry[pick(random, (size_t)model->entries + 1)];
	const char *attr = "inblob";

	if (entry == &model->entry[model->entries] || entry->removed)
		return false;
	if (entry->answer && !chance(random, 3))
		attr = "outblob";
	op->kind = OP_OPEN;
	op->flags = attr[0] == 'i' ? O_WRONLY : O_RDONLY;
	snprintf(op->path, sizeof(op->path), REPORT "/%s/%s", entry->name, attr);
	return true;
}

/* Without these a quote would be read too rarely. */
static bool generate_story(const struct model *model, uint64_t *random, struct op *op)
{
	memset(op, 0, sizeof(*op));
	op->dirfd = OP_NO_DIRFD;
	op->proc = pick_proc(model, random);
	if (!(chance(random, 3) ? story_with_entry(model, random, op)
				: story_with_fd(model, random, op)))
		return false;
	return model_ready(model, op);
}

void generate_op(const struct model *model, uint64_t *random, struct op *op)
{
	if (!chance(random, 3) && generate_story(model, random, op))
		return;
	while (!generate_try(model, random, op))
		;
}
