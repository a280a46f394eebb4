/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/layout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/dir.h"
#include "base/log.h"
#include "base/sys.h"
#include "tree/attribute.h"

#define TREE_BUILDING "tree.new"

static const char *const folders[] = {"sys", "sys/kernel", "sys/kernel/config",
				      "sys/kernel/config/tsm", "sys/kernel/config/tsm/report"};

enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

void layout_path(char path[static LAYOUT_PATH_SIZE], const char *component, const struct node *node)
{
	/* depth of the fixed folder that the node is or lies in, as an index of folders[] */
	const char *folder = node->kind == NODE_CONFIG ? folders[2]
			     : node->kind == NODE_TSM  ? folders[3]
						       : folders[4];

	snprintf(path, LAYOUT_PATH_SIZE, "%s/%s%s%s%s%s", component, folder,
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

static void folder_path(char path[static LAYOUT_PATH_SIZE], const char *top, size_t folder)
{
	snprintf(path, LAYOUT_PATH_SIZE, "%s/%s", top, folders[folder]);
}

/* Make one backing tree's fixed folders below top. */
static int folders_make(int state_fd, const char *top, mode_t mode)
{
	char path[LAYOUT_PATH_SIZE];
	int err = sys_mkdirat(state_fd, top, 0700);

	if (err < 0)
		return err;
	sys_fchmodat(state_fd, top, 0700);
	for (size_t i = 0; i < FOLDERS; i++) {
		folder_path(path, top, i);
		err = sys_mkdirat(state_fd, path, 0700);
		if (err < 0)
			return err;
		sys_fchmodat(state_fd, path, 0700);
	}
	for (size_t i = FOLDERS; i-- > 0;) {
		folder_path(path, top, i);
		sys_fchmodat(state_fd, path, mode);
	}
	return 0;
}

static void folders_remove(int state_fd, const char *top)
{
	char path[LAYOUT_PATH_SIZE];

	for (size_t i = 0; i < FOLDERS; i++) {
		folder_path(path, top, i);
		sys_fchmodat(state_fd, path, 0700);
	}
	for (size_t i = FOLDERS; i-- > 0;) {
		folder_path(path, top, i);
		dir_remove(state_fd, path);
	}
	dir_remove(state_fd, top);
}

/* Built under another name and put in place whole by one rename: nobody sees half of it. */
static int tree_make(int state_fd, const char *component, mode_t mode)
{
	struct stat st;
	int err = sys_fstatat(state_fd, component, &st, AT_SYMLINK_NOFOLLOW);

	if (err == 0)
		return 0;
	folders_remove(state_fd, TREE_BUILDING);
	err = folders_make(state_fd, TREE_BUILDING, mode);
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
	static const struct {
		const char *component;
		mode_t mode;
	} trees[] = {{TREE_STORE, 0700}, {TREE_NAMES, MODE_FOLDER}};

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		int err = tree_make(state_fd, trees[i].component, trees[i].mode);

		if (err < 0)
			return layout_failed(trees[i].component, err);
	}
	return 0;
}

void layout_mend(int state_fd, const char *path)
{
	char folder[LAYOUT_PATH_SIZE];
	struct stat st;

	/* from the top down: below a folder without bits nothing can be reached */
	for (size_t i = 0; i < FOLDERS; i++) {
		folder_path(folder, TREE_NAMES, i);
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
