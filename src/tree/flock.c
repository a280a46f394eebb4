/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flock(2) on an attribute that is written.
 *
 * Natively all descriptions of an attribute share one file; ours have one each, so the kernel's own
 * flock would exclude nobody.  The lock of a description stands on two more bytes of its own file,
 * one for exclusive and one for shared: it then lives exactly as long as the description does, over
 * dup, fork and exec.  Who wants a lock looks at its siblings under the entry's lock, and waits for
 * the one in its way by a lock on that one's file, which the kernel wakes and interrupts as a native
 * flock.
 */
#include <errno.h>
#include <string.h>
#include <sys/file.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/sys.h"
#include "tree/descriptor.h"
#include "tree/attribute.h"
#include "tree/entry.h"
#include "tree/settle.h"

enum { BYTE_EXCLUSIVE = 1, BYTE_SHARED = 2, RELOCK_PAUSE_US = 100 };

static struct flock byte_range(short type, int byte)
{
	return (struct flock){.l_type = type,
			      .l_whence = SEEK_SET,
			      .l_start = SETTLE_OPEN_MARK + byte,
			      .l_len = 1};
}

static int byte_release(int fd, int byte)
{
	struct flock range = byte_range(F_UNLCK, byte);

	return sys_fcntl(fd, F_OFD_SETLK, &range);
}

/* -EAGAIN: a waiter holds the byte of ours for an instant, as the kernel wakes it. */
static int byte_take(int fd, int byte)
{
	struct flock range = byte_range(F_WRLCK, byte);

	return sys_fcntl(fd, F_OFD_SETLK, &range);
}

/* Read locks do not meet a waiter's read lock, only the write lock of a description's owner. */
static bool byte_is_taken(int fd, int byte)
{
	struct flock range = byte_range(F_RDLCK, byte);

	return sys_fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

static int byte_wait(int fd, int byte)
{
	struct flock range = byte_range(F_RDLCK, byte);
	int err = sys_fcntl(fd, F_OFD_SETLKW, &range);

	return err < 0 ? err : byte_release(fd, byte);
}

struct rivals {
	const char *attribute;
	ino_t own;      /* our description's file, which is no rival */
	bool exclusive; /* what we want */
	int fd;         /* the rival found; -1 */
	int byte;       /* its byte that is in our way */
};

static int rival_look(int dir, const char *name, void *arg)
{
	struct rivals *rivals = arg;
	const size_t len = strlen(rivals->attribute);
	struct stat st;
	int fd;

	if (strncmp(name, rivals->attribute, len) != 0 || name[len] != '.')
		return 0;
	fd = file_open(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (sys_fstat(fd, &st) == 0 && st.st_ino != rivals->own) {
		rivals->byte = byte_is_taken(fd, BYTE_EXCLUSIVE) ? BYTE_EXCLUSIVE
			       : rivals->exclusive && byte_is_taken(fd, BYTE_SHARED) ? BYTE_SHARED
										     : 0;
		if (rivals->byte) {
			rivals->fd = fd;
			return 1;
		}
	}
	sys_close(fd);
	return 0;
}

/* With the entry locked: take the lock, or find who is in the way. */
static int flock_try(const struct entry *entry, int fd, struct rivals *rivals)
{
	struct stat st;
	int err = sys_fstat(fd, &st);

	if (err < 0)
		return err;
	rivals->own = st.st_ino;
	rivals->fd = -1;
	err = dir_each(entry->store, rival_look, rivals);
	if (err < 0)
		return err;
	return err > 0 ? -EWOULDBLOCK
		       : byte_take(fd, rivals->exclusive ? BYTE_EXCLUSIVE : BYTE_SHARED);
}

static int flock_take(const struct tree *tree, struct entry *entry, const struct node *node, int fd,
		      int operation)
{
	struct rivals rivals = {.attribute = node->attribute->name,
				.exclusive = (operation & LOCK_EX) != 0};
	int err;

	for (;;) {
		err = entry_lock(tree, entry);
		if (err < 0)
			return err;
		err = flock_try(entry, fd, &rivals);
		entry_unlock(entry);
		if (err == -EAGAIN && rivals.fd < 0) {
			if (clock_now_ms() >= tree->deadline_ms)
				return -EIO;
			clock_sleep_us(RELOCK_PAUSE_US);
			continue;
		}
		if (err != -EWOULDBLOCK)
			return err;
		if (!(operation & LOCK_NB))
			err = byte_wait(rivals.fd, rivals.byte);
		sys_close(rivals.fd);
		if (err < 0)
			return err;
	}
}

int descriptor_flock(const struct node *node, int fd, int operation)
{
	const int kind = operation & ~LOCK_NB;
	struct entry entry;
	struct tree tree;
	int err;

	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		return -EINVAL;
	/* flock(2): a conversion drops the old lock first */
	byte_release(fd, BYTE_EXCLUSIVE);
	byte_release(fd, BYTE_SHARED);
	if (kind == LOCK_UN)
		return 0;
	err = tree_begin_existing(&tree);
	if (err < 0)
		return err;
	err = entry_open(&tree, node, &entry);
	if (err == 0) {
		err = flock_take(&tree, &entry, node, fd, operation);
		entry_close(&entry);
	}
	tree_end(&tree);
	/* of a removed entry nobody else can open the file */
	return err == -ENOENT ? byte_take(fd, operation & LOCK_EX ? BYTE_EXCLUSIVE : BYTE_SHARED)
			      : err;
}
