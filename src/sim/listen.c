/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets, made here because libmicrohttpd makes only network ones. */
#include "sim/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/die.h"

/* Large, so that a burst of clients meets no EAGAIN; the kernel caps it at net.core.somaxconn. */
enum { BACKLOG = 4096 };

static void remove_stale(const struct sockaddr_un *address)
{
	struct stat info;
	int probe;

	if (lstat(address->sun_path, &info))
		return;
	if (!S_ISSOCK(info.st_mode))
		die("%s exists and is no socket; give another --socket path", address->sun_path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe < 0)
		die("cannot make a socket: %s", strerror(errno));
	if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0)
		die("%s: another process listens here; stop it or give another path",
		    address->sun_path);
	close(probe);
	if (unlink(address->sun_path) && errno != ENOENT)
		die("cannot remove the stale socket %s: %s", address->sun_path, strerror(errno));
}

void listen_open(struct listener *listener, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat info;

	if (!path[0] || strlen(path) >= sizeof(address.sun_path))
		die("socket path must have 1 to %zu bytes: %s", sizeof(address.sun_path) - 1, path);
	memcpy(address.sun_path, path, strlen(path));
	remove_stale(&address);
	*listener = (struct listener){.path = path};
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 ||
	    bind(listener->fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    chmod(path, 0777) || stat(path, &info) || listen(listener->fd, BACKLOG))
		die("cannot listen on %s: %s", path, strerror(errno));
	listener->dev = info.st_dev;
	listener->ino = info.st_ino;
}

void listen_remove(const struct listener *listener)
{
	struct stat info;

	if (lstat(listener->path, &info) == 0 && info.st_dev == listener->dev &&
	    info.st_ino == listener->ino)
		unlink(listener->path);
}
