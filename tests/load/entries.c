/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entries COUNT: how long a look at one entry takes while it is alone, and while COUNT are there.
 * The looks (stat, and open, read, close of generation) are timed one by one; the medians must not
 * differ by more than half.  Then all entries are listed once, each found once, and removed.
 */
#include "load.h"

#include <dirent.h>

enum { LOOKS = 4000, WARM = 200, TRIES = 3 };

static const double ratio_max = 1.5;

struct medians {
	double stat_us;
	double read_us;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return (*x > *y) - (*x < *y);
}

static double median_us(int64_t *times, size_t count)
{
	const size_t middle = count / 2;

	qsort(times, count, sizeof(*times), by_number);
	return (double)times[middle] / 1000;
}

static struct medians looks_time(const char *entry)
{
	static int64_t stats[LOOKS];
	static int64_t reads[LOOKS];
	char path[PATH_SIZE];
	struct stat st;

	entry_path(path, entry, NULL);
	for (int i = -WARM; i < LOOKS; i++) {
		int64_t start = now_ns();
		int64_t between;

		if (stat(path, &st) < 0)
			die_errno(path);
		between = now_ns();
		if (generation_read(entry) != 0)
			die("%s/generation is not 0", entry);
		if (i < 0)
			continue;
		stats[i] = between - start;
		reads[i] = now_ns() - between;
	}
	return (struct medians){median_us(stats, LOOKS), median_us(reads, LOOKS)};
}

static void name_of(char name[static 32], long i)
{
	snprintf(name, 32, "many-%05ld", i);
}

static void each_entry(long from, long count, int (*operation)(const char *), const char *what)
{
	char name[32];

	for (long i = from; i < count; i++) {
		int err;

		name_of(name, i);
		err = operation(name);
		if (err < 0)
			die("%s %s: %s", what, name, strerror(-err));
	}
}

static void listing_check(long count)
{
	char *seen = calloc((size_t)count, 1);
	DIR *dir = opendir(REPORT_DIR);
	struct dirent *found;
	long total = 0;

	if (!dir || !seen)
		die_errno(REPORT_DIR);
	while ((found = readdir(dir))) {
		long i;

		if (found->d_name[0] == '.')
			continue;
		if (sscanf(found->d_name, "many-%ld", &i) != 1 || i < 0 || i >= count || seen[i]++)
			die("listing: %s, unknown or seen before", found->d_name);
		total++;
	}
	closedir(dir);
	free(seen);
	if (total != count)
		die("listing: %ld entries of %ld", total, count);
}

int main(int argc, char **argv)
{
	long count = number_of(argc > 1 ? argv[1] : NULL);
	double stat_ratio = 0;
	double read_ratio = 0;
	struct medians alone;
	struct medians among;

	if (count < 2)
		die("at least 2 entries");
	each_entry(0, 1, entry_mkdir, "mkdir");
	alone = looks_time("many-00000");
	each_entry(1, count, entry_mkdir, "mkdir");
	/* another process may disturb one measurement, not each of several */
	for (int try = 0; try < TRIES; try++) {
		among = looks_time("many-00000");
		stat_ratio = among.stat_us / alone.stat_us;
		read_ratio = among.read_us / alone.read_us;
		printf("stat %.2f us alone, %.2f us among %ld: ratio %.2f; generation %.2f us, "
		       "%.2f us: "
		       "ratio %.2f\n",
		       alone.stat_us, among.stat_us, count, stat_ratio, alone.read_us,
		       among.read_us, read_ratio);
		if (stat_ratio <= ratio_max && read_ratio <= ratio_max)
			break;
	}
	if (stat_ratio > ratio_max || read_ratio > ratio_max)
		die("a look among %ld entries takes more than %.1f of one at a lone entry", count,
		    ratio_max);
	listing_check(count);
	each_entry(0, count, entry_rmdir, "rmdir");
	listing_check(0);
	return 0;
}
