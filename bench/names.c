/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names COUNT: make, chmod and remove that many relative names in the current folder, as an installer
 * or a build does.  Prints nanoseconds per name, of this thread's own time.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

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

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;
	char name[32];
	int64_t begin;

	if (count <= 0) {
		fprintf(stderr, "usage: names COUNT\n");
		return 2;
	}
	begin = measure_cpu();
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "name-%d", i);
		file_cycle(name);
		folder_cycle(name);
	}
	printf("%.1f\n", (double)(measure_cpu() - begin) / count);
	return 0;
}
