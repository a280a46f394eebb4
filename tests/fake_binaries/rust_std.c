/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Rust client on std::fs and tempfile (confidential-containers' attester): statx with the probe
 * for its absence, read_to_string, fs::write, and remove_dir_all, which stops at an attribute.
 */
#include "common.h"

/* The path goes through a variable so that no compiler sees the NULL that the probe is about. */
static void statx_probe(void)
{
	const char *volatile no_path = NULL;
	struct statx_head *volatile no_buffer = NULL;
	struct statx_head head;

	FAILS("statx of no entry",
	      fake_statx(AT_FDCWD, REPORT_DIR "/com.intel.dcap.none", 0, &head), ENOENT);
	FAILS("statx(0, NULL, ..., NULL)", fake_statx(0, no_path, 0, no_buffer), EFAULT);
}

/* read_to_end: a probe read of 32 bytes, then buffers that double, until 0. */
static size_t rust_read(const char *path, uint8_t *out, size_t max)
{
	struct statx_head head;
	size_t used = 0;
	size_t chunk = 32;
	int fd = OK_INT(path, open64(path, O_RDONLY | O_CLOEXEC));

	OK("statx of the descriptor", fake_statx(fd, "", FAKE_AT_EMPTY_PATH, &head));
	if (!S_ISREG(head.mode))
		fail(path, "mode %o is no regular file", head.mode);
	if (head.size) {
		(void)lseek64(fd, 0, SEEK_CUR);
		chunk = head.size;
	}
	for (;;) {
		size_t want = chunk < max - used ? chunk : max - used;
		long got = OK(path, read(fd, out + used, want));

		if (!got)
			break;
		used += (size_t)got;
		if (used >= 2 * chunk)
			chunk *= 2;
	}
	OK("close", close(fd));
	return used;
}

/* remove_dir_all: unlinkat() of the first attribute says EPERM, and everything stays. */
static void remove_dir_all(const char *entry)
{
	const struct dirent64 *item;
	int fd = OK_INT("open the entry",
			open64(entry, O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
	DIR *dir = fdopendir(fd);
	int files = 0;

	if (!dir)
		fail_errno("fdopendir");
	while ((item = readdir64(dir))) {
		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, ".."))
			continue;
		if (item->d_type != DT_REG)
			fail(item->d_name, "d_type %d is not DT_REG", item->d_type);
		FAILS("unlink an attribute", unlinkat(dirfd(dir), item->d_name, 0), EPERM);
		files++;
	}
	OK("closedir", closedir(dir));
	if (files != 4)
		fail("readdir", "%d attributes instead of 4", files);
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t quote[QUOTE_MAX];
	uint8_t text[4096 + 1];
	struct statx_head head;
	char random[7];
	char name[16];
	char entry[256];
	size_t size;
	int fd;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	OK("statx " REPORT_DIR, fake_statx(AT_FDCWD, REPORT_DIR, 0, &head));
	if (!S_ISDIR(head.mode))
		fail("statx " REPORT_DIR, "mode %o is no directory", head.mode);
	statx_probe();

	random_name(random);
	snprintf(name, sizeof(name), ".tmp%s", random);
	path_join(entry, sizeof(entry), REPORT_DIR, name);
	OK("mkdir the entry", mkdir(entry, 0700));
	size = rust_read(PATH_OF(entry, "provider"), text, sizeof(text));
	if (size != 10 || memcmp(text, "tdx_guest\n", 10))
		fail("provider", "is not \"tdx_guest\\n\"");

	fd = OK_INT("open inblob", open64(PATH_OF(entry, "inblob"),
					  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
	write_once("write inblob", fd, report_data, sizeof(report_data));
	OK("close inblob", close(fd));

	size = rust_read(PATH_OF(entry, "outblob"), quote, sizeof(quote));
	if (generation_parse((const char *)text,
			     rust_read(PATH_OF(entry, "generation"), text, sizeof(text))) > 1)
		fail("generation", "somebody else wrote to the entry");
	remove_dir_all(entry);
	OK("rmdir the entry", rmdir(entry));
	FAILS("statx of the removed entry", fake_statx(AT_FDCWD, entry, 0, &head), ENOENT);

	quote_print(quote, size);
	return 0;
}
