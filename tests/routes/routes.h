/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes test: an ordinary program, which knows nothing of teeshim, tries each way that libc and
 * the kernel have of reaching a path.  A route is one call in one form of naming its object; each is
 * tried in a process of its own, on an entry of its own.  expected.c lists those that are not served.
 */
#ifndef TEESHIM_TESTS_ROUTES_H
#define TEESHIM_TESTS_ROUTES_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define REPORT "/sys/kernel/config/tsm/report"

/* Bits, so that expected.c can name several. */
enum form {
	FORM_ABSOLUTE = 1,      /* an absolute path; calls with a dirfd get one that is not open */
	FORM_CWD = 2,           /* relative, after a chdir() of this process */
	FORM_CWD_INHERITED = 4, /* relative, in a current directory from before exec */
	FORM_DIRFD = 8,         /* relative to a descriptor that this process opened */
	FORM_OPATH = 16,        /* the same, opened with O_PATH */
	FORM_DIRFD_INHERITED = 32, /* relative to a descriptor from before exec */
	FORM_ALONE = 64,           /* the call knows its object by itself */

	FORMS_PATH = FORM_ABSOLUTE | FORM_CWD | FORM_CWD_INHERITED,
	FORMS_AT = FORMS_PATH | FORM_DIRFD | FORM_OPATH | FORM_DIRFD_INHERITED,
};

enum libc { LIBC_GLIBC = 1, LIBC_MUSL = 2, LIBC_BOTH = 3 };

/*
 * struct target - what a call is tried on: a name, and where it is relative the dirfd for it.
 * @other: another name in the same folder, for calls that take two.
 * @entry: absolute path of the entry that is there for this route alone.
 * @folder: the folder that @path is in, absolute.
 */
struct target {
	int dirfd;
	const char *path;
	const char *other;
	const char *entry;
	const char *folder;
};

/*
 * struct route - one row.
 * @name: the call, as a reader would write it; unique.
 * @forms: the forms that it is tried in.
 * @object: what is named: an attribute, "" for the entry itself, NEW or NEW_ENTRY.
 * @attempt: makes the call; true where the answer is the one that the kernel's own tree gives.
 *           NULL where this libc has no such function.
 * @glibc_only: musl (1.2.3) has no such function.
 */
struct route {
	const char *name;
	int forms;
	const char *object;
	bool (*attempt)(const struct target *target);
	bool glibc_only;
};

/* Names that are not there yet: in the entry, where no name can be made, and beside it. */
#define NEW       "routes-new"
#define NEW_ENTRY "routes-new-entry"

/* A route that only glibc has; the other libc's build lists it all the same. */
#define IN_BOTH(attempt) attempt, false
#ifdef __GLIBC__
#define IN_GLIBC(attempt) attempt, true
#define HAVE_LIBC         LIBC_GLIBC
#else
#define IN_GLIBC(attempt) NULL, true
#define HAVE_LIBC         LIBC_MUSL
#endif

/* OLD_NAME() - old_name is a function that glibc keeps for old programs and hides from new ones. */
#define OLD_NAME(name, version) __asm__(".symver old" #name ", " #name "@" version)

/* Each ends with a row whose name is NULL. */
extern const struct route routes_open[];
extern const struct route routes_stat[];
extern const struct route routes_meta[];
extern const struct route routes_name[];
extern const struct route routes_dir[];
extern const struct route routes_cwd[];
extern const struct route routes_syscall[];
extern const struct route routes_syscall_name[];
extern const struct route routes_spelling[];
extern const struct route routes_program[];

/* struct unserved - a route that is expected not to be served, and why. */
struct unserved {
	const char *name;
	int forms; /* of the route's, those meant */
	int libcs;
	const char *reason;
};

/* Ends with a row whose name is NULL. */
extern const struct unserved expected_unserved[];

/* expected_reason() - why this route is not served, NULL where it has to be. */
const char *expected_reason(const char *name, int form, int libc);

/* check_*() - is this the answer that the kernel's tree gives?  Each says on stderr what it is not. */

/* A new descriptor of the attribute "provider"; closed here. */
bool check_provider(int fd);
/* A new descriptor of "inblob", open for writing; closed here. */
bool check_inblob(int fd);
bool check_attribute(long ret, const struct stat *st);
bool check_folder(long ret, const struct stat *st);
/* A call that the kernel's tree refuses with this error. */
bool check_refused(long ret, int error);
bool check_success(long ret);
/* A call that changes metadata: it succeeded, and left the attribute as it was. */
bool check_unchanged(const struct target *target, long ret);
/* mkdir() of target->path or of a given name in its folder: it succeeded, and the entry is there. */
bool check_made(const struct target *target, const char *name, long ret);
/* rmdir() of the entry: it succeeded, and the entry is gone. */
bool check_gone(const struct target *target, long ret);
bool check_text(const char *found, const char *expected);

/* The attributes of an entry, for listings: a bit for each name, all of them, nothing else. */
struct listing {
	unsigned seen;
	bool strange;
};

/* check_listed() - one more name of a listing, with its d_type or DT_UNKNOWN for "not told". */
void check_listed(struct listing *listing, const char *name, unsigned char type);
bool check_listing(const struct listing *listing);

/* scratch() - the path of a file in the test's own folder; from malloc(). */
char *scratch(const char *name);

#endif
