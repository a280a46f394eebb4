/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root is not stopped by the modes of our folders, nor by a path that does not exist yet: its
 * mkdir(), open(O_CREAT), unlink() and rename() succeed on names of ours.  After such a success the
 * base of the name is looked at once; if it is ours, the kernel's deed is undone and the call served.
 */
#include "base/sys.h"
#include "interpose/front.h"
#include "tree/tree.h"

static bool parent_is_marked(int dirfd, const char *path)
{
	struct stat st;

	return front_parent(dirfd, path, &st) == 0 && layout_is_marked(st.st_mode);
}

static bool find_done(int dirfd, const char *path, struct node *node)
{
	if (path[0] != '/' && !parent_is_marked(dirfd, path))
		return false;
	return front_find(dirfd, path, 0, node) && tree_serves(node);
}

bool front_done_is_ours(int dirfd, const char *path)
{
	struct node node;

	return find_done(dirfd, path, &node);
}

int front_undo_mkdir(int dirfd, const char *path, int before)
{
	struct node node;

	if (!find_done(dirfd, path, &node))
		return 0;
	sys_unlinkat(dirfd, path, AT_REMOVEDIR);
	return (int)front_end(tree_mkdir(&node), 0, before);
}

int front_undo_open(int fd, int dirfd, const char *path, int flags, int before)
{
	struct node node;

	if (!find_done(dirfd, path, &node))
		return fd;
	sys_close(fd);
	sys_unlinkat(dirfd, path, 0);
	errno = EACCES;
	return front_open(dirfd, path, flags, before);
}

/* mkstemp() and mknod() of a regular file: refused as open() of a new name. */
int front_undo_file(int dirfd, const char *path, int before)
{
	struct node node;

	if (!find_done(dirfd, path, &node))
		return 0;
	sys_unlinkat(dirfd, path, 0);
	errno = EACCES;
	return front_create_file(dirfd, path, before);
}

/* link(), symlink(), mknod(): nothing but folders is made in ours, and those by mkdir(). */
int front_undo_create(int dirfd, const char *path, int before)
{
	struct node node;

	if (!find_done(dirfd, path, &node))
		return 0;
	sys_unlinkat(dirfd, path, 0);
	errno = EACCES;
	return front_create(dirfd, path, before);
}

/* Put back the name of an attribute that was removed or replaced. */
static void name_restore(int dirfd, const char *path)
{
	sys_mknodat(dirfd, path, S_IFSOCK | 0600);
	sys_fchmodat(dirfd, path, MODE_SOCKET);
}

/* What root removed was an attribute's socket, in a folder that is still there. */
int front_undo_unlink(int dirfd, const char *path, int before)
{
	struct node node;

	if (!find_done(dirfd, path, &node) || !node.attribute)
		return 0;
	name_restore(dirfd, path);
	return (int)front_end(-EPERM, 0, before);
}

int front_undo_rename(int fromfd, const char *from, int tofd, const char *to, int before)
{
	struct node source;
	struct node target;
	bool from_ours = find_done(fromfd, from, &source);
	bool to_ours = find_done(tofd, to, &target);

	if (!from_ours && !to_ours)
		return 0;
	if (sys_renameat2(tofd, to, fromfd, from, SYS_RENAME_NOREPLACE) < 0)
		return 0;
	if (to_ours && target.attribute && tree_check(&target) == 0)
		name_restore(tofd, to);
	if (from_ours != to_ours)
		return (int)front_end(-EXDEV, 0, before);
	return (int)front_end(tree_rename(&source, &target, false), 0, before);
}
