/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/front.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/hint.h"
#include "interpose/own.h"
#include "tree/attribute.h"
#include "tree/mend.h"
#include "tree/place.h"
#include "tree/tree.h"

bool front_is_root;
bool front_met;
bool front_agent_first;
uint64_t hint_bits[HINT_MAX / 64 + 1];

/* A name of our own folders reached by an absolute path, such as /dev/fd/5/provider. */
static bool find_by_object(int dirfd, const char *path, struct node *node)
{
	int fd = sys_openat(dirfd, path, O_PATH | O_CLOEXEC, 0);
	bool ours;

	if (fd < 0)
		return false;
	ours = tree_find_descriptor(&own_process, fd, node);
	sys_close(fd);
	return ours;
}

bool front_find(int dirfd, const char *path, int error, struct node *node)
{
	/* a seccomp filter, and the kernel in mknod(), say EPERM before they look at the pointer */
	if (getauxval(AT_SECURE) || is_null(path) ||
	    (error == EPERM && sys_faccessat(dirfd, path, F_OK) == -EFAULT))
		return false;
	if (tree_find(&own_process, dirfd, path, error, node) ||
	    (error == ENXIO && front_by_descriptor(path) && find_by_object(dirfd, path, node))) {
		front_met = true;
		return true;
	}
	return false;
}

bool front_attribute_of(int fd, struct node *node)
{
	struct stat st;

	return sys_fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && front_is_marked(st.st_mode) &&
	       front_find_descriptor(fd, node) && node->attribute;
}

/* A description of access mode 3 is one of inblob as well, but not written to. */
bool front_inblob_of(int fd, struct node *node)
{
	struct stat st;

	return front_attribute_of(fd, node) && node->attribute->written &&
	       sys_fstat(fd, &st) == 0 && (st.st_mode & S_IWUSR);
}

bool front_claims(int dirfd, const char *path)
{
	const int before = errno;
	struct node node;

	/* the kernel looks at the pointer first, here as well; a name that may start one of ours is
	 * worth a look at its folder, as after ENOENT */
	if (sys_faccessat(dirfd, path, F_OK) == -EFAULT ||
	    !front_find(dirfd, path, ENOENT, &node) ||
	    (node.kind == NODE_MISSING && strcmp(node.place->path, CONFIGFS_PATH) == 0) ||
	    !tree_serves(&node)) {
		errno = before;
		return false;
	}
	errno = ENOENT;
	return true;
}

bool front_native_disowned(const char *path)
{
	/*
	 * other subsystems of configfs are none of our business while there is no native tsm, nor other
	 * tables while there is no native event log
	 */
	const char *native = path[5] == 'f' ? CCEL_DATA_PATH : TSM_PATH;

	if (!node_is_candidate(path) || sys_faccessat(AT_FDCWD, native, F_OK) < 0 ||
	    !front_claims(AT_FDCWD, path))
		return false;
	front_agent_first = true;
	return true;
}

bool front_find_descriptor(int fd, struct node *node)
{
	return !getauxval(AT_SECURE) && tree_find_descriptor(&own_process, fd, node);
}

long front_end(long ret, int refused, int before)
{
	if (ret >= 0) {
		errno = before;
		return ret;
	}
	errno = ret == TREE_PASS ? refused : (int)-ret;
	return -1;
}

/* open() gives the lowest free number; ours were in use while the descriptor was made. */
static int descriptor_lowest(int fd, int flags)
{
	const int cmd = flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD;
	int lower = (int)sys_call(SYS_fcntl, fd, cmd, 0, 0, 0, 0);

	if (lower < 0)
		return fd;
	if (lower > fd) {
		sys_close(lower);
		return fd;
	}
	sys_close(fd);
	return lower;
}

int front_open(int dirfd, const char *path, int flags, int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = tree_open(&own_process, &node, flags);
	if (ret >= 0) {
		ret = descriptor_lowest(ret, flags);
		hint_set(ret);
	}
	return (int)front_end(ret, refused, before);
}

int front_stat(int dirfd, const char *path, struct stat *st, int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = tree_stat(&node, st);
	return (int)front_end(ret, refused, before);
}

int front_statx(int dirfd, const char *path, int flags, unsigned mask, struct sys_statx *stx,
		int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = tree_statx(&node, flags, mask, stx);
	return (int)front_end(ret, refused, before);
}

int front_access(int dirfd, const char *path, int mode, int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = tree_access(&node, mode);
	return (int)front_end(ret, refused, before);
}

/* The operations that take nothing but a path, with the tree's function for each. */
static int front_by_path(int dirfd, const char *path, int before,
			 int (*operation)(const struct node *))
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = operation(&node);
	return (int)front_end(ret, refused, before);
}

int front_mkdir(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, tree_mkdir);
}

int front_rmdir(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, tree_rmdir);
}

int front_unlink(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, tree_unlink);
}

static int remove_node(const struct node *node)
{
	int ret = tree_unlink(node);

	return ret == -EISDIR ? tree_rmdir(node) : ret;
}

int front_remove(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, remove_node);
}

int front_create(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, tree_create);
}

/* A regular file is refused otherwise than the other kinds. */
static int create_file_node(const struct node *node)
{
	int ret = tree_create(node);

	return ret == -EPERM ? -EACCES : ret;
}

int front_create_file(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, create_file_node);
}

