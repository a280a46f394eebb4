/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C++ with libstdc++: streams are opened by fopen64 and then read, written and polled through
 * fileno(); std::filesystem removes with remove(3) and lists with openat and fdopendir.
 */
#include "common.h"

#include <poll.h>

static size_t stream_read(const char *path, uint8_t *out, size_t max)
{
	FILE *file = fopen64(path, "r");
	struct pollfd ready = {.events = POLLIN};
	size_t used = 0;
	long got;

	if (!file)
		fail_errno(path);
	ready.fd = fileno(file);
	if (OK("poll", poll(&ready, 1, 0)) != 1 || !(ready.revents & POLLIN))
		fail("poll", "%s is not ready", path);
	do {
		if (max - used < 8191)
			fail(path, "more than %zu bytes", used);
		got = OK(path, read(fileno(file), out + used, 8191));
		used += (size_t)got;
	} while (got);
	if (fclose(file))
		fail_errno("fclose");
	return used;
}

static void stream_write(const char *path, const void *data, size_t size)
{
	FILE *file = fopen64(path, "w");

	if (!file)
		fail_errno("fopen inblob");
	write_once("write inblob", fileno(file), data, size);
	if (fclose(file))
		fail_errno("fclose inblob");
}

static void directory_iterate(const char *entry)
{
	const struct dirent *item;
	int fd = OK_INT("open the entry",
			openat(AT_FDCWD, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK));
	DIR *dir = fdopendir(fd);
	struct stat st;
	int files = 0;

	if (!dir)
		fail_errno("fdopendir");
	while ((item = readdir(dir))) {
		OK("fstatat", fstatat(dirfd(dir), item->d_name, &st, AT_SYMLINK_NOFOLLOW));
		if (S_ISREG(st.st_mode))
			files++;
	}
	closedir(dir);
	if (files != 4)
		fail("directory_iterator", "%d files instead of 4", files);
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t quote[QUOTE_MAX + 8191];
	static uint8_t text[2 * 8191];
	char random[7];
	char name[16];
	char entry[256];
	struct stat st;
	size_t size;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	OK("stat " REPORT_DIR, stat(REPORT_DIR, &st));
	random_name(random);
	snprintf(name, sizeof(name), "cpp%s", random);
	path_join(entry, sizeof(entry), REPORT_DIR, name);
	OK("mkdir the entry", mkdir(entry, 0777));

	stream_write(PATH_OF(entry, "inblob"), report_data, sizeof(report_data));
	size = stream_read(PATH_OF(entry, "outblob"), quote, sizeof(quote));
	if (stream_read(PATH_OF(entry, "provider"), text, sizeof(text)) != 10 ||
	    memcmp(text, "tdx_guest\n", 10))
		fail("provider", "is not \"tdx_guest\\n\"");
	if (generation_parse((const char *)text,
			     stream_read(PATH_OF(entry, "generation"), text, sizeof(text))) != 1)
		fail("generation", "is not 1");
	directory_iterate(entry);
	FAILS("remove an attribute", remove(PATH_OF(entry, "inblob")), EPERM);
	OK("remove the entry", remove(entry));
	FAILS("remove the entry again", remove(entry), ENOENT);

	quote_print(quote, size);
	return 0;
}
