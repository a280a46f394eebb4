/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access, permissions, owners, times, lengths and extended attributes.  Changes are accepted and leave
 * the attribute as it was; extended attributes do not exist here.
 */
#include <sys/file.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#include "routes.h"

#define META_ROUTE(name, call)                                                                     \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_unchanged(t, call);                                                   \
	}

#define OPENED(t) open((t)->path, O_RDONLY)

META_ROUTE(access, access(t->path, R_OK | W_OK))
META_ROUTE(eaccess, eaccess(t->path, R_OK))
META_ROUTE(euidaccess, euidaccess(t->path, R_OK))
META_ROUTE(faccessat, faccessat(t->dirfd, t->path, R_OK, 0))
META_ROUTE(faccessat_eaccess, faccessat(t->dirfd, t->path, R_OK, AT_EACCESS))
META_ROUTE(chmod, chmod(t->path, 0666))
META_ROUTE(fchmod, fchmod(OPENED(t), 0666))
META_ROUTE(fchmodat, fchmodat(t->dirfd, t->path, 0666, 0))
META_ROUTE(lchmod, lchmod(t->path, 0666))
META_ROUTE(chown, chown(t->path, 65534, 65534))
META_ROUTE(lchown, lchown(t->path, 65534, 65534))
META_ROUTE(fchown, fchown(OPENED(t), 65534, 65534))
META_ROUTE(fchownat, fchownat(t->dirfd, t->path, 65534, 65534, 0))
META_ROUTE(utime, utime(t->path, NULL))
META_ROUTE(utimes, utimes(t->path, NULL))
META_ROUTE(lutimes, lutimes(t->path, NULL))
META_ROUTE(futimes, futimes(OPENED(t), NULL))
META_ROUTE(futimesat, futimesat(t->dirfd, t->path, NULL))
META_ROUTE(futimens, futimens(OPENED(t), NULL))
META_ROUTE(utimensat, utimensat(t->dirfd, t->path, NULL, 0))
META_ROUTE(truncate, truncate(t->path, 0))
META_ROUTE(ftruncate, ftruncate(open(t->path, O_WRONLY), 0))
META_ROUTE(flock, flock(OPENED(t), LOCK_EX | LOCK_NB))
#ifdef __GLIBC__
META_ROUTE(truncate64, truncate64(t->path, 0))
META_ROUTE(ftruncate64, ftruncate64(open(t->path, O_WRONLY), 0))
#endif

#define XATTR_ROUTE(name, call)                                                                    \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		char value[8] = "";                                                                \
		const long ret = call;                                                             \
                                                                                                   \
		return check_refused(ret, EOPNOTSUPP);                                             \
	}

XATTR_ROUTE(getxattr, getxattr(t->path, "user.a", value, sizeof(value)))
XATTR_ROUTE(lgetxattr, lgetxattr(t->path, "user.a", value, sizeof(value)))
XATTR_ROUTE(fgetxattr, fgetxattr(OPENED(t), "user.a", value, sizeof(value)))
XATTR_ROUTE(setxattr, setxattr(t->path, "user.a", value, sizeof(value), 0))
XATTR_ROUTE(lsetxattr, lsetxattr(t->path, "user.a", value, sizeof(value), 0))
XATTR_ROUTE(fsetxattr, fsetxattr(OPENED(t), "user.a", value, sizeof(value), 0))
XATTR_ROUTE(removexattr, ((void)value, removexattr(t->path, "user.a")))
XATTR_ROUTE(lremovexattr, ((void)value, lremovexattr(t->path, "user.a")))
XATTR_ROUTE(fremovexattr, ((void)value, fremovexattr(OPENED(t), "user.a")))

#define LISTXATTR_ROUTE(name, call)                                                                \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		char value[8] = "";                                                                \
		const long ret = call;                                                             \
                                                                                                   \
		return check_success(ret) && ret == 0;                                             \
	}

