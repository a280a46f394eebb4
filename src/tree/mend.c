/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/mend.h"

#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/sys.h"
#include "tree/attribute.h"
#include "tree/device.h"
#include "tree/place.h"

/* devtmpfs is mounted early, and has this number on all systems seen. */
enum { NATIVE_BLOCK = 4096, DEVTMPFS_MINOR = 5 };

/* include/uapi/linux/magic.h; configfs and sysfs answer with simple_statfs(). */
enum { CONFIGFS_MAGIC = 0x62656570, SYSFS_MAGIC = 0x62656572, TMPFS_MAGIC = 0x01021994 };

static const unsigned magic_of[] = {
	[INTERFACE_CONFIGFS] = CONFIGFS_MAGIC,
	[INTERFACE_DEVICE] = TMPFS_MAGIC,
	[INTERFACE_SYSFS] = SYSFS_MAGIC,
	[INTERFACE_EVENT_LOG] = SYSFS_MAGIC,
};

/* What stat shows of a node. */
struct shown {
	mode_t mode;
	off_t size;
	unsigned major; /* of a device */
	unsigned minor;
};

static struct shown shown_of(const struct node *node)
{
	const struct place *place = node->place;

	if (node->attribute)
		return (struct shown){S_IFREG | node->attribute->mode, node->attribute->size, 0, 0};
	/* an entry is a folder as its place is */
	if (node->kind != NODE_PLACE)
		return (struct shown){S_IFDIR | place->mode, 0, 0, 0};
	if (place->kind == PLACE_DEVICE)
		return (struct shown){S_IFCHR | place->mode, 0, DEVICE_MAJOR, DEVICE_MINOR};
	return (struct shown){(place->kind == PLACE_FILE ? S_IFREG : S_IFDIR) | place->mode,
			      place->size, 0, 0};
}

/*
 * A fixed file is one object to who compares stat() with fstat(), as cp does, though a descriptor of it
 * is another file than its name.
 */
static bool is_fixed_file(const struct node *node)
{
	return node->kind == NODE_PLACE && node_is_file(node);
}

void mend_stat(const struct node *node, struct stat *st)
{
	const struct shown shown = shown_of(node);

	st->st_mode = shown.mode;
	st->st_uid = 0;
	st->st_gid = 0;
	/* makedev() is a function in glibc, and another one in musl; small numbers need none */
	st->st_rdev = (dev_t)shown.major << 8 | (shown.minor & 0xff) |
		      (dev_t)(shown.minor & ~0xffU) << 12;
	st->st_size = shown.size;
	st->st_blksize = NATIVE_BLOCK;
	st->st_blocks = 0;
	if (!is_fixed_file(node))
		return;
	st->st_ino = place_number(node->place);
	st->st_nlink = 1;
	if (node->place->kind == PLACE_DEVICE)
		st->st_dev = DEVTMPFS_MINOR;
}

void mend_statx(const struct node *node, struct sys_statx *stx)
{
	const struct shown shown = shown_of(node);

	stx->mode = (uint16_t)shown.mode;
	stx->uid = 0;
	stx->gid = 0;
	stx->rdev_major = shown.major;
	stx->rdev_minor = shown.minor;
	stx->size = (uint64_t)shown.size;
	stx->blksize = NATIVE_BLOCK;
	stx->blocks = 0;
	stx->mask &= ~(uint32_t)SYS_STATX_BTIME;
	if (!is_fixed_file(node))
		return;
	stx->ino = place_number(node->place);
	stx->nlink = 1;
	if (node->place->kind == PLACE_DEVICE) {
		stx->dev_major = 0;
		stx->dev_minor = DEVTMPFS_MINOR;
	}
}

void mend_statfs(const struct node *node, struct statfs *fs)
{
	fs->f_type = (__typeof__(fs->f_type))magic_of[node->place->interface];
	fs->f_bsize = NATIVE_BLOCK;
	fs->f_frsize = NATIVE_BLOCK;
	fs->f_blocks = 0;
	fs->f_bfree = 0;
	fs->f_bavail = 0;
	fs->f_files = 0;
	fs->f_ffree = 0;
	fs->f_namelen = NODE_NAME_MAX;
}

/*
 * f_type of struct statvfs, which older headers have no name for: it is the first of six ints that
 * were spare before glibc 2.41 (bits/statvfs.h) and musl 1.2.5 (sys/statvfs.h).  One library serves
 * old and new programs, so it is always written.  Where it is still spare that does no harm: the
 * structure has had these bytes ever since, each statvfs() of an older libc clears them, and so no
 * program keeps anything there.
 */
enum { STATVFS_TYPE_AT = offsetof(struct statvfs, f_namemax) + sizeof(unsigned long) };

_Static_assert(STATVFS_TYPE_AT == 88 && sizeof(struct statvfs) == 112, "struct statvfs");

void mend_statvfs(const struct node *node, struct statvfs *fs)
{
	fs->f_bsize = NATIVE_BLOCK;
	fs->f_frsize = NATIVE_BLOCK;
	fs->f_blocks = 0;
	fs->f_bfree = 0;
	fs->f_bavail = 0;
	fs->f_files = 0;
	fs->f_ffree = 0;
	fs->f_favail = 0;
	fs->f_namemax = NODE_NAME_MAX;
	memcpy((char *)fs + STATVFS_TYPE_AT, &magic_of[node->place->interface], sizeof(unsigned));
}

/* Length without the ".NUMBER" (and " (deleted)") of a file behind an attribute. */
static size_t attribute_len(const char *path, size_t len)
{
	const char *name = memrchr(path, '/', len);
	const char *dot = name ? memchr(name, '.', len - (size_t)(name - path)) : NULL;

	if (!dot)
		return len;
	return (size_t)(dot - path);
}

size_t mend_path(char *text, size_t len)
{
	static const char needle[] = "/" TREE_COMPONENT_PREFIX;
	const size_t head = sizeof(needle) - 1 + sizeof("names") - 1;
	char *found = memmem(text, len, needle, sizeof(needle) - 1);
	size_t native_len;
	bool in_store;

	if (!found || (len > 5 && memcmp(text, "/sys/", 5) == 0))
		return len;
	if ((size_t)(text + len - found) <= head || found[head] != '/')
		return len;
	in_store = memcmp(found + 1, TREE_STORE, sizeof(TREE_STORE) - 1) == 0;
	native_len = len - head - (size_t)(found - text);
	memmove(text, found + head, native_len);
	return in_store ? attribute_len(text, native_len) : native_len;
}
