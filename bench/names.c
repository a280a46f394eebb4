/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names BATCHES: make, chmod and remove relative names in the current folder, as an installer or a build
 * does.  Prints nanoseconds per file and folder, of this thread's own time: the median of the batches.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

enum { BATCH = 100, BATCHES_MAX = 1000 };

static void file_cycle(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || close(fd) < 0 || chmod(name, 0644) < 0 || unlink(name) < 0)
		measure_die(name);
}

static void folder_cycle(const char *name)
{
	if (mkdir(name, 0700) < 0 || chmod(name, 0755) < 0 || rmdir(name) < 0)
		measure_die(name);
}

static int64_t batch_ns(void)
{
	int64_t begin = measure_cpu();
	char name[32];

	for (int i = 0; i < BATCH; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		file_cycle(name);
		folder_cycle(name);
	}
	return measure_cpu() - begin;
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	static int64_t times[BATCHES_MAX];

	if (count <= 0 || count > BATCHES_MAX) {
		fprintf(stderr, "usage: names BATCHES\n");
		return 2;
	}
	batch_ns();
	for (int i = 0; i < count; i++)
		times[i] = batch_ns();
	printf("%.1f\n", (double)measure_median(times, (size_t)count) / BATCH);
	return 0;
}
