/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dstack's own tdx-attest crate: Intel's entry and locking, with statx and a generation that is
 * polled every 10 ms for at most 5 s.
 */
#include "common.h"

#include <sys/file.h>

#define ENTRY REPORT_DIR "/com.intel.dcap"

static size_t attribute_read(const char *path, char *out, size_t max)
{
	int fd = OK_INT(path, open64(path, O_RDONLY | O_CLOEXEC));
	size_t used = 0;
	long got;

	while (used < max && (got = OK(path, read(fd, out + used, max - used))) > 0)
		used += (size_t)got;
	OK("close", close(fd));
	return used;
}

static unsigned long generation_read(void)
{
	char text[64] = {0};

	return generation_parse(text, attribute_read(ENTRY "/generation", text, sizeof(text)));
}

static void entry_make(void)
{
	struct statx_head head;
	char text[64];

	if (fake_statx(AT_FDCWD, ENTRY, 0, &head) < 0) {
		if (errno != ENOENT)
			fail_errno("statx " ENTRY);
		OK("statx " REPORT_DIR, fake_statx(AT_FDCWD, REPORT_DIR, 0, &head));
		if (mkdir(ENTRY, 0777) < 0 && errno != EEXIST)
			fail_errno("mkdir " ENTRY);
	}
	OK("statx provider", fake_statx(AT_FDCWD, ENTRY "/provider", 0, &head));
	if (attribute_read(ENTRY "/provider", text, sizeof(text)) != 10 ||
	    memcmp(text, "tdx_guest\n", 10))
		fail("provider", "is not \"tdx_guest\\n\"");
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t quote[8192];
	unsigned long before;
	unsigned long after;
	long size;
	int lock;
	int fd;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	entry_make();
	lock = OK_INT("open inblob", open64(ENTRY "/inblob", O_WRONLY | O_CLOEXEC));
	OK("flock inblob", flock(lock, LOCK_EX));
	before = generation_read();
	fd = OK_INT("open inblob again", open64(ENTRY "/inblob", O_WRONLY | O_CLOEXEC));
	write_once("write inblob", fd, report_data, sizeof(report_data));
	OK("close inblob", close(fd));

	after = generation_read();
	for (int i = 0; after == before && i < 500; i++) {
		usleep(10000);
		after = generation_read();
	}
	if (after != before + 1)
		fail("generation", "went from %lu to %lu", before, after);

	fd = OK_INT("open outblob", open64(ENTRY "/outblob", O_RDONLY | O_CLOEXEC));
	size = OK("read outblob", read(fd, quote, sizeof(quote)));
	OK("close outblob", close(fd));
	if (generation_read() != after)
		fail("generation", "moved while the quote was read");
	OK("unlock inblob", flock(lock, LOCK_UN));
	OK("close the lock", close(lock));

	quote_print(quote, (size_t)size);
	return 0;
}
