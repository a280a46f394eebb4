/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/own.h"

#include <errno.h>
#include <stdio.h>

#include "base/sys.h"

static int read_name(const char *link, char *name, size_t size)
{
	ssize_t len = sys_readlinkat(AT_FDCWD, link, name, size);

	if (len < 0)
		return (int)len;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	name[len] = '\0';
	return name[0] == '/' ? 0 : -ENOENT;
}

static int own_dir_name(const struct caller *caller, int dirfd, char *name, size_t size)
{
	char link[32];
	ssize_t len;

	(void)caller;
	if (dirfd != AT_FDCWD) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
		return read_name(link, name, size);
	}
	len = sys_getcwd(name, size);
	if (len == -ERANGE)
		return -ENAMETOOLONG;
	/* of a removed folder, whose ".." is still there, /proc tells the name */
	if (len == -ENOENT)
		return read_name("/proc/self/cwd", name, size);
	if (len < 0)
		return (int)len;
	/* "(unreachable)/..." is no path */
	return name[0] == '/' ? 0 : -ENOENT;
}

const struct caller own_process = {.dir_name = own_dir_name};
