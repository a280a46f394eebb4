/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated tree: what each operation on a node does.
 *
 * A front turns a call of the program into a node (tree_find), and the node's operation into the
 * call's result.  All operations return 0 or more for success and -errno for what the program must
 * see, or TREE_PASS where the path is not served at this time (no agent socket, another TEE, a usable
 * native interface) and the kernel's own answer stands.
 *
 * Thread-safe and safe after fork: nothing is kept in the process.  The operations may wait: for
 * other processes and for the agent, until TEESHIM_TIMEOUT_MS.  They use at most 12 KB of stack.
 *
 * Errno for errno: fs/configfs/dir.c, fs/configfs/file.c, drivers/virt/coco/guest/report.c.
 */
#ifndef TEESHIM_TREE_TREE_H
#define TEESHIM_TREE_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "agent/agent.h"
#include "tree/caller.h"
#include "tree/node.h"

struct tsm_provider;

/* Not an errno: see above. */
enum { TREE_PASS = -4096 };

/* One operation's view of the world; filled by the operations themselves. */
struct tree {
	const struct caller *caller; /* of an open(), whose spare quote may serve; else NULL */
	int state_fd;
	int64_t deadline_ms;
	struct agent agent;
	enum tee tee;
	const struct tsm_provider *provider; /* NULL: an old entry, and no agent any more */
};

/*
 * tree_begin() - look at the world on behalf of an operation on this node; tree_end() releases it.
 * Return: 0; TREE_PASS; -EACCES or another -errno where there is no state folder to work in.
 *
 * tree_begin_existing() - the same for a descriptor of ours, which was served when it was opened: no
 * agent and no TEE is looked for.  0, or -errno.
 */
int tree_begin(struct tree *tree, const struct node *node);
int tree_begin_existing(struct tree *tree);
void tree_end(struct tree *tree);

/*
 * node_check() - 0 where the node exists; -ENOENT; -ENOTDIR for a path that treats a file as a folder.
 * node_parent_check() - the same for the folder in which the node is, or would be, a name.
 */
int node_check(const struct tree *tree, const struct node *node);
int node_parent_check(const struct tree *tree, const struct node *node);

/* tree_serves() - would an operation on this node be served now, whatever its result? */
bool tree_serves(const struct node *node);

/*
 * tree_find() - is this path ours, by its name?
 * @error: the errno (positive) with which the kernel has refused the path, or 0 where it did not;
 *         decides how much work a relative name is worth
 *
 * Return: true and the node; false otherwise.  No agent and no state folder is touched; at
 * most the caller is asked for a folder's name.
 */
bool tree_find(const struct caller *caller, int dirfd, const char *path, int error,
	       struct node *node);

/* tree_find_descriptor() - the node that a descriptor of the program refers to, if it is ours. */
bool tree_find_descriptor(const struct caller *caller, int fd, struct node *node);

/* tree_open() - open(2): a descriptor, with the close-on-exec flag that flags ask for. */
int tree_open(const struct caller *caller, const struct node *node, int flags);

/* tree_mkdir(), tree_rmdir(), tree_unlink() - mkdir(2), rmdir(2), unlink(2). */
int tree_mkdir(const struct node *node);
int tree_rmdir(const struct node *node);
int tree_unlink(const struct node *node);

/* tree_create() - what makes a name by other means: mknod, symlink, link, rename to it. */
int tree_create(const struct node *node);

/*
 * tree_rename() - rename(2) between two nodes of ours: refused, but for a name and itself.
 * @no_replace: RENAME_NOREPLACE is set
 */
int tree_rename(const struct node *from, const struct node *to, bool no_replace);

/* tree_truncate() - truncate(2): accepted on attributes, and without effect. */
int tree_truncate(const struct node *node, off_t len);

/* tree_stat() - stat(2) into the program's memory; a bad pointer gives -EFAULT. */
int tree_stat(const struct node *node, struct stat *st);

/* tree_statx() - statx(2) likewise; flags and mask as the program gave them. */
struct sys_statx;
int tree_statx(const struct node *node, int flags, unsigned mask, struct sys_statx *stx);

/* tree_access() - access(2): uid 0's answer for everybody. */
int tree_access(const struct node *node, int mode);

/* tree_check() - 0 where the node exists; for calls that change nothing (chmod, chown, utimes). */
int tree_check(const struct node *node);

#endif
