/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/layout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "tree/attribute.h"

enum { RENAME_FLAG_NOREPLACE = 1 };

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

int layout_errno(int err)
{
	return err == -ENOSPC || err == -EDQUOT ? -ENOMEM : err;
}

/* Make one backing tree's fixed folders below top (which exists); the inner ones are left alone. */
static int folders_make(int state_fd, const char *top, mode_t mode)
{
	char path[LAYOUT_PATH_SIZE];
	int err;

	for (size_t i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "%s/%s", top, folders[i]);
		err = sys_mkdirat(state_fd, path, 0700);
		if (err < 0 && err != -EEXIST)
			return err;
		if (err == 0)
			sys_fchmodat(state_fd, path, 0700);
	}
	for (size_t i = FOLDERS; mode != 0700 && i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", top, folders[i]);
		sys_fchmodat(state_fd, path, mode);
	}
	return 0;
}

/*
 * Built under a name of this thread's own and put in place whole by one rename: nobody sees half of
 * it, and of two makers one wins.
 */
static int tree_make(int state_fd, const char *component, mode_t mode)
{
	char building[64];
	int err;

	snprintf(building, sizeof(building), "new-%s-%d", component, (int)sys_gettid());
	err = sys_mkdirat(state_fd, building, 0700);
	if (err < 0 && err != -EEXIST)
		return err;
	sys_fchmodat(state_fd, building, 0700);
	err = folders_make(state_fd, building, mode);
	if (err < 0)
		return err;
	err = sys_renameat2(state_fd, building, state_fd, component, RENAME_FLAG_NOREPLACE);
	if (err != -EEXIST)
		return err;
	for (size_t i = 0; i < FOLDERS; i++) {
		char path[LAYOUT_PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", building, folders[i]);
		sys_fchmodat(state_fd, path, 0700);
	}
	for (size_t i = FOLDERS; i-- > 0;) {
		char path[LAYOUT_PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", building, folders[i]);
		sys_unlinkat(state_fd, path, AT_REMOVEDIR);
	}
	sys_unlinkat(state_fd, building, AT_REMOVEDIR);
	return 0;
}

int layout_prepare(int state_fd)
{
	static const struct {
		const char *component;
		mode_t mode;
	} trees[] = {{TREE_STORE, 0700}, {TREE_TRASH, 0700}, {TREE_NAMES, MODE_FOLDER}};
	struct stat st;
	int err;

	/* names is made last, so where it is, all are */
	if (sys_fstatat(state_fd, TREE_NAMES, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		if (sys_fstatat(state_fd, trees[i].component, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		err = tree_make(state_fd, trees[i].component, trees[i].mode);
		if (err < 0)
			return layout_errno(err);
	}
	return 0;
}
