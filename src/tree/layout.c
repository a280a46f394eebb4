/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/layout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/dir.h"
#include "base/log.h"
#include "base/sys.h"
#include "tree/attribute.h"
#include "tree/place.h"

#define TREE_BUILDING "tree.new"

void layout_path(char path[static LAYOUT_PATH_SIZE], const char *component, const struct node *node)
{
	snprintf(path, LAYOUT_PATH_SIZE, "%s%s%s%s%s%s", component, node->place->path,
		 node->name[0] ? "/" : "", node->name, node->attribute ? "/" : "",
		 node->attribute ? node->attribute->name : "");
}

void layout_native_path(char path[static LAYOUT_PATH_SIZE], const struct node *node)
{
	const char *native;

	layout_path(path, "/" TREE_NAMES, node);
	native = node_native_part(path);
	memmove(path, native, strlen(native) + 1);
}

bool layout_is_marked(mode_t mode)
{
	mode_t bits = mode & 07777;

	if (S_ISDIR(mode))
		return bits == MODE_FOLDER || bits == MODE_FOLDER_OPEN;
	return (mode & S_ISVTX) && (S_ISREG(mode) || S_ISSOCK(mode));
}

int layout_failed(const char *what, int err)
{
	switch (err) {
	case -ENOSPC:
	case -EDQUOT:
		return -ENOMEM;
	case -ENOENT:
	case -EEXIST:
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
	case -EIO: /* has its line */
		return err;
	default:
		log_error("state folder: %s: %s (errno %d); remove the state folder", what,
			  log_errno(-err), -err);
		return -EIO;
	}
}

/*
 * Make a place below top.  Folders come writable; names also get sockets for files and devices, where
 * the store has none.
 */
static int place_make(int state_fd, const char *top, const struct place *place, bool names)
{
	char path[LAYOUT_PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "%s%s", top, place->path);
	if (!place_is_file(place)) {
		err = sys_mkdirat(state_fd, path, 0700);
		return err < 0 ? err : sys_fchmodat(state_fd, path, 0700);
	}
	if (!names)
		return 0;
	err = sys_mknodat(state_fd, path, S_IFSOCK | 0600);
	return err < 0 ? err : sys_fchmodat(state_fd, path, MODE_SOCKET);
}

/* Close the folders, the inner ones first: in a closed one nothing can be changed. */
static void folders_chmod(int state_fd, const char *top, mode_t mode, bool inner_first)
{
	char path[LAYOUT_PATH_SIZE];
	size_t count = 0;

	while (place_at(count))
		count++;
	for (size_t i = 0; i < count; i++) {
		const struct place *place = place_at(inner_first ? count - 1 - i : i);

		if (place_is_file(place))
			continue;
		snprintf(path, sizeof(path), "%s%s", top, place->path);
		sys_fchmodat(state_fd, path, mode);
	}
}

static int places_make(int state_fd, const char *top, bool names)
{
	int err = sys_mkdirat(state_fd, top, 0700);

	if (err == 0)
		err = sys_fchmodat(state_fd, top, 0700);
	for (size_t i = 0; err == 0 && place_at(i); i++)
		err = place_make(state_fd, top, place_at(i), names);
	if (err == 0 && names)
		folders_chmod(state_fd, top, MODE_FOLDER, true);
	return err;
}

static void places_remove(int state_fd, const char *top)
{
	char path[LAYOUT_PATH_SIZE];
	size_t count = 0;

	folders_chmod(state_fd, top, 0700, false);
	while (place_at(count))
		count++;
	while (count-- > 0) {
		snprintf(path, sizeof(path), "%s%s", top, place_at(count)->path);
		dir_remove(state_fd, path);
	}
	dir_remove(state_fd, top);
}

/* Built under another name and put in place whole by one rename: nobody sees half of it. */
static int tree_make(int state_fd, const char *component, bool names)
{
	struct stat st;
	int err = sys_fstatat(state_fd, component, &st, AT_SYMLINK_NOFOLLOW);

	if (err == 0)
		return 0;
	places_remove(state_fd, TREE_BUILDING);
	err = places_make(state_fd, TREE_BUILDING, names);
	if (err == 0)
		err = sys_renameat2(state_fd, TREE_BUILDING, state_fd, component,
				    SYS_RENAME_NOREPLACE);
	return err;
}

bool layout_is_ready(int state_fd)
{
	struct stat st;

	/* names is made last, so where it is, all are */
	return sys_fstatat(state_fd, TREE_NAMES, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int layout_prepare(int state_fd)
{
	int err = tree_make(state_fd, TREE_STORE, false);

	if (err == 0)
		err = tree_make(state_fd, TREE_NAMES, true);
	return err < 0 ? layout_failed("making the fixed folders", err) : 0;
}

void layout_mend(int state_fd, const char *path)
{
	char folder[LAYOUT_PATH_SIZE];
	struct stat st;

	/* from the top down: below a folder without bits nothing can be reached */
	for (size_t i = 0; place_at(i); i++) {
		snprintf(folder, sizeof(folder), "%s%s", TREE_NAMES, place_at(i)->path);
		if (sys_fstatat(state_fd, folder, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode) && !layout_is_marked(st.st_mode))
			sys_fchmodat(state_fd, folder, MODE_FOLDER);
	}
	if (sys_fstatat(state_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !layout_is_marked(st.st_mode)) {
		if (S_ISDIR(st.st_mode))
			sys_fchmodat(state_fd, path, MODE_FOLDER);
		else if (S_ISSOCK(st.st_mode))
			sys_fchmodat(state_fd, path, MODE_SOCKET);
	}
}
