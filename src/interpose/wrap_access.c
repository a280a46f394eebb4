/* SPDX-License-Identifier: Apache-2.0 */
/* access() and chmod(): asked about an object, without opening it. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interpose/front.h"
#include "interpose/wrap.h"

#define WRAP_ACCESS(name)                                                                          \
	EXPORT int name(const char *path, int mode);                                               \
	int name(const char *path, int mode)                                                       \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = NEXT(name)(path, mode);                                                  \
                                                                                                   \
		return front_refused(ret) ? front_access(AT_FDCWD, path, mode, before) : ret;      \
	}

#define WRAP_FACCESSAT(name)                                                                       \
	EXPORT int name(int dirfd, const char *path, int mode, int flags);                         \
	int name(int dirfd, const char *path, int mode, int flags)                                 \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = NEXT(name)(dirfd, path, mode, flags);                                    \
                                                                                                   \
		return front_refused(ret) ? front_access(dirfd, path, mode, before) : ret;         \
	}

#define WRAP_CHMOD(name)                                                                           \
	EXPORT int name(const char *path, mode_t mode);                                            \
	int name(const char *path, mode_t mode)                                                    \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = NEXT(name)(path, mode);                                                  \
                                                                                                   \
		return front_refused(ret) ? front_check(AT_FDCWD, path, before) : ret;             \
	}

#define WRAP_FCHMODAT(name)                                                                        \
	EXPORT int name(int dirfd, const char *path, mode_t mode, int flags);                      \
	int name(int dirfd, const char *path, mode_t mode, int flags)                              \
	{                                                                                          \
		const int before = errno;                                                          \
		int ret = NEXT(name)(dirfd, path, mode, flags);                                    \
                                                                                                   \
		return front_refused(ret) ? front_check(dirfd, path, before) : ret;                \
	}

#define FAMILY_ACCESS
#include "interpose/symbols.def"
