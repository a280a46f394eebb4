/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of our own, read and removed without libc's DIR, which allocates and is interposed. */
#ifndef TEESHIM_BASE_DIR_H
#define TEESHIM_BASE_DIR_H

#include <stdbool.h>

/*
 * dir_each() - call visit for every name in an open folder, "." and ".." left out.
 * @fd: the folder; its offset is moved to the start first
 * @visit: returns 0 to go on; anything else ends the walk and is returned
 *
 * Return: 0; what visit returned; -errno of reading.  Async-signal-safe.  1 KB of stack.
 */
int dir_each(int fd, int (*visit)(int fd, const char *name, void *arg), void *arg);

/*
 * dir_remove() - remove what stands at path: a folder with the files and empty folders directly in it,
 * whatever its mode, or something else that was planted there.
 * @parent, @path: as for openat(2)
 * Return: 0, also where nothing is there; -errno.
 */
int dir_remove(int parent, const char *path);

#endif
