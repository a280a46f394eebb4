/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measurement registers: /sys/devices/virtual/misc/tdx_guest/measurements, Linux 6.16 and later.
 *
 * All are in a quote, so a quote over fresh report data brings them all.  One sweep over the folder
 * costs one quote: what it brought is stored once per register, each taken at most once and within two
 * seconds.  A register that is read again is asked for anew.
 *
 * Source: drivers/virt/coco/guest/tsm-mr.c, Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest.
 */
#ifndef TEESHIM_TREE_REGISTERS_H
#define TEESHIM_TREE_REGISTERS_H

struct entry;
struct lock;
struct place;
struct tree;

/* register_open() - struct place's open(); for writing, writer_open(). */
int register_open(const struct tree *tree, const struct place *place, int flags);

/*
 * registers_ask_lock() - exclude the user's other sweeps and extends while the agent is asked.
 * @folder: of place_folder_open() for a register
 * Return: 0; -EIO at the deadline; -errno.  lock_drop() releases it.
 */
int registers_ask_lock(const struct tree *tree, const struct entry *folder, struct lock *ask);

#endif
