/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/entry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/dir.h"
#include "base/log.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/attribute.h"
#include "tree/layout.h"
#include "tree/text.h"

enum { RENAME_FLAG_NOREPLACE = 1 };

#define ENTRY_BUILDING "entry.new"

static int tree_lock(const struct tree *tree, struct lock *lock)
{
	int err = lock_take(lock, tree->state_fd, "tree.lock", tree->deadline_ms, LOCK_BRIEF);

	if (err == -ETIMEDOUT) {
		log_error("state folder: another process holds tree.lock and does not move; is it "
			  "stopped?");
		return -EIO;
	}
	return err;
}

/* The folder that holds entries is writable only while one is moved in or out of it. */
static int report_rename(const struct tree *tree, const char *from, const char *to)
{
	static const struct node report = {.kind = NODE_REPORT};
	char path[LAYOUT_PATH_SIZE];
	int err;

	layout_path(path, TREE_NAMES, &report);
	err = sys_fchmodat(tree->state_fd, path, MODE_FOLDER_OPEN);
	if (err < 0)
		return err;
	err = sys_renameat2(tree->state_fd, from, tree->state_fd, to, RENAME_FLAG_NOREPLACE);
	sys_fchmodat(tree->state_fd, path, MODE_FOLDER);
	return err;
}

