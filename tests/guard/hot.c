/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hot KIND COUNT: that many calls of one kind on files that are nobody's but the program's own.  Run
 * under callgrind, with and without the library, it shows what a wrapper executes per call.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static const char file[] = "/etc/passwd";

static int fd;
static int null;

static int call_open_close(void)
{
	int opened = open(file, O_RDONLY | O_CLOEXEC);

	return opened < 0 ? -1 : close(opened);
}

static int call_stat(void)
{
	struct stat st;

	return stat(file, &st);
}

static int call_absent(void)
{
	struct stat st;

	return stat("/etc/teeshim-guard-absent", &st) < 0 ? 0 : -1;
}

static int call_fstat(void)
{
	struct stat st;

	return fstat(fd, &st);
}

static int call_read(void)
{
	char byte;

	return read(null, &byte, 1) == 0 ? 0 : -1;
}

static int call_write(void)
{
	return write(null, "", 1) == 1 ? 0 : -1;
}

static int call_close(void)
{
	return close(-1) < 0 ? 0 : -1;
}

static int call_ioctl(void)
{
	struct termios settings;

	return ioctl(fd, TCGETS, &settings) < 0 ? 0 : -1;
}

static const struct kind {
	const char *name;
	int (*call)(void);
} kinds[] = {
	{"open+close", call_open_close}, {"stat", call_stat},   {"stat-absent", call_absent},
	{"fstat", call_fstat},           {"read", call_read},   {"write", call_write},
	{"close", call_close},           {"ioctl", call_ioctl},
};

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[2]) : -1;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (count < 0 || fd < 0 || null < 0) {
		fprintf(stderr, "usage: hot KIND COUNT, with %s readable\n", file);
		return 2;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, argv[1]) != 0)
			continue;
		/* the first call binds what the loader left for later */
		for (long n = -1; n < count; n++) {
			if (kinds[i].call() < 0) {
				fprintf(stderr, "hot: %s does not do what is measured\n", argv[1]);
				return 1;
			}
		}
		return 0;
	}
	fprintf(stderr, "hot: no kind %s\n", argv[1]);
	return 2;
}
