/* SPDX-License-Identifier: Apache-2.0 */
/* The stat family: kernel first, then a refused path or a marked result. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/wrap.h"

/* AT_EMPTY_PATH was given: the call is about the descriptor itself. */
static bool is_empty(const char *path)
{
	return is_null(path) || path[0] == '\0';
}

static __attribute__((noinline)) int stated_otherwise(int ret, int dirfd, const char *path,
						      struct stat *st, int before)
{
	if (ret == 0) {
		if (front_is_marked(st->st_mode)) {
			front_mended_stat(dirfd, path, st);
			errno = before;
		}
		if (S_ISCHR(st->st_mode) && hint_get(dirfd) && is_empty(path))
			front_show_device(dirfd, st);
		if (!front_disowns(path))
			return 0;
		ret = -1;
	}
	return front_refused(ret) ? front_stat(dirfd, path, st, before) : ret;
}

/* struct stat64 is struct stat on x86-64.  Nearly every result carries no mark. */
static inline __attribute__((always_inline)) int stated(int ret, int dirfd, const char *path,
							void *result, int before)
{
	struct stat *st = result;

	if (LIKELY(ret == 0 && !(st->st_mode & S_ISVTX) && !S_ISCHR(st->st_mode) &&
		   !front_may_disown(path)))
		return 0;
	return stated_otherwise(ret, dirfd, path, st, before);
}

static __attribute__((noinline)) int stated_fd_otherwise(int ret, int fd, struct stat *st,
							 int before)
{
	if (ret == 0 && front_is_marked(st->st_mode)) {
		front_mended_stat(fd, "", st);
		errno = before;
	}
	if (ret == 0 && S_ISCHR(st->st_mode) && hint_get(fd))
		front_show_device(fd, st);
	return ret;
}

/* A descriptor is never refused for what it is. */
static inline __attribute__((always_inline)) int stated_fd(int ret, int fd, void *result,
							   int before)
{
	struct stat *st = result;

	if (LIKELY(ret == 0 && !(st->st_mode & S_ISVTX) && !S_ISCHR(st->st_mode)))
		return 0;
	return stated_fd_otherwise(ret, fd, st, before);
}

#define STAT_WRAPPER(name, type)                                                                   \
	EXPORT int name(const char *path, type *st);                                               \
	int name(const char *path, type *st)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return stated(ASK(path, NEXT(name)(path, st)), AT_FDCWD, path, st, before);        \
	}

#define FSTAT_WRAPPER(name, type)                                                                  \
	EXPORT int name(int fd, type *st);                                                         \
	int name(int fd, type *st)                                                                 \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return stated_fd(NEXT(name)(fd, st), fd, st, before);                              \
	}

#define FSTATAT_WRAPPER(name, type)                                                                \
	EXPORT int name(int dirfd, const char *path, type *st, int flags);                         \
	int name(int dirfd, const char *path, type *st, int flags)                                 \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return stated(ASK_AT(dirfd, path, NEXT(name)(dirfd, path, st, flags)), dirfd,      \
			      path, st, before);                                                   \
	}

#define XSTAT_WRAPPER(name, type)                                                                  \
	EXPORT int name(int version, const char *path, type *st);                                  \
	int name(int version, const char *path, type *st)                                          \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return stated(ASK(path, NEXT(name)(version, path, st)), AT_FDCWD, path, st,        \
			      before);                                                             \
	}

#define FXSTAT_WRAPPER(name, type)                                                                 \
	EXPORT int name(int version, int fd, type *st);                                            \
	int name(int version, int fd, type *st)                                                    \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return stated_fd(NEXT(name)(version, fd, st), fd, st, before);                     \
	}

#define FXSTATAT_WRAPPER(name, type)                                                               \
	EXPORT int name(int version, int dirfd, const char *path, type *st, int flags);            \
	int name(int version, int dirfd, const char *path, type *st, int flags)                    \
	{                                                                                          \
		const int before = errno;                                                          \
                                                                                                   \
		return stated(ASK_AT(dirfd, path, NEXT(name)(version, dirfd, path, st, flags)),    \
			      dirfd, path, st, before);                                            \
	}

#define WRAP_STAT(name)       STAT_WRAPPER(name, struct stat)
#define WRAP_STAT64(name)     STAT_WRAPPER(name, struct stat64)
#define WRAP_FSTAT(name)      FSTAT_WRAPPER(name, struct stat)
#define WRAP_FSTAT64(name)    FSTAT_WRAPPER(name, struct stat64)
#define WRAP_FSTATAT(name)    FSTATAT_WRAPPER(name, struct stat)
#define WRAP_FSTATAT64(name)  FSTATAT_WRAPPER(name, struct stat64)
#define WRAP_XSTAT(name)      XSTAT_WRAPPER(name, struct stat)
#define WRAP_XSTAT64(name)    XSTAT_WRAPPER(name, struct stat64)
#define WRAP_FXSTAT(name)     FXSTAT_WRAPPER(name, struct stat)
#define WRAP_FXSTAT64(name)   FXSTAT_WRAPPER(name, struct stat64)
#define WRAP_FXSTATAT(name)   FXSTATAT_WRAPPER(name, struct stat)
#define WRAP_FXSTATAT64(name) FXSTATAT_WRAPPER(name, struct stat64)

#define WRAP_STATX(name)                                                                           \
	EXPORT int name(int dirfd, const char *path, int flags, unsigned mask, struct statx *stx); \
	int name(int dirfd, const char *path, int flags, unsigned mask, struct statx *stx)         \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = ASK_AT(dirfd, path, NEXT(name)(dirfd, path, flags, mask, stx));          \
                                                                                                   \
		if (ret == 0 && front_is_marked(stx->stx_mode)) {                                  \
			front_mended_statx(dirfd, is_null(path) ? "" : path,                       \
					   (struct sys_statx *)stx);                               \
			errno = before;                                                            \
		}                                                                                  \
		if (ret == 0 && S_ISCHR(stx->stx_mode) && hint_get(dirfd) && is_empty(path))       \
			front_show_device_statx(dirfd, (struct sys_statx *)stx);                   \
		if (!front_refused(ret) && (ret < 0 || is_null(path) || !front_disowns(path)))     \
			return ret;                                                                \
		return front_statx(dirfd, path, flags, mask, (struct sys_statx *)stx, before);     \
	}

#define FAMILY_STAT
#include "interpose/symbols.def"
