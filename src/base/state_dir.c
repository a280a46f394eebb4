/* SPDX-License-Identifier: Apache-2.0 */
#include "base/state_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/sys.h"

enum { STATE_PATH_SIZE = 512 };

/* Where the folder cannot be made here, but may be elsewhere. */
static int place_unusable(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -EACCES || error == -EPERM ||
	       error == -EROFS || error == -ENOSPC || error == -EDQUOT;
}

static int dir_check(int fd, const char *path)
{
	struct stat st;
	int err = sys_fstat(fd, &st);

	if (err < 0)
		return err;
	if (st.st_uid != sys_geteuid()) {
		log_error("state folder %s: belongs to uid %u, not to us; remove it or set "
			  "TEESHIM_STATE_DIR",
			  path, (unsigned)st.st_uid);
		return -EACCES;
	}
	if ((st.st_mode & 07777) != 0700) {
		log_error("state folder %s: mode %04o, wanted 0700; chmod or remove it", path,
			  (unsigned)(st.st_mode & 07777));
		return -EACCES;
	}
	return 0;
}

/*
 * A folder of ours without owner bits was just made under a hard umask, by a process that has not
 * come to its chmod yet.  Through a descriptor, for the name may be swapped for a link meanwhile.
 */
static void dir_mend(const char *path)
{
	int fd = sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	char link[32];
	struct stat st;

	if (fd < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (sys_fstat(fd, &st) == 0 && st.st_uid == sys_geteuid() && (st.st_mode & 07077) == 0)
		sys_fchmodat(AT_FDCWD, link, 0700);
	sys_close(fd);
}

static int dir_open(const char *path)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = sys_openat(AT_FDCWD, path, flags, 0);

	if (fd != -EACCES)
		return fd;
	dir_mend(path);
	return sys_openat(AT_FDCWD, path, flags, 0);
}

static int dir_place(const char *path, bool make)
{
	int made = -EEXIST;
	int fd = dir_open(path);
	struct stat st;
	int err;

	if (fd == -ENOENT && make) {
		made = sys_mkdirat(AT_FDCWD, path, 0700);
		if (made < 0 && made != -EEXIST)
			return made;
		fd = dir_open(path);
	}
	if ((fd == -EACCES || fd == -ENOTDIR || fd == -ELOOP) &&
	    sys_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		log_error("state folder %s: another user's, a symbolic link or no directory; "
			  "remove it "
			  "or set TEESHIM_STATE_DIR",
			  path);
		return -EUCLEAN;
	}
	if (fd < 0)
		return fd;
	if (made == 0)
		sys_fchmod(fd, 0700);
	err = dir_check(fd, path);
	if (err == 0)
		return fd;
	sys_close(fd);
	return err == -EACCES ? -EUCLEAN : err;
}

/*
 * -EUCLEAN inside this file: something stands there and is not ours.  Going on to the next place
 * would let another user decide which place that is, process by process.
 */
static int default_dir_open(bool make)
{
	const char *const parents[] = {"/dev/shm", config_string("XDG_RUNTIME_DIR"), "/tmp"};
	char path[STATE_PATH_SIZE];
	int err = -EACCES;

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		int len;

		if (!parents[i])
			continue;
		len = snprintf(path, sizeof(path), "%s/teeshim-%u-v1", parents[i],
			       (unsigned)sys_geteuid());
		if (len < 0 || (size_t)len >= sizeof(path))
			continue;
		err = dir_place(path, make);
		if (err >= 0 || !place_unusable(err))
			return err;
	}
	if (!make)
		return -ENOENT;
	log_error("no state folder: none of /dev/shm, $XDG_RUNTIME_DIR, /tmp can be written; set "
		  "TEESHIM_STATE_DIR to a folder of your own");
	return err;
}

int state_dir_open(bool make)
{
	const char *named = config_string("TEESHIM_STATE_DIR");
	int fd;

	if (named && strlen(named) >= STATE_PATH_SIZE) {
		log_error("TEESHIM_STATE_DIR: longer than %d bytes; name a shorter folder",
			  STATE_PATH_SIZE - 1);
		return -EACCES;
	}
	fd = named ? dir_place(named, make) : default_dir_open(make);

	if (fd >= 0 || (fd == -ENOENT && !make))
		return fd;
	if (named && place_unusable(fd))
		log_error("state folder %s (TEESHIM_STATE_DIR): %s", named, log_errno(-fd));
	return fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM ? fd : -EACCES;
}
