/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls: what calls on files cost that are nobody's but the program's own, the common case under a
 * preload.  Prints one line of nanoseconds per call, of this thread's own time: open+close, stat, failed
 * stat, fstat, read, write, ioctl.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "measure.h"

enum { BATCHES = 25, REPEAT = 200 };

static const char file[] = "/etc/passwd";
static const char endless[] = "/dev/zero";
static const char sink[] = "/dev/null";
static const char absent[] = "/etc/teeshim-bench-absent";
static int fd;
static int endless_fd;
static int sink_fd;

static void call_open(void)
{
	int opened = open(file, O_RDONLY | O_CLOEXEC);

	if (opened < 0)
		measure_die(file);
	close(opened);
}

static void call_stat(void)
{
	struct stat st;

	if (stat(file, &st) < 0)
		measure_die(file);
}

static void call_stat_absent(void)
{
	struct stat st;

	if (stat(absent, &st) == 0) {
		fprintf(stderr, "calls: %s is there\n", absent);
		exit(1);
	}
}

static void call_fstat(void)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		measure_die("calls: fstat");
}

static void call_read(void)
{
	char byte;

	if (read(endless_fd, &byte, 1) != 1)
		measure_die("calls: read");
}

static void call_write(void)
{
	if (write(sink_fd, "", 1) != 1)
		measure_die("calls: write");
}

static void call_ioctl(void)
{
	struct termios settings;

	if (ioctl(fd, TCGETS, &settings) == 0) {
		fprintf(stderr, "calls: %s is a terminal\n", file);
		exit(1);
	}
}

/* The median of batches: an interrupt falls into one of them. */
static double call_ns(void (*call)(void))
{
	int64_t times[BATCHES];

	for (int batch = -1; batch < BATCHES; batch++) {
		int64_t begin = measure_cpu();

		for (int i = 0; i < REPEAT; i++)
			call();
		if (batch >= 0)
			times[batch] = measure_cpu() - begin;
	}
	return (double)measure_median(times, BATCHES) / REPEAT;
}

static int open_once(const char *path, int flags)
{
	int opened = open(path, flags | O_CLOEXEC);

	if (opened < 0)
		measure_die(path);
	return opened;
}

int main(void)
{
	fd = open_once(file, O_RDONLY);
	endless_fd = open_once(endless, O_RDONLY);
	sink_fd = open_once(sink, O_WRONLY);
	printf("%.1f %.1f %.1f %.1f %.1f %.1f %.1f\n", call_ns(call_open), call_ns(call_stat),
	       call_ns(call_stat_absent), call_ns(call_fstat), call_ns(call_read),
	       call_ns(call_write), call_ns(call_ioctl));
	return 0;
}
