/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library whose constructor opens files: jemalloc's, libselinux's and libprotobuf's do.  It may
 * run before the preloaded library's own, which then has nothing bound yet.
 */
#include "stranger.h"

/* For the program that needs this library, so that the linker keeps it. */
int early_count(void);

static int count;

int early_count(void)
{
	return count;
}

__attribute__((constructor)) static void early_start(void)
{
	char text[256];
	FILE *stream;
	DIR *dir;

	ordinary_expect("in a constructor");
	stream = fopen(ORDINARY, "re");
	CHECK(stream && fgets(text, sizeof(text), stream) && fclose(stream) == 0, "fopen");
	dir = opendir("/etc");
	CHECK(dir && readdir(dir) && closedir(dir) == 0, "opendir");
	CHECK(readlink("/proc/self/exe", text, sizeof(text)) > 0, "readlink");
	CHECK(getcwd(text, sizeof(text)), "getcwd");
	CHECK(mkdir("/etc", 0700) < 0 && errno == EEXIST, "mkdir");
	quote_expect("in a constructor");
	count++;
}

__attribute__((destructor)) static void early_end(void)
{
	ordinary_expect("in a destructor");
	quote_expect("in a destructor");
}
