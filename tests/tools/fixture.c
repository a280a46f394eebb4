/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FIXTURE_MAX = 16 << 20 };

static void fixture_path(char path[static 512], const char *name)
{
	const char *folder = getenv("TEESHIM_FIXTURES");

	snprintf(path, 512, "%s/%s", folder ? folder : "../shared/fixtures", name);
}

static int file_read(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t len;

	if (!file)
		return -errno;
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		assert_int_equal(buf_append(out, piece, len, FIXTURE_MAX), 0);
	assert_int_equal(ferror(file), 0);
	fclose(file);
	return 0;
}

void fixture_read(const char *name, struct buf *out)
{
	char path[512];

	fixture_path(path, name);
	if (file_read(path, out) == -ENOENT) {
		print_message("%s: no such fixture\n", path);
		skip();
	}
}

void fixture_each(const char *folder, void (*visit)(const char *name, const struct buf *content))
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	fixture_path(path, folder);
	dir = opendir(path);
	if (!dir) {
		print_message("%s: no such fixtures\n", path);
		skip();
		return;
	}
	while ((entry = readdir(dir))) {
		struct buf content = {0};
		char name[300];

		if (entry->d_type != DT_REG)
			continue;
		snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name);
		fixture_read(name, &content);
		visit(entry->d_name, &content);
		buf_free(&content);
	}
	closedir(dir);
}
