/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/settle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/layout.h"
#include "tree/text.h"

enum { NAME_SIZE = 32, PENDING_BATCH = 32 };

static const struct kind {
	const char *pending;
	const char *committed;
} kinds[] = {
	[PENDING_INBLOB] = {"inblob", "blob"},
	[PENDING_PRIVLEVEL] = {"privlevel", "level"},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* The number in "PREFIX.NUMBER"; 0 where the name has another form. */
static uint64_t name_number(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	uint64_t number = 0;

	if (strncmp(name, prefix, len) != 0 || name[len] != '.')
		return 0;
	for (name += len + 1; *name; name++) {
		if (*name < '0' || *name > '9' || number > UINT64_MAX / 10 - 1)
			return 0;
		number = number * 10 + (uint64_t)(*name - '0');
	}
	return number;
}

static void name_make(char name[static NAME_SIZE], const char *prefix, uint64_t number)
{
	snprintf(name, NAME_SIZE, "%s.%llu", prefix, (unsigned long long)number);
}

struct pending {
	uint64_t number; /* of all kinds together */
	enum pending_kind kind;
};

/* The files of a store, as one walk over it finds them. */
struct survey {
	uint64_t above;                        /* look for pending files with a higher number */
	struct pending pending[PENDING_BATCH]; /* the first of them, in ascending order */
	size_t count;
	uint64_t opened;     /* highest number of a pending file */
	uint64_t generation; /* highest number of a committed one */
	uint64_t inblob;     /* of a committed inblob */
};

/* Keep the lowest numbers, in order; a walk may find them in any. */
static void pending_insert(struct survey *survey, const struct pending *pending)
{
	size_t at = survey->count;

	while (at > 0 && survey->pending[at - 1].number > pending->number)
		at--;
	if (at == PENDING_BATCH)
		return;
	if (survey->count < PENDING_BATCH)
		survey->count++;
	memmove(survey->pending + at + 1, survey->pending + at,
		(survey->count - at - 1) * sizeof(survey->pending[0]));
	survey->pending[at] = *pending;
}

static void committed_note(struct survey *survey, enum pending_kind kind, uint64_t number)
{
	if (number > survey->generation)
		survey->generation = number;
	if (kind == PENDING_INBLOB && number > survey->inblob)
		survey->inblob = number;
}

static int survey_name(int fd, const char *name, void *arg)
{
	struct survey *survey = arg;

	(void)fd;
	for (int kind = 0; kind < KINDS; kind++) {
		const struct pending pending = {name_number(name, kinds[kind].pending),
						(enum pending_kind)kind};

		if (pending.number > survey->above)
			pending_insert(survey, &pending);
		if (pending.number > survey->opened)
			survey->opened = pending.number;
		committed_note(survey, pending.kind, name_number(name, kinds[kind].committed));
	}
	return 0;
}

/* 1 where the description of this file is still open, 0 where not; -errno. */
static int description_is_open(int fd)
{
	struct flock mark = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SETTLE_OPEN_MARK, .l_len = 1};
	int err = sys_fcntl(fd, F_OFD_GETLK, &mark);

	return err < 0 ? err : mark.l_type != F_UNLCK;
}

/* Not inlined: nothing else of settling needs that much of the stack. */
static __attribute__((noinline)) int privlevel_counts(int fd)
{
	char text[TSM_TEXT_MAX + 1];
	unsigned privlevel;
	ssize_t len = sys_pread(fd, text, sizeof(text), 0);

	if (len <= 0)
		return (int)len;
	if (len <= TSM_TEXT_MAX && tsm_privlevel_parse(text, (size_t)len, &privlevel) == 0)
		return 1;
	log_error("privlevel: what was written is no level from %d to %d, and is left out",
		  TSM_PRIVLEVEL_FLOOR, TSM_PRIVLEVEL_MAX);
	return 0;
}

/* 1 where anything was written that counts, 0 where not; -errno. */
static int pending_counts(int fd, enum pending_kind kind, const struct stat *st)
{
	if (kind == PENDING_PRIVLEVEL)
		return privlevel_counts(fd);
	return st->st_size > 0 || (st->st_mode & 07777) == MODE_INBLOB_WRITTEN;
}

enum state { STATE_OPEN, STATE_NOTHING, STATE_WRITTEN };

