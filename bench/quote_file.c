/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quote_file COUNT: quotes by the kernel's interface, in a process under LD_PRELOAD: one entry, and for
 * each quote new report data into inblob and the whole of outblob.  Prints the median in microseconds.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

enum { REPORT_DATA_SIZE = 64, QUOTES_MAX = 10000 };

#define ENTRY "/sys/kernel/config/tsm/report/teeshim-bench"

static void inblob_write(const uint8_t report_data[static REPORT_DATA_SIZE])
{
	int fd = open(ENTRY "/inblob", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, report_data, REPORT_DATA_SIZE) != REPORT_DATA_SIZE)
		measure_die("quote_file: " ENTRY "/inblob");
	close(fd);
}

static size_t outblob_read(void)
{
	static uint8_t quote[1 << 16];
	int fd = open(ENTRY "/outblob", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		measure_die("quote_file: " ENTRY "/outblob");
	while ((got = read(fd, quote + len, sizeof(quote) - len)) > 0)
		len += (size_t)got;
	if (got < 0 || len == 0)
		measure_die("quote_file: reading outblob");
	close(fd);
	return len;
}

static int64_t quote_once(unsigned number)
{
	uint8_t report_data[REPORT_DATA_SIZE] = {0};
	int64_t begin = measure_now();

	memcpy(report_data, &number, sizeof(number));
	inblob_write(report_data);
	outblob_read();
	return measure_now() - begin;
}

int main(int argc, char **argv)
{
	size_t count = argc == 2 ? (size_t)atoi(argv[1]) : 0;
	static int64_t times[QUOTES_MAX];

	if (count == 0 || count > QUOTES_MAX) {
		fprintf(stderr, "usage: quote_file COUNT\n");
		return 2;
	}
	if (mkdir(ENTRY, 0755) < 0)
		measure_die("quote_file: mkdir " ENTRY);
	quote_once((unsigned)count);
	for (size_t i = 0; i < count; i++)
		times[i] = quote_once((unsigned)i);
	if (rmdir(ENTRY) < 0)
		measure_die("quote_file: rmdir " ENTRY);
	printf("%.1f\n", (double)measure_median(times, count) / 1000);
	return 0;
}