/* Put the attributes' sockets into a folder of ours; those that are there stay. */
static int sockets_make(int dir)
{
	for (size_t i = 0; attribute_at(i); i++) {
		const char *name = attribute_at(i)->name;
		int err = sys_mknodat(dir, name, S_IFSOCK | 0600);

		if (err < 0 && err != -EEXIST)
			return err;
		err = sys_fchmodat(dir, name, MODE_SOCKET);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Remove a folder and the files in it; it may be absent. */
static int folder_clear(int state_fd, const char *path)
{
	int err = sys_fchmodat(state_fd, path, 0700);

	return err < 0 && err != -ENOENT ? err : dir_remove(state_fd, path);
}

static int store_make(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	int err;
	int fd;

	layout_path(path, TREE_STORE, node);
	err = folder_clear(tree->state_fd, path);
	if (err == 0)
		err = sys_mkdirat(tree->state_fd, path, 0700);
	if (err < 0)
		return err;
	sys_fchmodat(tree->state_fd, path, 0700);
	fd = sys_openat(tree->state_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	err = provider_store(fd, tree->provider->name);
	sys_close(fd);
	return err;
}

static int names_build(const struct tree *tree)
{
	int err = folder_clear(tree->state_fd, ENTRY_BUILDING);
	int fd;

	if (err == 0)
		err = sys_mkdirat(tree->state_fd, ENTRY_BUILDING, 0700);
	if (err < 0)
		return err;
	sys_fchmodat(tree->state_fd, ENTRY_BUILDING, MODE_FOLDER_OPEN);
	fd = sys_openat(tree->state_fd, ENTRY_BUILDING, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	err = sockets_make(fd);
	sys_close(fd);
	return err;
}

/* With tree.lock held, and the name free as far as we know. */
static int entry_make_locked(const struct tree *tree, const struct node *node)
{
	char names[LAYOUT_PATH_SIZE];
	struct stat st;
	int err;

	layout_path(names, TREE_NAMES, node);
	if (sys_fstatat(tree->state_fd, names, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	err = store_make(tree, node);
	if (err == 0)
		err = names_build(tree);
	if (err == 0)
		err = report_rename(tree, ENTRY_BUILDING, names);
	if (err == 0)
		sys_fchmodat(tree->state_fd, names, MODE_FOLDER);
	return err;
}

int entry_make(const struct tree *tree, const struct node *node)
{
	struct lock lock;
	int err = tree_lock(tree, &lock);

	if (err < 0)
		return err;
	err = entry_make_locked(tree, node);
	lock_drop(&lock);
	return layout_errno(err);
}

static bool store_exists(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	struct stat st;

	layout_path(path, TREE_STORE, node);
	return sys_fstatat(tree->state_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int entry_mend_locked(const struct tree *tree, const struct node *node, const char *names)
{
	int err = store_exists(tree, node) ? 0 : tree->provider ? store_make(tree, node) : -ENXIO;
	int fd;

	if (err < 0)
		return err;
	sys_fchmodat(tree->state_fd, names, MODE_FOLDER_OPEN);
	fd = sys_openat(tree->state_fd, names, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	err = sockets_make(fd);
	sys_close(fd);
	sys_fchmodat(tree->state_fd, names, MODE_FOLDER);
	return err;
}

/*
 * A folder without our mark: a native chmod of a program that knew nothing of us took it off, or a
 * native mkdir made the folder in the instant in which the one around it was writable.
 */
static int entry_mend(const struct tree *tree, const struct node *node, const char *names)
{
	struct lock lock;
	int err = tree_lock(tree, &lock);

	if (err < 0)
		return err;
	err = entry_mend_locked(tree, node, names);
	lock_drop(&lock);
	return err;
}

bool entry_exists(const struct tree *tree, const struct node *node)
{
	struct node folder = *node;
	char names[LAYOUT_PATH_SIZE];
	struct stat st;

	folder.attribute = NULL;
	layout_path(names, TREE_NAMES, &folder);
	if (sys_fstatat(tree->state_fd, names, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(st.st_mode))
		return false;
	return layout_is_marked(st.st_mode) || entry_mend(tree, &folder, names) == 0;
}

/*
 * The store's files are unlinked where they are, not moved away: the link of a descriptor that is
 * still open then goes on showing the native path.
 */
static void store_remove(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	struct entry entry;
	bool locked;

	if (entry_open(tree, node, &entry) < 0)
		return;
	locked = entry_lock(tree, &entry) == 0;
	layout_path(path, TREE_STORE, node);
	dir_remove(tree->state_fd, path);
	if (locked)
		entry_unlock(&entry);
	entry_close(&entry);
}

static int entry_remove_locked(const struct tree *tree, const struct node *node)
{
	char names[LAYOUT_PATH_SIZE];
	char trash[LAYOUT_PATH_SIZE];
	int err;

	layout_path(names, TREE_NAMES, node);
	layout_path(trash, TREE_TRASH, node);
	err = folder_clear(tree->state_fd, trash);
	if (err == 0)
		err = sys_fchmodat(tree->state_fd, names, MODE_FOLDER_OPEN);
	if (err == 0)
		err = report_rename(tree, names, trash);
	if (err < 0)
		return err;
	store_remove(tree, node);
	return dir_remove(tree->state_fd, trash);
}

int entry_remove(const struct tree *tree, const struct node *node)
{
	struct lock lock;
	int err = tree_lock(tree, &lock);

	if (err < 0)
		return err;
	err = entry_remove_locked(tree, node);
	lock_drop(&lock);
	return layout_errno(err);
}

int entry_open(const struct tree *tree, const struct node *node, struct entry *entry)
{
	struct node folder = *node;
	char path[LAYOUT_PATH_SIZE];
	int fd;

	folder.attribute = NULL;
	layout_path(path, TREE_STORE, &folder);
	fd = sys_openat(tree->state_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	entry->store = fd;
	return 0;
}

void entry_close(struct entry *entry)
{
	sys_close(entry->store);
}

int entry_lock(const struct tree *tree, struct entry *entry)
{
	int err = lock_take(&entry->lock, entry->store, "lock", tree->deadline_ms, LOCK_BRIEF);
	struct stat st;

	if (err == -ETIMEDOUT) {
		log_error(
			"entry: another process holds its lock and does not move; is it stopped?");
		return -EIO;
	}
	if (err < 0)
		return layout_errno(err);
	if (sys_fstat(entry->store, &st) == 0 && st.st_nlink > 0)
		return 0;
	lock_drop(&entry->lock);
	return -ENOENT;
}

void entry_unlock(struct entry *entry)
{
	lock_drop(&entry->lock);
}
