/* SPDX-License-Identifier: Apache-2.0 */
/*
 * full FILLER: with the state folder on a small file system of its own, the whole flow at every
 * amount of free space, from none upward.  FILLER is a file on that file system, which takes what
 * shall not be free.  Each step succeeds entirely or gives ENOMEM; what is read is never torn.
 */
#include "load.h"

enum { PAGE = 4096, PAGES_MAX = 40 };

/* Fill the file system, then give back so many pages. */
static void space_leave(const char *filler, int pages)
{
	static const uint8_t page[PAGE];
	struct stat st;
	int fd = open(filler, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		die_errno(filler);
	while (write(fd, page, sizeof(page)) > 0)
		;
	if (errno != ENOSPC || fstat(fd, &st) < 0)
		die_errno(filler);
	if (st.st_size < (off_t)pages * PAGE)
		die("%s: the file system has only %lld bytes to fill", filler,
		    (long long)st.st_size);
	if (ftruncate(fd, st.st_size - (off_t)pages * PAGE) < 0)
		die_errno(filler);
	close(fd);
}

/* Return: 1 where the step succeeded, 0 where it had no space. */
static int step_check(const char *what, int pages, long ret)
{
	if (ret >= 0)
		return 1;
	if (ret != -ENOMEM)
		die("%s with %d pages free: %s", what, pages, strerror((int)-ret));
	return 0;
}

/* The flow on one entry.  Return: the number of steps that had space; the last step is 4. */
static int flow_run(const char *entry, int pages)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	long generation;
	int steps = 0;
	int err;

	if (!step_check("mkdir", pages, entry_mkdir(entry)))
		return 0;
	steps++;
	report_data_make(data, (uint64_t)pages, 0);
	err = inblob_write(entry, data);
	if (step_check("inblob", pages, err)) {
		ssize_t len = outblob_read(entry, over);

		steps++;
		if (step_check("outblob", pages, len)) {
			steps++;
			if (memcmp(data, over, sizeof(data)) != 0)
				die("outblob with %d pages free: over other bytes", pages);
		}
	}
	generation = generation_read(entry);
	if (step_check("generation", pages, generation)) {
		steps++;
		if (generation != (err == 0))
			die("generation with %d pages free: %ld", pages, generation);
	}
	/* making room must not need room */
	err = entry_rmdir(entry);
	if (err < 0)
		die("rmdir with %d pages free: %s", pages, strerror(-err));
	return steps;
}

int main(int argc, char **argv)
{
	const char *filler = argc > 1 ? argv[1] : NULL;
	int by_steps[5] = {0};
	int steps = 0;
	int pages;

	if (!filler)
		die("an argument is missing");
	for (pages = 0; pages < PAGES_MAX && steps < 4; pages++) {
		space_leave(filler, pages);
		steps = flow_run("full", pages);
		by_steps[steps]++;
	}
	if (steps < 4)
		die("no whole flow even with %d pages free", PAGES_MAX);
	if (by_steps[0] == 0)
		die("mkdir had space in a full file system");
	printf("whole flow with %d pages free; less space gave up after 0..3 steps: %d %d %d %d\n",
	       pages - 1, by_steps[0], by_steps[1], by_steps[2], by_steps[3]);
	if (unlink(filler) < 0)
		die_errno(filler);
	if (flow_run("full", PAGES_MAX) != 4)
		die("no whole flow after the space was freed");
	return 0;
}