int front_check(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, tree_check);
}

static int readlink_node(const struct node *node)
{
	int ret = tree_check(node);

	return ret == 0 ? -EINVAL : ret;
}

ssize_t front_readlink(int dirfd, const char *path, int before)
{
	return front_by_path(dirfd, path, before, readlink_node);
}

static int chdir_node(const struct node *node)
{
	int fd = tree_open(&own_process, node, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return fd;
	ret = (int)sys_call(SYS_fchdir, fd, 0, 0, 0, 0, 0);
	sys_close(fd);
	return ret;
}

int front_chdir(const char *path, int before)
{
	return front_by_path(AT_FDCWD, path, before, chdir_node);
}

int front_truncate(int dirfd, const char *path, off_t len, int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = tree_truncate(&node, len);
	return (int)front_end(ret, refused, before);
}

/* What configfs has not (extended attributes, file handles), it says so of, rather than ENOENT. */
int front_unsupported(int dirfd, const char *path, int before)
{
	if (front_check(dirfd, path, before) < 0)
		return -1;
	errno = EOPNOTSUPP;
	return -1;
}

/*
 * Every file system can be asked about "/", so that the kernel fills the structure (or says that the
 * program's pointer is bad) before it is made to show the native one.
 */
int front_statfs(int dirfd, const char *path, struct statfs *fs, int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(dirfd, path, refused, &node))
		ret = tree_check(&node);
	if (ret == 0)
		ret = (int)sys_call(SYS_statfs, (long)"/", (long)fs, 0, 0, 0, 0);
	if (ret == 0)
		mend_statfs(&node, fs);
	return (int)front_end(ret, refused, before);
}

bool front_look(int dirfd, const char *path, struct node *node)
{
	const int empty = path[0] == '\0' ? AT_EMPTY_PATH : 0;
	struct stat st;

	return sys_fstatat(dirfd, path, &st, empty) == 0 && front_is_marked(st.st_mode) &&
	       front_find_marked(dirfd, path, node);
}

void front_mended_statfs(int dirfd, const char *path, struct statfs *fs)
{
	struct node node;

	if (front_look(dirfd, path, &node))
		mend_statfs(&node, fs);
}

static int inotify_node(int inotify, const struct node *node, uint32_t mask)
{
	int fd = tree_open(&own_process, node, O_PATH | O_CLOEXEC);
	char link[32];
	int ret;

	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ret = (int)sys_call(SYS_inotify_add_watch, inotify, (long)link, mask, 0, 0, 0);
	sys_close(fd);
	return ret;
}

int front_inotify(int inotify, const char *path, uint32_t mask, int before)
{
	const int refused = errno;
	struct node node;
	int ret = TREE_PASS;

	if (front_find(AT_FDCWD, path, refused, &node))
		ret = inotify_node(inotify, &node, mask);
	return (int)front_end(ret, refused, before);
}

bool front_owns(int fd)
{
	struct node node;
	struct stat st;

	return sys_fstat(fd, &st) == 0 && front_is_marked(st.st_mode) &&
	       front_find_descriptor(fd, &node);
}

/* The kernel reads the path first; only then may we. */
bool front_is_ours(int dirfd, const char *path, int flags)
{
	struct node node;
	struct stat st;

	const int kept = flags & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);

	return sys_fstatat(dirfd, path, &st, kept) == 0 && front_is_marked(st.st_mode) &&
	       front_find_marked(dirfd, path, &node);
}

bool front_find_marked(int dirfd, const char *path, struct node *node)
{
	if (is_null(path) || path[0] == '\0')
		return front_find_descriptor(dirfd, node);
	if (getauxval(AT_SECURE))
		return false;
	return tree_find(&own_process, dirfd, path, 0, node) || find_by_object(dirfd, path, node);
}

/*
 * A file without links is that of a removed entry, or one that was only ever a snapshot: then the
 * attribute is there as long as its entry.  The writable file of inblob is no snapshot; a socket may be
 * one that root's unlink() took away and we put back.
 */
static bool is_snapshot_of_entry(const struct node *node, mode_t mode)
{
	return node->attribute && (S_ISSOCK(mode) || !(mode & S_IWUSR)) && tree_check(node) == 0;
}

void front_mended_stat(int dirfd, const char *path, struct stat *st)
{
	const mode_t mode = st->st_mode;
	struct node node;

	if (!front_find_marked(dirfd, path, &node))
		return;
	mend_stat(&node, st);
	if (st->st_nlink == 0 && is_snapshot_of_entry(&node, mode))
		st->st_nlink = 1;
}

void front_mended_statx(int dirfd, const char *path, struct sys_statx *stx)
{
	const mode_t mode = stx->mode;
	struct node node;

	if (!front_find_marked(dirfd, path, &node))
		return;
	mend_statx(&node, stx);
	if (stx->nlink == 0 && is_snapshot_of_entry(&node, mode))
		stx->nlink = 1;
}

void front_mended_listing(int dirfd, void *entries, size_t len)
{
	bool known = false;

	for (size_t at = 0; at < len;) {
		struct dirent64 *entry = (void *)((char *)entries + at);

		at += entry->d_reclen;
		if (entry->d_type != DT_SOCK)
			continue;
		if (!known && !front_owns(dirfd))
			return;
		known = true;
		entry->d_type = DT_REG;
	}
}
