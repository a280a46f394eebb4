/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: which node of the emulated tree a path means.
 *
 * Paths are walked lexically ("//", ".", ".." resolved in the text, no symbolic links but
 * /sys/class/misc/tdx_guest), because the folders of the tree do not exist for the kernel.  A path may also be one of our own state folder,
 * as /proc/self/fd and getcwd show descriptors and directories that we handed out: everything up to
 * and including the component that names the backing tree is dropped, and the native path is left.
 */
#ifndef TEESHIM_TREE_NODE_H
#define TEESHIM_TREE_NODE_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIGFS_PATH   "/sys/kernel/config"
#define TSM_PATH        CONFIGFS_PATH "/tsm"
#define TSM_REPORT_PATH TSM_PATH "/report"

enum { NODE_NAME_MAX = 255 };

/*
 * The folders of the state folder below which native paths are repeated, all of one length:
 * names: what directory descriptors and current directories refer to;
 * store: the files behind attribute descriptors, their names ending in ".NUMBER".
 */
#define TREE_COMPONENT_PREFIX "teeshim.native."
#define TREE_NAMES            TREE_COMPONENT_PREFIX "names"
#define TREE_STORE            TREE_COMPONENT_PREFIX "store"

enum node_kind {
	NODE_FOREIGN,   /* nothing of ours */
	NODE_PLACE,     /* a fixed folder, file or device: node->place */
	NODE_ENTRY,     /* .../report/NAME, whether or not it exists */
	NODE_ATTRIBUTE, /* .../report/NAME/attribute */
	NODE_MISSING, /* a name that never exists, in a folder of ours: in the entry, else in place */
	NODE_BELOW_FILE, /* a path that goes on below a file: the attribute, else place */
};

struct attribute;
struct place;

struct node {
	enum node_kind kind;
	const struct place *place; /* that it is, or that it lies in; NULL of a foreign one */
	const struct attribute *attribute; /* of NODE_ATTRIBUTE, and below one */
	bool dir_wanted;                   /* the path ends in a slash, "." or ".." */
	bool ends_in_dot;                  /* in "." */
	bool ends_in_dotdot;               /* in ".." */
	bool is_held; /* "." alone: the folder that the kernel holds, though its name may be gone */
	bool too_long;     /* a component is longer than a name may be */
	bool through_file; /* a ".." in the path leaves a file, as if it were a folder */
	char through[NODE_NAME_MAX + 1]; /* an entry that a ".." in the path leaves, or "" */
	char name[NODE_NAME_MAX + 1];    /* of the entry; "" outside entries */
};

/* node_is_file() - what open() and stat() treat as a file: an attribute, or a fixed file or device. */
bool node_is_file(const struct node *node);

/*
 * node_from_path() - walk a path.
 * @dir: absolute path that a relative one starts from; unused for absolute ones (may be NULL)
 * @path: as the program gave it
 *
 * A node whose kind is not NODE_FOREIGN is ours by its name alone; whether the entry exists is not
 * asked here.  Pure and async-signal-safe; no stack or heap use beyond a few hundred bytes.
 */
void node_from_path(struct node *node, const char *dir, const char *path);

/*
 * node_is_candidate() - the cheap question before any work: can this absolute path be ours, as far
 * as its text tells?  True for every path that node_from_path() knows, and for few others.
 */
bool node_is_candidate(const char *path);

/*
 * node_may_start() - the same for a relative name whose lookup ended in ENOENT: its first component
 * is one of the names that lead into the tree, or it goes up and names them later.
 */
bool node_may_start(const char *path);

/*
 * node_native_part() - the native path inside a path of the state folder.
 * Return: pointer into path at the "/" of the native part (or at the end, for the backing root), or
 * NULL where the path is not below a backing tree.
 */
const char *node_native_part(const char *path);

#endif
