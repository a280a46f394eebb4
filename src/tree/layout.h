/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things lie in the state folder.
 *
 *   tree.lock                        makes and removes entries one at a time
 *   teeshim.native.names/sys/...     the folders that programs see, stand in and list
 *       .../report/NAME/             with one unix socket per attribute: open() of a socket is
 *                                    ENXIO for everybody, root included, so we are asked
 *   teeshim.native.store/sys/.../report/NAME/
 *       lock, ask                    of the entry: its files; the question to the agent
 *       inblob.N                     what an open description for writing has collected, N by
 *                                    order of opening
 *       blob.G                       the inblob of generation G, the highest one counts
 *       outblob.G, generation.G      answers for generation G, never changed once they are there
 *       provider.0
 *   teeshim.native.trash/sys/...     entries on their way out
 *
 * Folders below names are 01555: not writable, so that the kernel refuses to create and remove in
 * them; sticky, so that a stat result at hand tells that they are ours.
 */
#ifndef TEESHIM_TREE_LAYOUT_H
#define TEESHIM_TREE_LAYOUT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "tree/node.h"

enum {
	MODE_FOLDER = 01555,         /* of a folder that programs see */
	MODE_FOLDER_OPEN = 01755,    /* of the same while we change it */
	MODE_SOCKET = 01666,         /* of an attribute's name */
	MODE_SNAPSHOT = 01444,       /* of a file behind a readable attribute */
	MODE_INBLOB = 01600,         /* of a file behind inblob: must be readable for observers */
	MODE_INBLOB_WRITTEN = 01700, /* of one that was written to in vain: counts while empty */
};

enum { LAYOUT_PATH_SIZE = 384 };

/*
 * layout_path() - the path, relative to the state folder, of a node below one of the trees.
 * @component: TREE_NAMES, TREE_STORE or TREE_TRASH
 */
void layout_path(char path[static LAYOUT_PATH_SIZE], const char *component,
		 const struct node *node);

/* layout_native_path() - the path under which programs know the node. */
void layout_native_path(char path[static LAYOUT_PATH_SIZE], const struct node *node);

/*
 * layout_prepare() - make the fixed folders when they are absent.
 * Return: 0; -ENOMEM for a full file system; -errno.
 */
int layout_prepare(int state_fd);

/* layout_is_marked() - may this stat result be an object of ours?  A path decides where it counts. */
bool layout_is_marked(mode_t mode);

/* layout_errno() - the errno that a program gets for one of our own file operations. */
int layout_errno(int err);

#endif
