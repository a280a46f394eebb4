/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places: the fixed names of the tree, each a row with what it is.  Entries and their attributes, which
 * come and go below one of them, are in entry.h and attribute.h.
 *
 * Sources: drivers/virt/coco/tdx-guest/tdx-guest.c, drivers/virt/coco/guest/tsm-mr.c,
 * drivers/virt/coco/sev-guest/sev-guest.c, arch/x86/coco/sev/core.c (vmpl),
 * drivers/char/misc.c, drivers/acpi/sysfs.c, fs/configfs.
 */
#ifndef TEESHIM_TREE_PLACE_H
#define TEESHIM_TREE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "agent/agent.h"

struct tree;
struct place;

enum place_kind {
	PLACE_AROUND, /* a folder that is the system's, and only exists in ours to hold a place */
	PLACE_FOLDER,
	PLACE_ENTRIES, /* the folder whose entries programs make: configfs-tsm's report */
	PLACE_FILE,
	PLACE_DEVICE,
};

/* What the place belongs to: each is native or the agent's as a whole. */
enum interface {
	INTERFACE_CONFIGFS,
	INTERFACE_DEVICE,
	INTERFACE_SYSFS,
	INTERFACE_EVENT_LOG,
};

struct place {
	const char *path; /* native */
	enum place_kind kind;
	enum interface interface;
	enum tee tee; /* there on machines of this TEE; TEE_NONE: of every */
	mode_t mode;  /* permission bits that stat shows */
	off_t size;   /* that stat shows */
	/*
	 * open() - a descriptor of a file for the program, its direction checked; as struct
	 * attribute's.  NULL for folders and devices.
	 */
	int (*open)(const struct tree *tree, const struct place *place, int flags);
};

/* place_at() - the places, a folder before what is in it; NULL after the last. */
const struct place *place_at(size_t index);

/* place_of_kind() - the first of them of this kind and this TEE (TEE_NONE: that every TEE has). */
const struct place *place_of_kind(enum place_kind kind, enum tee tee);

/* place_is_of() - is the place there on a machine of this TEE? */
static inline bool place_is_of(const struct place *place, enum tee tee)
{
	return tee != TEE_NONE && (place->tee == TEE_NONE || place->tee == tee);
}

/* place_is_file() - a file or device, which nothing can lie below. */
bool place_is_file(const struct place *place);

/*
 * place_holds_others() - a folder of the kernel's in which ours are few among many: what else is in it is
 * none of our business, whether there or not.
 */
bool place_holds_others(const struct place *place);

/* place_number() - a number of its own for each place, from 1 up: what stat shows as its inode. */
size_t place_number(const struct place *place);

/* What place paths are made of, for those who serve them. */
#define TDX_DEVICE_PATH "/dev/tdx_guest"
#define TDX_SYSFS_PATH  "/sys/devices/virtual/misc/tdx_guest"
#define SEV_DEVICE_PATH "/dev/sev-guest"
#define SEV_SYSFS_PATH  "/sys/devices/virtual/misc/sev-guest"
#define SEV_CPU_PATH    "/sys/devices/system/cpu/sev"
#define ACPI_PATH       "/sys/firmware/acpi"
#define CCEL_PATH       ACPI_PATH "/tables/CCEL"
#define CCEL_DATA_PATH  ACPI_PATH "/tables/data/CCEL"

#endif
