/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>

#include "base/log.h"
#include "base/sys.h"

enum { CHUNK = 1024 };

static int file_check(int fd)
{
	struct stat st;
	int err = sys_fstat(fd, &st);

	if (err == 0 && !S_ISREG(st.st_mode))
		err = -EIO;
	return err;
}

int file_open(int dirfd, const char *name, int flags)
{
	int fd = sys_openat(dirfd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	int err;

	if (fd == -ELOOP || fd == -ENXIO || fd == -EISDIR) {
		err = -EIO;
	} else if (fd < 0) {
		return fd;
	} else {
		err = file_check(fd);
		if (err == 0 && !(flags & O_NONBLOCK))
			err = (int)sys_call(SYS_fcntl, fd, F_SETFL, flags & ~O_ACCMODE, 0, 0, 0);
		if (err == 0)
			return fd;
		sys_close(fd);
	}
	if (err == -EIO)
		log_error("state folder: %s is not a regular file; somebody planted it, remove it",
			  name);
	return err;
}

int file_read(int fd, struct buf *out, size_t max)
{
	uint8_t chunk[CHUNK];
	ssize_t got;
	int err = 0;

	while (err == 0 && (got = sys_read(fd, chunk, sizeof(chunk))) != 0)
		err = got < 0 ? (int)got : buf_append(out, chunk, (size_t)got, max);
	if (err < 0)
		buf_free(out);
	return err;
}

int file_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t put = sys_write(fd, at, len);

		if (put < 0 && put != -EINTR)
			return (int)put;
		if (put > 0) {
			at += put;
			len -= (size_t)put;
		}
	}
	return 0;
}