LISTXATTR_ROUTE(listxattr, listxattr(t->path, value, sizeof(value)))
LISTXATTR_ROUTE(llistxattr, llistxattr(t->path, value, sizeof(value)))
LISTXATTR_ROUTE(flistxattr, flistxattr(OPENED(t), value, sizeof(value)))

const struct route routes_meta[] = {
	{"access", FORMS_PATH, "provider", IN_BOTH(try_access)},
	{"eaccess", FORMS_PATH, "provider", IN_BOTH(try_eaccess)},
	{"euidaccess", FORMS_PATH, "provider", IN_BOTH(try_euidaccess)},
	{"faccessat", FORMS_AT, "provider", IN_BOTH(try_faccessat)},
	{"faccessat(AT_EACCESS)", FORMS_AT, "provider", IN_BOTH(try_faccessat_eaccess)},
	{"chmod", FORMS_PATH, "provider", IN_BOTH(try_chmod)},
	{"fchmod", FORMS_PATH, "provider", IN_BOTH(try_fchmod)},
	{"fchmodat", FORMS_AT, "provider", IN_BOTH(try_fchmodat)},
	{"lchmod", FORMS_PATH, "provider", IN_BOTH(try_lchmod)},
	{"chown", FORMS_PATH, "provider", IN_BOTH(try_chown)},
	{"lchown", FORMS_PATH, "provider", IN_BOTH(try_lchown)},
	{"fchown", FORMS_PATH, "provider", IN_BOTH(try_fchown)},
	{"fchownat", FORMS_AT, "provider", IN_BOTH(try_fchownat)},
	{"utime", FORMS_PATH, "provider", IN_BOTH(try_utime)},
	{"utimes", FORMS_PATH, "provider", IN_BOTH(try_utimes)},
	{"lutimes", FORMS_PATH, "provider", IN_BOTH(try_lutimes)},
	{"futimes", FORMS_PATH, "provider", IN_BOTH(try_futimes)},
	{"futimesat", FORMS_AT, "provider", IN_BOTH(try_futimesat)},
	{"futimens", FORMS_PATH, "provider", IN_BOTH(try_futimens)},
	{"utimensat", FORMS_AT, "provider", IN_BOTH(try_utimensat)},
	{"truncate", FORMS_PATH, "inblob", IN_BOTH(try_truncate)},
	{"truncate64", FORMS_PATH, "inblob", IN_GLIBC(try_truncate64)},
	{"ftruncate", FORMS_PATH, "inblob", IN_BOTH(try_ftruncate)},
	{"ftruncate64", FORMS_PATH, "inblob", IN_GLIBC(try_ftruncate64)},
	{"flock", FORMS_PATH, "provider", IN_BOTH(try_flock)},
	{"getxattr", FORMS_PATH, "provider", IN_BOTH(try_getxattr)},
	{"lgetxattr", FORMS_PATH, "provider", IN_BOTH(try_lgetxattr)},
	{"fgetxattr", FORMS_PATH, "provider", IN_BOTH(try_fgetxattr)},
	{"setxattr", FORMS_PATH, "provider", IN_BOTH(try_setxattr)},
	{"lsetxattr", FORMS_PATH, "provider", IN_BOTH(try_lsetxattr)},
	{"fsetxattr", FORMS_PATH, "provider", IN_BOTH(try_fsetxattr)},
	{"listxattr", FORMS_PATH, "provider", IN_BOTH(try_listxattr)},
	{"llistxattr", FORMS_PATH, "provider", IN_BOTH(try_llistxattr)},
	{"flistxattr", FORMS_PATH, "provider", IN_BOTH(try_flistxattr)},
	{"removexattr", FORMS_PATH, "provider", IN_BOTH(try_removexattr)},
	{"lremovexattr", FORMS_PATH, "provider", IN_BOTH(try_lremovexattr)},
	{"fremovexattr", FORMS_PATH, "provider", IN_BOTH(try_fremovexattr)},
	{0},
};
