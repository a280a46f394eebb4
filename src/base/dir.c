/* SPDX-License-Identifier: Apache-2.0 */
#include "base/dir.h"

#include <errno.h>
#include <string.h>

#include "base/sys.h"

/* linux_dirent64 of the kernel's include/linux/dirent.h */
struct dirent_head {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

enum { DIR_BUFFER = 1024 };

_Static_assert(offsetof(struct dirent_head, name) == 19, "getdents64(2) layout");

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int dir_each(int fd, int (*visit)(int fd, const char *name, void *arg), void *arg)
{
	_Alignas(struct dirent_head) char buffer[DIR_BUFFER];
	ssize_t got;

	sys_call(SYS_lseek, fd, 0, SEEK_SET, 0, 0, 0);
	while ((got = sys_getdents64(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent_head *head = (const void *)(buffer + at);
			int ret = is_dots(head->name) ? 0 : visit(fd, head->name, arg);

			if (ret != 0)
				return ret;
			at += head->reclen;
		}
	}
	return (int)got;
}

static int unlink_one(int fd, const char *name, void *arg)
{
	(void)arg;
	if (sys_unlinkat(fd, name, 0) == -EISDIR)
		sys_unlinkat(fd, name, AT_REMOVEDIR);
	return 0;
}

int dir_remove(int parent, const char *path)
{
	struct stat st;
	int err = sys_fstatat(parent, path, &st, AT_SYMLINK_NOFOLLOW);
	int fd;

	if (err < 0)
		return err == -ENOENT ? 0 : err;
	if (!S_ISDIR(st.st_mode))
		return sys_unlinkat(parent, path, 0);
	if ((st.st_mode & 0700) != 0700)
		sys_fchmodat(parent, path, 0700);
	fd = sys_openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	err = dir_each(fd, unlink_one, NULL);
	sys_close(fd);
	return err < 0 ? err : sys_unlinkat(parent, path, AT_REMOVEDIR);
}
