/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rename() and link(): two names, of which one or both are ours.  The order of the answers is that of
 * fs/namei.c: both parents are looked up, then the mounts compared, then the names looked at.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "tree/tree.h"

enum { PARENT_SIZE = 512 };

int front_parent(int dirfd, const char *path, struct stat *st)
{
	size_t len = strlen(path);
	char parent[PARENT_SIZE] = ".";

	while (len > 0 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len >= sizeof(parent))
		return -ENAMETOOLONG;
	if (len > 0) {
		memcpy(parent, path, len);
		parent[len] = '\0';
	}
	return sys_fstatat(dirfd, parent, st, 0);
}

/* A name that is not ours: can the kernel read it, and does its folder exist? */
static int foreign_check(int dirfd, const char *path)
{
	struct stat st;

	if (sys_faccessat(dirfd, path, F_OK) == -EFAULT)
		return -EFAULT;
	return front_parent(dirfd, path, &st);
}

/* Which of the two is ours?  Where one is, the other is worth a look whatever the errno was. */
static void pair_find(int fromfd, const char *from, int tofd, const char *to, int refused,
		      struct node *source, struct node *target, bool *from_ours, bool *to_ours)
{
	*from_ours = front_find(fromfd, from, refused, source) && tree_serves(source);
	*to_ours = front_find(tofd, to, *from_ours ? 0 : refused, target) && tree_serves(target);
	if (*to_ours && !*from_ours)
		*from_ours = front_find(fromfd, from, 0, source) && tree_serves(source);
}

int front_rename(int fromfd, const char *from, int tofd, const char *to, unsigned flags, int before)
{
	const int refused = errno;
	struct node source;
	struct node target;
	bool from_ours;
	bool to_ours;
	int ret = TREE_PASS;

	if (sys_faccessat(fromfd, from, F_OK) == -EFAULT ||
	    sys_faccessat(tofd, to, F_OK) == -EFAULT)
		return (int)front_end(-EFAULT, refused, before);
	pair_find(fromfd, from, tofd, to, refused, &source, &target, &from_ours, &to_ours);
	if (from_ours && to_ours)
		ret = tree_rename(&source, &target, flags & RENAME_NOREPLACE);
	else if (from_ours)
		ret = foreign_check(tofd, to);
	else if (to_ours)
		ret = foreign_check(fromfd, from);
	if (from_ours != to_ours && ret == 0)
		ret = -EXDEV;
	return (int)front_end(ret, refused, before);
}

int front_link(int fromfd, const char *from, int tofd, const char *to, int before)
{
	const int refused = errno;
	struct node source;
	struct node target;
	struct stat st;
	bool from_ours;
	bool to_ours;
	int ret;

	if (sys_faccessat(fromfd, from, F_OK) == -EFAULT ||
	    sys_faccessat(tofd, to, F_OK) == -EFAULT)
		return (int)front_end(-EFAULT, refused, before);
	pair_find(fromfd, from, tofd, to, refused, &source, &target, &from_ours, &to_ours);
	if (!from_ours && !to_ours)
		return (int)front_end(TREE_PASS, refused, before);
	ret = from_ours ? tree_check(&source) : sys_fstatat(fromfd, from, &st, AT_SYMLINK_NOFOLLOW);
	if (ret == 0 && to_ours)
		ret = tree_create(&target);
	else if (ret == 0)
		ret = sys_fstatat(tofd, to, &st, AT_SYMLINK_NOFOLLOW) == 0
			      ? -EEXIST
			      : foreign_check(tofd, to);
	if (from_ours != to_ours && (ret == 0 || ret == -EPERM))
		ret = -EXDEV;
	return (int)front_end(ret, refused, before);
}
