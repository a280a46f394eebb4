/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look COUNT...: what a look at one entry costs, in a process under LD_PRELOAD, with as many entries
 * there as each COUNT says (rising).  A look opens, reads and closes `generation` of one of a few
 * entries spread over all.  Prints one line per COUNT: the median in microseconds.  The entries stay;
 * the caller drops the state folder.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

enum { LOOKS = 800, LOOKED_AT = 16 };

#define REPORT "/sys/kernel/config/tsm/report"

static void entry_make(long number)
{
	char path[128];

	snprintf(path, sizeof(path), REPORT "/look-%ld", number);
	if (mkdir(path, 0755) < 0)
		measure_die(path);
}

static int64_t look_once(long number)
{
	char path[128];
	char text[32];
	int64_t begin;
	int fd;

	snprintf(path, sizeof(path), REPORT "/look-%ld/generation", number);
	begin = measure_now();
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text)) <= 0 || close(fd) < 0)
		measure_die(path);
	return measure_now() - begin;
}

int main(int argc, char **argv)
{
	static int64_t times[LOOKS];
	long made = 0;

	for (int arg = 1; arg < argc; arg++) {
		long count = atol(argv[arg]);

		while (made < count)
			entry_make(made++);
		if (made == 0) {
			fprintf(stderr, "usage: look COUNT...\n");
			return 2;
		}
		for (long i = -LOOKED_AT; i < LOOKS; i++) {
			int64_t time = look_once((i + LOOKED_AT) % LOOKED_AT * 7919 % made);

			if (i >= 0)
				times[i] = time;
		}
		printf("%.1f\n", (double)measure_median(times, LOOKS) / 1000);
	}
	return 0;
}
