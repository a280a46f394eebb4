/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel libtdx_attest 1.21 to 1.23, its configfs path: a TDREPORT from the device first, whose absence
 * ends it; then a fixed entry that is never removed, a lock on a second inblob descriptor, and single
 * reads that must hold everything.
 */
#include "common.h"

#include <sys/file.h>

#define ENTRY REPORT_DIR "/com.intel.dcap"

enum { QUOTE_BUFFER = 8192, QUOTE_MIN = 1020 };

/* Only taken: it would go into the request to a quoting service, and configfs has none of that. */
static void report_take(const uint8_t report_data[static REPORT_DATA_SIZE])
{
	struct report_request request = {0};
	int fd = OK_INT("open " DEVICE, open(DEVICE, O_RDWR | O_SYNC));

	memcpy(request.report_data, report_data, REPORT_DATA_SIZE);
	OK("ioctl GET_REPORT0", ioctl(fd, GET_REPORT0, &request));
	OK("close " DEVICE, close(fd));
}

static void entry_make(void)
{
	DIR *dir = opendir(ENTRY);
	int tries;

	if (!dir) {
		if (errno != ENOENT)
			fail_errno("opendir " ENTRY);
		dir = opendir(REPORT_DIR);
		if (!dir)
			fail_errno("opendir " REPORT_DIR);
		closedir(dir);
		if (mkdir(ENTRY, 0770) < 0 && errno != EEXIST)
			fail_errno("mkdir " ENTRY);
	} else {
		closedir(dir);
	}
	for (tries = 0; tries < 5; tries++) {
		if (!access(ENTRY "/provider", F_OK))
			return;
		usleep(10);
	}
	fail_errno("access provider");
}

static void provider_check(void)
{
	char text[15] = {0};
	int fd = OK_INT("open provider", open(ENTRY "/provider", O_RDONLY | O_CLOEXEC));

	OK("read provider", read(fd, text, sizeof(text) - 1));
	OK("close provider", close(fd));
	if (strncmp(text, "tdx_guest", 9))
		fail("provider", "is \"%s\"", text);
}

/*
 * errno decides, even after a success: EINTR and ETIMEDOUT read again at once, and would then find the
 * end; EBUSY waits ten seconds, three times.  A preload that leaves one of them behind shows here.
 */
static long read_patiently(const char *step, int fd, void *data, size_t size)
{
	long got;

	for (int tries = 0; tries < 3; tries++) {
		do {
			errno = 0;
			got = read(fd, data, size);
		} while (errno == EINTR || errno == ETIMEDOUT);
		if (errno != EBUSY)
			break;
		sleep(10);
	}
	return must_succeed(step, got);
}

static unsigned long generation_read(void)
{
	char text[20];
	int fd = OK_INT("open generation", open(ENTRY "/generation", O_RDONLY | O_CLOEXEC));
	long size = read_patiently("read generation", fd, text, sizeof(text));

	OK("close generation", close(fd));
	if (size >= (long)sizeof(text))
		fail("generation", "fills the buffer");
	return generation_parse(text, (size_t)size);
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t quote[QUOTE_BUFFER];
	unsigned long before;
	unsigned long after;
	long size;
	int lock;
	int fd;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	report_take(report_data);
	entry_make();
	provider_check();

	lock = OK_INT("open inblob", open(ENTRY "/inblob", O_WRONLY | O_CLOEXEC));
	OK("flock inblob", flock(lock, LOCK_EX));
	before = generation_read();
	fd = OK_INT("open inblob again", open(ENTRY "/inblob", O_WRONLY | O_CLOEXEC));
	write_once("write inblob", fd, report_data, sizeof(report_data));
	OK("close inblob", close(fd));

	/* Without a limit, as the library does it: the test's time limit ends a wrong answer. */
	do {
		after = generation_read();
	} while (after == before);
	if (after != before + 1)
		fail("generation", "went from %lu to %lu", before, after);

	fd = OK_INT("open outblob", open(ENTRY "/outblob", O_RDONLY | O_CLOEXEC));
	size = read_patiently("read outblob", fd, quote, sizeof(quote));
	OK("close outblob", close(fd));
	if (size <= QUOTE_MIN || size >= (long)sizeof(quote))
		fail("outblob", "%ld bytes in the first read", size);
	if (generation_read() != after)
		fail("generation", "moved while the quote was read");
	OK("close the lock", close(lock));

	quote_print(quote, (size_t)size);
	return 0;
}
