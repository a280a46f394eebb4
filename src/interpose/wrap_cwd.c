/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current directory, and the calls that tell names: where a result shows a path of the state
 * folder, the native path (which is never longer) takes its place.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/wrap.h"
#include "tree/mend.h"
#include "tree/tree.h"

enum { LINK_SIZE = 1024 };

#define WRAP_CHDIR(name)                                                                           \
	EXPORT int name(const char *path);                                                         \
	int name(const char *path)                                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK(path, NEXT(name)(path));                                             \
                                                                                                   \
		if (front_refused(ret) || (ret == 0 && front_disowns(path)))                       \
			return front_chdir(path, before);                                          \
		return ret;                                                                        \
	}

static char *mended(char *path)
{
	if (path)
		path[mend_path(path, strlen(path))] = '\0';
	return path;
}

/* The state folder's path did not fit; the native one may. */
static char *cwd_again(char *buf, size_t size)
{
	char path[LINK_SIZE];
	ssize_t whole = sys_getcwd(path, sizeof(path));
	size_t len;

	if (whole <= 0)
		return NULL;
	len = mend_path(path, (size_t)whole - 1);
	if (len == (size_t)whole - 1 || len >= size)
		return NULL;
	memcpy(buf, path, len);
	buf[len] = '\0';
	return buf;
}

static char *cwd_told(char *path, char *buf, size_t size, int before)
{
	if (path || errno != ERANGE || !buf)
		return mended(path);
	path = cwd_again(buf, size);
	errno = path ? before : ERANGE;
	return path;
}

#define WRAP_GETCWD(name)                                                                          \
	EXPORT char *name(char *buf, size_t size);                                                 \
	char *name(char *buf, size_t size)                                                         \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return cwd_told(NEXT(name)(buf, size), buf, size, before);                         \
	}

#define WRAP_GETCWD_CHK(name)                                                                      \
	EXPORT char *name(char *buf, size_t size, size_t room);                                    \
	char *name(char *buf, size_t size, size_t room)                                            \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return cwd_told(NEXT(name)(buf, size, room), buf, size, before);                   \
	}

#define WRAP_GETWD(name)                                                                           \
	EXPORT char *name(char *buf);                                                              \
	char *name(char *buf)                                                                      \
	{                                                                                          \
		return mended(NEXT(name)(buf));                                                    \
	}

#define WRAP_GETWD_CHK(name)                                                                       \
	EXPORT char *name(char *buf, size_t room);                                                 \
	char *name(char *buf, size_t room)                                                         \
	{                                                                                          \
		return mended(NEXT(name)(buf, room));                                              \
	}

#define WRAP_CURRENT_DIR(name)                                                                     \
	EXPORT char *name(void);                                                                   \
	char *name(void)                                                                           \
	{                                                                                          \
		return mended(NEXT(name)());                                                       \
	}

/* realpath() of a name of ours that the kernel refused: our paths have no symbolic links. */
static char *front_realpath(const char *path, char *resolved, int before)
{
	const int refused = errno;
	char native[LAYOUT_PATH_SIZE];
	struct node node;
	int ret = TREE_PASS;

	if (front_find(AT_FDCWD, path, refused, &node))
		ret = tree_check(&node);
	if (front_end(ret, refused, before) < 0)
		return NULL;
	layout_native_path(native, &node);
	return resolved ? memcpy(resolved, native, strlen(native) + 1) : strdup(native);
}

static char *realpathed(char *found, const char *path, char *resolved, int before)
{
	if (found || is_null(path) || !front_refused(-1))
		return mended(found);
	return front_realpath(path, resolved, before);
}

#define WRAP_REALPATH(name)                                                                        \
	EXPORT char *name(const char *path, char *resolved);                                       \
	char *name(const char *path, char *resolved)                                               \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return realpathed(ASK_PTR(path, NEXT(name)(path, resolved)), path, resolved,       \
				  before);                                                         \
	}

#define WRAP_REALPATH_CHK(name)                                                                    \
	EXPORT char *name(const char *path, char *resolved, size_t room);                          \
	char *name(const char *path, char *resolved, size_t room)                                  \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return realpathed(ASK_PTR(path, NEXT(name)(path, resolved, room)), path, resolved, \
				  before);                                                         \
	}

#define WRAP_CANONICALIZE(name)                                                                    \
	EXPORT char *name(const char *path);                                                       \
	char *name(const char *path)                                                               \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return realpathed(ASK_PTR(path, NEXT(name)(path)), path, NULL, before);            \
	}

/*
 * A link that filled the buffer may have been cut, and its native form may fit: read whole, mended,
 * and cut again.
 */
static ssize_t linked_whole(ssize_t len, int dirfd, const char *path, char *buf, size_t size)
{
	char link[LINK_SIZE];
	ssize_t whole = sys_readlinkat(dirfd, path, link, sizeof(link));
	size_t native;

	if (whole < 0 || (size_t)whole >= sizeof(link))
		return len;
	native = mend_path(link, (size_t)whole);
	if (native == (size_t)whole)
		return len;
	if (native > size)
		native = size;
	memcpy(buf, link, native);
	return (ssize_t)native;
}

static ssize_t linked(ssize_t len, int dirfd, const char *path, char *buf, size_t size, int before)
{
	/* other links never lead to us, and git reads them into buffers that fit exactly */
	if (UNLIKELY(len > 0 && (size_t)len == size) &&
	    (path[0] == '/' ? front_by_descriptor(path) : front_met))
		return linked_whole(len, dirfd, path, buf, size);
	if (len > 0)
		return (ssize_t)mend_path(buf, (size_t)len);
	return front_refused(len) ? front_readlink(dirfd, path, before) : len;
}

#define WRAP_READLINK(name)                                                                        \
	EXPORT ssize_t name(const char *path, char *buf, size_t size);                             \
	ssize_t name(const char *path, char *buf, size_t size)                                     \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return linked(ASK(path, NEXT(name)(path, buf, size)), AT_FDCWD, path, buf, size,   \
			      before);                                                             \
	}

#define WRAP_READLINK_CHK(name)                                                                    \
	EXPORT ssize_t name(const char *path, char *buf, size_t size, size_t room);                \
	ssize_t name(const char *path, char *buf, size_t size, size_t room)                        \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return linked(ASK(path, NEXT(name)(path, buf, size, room)), AT_FDCWD, path, buf,   \
			      size, before);                                                       \
	}

#define WRAP_READLINKAT(name)                                                                      \
	EXPORT ssize_t name(int dirfd, const char *path, char *buf, size_t size);                  \
	ssize_t name(int dirfd, const char *path, char *buf, size_t size)                          \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return linked(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, buf, size)), dirfd,      \
			      path, buf, size, before);                                            \
	}

#define WRAP_READLINKAT_CHK(name)                                                                  \
	EXPORT ssize_t name(int dirfd, const char *path, char *buf, size_t size, size_t room);     \
	ssize_t name(int dirfd, const char *path, char *buf, size_t size, size_t room)             \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return linked(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, buf, size, room)),       \
			      dirfd, path, buf, size, before);                                     \
	}

#define FAMILY_CWD
#include "interpose/symbols.def"
