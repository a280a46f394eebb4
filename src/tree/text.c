/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/layout.h"
#include "tree/settle.h"

enum { TEXT_SIZE_MAX = 64 };

#define PROVIDER_FILE     "provider.0"
#define SNAPSHOT_BUILDING "snapshot.new"

int snapshot_write(int store, const char *name, const void *data, size_t len)
{
	int fd = sys_openat(store, SNAPSHOT_BUILDING,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err;

	if (fd == -EEXIST) {
		/* left by a process that was killed here */
		dir_remove(store, SNAPSHOT_BUILDING);
		fd = sys_openat(store, SNAPSHOT_BUILDING,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	if (fd < 0)
		return layout_failed(name, fd);
	err = file_write(fd, data, len);
	if (err == 0)
		err = sys_fchmod(fd, MODE_SNAPSHOT);
	sys_close(fd);
	if (err == 0)
		err = sys_renameat2(store, SNAPSHOT_BUILDING, store, name, 0);
	if (err < 0)
		sys_unlinkat(store, SNAPSHOT_BUILDING, 0);
	return err < 0 ? layout_failed(name, err) : 0;
}

int snapshot_open(int store, const char *name, int flags)
{
	/* access mode 3 asks the file for writing, which its owner may not do either */
	const int kept = flags & (O_NONBLOCK | O_NOATIME | O_CLOEXEC);

	int fd = file_open(store, name, O_RDONLY | kept);

	return fd < 0 ? layout_failed(name, fd) : fd;
}

int snapshot_open_unusable(int store, const char *attribute, int flags)
{
	char name[TEXT_SIZE_MAX];
	int fd;

	snprintf(name, sizeof(name), "%s.0-%d", attribute, (int)sys_gettid());
	fd = sys_openat(store, name,
			O_ACCMODE | O_CREAT | O_EXCL | O_NOFOLLOW | (flags & O_CLOEXEC), 0600);
	if (fd < 0)
		return layout_failed(name, fd);
	sys_fchmod(fd, MODE_SNAPSHOT);
	sys_unlinkat(store, name, 0);
	return fd;
}

int provider_store(int store, const char *name)
{
	char text[TEXT_SIZE_MAX];
	int len = snprintf(text, sizeof(text), "%s\n", name);

	return snapshot_write(store, PROVIDER_FILE, text, (size_t)len);
}

int provider_stored(int store, const struct tsm_provider **provider)
{
	char text[TEXT_SIZE_MAX];
	int fd = file_open(store, PROVIDER_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return layout_failed(PROVIDER_FILE, fd);
	len = sys_pread(fd, text, sizeof(text), 0);
	sys_close(fd);
	if (len < 0)
		return layout_failed(PROVIDER_FILE, (int)len);
	*provider = len > 0 ? tsm_provider_named(text, (size_t)len - 1) : NULL;
	return 0;
}

int provider_open(const struct tree *tree, struct entry *entry, int flags)
{
	(void)tree;
	return snapshot_open(entry->store, PROVIDER_FILE, flags);
}

static int text_open_locked(int folder, const char *name, const void *text, size_t len, int flags)
{
	int fd = snapshot_open(folder, name, flags);
	int err;

	if (fd != -ENOENT)
		return fd;
	err = snapshot_write(folder, name, text, len);
	return err < 0 ? err : snapshot_open(folder, name, flags);
}

int entry_text_open(const struct tree *tree, struct entry *entry, const char *name,
		    const char *text, int flags)
{
	int ret = entry_lock(tree, entry);

	if (ret < 0)
		return ret;
	ret = text_open_locked(entry->store, name, text, strlen(text), flags);
	entry_unlock(entry);
	return ret;
}

static int generation_open_locked(const struct entry *entry, int flags)
{
	struct generation generation;
	char name[TEXT_SIZE_MAX];
	char text[TEXT_SIZE_MAX];
	int err = settle(entry, &generation);

	if (err < 0)
		return err;
	snprintf(name, sizeof(name), "generation.%llu", (unsigned long long)generation.number);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)generation.number);
	return text_open_locked(entry->store, name, text, strlen(text), flags);
}

int generation_open(const struct tree *tree, struct entry *entry, int flags)
{
	int ret = entry_lock(tree, entry);

	if (ret < 0)
		return ret;
	ret = generation_open_locked(entry, flags);
	entry_unlock(entry);
	return ret;
}

int place_folder_open(const struct tree *tree, const struct place *place, struct entry *folder)
{
	char path[LAYOUT_PATH_SIZE];
	int fd;

	snprintf(path, sizeof(path), "%s%.*s", TREE_STORE,
		 (int)(strrchr(place->path, '/') - place->path), place->path);
	fd = sys_openat(tree->state_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return layout_failed(path, fd);
	folder->store = fd;
	return 0;
}

int place_text_open(const struct tree *tree, const struct place *place, const void *text,
		    size_t len, int flags)
{
	char name[TEXT_SIZE_MAX];
	struct entry folder;
	int fd = place_folder_open(tree, place, &folder);

	if (fd < 0)
		return fd;
	snprintf(name, sizeof(name), "%s.0", strrchr(place->path, '/') + 1);
	fd = entry_lock(tree, &folder);
	if (fd == 0) {
		fd = text_open_locked(folder.store, name, text, len, flags);
		entry_unlock(&folder);
	}
	entry_close(&folder);
	return fd;
}

/* The name is there for as long as the lock is held, so nobody else's file has it. */
static int private_open_locked(int folder, const char *name, const struct buf *content, int flags)
{
	int fd = snapshot_write(folder, name, content->data, content->len);

	if (fd < 0)
		return fd;
	fd = snapshot_open(folder, name, flags);
	sys_unlinkat(folder, name, 0);
	return fd;
}

int place_private_open(const struct tree *tree, const struct place *place,
		       const struct buf *content, int flags)
{
	char name[TEXT_SIZE_MAX];
	struct entry folder;
	int fd = place_folder_open(tree, place, &folder);

	if (fd < 0)
		return fd;
	snprintf(name, sizeof(name), "%s.1", strrchr(place->path, '/') + 1);
	fd = entry_lock(tree, &folder);
	if (fd == 0) {
		fd = private_open_locked(folder.store, name, content, flags);
		entry_unlock(&folder);
	}
	entry_close(&folder);
	return fd;
}
