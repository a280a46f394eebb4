/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "tree/place.h"
#include "tree/rtmr.h"

enum {
	REGISTER_SIZE = RTMR_DIGEST_SIZE,
	WRITE_MAX = 4096,       /* of one write(), what the kernel takes and looks at */
	FULL_RDEV = 1 << 8 | 7, /* of /dev/full: Documentation/admin-guide/devices.txt */
};

/* Real-time signals after the device's; likewise never sent. */
enum { MARK_START = 62, MARK_INSIDE, MARK_END };

static int writer_mark(int fd, off_t offset)
{
	const int mark = offset == 0 ? MARK_START : offset < REGISTER_SIZE ? MARK_INSIDE : MARK_END;

	return (int)sys_call(SYS_fcntl, fd, F_SETSIG, mark, 0, 0, 0);
}

/* The offset of a descriptor, one of 0, 1 and 48 for its kind. */
static off_t writer_offset(int fd)
{
	const long mark = sys_call(SYS_fcntl, fd, F_GETSIG, 0, 0, 0, 0);

	return mark == MARK_START ? 0 : mark == MARK_INSIDE ? 1 : REGISTER_SIZE;
}

bool writer_is_marked(int fd)
{
	const long mark = sys_call(SYS_fcntl, fd, F_GETSIG, 0, 0, 0, 0);
	struct stat st;

	return mark >= MARK_START && mark <= MARK_END && sys_fstat(fd, &st) == 0 &&
	       S_ISCHR(st.st_mode) && st.st_rdev == FULL_RDEV;
}

static int open_failed(int err)
{
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return err;
	log_error("/dev/full: %s; registers are written through it", log_errno(-err));
	return -EIO;
}

int writer_open(const struct place *place, int flags)
{
	const int kept = O_NONBLOCK | O_APPEND | O_SYNC | O_NOFOLLOW | O_CLOEXEC;
	/* ".../rtmrN:sha384" */
	const unsigned index = (unsigned)(strrchr(place->path, '/')[sizeof("rtmr")] - '0');
	int err;
	int fd;

	if (!rtmr_allows(place->path, index))
		return -ENXIO;
	if ((flags & O_ACCMODE) != O_WRONLY) {
		log_error("%s: not opened: it opens for reading or for writing, not for both",
			  place->path);
		return -ENXIO;
	}
	fd = sys_openat(AT_FDCWD, "/dev/full", O_WRONLY | (flags & kept), 0);
	if (fd < 0)
		return open_failed(fd);
	err = writer_mark(fd, 0);
	if (err == 0)
		return fd;
	sys_close(fd);
	return open_failed(err);
}

/*
 * All that the kernel would copy must be readable; the first 48 bytes of it are kept.  Not inlined: the
 * stack is free again when the agent is asked.
 */
static __attribute__((noinline)) int digest_read(const struct caller *caller,
						 uint8_t digest[static RTMR_DIGEST_SIZE],
						 uint64_t from, size_t len)
{
	uint8_t data[WRITE_MAX] = {0};
	int err;

	if (len == 0)
		return 0;
	err = caller->read_memory(caller, data, from, len < WRITE_MAX ? len : WRITE_MAX);
	memcpy(digest, data, RTMR_DIGEST_SIZE);
	return err < 0 && err != -EFAULT ? -EIO : err;
}

/* @moves: by write(), which moves the offset; under the lock, for threads share it. */
static int writer_extend(int fd, bool moves, const uint8_t digest[static RTMR_DIGEST_SIZE])
{
	struct rtmr rtmr;
	int err = rtmr_begin(&rtmr);

	if (err < 0)
		return err;
	err = moves && writer_offset(fd) != 0 ? -EFBIG : rtmr_extend(&rtmr, digest);
	if (err == 0 && moves)
		writer_mark(fd, REGISTER_SIZE);
	rtmr_end(&rtmr);
	return err;
}

ssize_t writer_write(const struct caller *caller, int fd, uint64_t from, size_t len, off_t at)
{
	const off_t offset = at < 0 ? writer_offset(fd) : at;
	uint8_t digest[RTMR_DIGEST_SIZE];
	int err = digest_read(caller, digest, from, len);

	if (err < 0)
		return err;
	if (offset >= REGISTER_SIZE)
		return -EFBIG;
	if (len == 0)
		return 0;
	if (offset > 0 || len < REGISTER_SIZE)
		return -EINVAL;
	err = writer_extend(fd, at < 0, digest);
	return err < 0 ? err : REGISTER_SIZE;
}

off_t writer_seek(int fd, off_t offset, int whence)
{
	off_t base = 0;

	if (whence == SEEK_CUR)
		base = writer_offset(fd);
	else if (whence == SEEK_END)
		base = REGISTER_SIZE;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(base, offset, &base) || base < 0)
		return -EINVAL;
	/* where it stands is asked for without moving it */
	if (whence != SEEK_CUR || offset != 0)
		writer_mark(fd, base);
	return base;
}
