/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listings.  Our folders are real ones, so the kernel lists them; what is left to do is to open them
 * by their native names, and to show the sockets that stand for attributes as regular files.
 */
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/loader.h"
#include "interpose/wrap.h"

static DIR *front_opendir(int dirfd, const char *path, int before)
{
	int fd = front_open(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, before);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir) {
		int error = errno;

		sys_close(fd);
		errno = error;
	}
	return dir;
}

#define WRAP_OPENDIR(name)                                                                         \
	EXPORT DIR *name(const char *path);                                                        \
	DIR *name(const char *path)                                                                \
	{                                                                                          \
		const int before = errno;                                                          \
		DIR *dir = ASK_PTR(path, NEXT(name)(path));                                        \
                                                                                                   \
		if (dir && front_disowns(path)) {                                                  \
			closedir(dir);                                                             \
			errno = ENOENT;                                                            \
			dir = NULL;                                                                \
		}                                                                                  \
		if (dir || !front_refused(-1))                                                     \
			return dir;                                                                \
		return front_opendir(AT_FDCWD, path, before);                                      \
	}

static bool folder_is_marked(int fd)
{
	struct stat st;

	return sys_fstat(fd, &st) == 0 && layout_is_marked(st.st_mode);
}

/* A listing shows a socket: ours, if the folder is. */
static unsigned char listed_type(DIR *dir, unsigned char type)
{
	return type == DT_SOCK && folder_is_marked(dirfd(dir)) ? DT_REG : type;
}

#define READDIR_WRAPPER(name, type)                                                                \
	EXPORT type *name(DIR *dir);                                                               \
	type *name(DIR *dir)                                                                       \
	{                                                                                          \
		type *entry = NEXT(name)(dir);                                                     \
                                                                                                   \
		if (entry && UNLIKELY(entry->d_type == DT_SOCK))                                   \
			entry->d_type = listed_type(dir, entry->d_type);                           \
		return entry;                                                                      \
	}

#define WRAP_READDIR(name)   READDIR_WRAPPER(name, struct dirent)
#define WRAP_READDIR64(name) READDIR_WRAPPER(name, struct dirent64)

#define READDIR_R_WRAPPER(name, type)                                                              \
	EXPORT int name(DIR *dir, type *entry, type **result);                                     \
	int name(DIR *dir, type *entry, type **result)                                             \
	{                                                                                          \
		int error = NEXT(name)(dir, entry, result);                                        \
                                                                                                   \
		if (error == 0 && *result && UNLIKELY(entry->d_type == DT_SOCK))                   \
			entry->d_type = listed_type(dir, entry->d_type);                           \
		return error;                                                                      \
	}

#define WRAP_READDIR_R(name)   READDIR_R_WRAPPER(name, struct dirent)
#define WRAP_READDIR64_R(name) READDIR_R_WRAPPER(name, struct dirent64)

/* What scandir() collects; struct dirent64 is struct dirent on x86-64. */
struct scan {
	struct dirent **list;
	size_t count;
	size_t room;
};

static bool scan_add(struct scan *scan, const struct dirent *entry)
{
	struct dirent *copy;

	if (scan->count == scan->room) {
		size_t room = scan->room ? scan->room * 2 : 16;
		struct dirent **list = realloc(scan->list, room * sizeof(*list));

		if (!list)
			return false;
		scan->list = list;
		scan->room = room;
	}
	copy = malloc(entry->d_reclen);
	if (!copy)
		return false;
	memcpy(copy, entry, entry->d_reclen);
	scan->list[scan->count++] = copy;
	return true;
}

static bool scan_dir(struct scan *scan, DIR *dir, int (*filter)(const struct dirent *))
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if ((!filter || filter(entry)) && !scan_add(scan, entry))
			return false;
	return true;
}

typedef int scan_filter(const struct dirent *);
typedef int scan_compare(const struct dirent **, const struct dirent **);

/* scandir() of a folder of ours: libc's own would not come to our opendir(). */
static int front_scandir(int dirfd, const char *path, struct dirent ***list, scan_filter *filter,
			 scan_compare *compare, int before)
{
	struct scan scan = {0};
	DIR *dir = front_opendir(dirfd, path, before);

	if (!dir)
		return -1;
	if (!scan_dir(&scan, dir, filter)) {
		while (scan.count > 0)
			free(scan.list[--scan.count]);
		free(scan.list);
		closedir(dir);
		errno = ENOMEM;
		return -1;
	}
	closedir(dir);
	if (compare && scan.count > 0)
		qsort(scan.list, scan.count, sizeof(*scan.list),
		      (int (*)(const void *, const void *))compare);
	*list = scan.list;
	errno = before;
	return (int)scan.count;
}

