/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of character devices that stand for ours: the device, and a register open for writing. */
#include <stddef.h>
#include <sys/auxv.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/own.h"
#include "tree/device.h"
#include "tree/mend.h"
#include "tree/place.h"
#include "tree/rtmr.h"
#include "tree/tree.h"
#include "tree/writer.h"

enum tee front_device_tee(int fd)
{
	return getauxval(AT_SECURE) ? TEE_NONE : device_tee(fd);
}

bool front_is_device(int fd)
{
	return front_device_tee(fd) != TEE_NONE;
}

bool front_is_writer(int fd)
{
	return !getauxval(AT_SECURE) && writer_is_marked(fd);
}

ssize_t front_writer_write(int fd, const void *buf, size_t len, off_t at)
{
	const int before = errno;

	return front_end(writer_write(&own_process, fd, (uint64_t)buf, len, at), before, before);
}

off_t front_writer_seek(int fd, off_t offset, int whence)
{
	const int before = errno;

	return front_end(writer_seek(fd, offset, whence), before, before);
}

static bool find_shown(int fd, struct node *node)
{
	const enum tee tee = front_device_tee(fd);

	if (tee != TEE_NONE)
		*node = (struct node){.kind = NODE_PLACE, .place = device_place(tee)};
	else if (front_is_writer(fd))
		node_from_path(node, NULL, RTMR3_PATH);
	else
		return false;
	return true;
}

/* A register has the device and inode that its path shows, as cp and others compare them. */
void front_show_device(int fd, struct stat *st)
{
	const int before = errno;
	struct node node;

	if (!find_shown(fd, &node))
		return;
	if (node.place->kind == PLACE_DEVICE || tree_stat(&node, st) < 0)
		mend_stat(&node, st);
	errno = before;
}

void front_show_device_statx(int fd, struct sys_statx *stx)
{
	enum { STATX_BASIC = 0x7ff };
	const int before = errno;
	struct node node;

	if (!find_shown(fd, &node))
		return;
	if (node.place->kind == PLACE_DEVICE || tree_statx(&node, 0, STATX_BASIC, stx) < 0)
		mend_statx(&node, stx);
	errno = before;
}
