/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/entry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/log.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/attribute.h"
#include "tree/layout.h"
#include "tree/place.h"
#include "tree/text.h"

enum { STORE_COURTESY_MS = 100 };

#define ENTRY_BUILDING "entry.new"
#define TREE_PENDING   "tree.pending"

const struct place *entry_place(void)
{
	return place_of_kind(PLACE_ENTRIES, TEE_NONE);
}

/* The mode of the folder that holds entries: writable only while one is moved in, or taken out. */
static int report_mode(const struct tree *tree, mode_t mode)
{
	const struct node report = {.kind = NODE_PLACE, .place = entry_place()};
	char path[LAYOUT_PATH_SIZE];

	layout_path(path, TREE_NAMES, &report);
	return sys_fchmodat(tree->state_fd, path, mode);
}

static bool is_there(const struct tree *tree, const char *path)
{
	struct stat st;

	return sys_fstatat(tree->state_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The name of the entry under work: "+" it is being made, "-" removed.  One symbolic link is atomic. */
static int pending_note(const struct tree *tree, char what, const char *name)
{
	char note[NODE_NAME_MAX + 2];
	int err;

	snprintf(note, sizeof(note), "%c%s", what, name);
	err = sys_symlinkat(note, tree->state_fd, TREE_PENDING);
	/* something that pending_recover() could not clear */
	return err == -EEXIST ? layout_failed(TREE_PENDING, -EPERM) : err;
}

/*
 * The store's files are unlinked where they are, not moved away: the link of a descriptor that is
 * still open then goes on showing the native path.
 */
static void store_remove(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	/* a courtesy to who is at work there; a stopped one must not stop us, who hold tree.lock */
	const int64_t soon = clock_now_ms() + STORE_COURTESY_MS;
	struct entry entry = {.store = -1};
	bool opened = entry_open(tree, node, &entry) == 0;
	bool locked = opened && lock_take(&entry.lock, entry.store, "lock", soon, LOCK_BRIEF) == 0;

	layout_path(path, TREE_STORE, node);
	dir_remove(tree->state_fd, path);
	if (locked)
		entry_unlock(&entry);
	if (opened)
		entry_close(&entry);
}

/* Take the entry's folder, and then its files, away.  Again after a kill, until it is done. */
static int entry_take_away(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	int err = report_mode(tree, MODE_FOLDER_OPEN);

	if (err < 0)
		return err;
	layout_path(path, TREE_NAMES, node);
	/* it keeps our mark: somebody may stand in it */
	sys_fchmodat(tree->state_fd, path, MODE_FOLDER_OPEN);
	err = dir_remove(tree->state_fd, path);
	report_mode(tree, MODE_FOLDER);
	if (err == 0)
		store_remove(tree, node);
	return err;
}

/* Finish, or undo, what a process left that was killed while it made or removed an entry. */
static void pending_recover(const struct tree *tree)
{
	struct node node = {.kind = NODE_ENTRY, .place = entry_place()};
	char note[NODE_NAME_MAX + 2];
	char path[LAYOUT_PATH_SIZE];
	ssize_t len = sys_readlinkat(tree->state_fd, TREE_PENDING, note, sizeof(note) - 1);

	if (len == -ENOENT)
		return;
	if (len < 2 || memchr(note, '/', (size_t)len)) {
		dir_remove(tree->state_fd, TREE_PENDING); /* no note of ours */
		return;
	}
	note[len] = '\0';
	memcpy(node.name, note + 1, (size_t)len);
	dir_remove(tree->state_fd, ENTRY_BUILDING);
	layout_path(path, TREE_NAMES, &node);
	if (note[0] == '-' || !is_there(tree, path))
		entry_take_away(tree, &node);
	else
		sys_fchmodat(tree->state_fd, path, MODE_FOLDER);
	report_mode(tree, MODE_FOLDER);
	sys_unlinkat(tree->state_fd, TREE_PENDING, 0);
}

int entry_tree_lock(const struct tree *tree, struct lock *lock)
{
	int err = lock_take(lock, tree->state_fd, "tree.lock", tree->deadline_ms, LOCK_BRIEF);

	if (err == -ETIMEDOUT) {
		log_error("state folder: another process holds tree.lock and does not move; is it "
			  "stopped?");
		return -EIO;
	}
	if (err < 0)
		return layout_failed("tree.lock", err);
	pending_recover(tree);
	return 0;
}

static int entry_move_in(const struct tree *tree, const char *names)
{
	int err = report_mode(tree, MODE_FOLDER_OPEN);

	if (err < 0)
		return err;
	err = sys_renameat2(tree->state_fd, ENTRY_BUILDING, tree->state_fd, names,
			    SYS_RENAME_NOREPLACE);
	report_mode(tree, MODE_FOLDER);
	return err;
}

/* Put the sockets of a TEE's attributes into a folder of ours; those that are there stay. */
static int sockets_make(int dir, enum tee tee)
{
	for (size_t i = 0; attribute_at(i); i++) {
		const char *name = attribute_at(i)->name;
		int err;

		if (!attribute_is_of(attribute_at(i), tee))
			continue;
		err = sys_mknodat(dir, name, S_IFSOCK | 0600);
		if (err < 0 && err != -EEXIST)
			return err;
		err = sys_fchmodat(dir, name, MODE_SOCKET);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Make a folder where none is, or where a killed process left one, and open it. */
static int folder_make(const struct tree *tree, const char *path, mode_t mode)
{
	int err = dir_remove(tree->state_fd, path);

	if (err == 0)
		err = sys_mkdirat(tree->state_fd, path, 0700);
	if (err < 0)
		return err;
	sys_fchmodat(tree->state_fd, path, mode);
	return sys_openat(tree->state_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

static int store_make(const struct tree *tree, const struct node *node)
{
	char path[LAYOUT_PATH_SIZE];
	int err;
	int fd;

	layout_path(path, TREE_STORE, node);
	fd = folder_make(tree, path, 0700);
	if (fd < 0)
		return fd;
	err = provider_store(fd, tree->provider->name);
	sys_close(fd);
	return err;
}

static int names_build(const struct tree *tree)
{
	int fd = folder_make(tree, ENTRY_BUILDING, MODE_FOLDER_OPEN);
	int err;

	if (fd < 0)
		return fd;
	err = sockets_make(fd, tree->provider->tee);
	sys_close(fd);
	return err;
}

static int entry_make_locked(const struct tree *tree, const struct node *node)
{
	char names[LAYOUT_PATH_SIZE];
	int err;

	layout_path(names, TREE_NAMES, node);
	if (is_there(tree, names))
		return -EEXIST;
	err = pending_note(tree, '+', node->name);
	if (err == 0)
		err = store_make(tree, node);
	if (err == 0)
		err = names_build(tree);
	if (err == 0)
		err = entry_move_in(tree, names);
	if (err < 0) {
		pending_recover(tree);
		return err;
	}
	sys_fchmodat(tree->state_fd, names, MODE_FOLDER);
	sys_unlinkat(tree->state_fd, TREE_PENDING, 0);
	return 0;
}

int entry_make(const struct tree *tree, const struct node *node)
{
	struct lock lock;
	int err = entry_tree_lock(tree, &lock);

	if (err < 0)
		return err;
	err = entry_make_locked(tree, node);
	lock_drop(&lock);
	return err < 0 ? layout_failed("making an entry", err) : 0;
}

/* Whose provider an entry has, TEE_NONE where it is none of ours: 0; -errno. */
static int entry_tee(const struct tree *tree, const struct node *node, enum tee *tee)
{
	const struct tsm_provider *provider = NULL;
	struct entry entry = {.store = -1};
	int err = entry_open(tree, node, &entry);

	if (err < 0)
		return err;
	err = provider_stored(entry.store, &provider);
	entry_close(&entry);
	*tee = provider ? provider->tee : TEE_NONE;
	return err;
}

int entry_attribute_check(const struct tree *tree, const struct node *node)
{
	const struct attribute *attribute = node->attribute;
	enum tee tee = TEE_NONE;
	int err;

	/* what all have needs no look */
	if (attribute->tee == TEE_NONE)
		return 0;
	err = entry_tee(tree, node, &tee);
	if (err < 0)
		return err;
	return attribute_is_of(attribute, tee) ? 0 : -ENOENT;
}

static int entry_mend_locked(const struct tree *tree, const struct node *node, const char *names)
{
	char store[LAYOUT_PATH_SIZE];
	enum tee tee = TEE_NONE;
	int err = 0;
	int fd;

	layout_path(store, TREE_STORE, node);
	if (!is_there(tree, store))
		err = tree->provider ? store_make(tree, node) : -ENXIO;
	if (err < 0)
		return err;
	sys_fchmodat(tree->state_fd, names, MODE_FOLDER_OPEN);
	fd = sys_openat(tree->state_fd, names, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	err = entry_tee(tree, node, &tee);
	if (err == 0)
		err = sockets_make(fd, tee);
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
	int err = entry_tree_lock(tree, &lock);

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
	int err;

	folder.attribute = NULL;
	layout_path(names, TREE_NAMES, &folder);
	err = sys_fstatat(tree->state_fd, names, &st, AT_SYMLINK_NOFOLLOW);
	if (err == -EACCES) {
		layout_mend(tree->state_fd, names);
		err = sys_fstatat(tree->state_fd, names, &st, AT_SYMLINK_NOFOLLOW);
	}
	if (err < 0 || !S_ISDIR(st.st_mode))
		return false;
	return layout_is_marked(st.st_mode) || entry_mend(tree, &folder, names) == 0;
}

static int entry_remove_locked(const struct tree *tree, const struct node *node)
{
	int err = pending_note(tree, '-', node->name);

	if (err < 0)
		return err;
	err = entry_take_away(tree, node);
	sys_unlinkat(tree->state_fd, TREE_PENDING, 0);
	return err;
}

int entry_remove(const struct tree *tree, const struct node *node)
{
	struct lock lock;
	int err = entry_tree_lock(tree, &lock);

	if (err < 0)
		return err;
	err = entry_remove_locked(tree, node);
	lock_drop(&lock);
	return err < 0 ? layout_failed("removing an entry", err) : 0;
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
		return layout_failed("an entry's store", fd);
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
		return layout_failed("an entry's lock", err);
	if (sys_fstat(entry->store, &st) == 0 && st.st_nlink > 0)
		return 0;
	lock_drop(&entry->lock);
	return -ENOENT;
}

void entry_unlock(struct entry *entry)
{
	lock_drop(&entry->lock);
}