/*
 * libc has listed the folder itself, by a relative name; its sockets are ours if the folder is.  The
 * program's filter has seen them as such: docs/differences.md.
 */
static int scanned(int count, int dirfd, const char *path, struct dirent **list)
{
	int sockets = 0;

	for (int i = 0; i < count; i++)
		sockets += list[i]->d_type == DT_SOCK;
	if (sockets == 0 || !front_is_ours(dirfd, path, 0))
		return count;
	for (int i = 0; i < count; i++)
		if (list[i]->d_type == DT_SOCK)
			list[i]->d_type = DT_REG;
	return count;
}

#define SCANDIRAT_BODY(dirfd, path, list, filter, compare, call)                                   \
	{                                                                                          \
		const int before = errno;                                                          \
		int count = ASK_AT(dirfd, path, call);                                             \
                                                                                                   \
		if (!front_refused(count))                                                         \
			return count < 0 ? count                                                   \
					 : scanned(count, dirfd, path, (struct dirent **)*list);   \
		return front_scandir(dirfd, path, (struct dirent ***)list, (scan_filter *)filter,  \
				     (scan_compare *)compare, before);                             \
	}

#define SCANDIR_WRAPPER(name, type)                                                                \
	EXPORT int name(const char *path, type ***list, int (*filter)(const type *),               \
			int (*compare)(const type **, const type **));                             \
	int name(const char *path, type ***list, int (*filter)(const type *),                      \
		 int (*compare)(const type **, const type **))                                     \
		SCANDIRAT_BODY(AT_FDCWD, path, list, filter, compare,                              \
			       NEXT(name)(path, list, filter, compare))

#define SCANDIRAT_WRAPPER(name, type)                                                              \
	EXPORT int name(int dirfd, const char *path, type ***list, int (*filter)(const type *),    \
			int (*compare)(const type **, const type **));                             \
	int name(int dirfd, const char *path, type ***list, int (*filter)(const type *),           \
		 int (*compare)(const type **, const type **))                                     \
		SCANDIRAT_BODY(dirfd, path, list, filter, compare,                                 \
			       NEXT(name)(dirfd, path, list, filter, compare))

#define WRAP_SCANDIR(name)     SCANDIR_WRAPPER(name, struct dirent)
#define WRAP_SCANDIR64(name)   SCANDIR_WRAPPER(name, struct dirent64)
#define WRAP_SCANDIRAT(name)   SCANDIRAT_WRAPPER(name, struct dirent)
#define WRAP_SCANDIRAT64(name) SCANDIRAT_WRAPPER(name, struct dirent64)

#define WRAP_GETDENTS(name)                                                                        \
	EXPORT ssize_t name(int fd, void *buf, size_t size);                                       \
	ssize_t name(int fd, void *buf, size_t size)                                               \
	{                                                                                          \
		ssize_t len = NEXT(name)(fd, buf, size);                                           \
                                                                                                   \
		if (len > 0)                                                                       \
			front_mended_listing(fd, buf, (size_t)len);                                \
		return len;                                                                        \
	}

/*
 * glob() looks into folders by itself; glibc's lets us lend it our eyes.  musl's has no such flag,
 * and there a pattern below our names finds nothing (docs/differences.md).
 */
#ifndef GLOB_ALTDIRFUNC
#error "build against glibc's headers: the library serves both"
#endif

static bool glob_may_be_ours(const char *pattern, int flags)
{
	return node_is_candidate(pattern) && !(flags & GLOB_ALTDIRFUNC) && loader_is_glibc();
}

static void glob_closedir(void *dir)
{
	closedir(dir);
}

#define GLOB_WRAPPER(name, type, entry_type, stat_type)                                            \
	EXPORT int name(const char *pattern, int flags, int (*error)(const char *, int),           \
			type *found);                                                              \
	int name(const char *pattern, int flags, int (*error)(const char *, int), type *found)     \
	{                                                                                          \
		if (is_null(pattern) || is_null(found) || !glob_may_be_ours(pattern, flags))       \
			return NEXT(name)(pattern, flags, error, found);                           \
		found->gl_opendir = (void *(*)(const char *))opendir;                              \
		found->gl_readdir = (entry_type * (*)(void *)) readdir;                            \
		found->gl_closedir = glob_closedir;                                                \
		found->gl_stat = (int (*)(const char *, stat_type *))stat;                         \
		found->gl_lstat = (int (*)(const char *, stat_type *))lstat;                       \
		return NEXT(name)(pattern, flags | GLOB_ALTDIRFUNC, error, found);                 \
	}

#define WRAP_GLOB(name)   GLOB_WRAPPER(name, glob_t, struct dirent, struct stat)
#define WRAP_GLOB64(name) GLOB_WRAPPER(name, glob64_t, struct dirent64, struct stat64)

#define FAMILY_DIR
#include "interpose/symbols.def"
