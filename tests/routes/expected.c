/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes that are not served, with the reason that docs/routes.md gives.  All others have to be.
 * A row whose route is served after all fails the test just as well, so that the table stays true.
 */
#include "routes.h"

#define ANY_FORM (FORMS_AT | FORM_ALONE)
#define INSIDE   "libc walks the folders by calls inside itself"

const struct unserved expected_unserved[] = {
	/* A folder that the program is in, or has open, is a real one: so these find it, and sockets. */
	{"ftw", ANY_FORM, LIBC_BOTH, INSIDE},
	{"ftw64", ANY_FORM, LIBC_GLIBC, INSIDE},
	{"nftw", ANY_FORM, LIBC_BOTH, INSIDE},
	{"nftw64", ANY_FORM, LIBC_GLIBC, INSIDE},
	{"fts_open", ANY_FORM, LIBC_GLIBC, INSIDE "; GNU tools carry their own fts and are served"},
	{"fts64_open", ANY_FORM, LIBC_GLIBC, INSIDE},
	{"wordexp", FORM_ABSOLUTE, LIBC_GLIBC, INSIDE},
	{"glob", FORM_ABSOLUTE, LIBC_MUSL, "musl's glob reads folders by calls inside itself"},
	{"glob of one name", FORM_ABSOLUTE, LIBC_MUSL, "musl's glob asks by calls inside itself"},
	{"/proc/self/root/sys/...", ANY_FORM, LIBC_BOTH, "the path is compared as text"},
	{"/proc/PID/root/sys/...", ANY_FORM, LIBC_BOTH, "the path is compared as text"},
	{"the user's symbolic link to an attribute", ANY_FORM, LIBC_BOTH,
	 "the path is compared as text; the kernel finds the link's target missing"},
	{"the user's symbolic link to an entry", ANY_FORM, LIBC_BOTH,
	 "the path is compared as text; the kernel finds the link's target missing"},
	{".. from inside to /sys/kernel", ANY_FORM, LIBC_BOTH,
	 "the folder of the entry is in the state folder, and so is what is above it"},
	{".. from inside to /", ANY_FORM, LIBC_BOTH,
	 "the folder of the entry is in the state folder, and so is what is above it"},
	{"dlsym(dlopen(libc's file), \"open\")", ANY_FORM, LIBC_BOTH,
	 "the program asks one library for its own function, past all preloaded ones"},
	{"fork, execve of cat with an empty environment", ANY_FORM, LIBC_BOTH,
	 "LD_PRELOAD is in the environment"},
	{"posix_spawn_file_actions_addopen", ANY_FORM, LIBC_BOTH, "libc opens inside itself"},
	{"posix_spawn_file_actions_addchdir_np", ANY_FORM, LIBC_BOTH,
	 "libc changes the directory inside itself"},
	{"the syscall instruction", ANY_FORM, LIBC_BOTH, "no function is called"},
	{"io_uring: IORING_OP_OPENAT", ANY_FORM, LIBC_GLIBC, "no function is called"},
	{0},
};

const char *expected_reason(const char *name, int form, int libc)
{
	for (const struct unserved *row = expected_unserved; row->name; row++)
		if (strcmp(row->name, name) == 0 && row->forms & form && row->libcs & libc)
			return row->reason;
	return NULL;
}
