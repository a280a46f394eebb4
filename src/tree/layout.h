/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things lie in the state folder.
 *
 *   tree.lock                        makes and removes entries one at a time
 *   tree.pending                     the name of the entry that is being made or removed, as the
 *                                    target of a symbolic link: what a killed process left is cleared
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
 *   .../measurements/extends         its size counts extends of RTMR3: fresh.h
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
 * @component: TREE_NAMES or TREE_STORE
 */
void layout_path(char path[static LAYOUT_PATH_SIZE], const char *component,
		 const struct node *node);

/* layout_native_path() - the path under which programs know the node. */
void layout_native_path(char path[static LAYOUT_PATH_SIZE], const struct node *node);

/*
 * layout_prepare() - make the fixed folders when they are absent.  Call it with tree.lock held.
 * layout_is_ready() - are they there?
 * Return: 0; -errno.
 */
int layout_prepare(int state_fd);
bool layout_is_ready(int state_fd);

/*
 * layout_mend() - give a folder of names its mode back, which a program that knew nothing of us has
 * changed; @path as layout_path() makes it.
 */
void layout_mend(int state_fd, const char *path);

/* layout_is_marked() - may this stat result be an object of ours?  A path decides where it counts. */
bool layout_is_marked(mode_t mode);

/*
 * layout_failed() - what the program gets for a failure of one of our own file operations: ENOMEM for
 * a full file system; ENOENT, EEXIST, ENOMEM, EMFILE and ENFILE as they are; EIO and one log line for
 * everything that only a broken state folder explains.
 */
int layout_failed(const char *what, int err);

#endif
