/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/inblob.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/layout.h"

enum { NAME_SIZE = 32, PENDING_BATCH = 32 };

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

/* The files of a store, as one walk over it finds them. */
struct survey {
	uint64_t above;                  /* look for pending files with a higher number */
	uint64_t pending[PENDING_BATCH]; /* the first of them, in ascending order */
	size_t count;
	uint64_t opened;     /* highest number of a pending file */
	uint64_t generation; /* highest committed one */
};

/* Keep the lowest numbers, in order; a walk may find them in any. */
static void pending_insert(struct survey *survey, uint64_t number)
{
	size_t at = survey->count;

	while (at > 0 && survey->pending[at - 1] > number)
		at--;
	if (at == PENDING_BATCH)
		return;
	if (survey->count < PENDING_BATCH)
		survey->count++;
	memmove(survey->pending + at + 1, survey->pending + at,
		(survey->count - at - 1) * sizeof(survey->pending[0]));
	survey->pending[at] = number;
}

static int survey_name(int fd, const char *name, void *arg)
{
	struct survey *survey = arg;
	uint64_t pending = name_number(name, "inblob");
	uint64_t committed = name_number(name, "blob");

	(void)fd;
	if (pending > survey->above)
		pending_insert(survey, pending);
	if (pending > survey->opened)
		survey->opened = pending;
	if (committed > survey->generation)
		survey->generation = committed;
	return 0;
}

/* 1 where the description of this file is still open, 0 where not; -errno. */
static int description_is_open(int fd)
{
	struct flock mark = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = INBLOB_OPEN_MARK, .l_len = 1};
	int err = sys_fcntl(fd, F_OFD_GETLK, &mark);

	return err < 0 ? err : mark.l_type != F_UNLCK;
}

/* Commit one pending file if its description is gone.  Return 1 where it was, and was written. */
static int pending_commit(const struct entry *entry, uint64_t pending, uint64_t generation)
{
	char from[NAME_SIZE];
	char to[NAME_SIZE];
	struct stat st;
	int open = 0;
	int fd;
	int err;

	snprintf(from, sizeof(from), "inblob.%llu", (unsigned long long)pending);
	/* opened anew: a description never sees its own lock */
	fd = file_open(entry->store, from, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return layout_failed(from, fd);
	err = sys_fstat(fd, &st);
	if (err == 0)
		open = description_is_open(fd);
	sys_close(fd);
	if (err < 0 || open < 0)
		return layout_failed(from, err < 0 ? err : open);
	if (open)
		return 0;
	if (st.st_size == 0 && (st.st_mode & 07777) != MODE_INBLOB_WRITTEN) {
		sys_unlinkat(entry->store, from, 0);
		return 0;
	}
	snprintf(to, sizeof(to), "blob.%llu", (unsigned long long)generation + 1);
	err = sys_renameat2(entry->store, from, entry->store, to, 0);
	return err < 0 ? layout_failed(to, err) : 1;
}

static const char *const per_generation[] = {"blob", "outblob", "generation"};

static int unlink_outdated(int fd, const char *name, void *arg)
{
	const uint64_t *current = arg;

	for (size_t i = 0; i < sizeof(per_generation) / sizeof(per_generation[0]); i++) {
		uint64_t number = name_number(name, per_generation[i]);

		if (number > 0 && number < *current)
			sys_unlinkat(fd, name, 0);
	}
	return 0;
}

static int batch_commit(const struct entry *entry, struct survey *survey)
{
	for (size_t i = 0; i < survey->count; i++) {
		int committed = pending_commit(entry, survey->pending[i], survey->generation);

		if (committed < 0)
			return committed;
		survey->generation += (uint64_t)committed;
		survey->above = survey->pending[i];
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
		dir_each(entry->store, unlink_outdated, &survey->generation);
	return 0;
}

int inblob_settle(const struct entry *entry, struct generation *generation)
{
	struct survey survey = {0};
	char name[NAME_SIZE];
	struct stat st = {0};
	int err = survey_settle(entry, &survey);

	if (err < 0)
		return err;
	snprintf(name, sizeof(name), "blob.%llu", (unsigned long long)survey.generation);
	if (survey.generation > 0)
		err = sys_fstatat(entry->store, name, &st, AT_SYMLINK_NOFOLLOW);
	if (err < 0)
		return layout_failed(name, err);
	*generation = (struct generation){.number = survey.generation, .len = st.st_size};
	return 0;
}

int inblob_read(const struct entry *entry, const struct generation *generation, uint8_t *data,
		size_t size)
{
	char name[NAME_SIZE];
	ssize_t got;
	int fd;

	snprintf(name, sizeof(name), "blob.%llu", (unsigned long long)generation->number);
	fd = file_open(entry->store, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return layout_failed(name, fd);
	got = sys_pread(fd, data, size, 0);
	sys_close(fd);
	return got < 0 ? layout_failed(name, (int)got) : (int)got;
}

/* Make the file ready for the program: its mode, its mark of being open, its space. */
static int pending_prepare(int fd)
{
	struct flock mark = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = INBLOB_OPEN_MARK, .l_len = 1};
	int err = sys_fchmod(fd, MODE_INBLOB);

	if (err == 0)
		err = sys_fcntl(fd, F_OFD_SETLK, &mark);
	if (err < 0)
		return err;
	/* a full folder must show at open(), where ENOMEM is a native errno, not at write() */
	err = sys_fallocate(fd, SYS_FALLOCATE_KEEP_SIZE, 0, TSM_INBLOB_MAX);
	return err == -EOPNOTSUPP ? 0 : err;
}

static int pending_open(const struct entry *entry, uint64_t number, int flags)
{
	/* O_APPEND: the kernel ignores it here, a real file would not (pwrite) */
	const int kept = flags & (O_NONBLOCK | O_SYNC | O_NOATIME | O_CLOEXEC);
	char name[NAME_SIZE];
	int fd;
	int err;

	snprintf(name, sizeof(name), "inblob.%llu", (unsigned long long)number);
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

int inblob_open(const struct tree *tree, struct entry *entry, int flags)
{
	struct survey survey = {0};
	int ret = entry_lock(tree, entry);

	if (ret < 0)
		return ret;
	ret = survey_settle(entry, &survey);
	if (ret == 0)
		ret = pending_open(entry, survey.opened + 1, flags);
	entry_unlock(entry);
	return ret;
}