/* How a pending file stands; -errno. */
static int pending_state(const struct entry *entry, const char *name, enum pending_kind kind)
{
	struct stat st;
	int state;
	/* opened anew: a description never sees its own lock */
	int fd = file_open(entry->store, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fd;
	state = sys_fstat(fd, &st);
	if (state == 0)
		state = description_is_open(fd);
	if (state > 0) {
		state = STATE_OPEN;
	} else if (state == 0) {
		state = pending_counts(fd, kind, &st);
		if (state >= 0)
			state = state > 0 ? STATE_WRITTEN : STATE_NOTHING;
	}
	sys_close(fd);
	return state;
}

/* Commit one pending file if its description is gone and it was written. */
static int pending_commit(const struct entry *entry, struct survey *survey,
			  const struct pending *pending)
{
	const uint64_t next = survey->generation + 1;
	char from[NAME_SIZE];
	char to[NAME_SIZE];
	int state;
	int err;

	name_make(from, kinds[pending->kind].pending, pending->number);
	state = pending_state(entry, from, pending->kind);
	if (state < 0)
		return layout_failed(from, state);
	if (state == STATE_NOTHING)
		sys_unlinkat(entry->store, from, 0);
	if (state != STATE_WRITTEN)
		return 0;
	name_make(to, kinds[pending->kind].committed, next);
	err = sys_renameat2(entry->store, from, entry->store, to, 0);
	if (err < 0)
		return layout_failed(to, err);
	committed_note(survey, pending->kind, next);
	return 0;
}

static const char *const per_generation[] = {"outblob", "auxblob", "generation", "level"};

static int unlink_outdated(int fd, const char *name, void *arg)
{
	const struct survey *survey = arg;
	uint64_t number = name_number(name, kinds[PENDING_INBLOB].committed);

	if (number > 0 && number < survey->inblob)
		sys_unlinkat(fd, name, 0);
	for (size_t i = 0; i < sizeof(per_generation) / sizeof(per_generation[0]); i++) {
		number = name_number(name, per_generation[i]);
		if (number > 0 && number < survey->generation)
			sys_unlinkat(fd, name, 0);
	}
	return 0;
}

static int batch_commit(const struct entry *entry, struct survey *survey)
{
	for (size_t i = 0; i < survey->count; i++) {
		int err = pending_commit(entry, survey, &survey->pending[i]);

		if (err < 0)
			return err;
		survey->above = survey->pending[i].number;
	}
	return 0;
}

/* As many walks as there are batches: thousands of writers may be open. */
static int survey_settle(const struct entry *entry, struct survey *survey)
{
	uint64_t before = 0;
	bool first = true;
	int err;

	do {
		survey->count = 0;
		err = dir_each(entry->store, survey_name, survey);
		if (err < 0)
			return err;
		if (first)
			before = survey->generation;
		first = false;
		err = batch_commit(entry, survey);
		if (err < 0)
			return err;
	} while (survey->count == PENDING_BATCH);
	if (survey->generation > before)
		dir_each(entry->store, unlink_outdated, survey);
	return 0;
}

int settle(const struct entry *entry, struct generation *generation)
{
	struct survey survey = {0};
	char name[NAME_SIZE];
	struct stat st = {0};
	int err = survey_settle(entry, &survey);

	if (err < 0)
		return err;
	name_make(name, kinds[PENDING_INBLOB].committed, survey.inblob);
	if (survey.inblob > 0)
		err = sys_fstatat(entry->store, name, &st, AT_SYMLINK_NOFOLLOW);
	if (err < 0)
		return layout_failed(name, err);
	*generation = (struct generation){survey.generation, survey.inblob, st.st_size};
	return 0;
}

int settle_option(const struct entry *entry, unsigned privlevel)
{
	struct survey survey = {0};
	char name[NAME_SIZE];
	char text[NAME_SIZE];
	int err = survey_settle(entry, &survey);

	if (err < 0)
		return err;
	name_make(name, kinds[PENDING_PRIVLEVEL].committed, ++survey.generation);
	snprintf(text, sizeof(text), "%u\n", privlevel);
	err = snapshot_write(entry->store, name, text, strlen(text));
	if (err == 0)
		dir_each(entry->store, unlink_outdated, &survey);
	return err;
}

/* Make the file ready for the program: its mode, its mark of being open, its space. */
static int pending_prepare(int fd)
{
	struct flock mark = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SETTLE_OPEN_MARK, .l_len = 1};
	int err = sys_fchmod(fd, MODE_INBLOB);

	if (err == 0)
		err = sys_fcntl(fd, F_OFD_SETLK, &mark);
	if (err < 0)
		return err;
	/* a full folder must show at open(), where ENOMEM is a native errno, not at write() */
	err = sys_fallocate(fd, SYS_FALLOCATE_KEEP_SIZE, 0, TSM_INBLOB_MAX);
	return err == -EOPNOTSUPP ? 0 : err;
}

static int pending_open(const struct entry *entry, const struct pending *pending, int flags)
{
	/* O_APPEND: the kernel ignores it here, a real file would not (pwrite) */
	const int kept = flags & (O_NONBLOCK | O_SYNC | O_NOATIME | O_CLOEXEC);
	char name[NAME_SIZE];
	int fd;
	int err;

	name_make(name, kinds[pending->kind].pending, pending->number);
	fd = sys_openat(entry->store, name, O_WRONLY | kept | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0)
		return layout_failed(name, fd);
	err = pending_prepare(fd);
	if (err == 0)
		return fd;
	sys_unlinkat(entry->store, name, 0);
	sys_close(fd);
	return layout_failed(name, err);
}

int settle_open(const struct tree *tree, struct entry *entry, enum pending_kind kind, int flags)
{
	struct survey survey = {0};
	int ret = entry_lock(tree, entry);

	if (ret < 0)
		return ret;
	ret = survey_settle(entry, &survey);
	if (ret == 0) {
		const struct pending pending = {survey.opened + 1, kind};

		ret = pending_open(entry, &pending, flags);
	}
	entry_unlock(entry);
	return ret;
}
