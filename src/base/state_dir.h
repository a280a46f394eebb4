/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state folder: one per effective user, so that every process of that user sees the same
 * entries, as with the kernel.
 *
 * TEESHIM_STATE_DIR (at most 511 bytes) names it itself; else it is teeshim-EUID-v1 (1 is the number of its layout) in
 * /dev/shm, $XDG_RUNTIME_DIR or /tmp, the first of these in which it can be made.
 */
#ifndef TEESHIM_BASE_STATE_DIR_H
#define TEESHIM_BASE_STATE_DIR_H

#include <stdbool.h>

/*
 * state_dir_open() - open the state folder.
 * @make: make it (0700) when absent
 *
 * Owner, type and mode are checked on the opened folder, and a symbolic link in its last component
 * is refused; everything below is then reached from the descriptor, so a later swap of the name
 * changes nothing for a call under way.
 *
 * Return: a close-on-exec descriptor, the caller's to close; -EACCES when no folder can be made or
 * what is there is not ours (one log line says which and why); -ENOENT when it is absent and not to
 * be made; -EMFILE, -ENFILE, -ENOMEM.
 * Thread-safe and async-signal-safe but for logging.
 */
int state_dir_open(bool make);

#endif
