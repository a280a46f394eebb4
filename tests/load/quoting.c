/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quoting PROCESSES THREADS SECONDS: every thread quotes over fresh bytes on an entry of its own,
 * made anew now and then, and checks each quote and each generation.  At a fifth of the time and at
 * the end every process takes its resident memory; at the end it counts its descriptors.
 *
 * A process's time begins when each of its threads has a quote.  Locks are polled, in no order: on a
 * busy machine a thread can be kept from its first entry for longer than the whole time.  One that is
 * kept for ever ends with the library's EIO at its deadline.
 */
#include "load.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { THREADS_MAX = 64, ROUNDS_PER_ENTRY = 20 };

struct lane {
	pthread_t thread;
	uint64_t which; /* process and thread */
	_Atomic uint64_t quotes;
	size_t quote_len;
};

static _Atomic bool is_over;

/* One process's, in memory that the first process sees too. */
struct result {
	uint64_t quotes;
	long rss_early_kb;
	long rss_late_kb;
};

static void round_run(struct lane *lane, const char *entry, long round)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	ssize_t len;
	long generation;
	int err;

	report_data_make(data, lane->which, lane->quotes);
	err = inblob_write(entry, data);
	if (err < 0)
		die("%s/inblob: %s", entry, strerror(-err));
	len = outblob_read(entry, over);
	if (len < 0)
		die("%s/outblob: %s", entry, strerror((int)-len));
	if (memcmp(over, data, sizeof(data)) != 0)
		die("%s/outblob: a quote over other bytes", entry);
	if (lane->quote_len && (size_t)len != lane->quote_len)
		die("%s/outblob: %zd bytes, before it had %zu", entry, len, lane->quote_len);
	lane->quote_len = (size_t)len;
	generation = generation_read(entry);
	if (generation != round)
		die("%s/generation: %ld, expected %ld", entry, generation, round);
	lane->quotes++;
}

static void *lane_run(void *arg)
{
	struct lane *lane = arg;
	char entry[32];
	int err;

	snprintf(entry, sizeof(entry), "load-%llx", (unsigned long long)lane->which);
	while (!is_over) {
		err = entry_mkdir(entry);
		if (err < 0)
			die("mkdir %s: %s", entry, strerror(-err));
		for (long round = 1; round <= ROUNDS_PER_ENTRY && !is_over; round++)
			round_run(lane, entry, round);
		err = entry_rmdir(entry);
		if (err < 0)
			die("rmdir %s: %s", entry, strerror(-err));
	}
	return NULL;
}

static long rss_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (!file || fscanf(file, "%*s %ld", &pages) != 1)
		die_errno("/proc/self/statm");
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int descriptors_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	if (!dir)
		die_errno("/proc/self/fd");
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void process_run(unsigned process, unsigned threads, long seconds, struct result *result)
{
	static struct lane lanes[THREADS_MAX];
	const int before = descriptors_count();
	int after;

	for (unsigned i = 0; i < threads; i++) {
		lanes[i].which = (uint64_t)process << 16 | i | 1u << 31;
		if (pthread_create(&lanes[i].thread, NULL, lane_run, &lanes[i]))
			die("no thread");
	}
	for (unsigned i = 0; i < threads; i++)
		while (lanes[i].quotes == 0)
			sleep_us(10000);
	sleep_us(seconds * 200000);
	result->rss_early_kb = rss_kb();
	sleep_us(seconds * 800000);
	/* before the threads end: what their stacks hold counts in both */
	result->rss_late_kb = rss_kb();
	is_over = true;
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(lanes[i].thread, NULL);
		result->quotes += lanes[i].quotes;
	}
	after = descriptors_count();
	if (after != before)
		die("%d descriptors, %d before", after, before);
}

int main(int argc, char **argv)
{
	long processes = number_of(argc > 3 ? argv[1] : NULL);
	long threads = number_of(argv[2]);
	long seconds = number_of(argv[3]);
	struct result *results;
	uint64_t quotes = 0;
	long early = 0;
	long late = 0;
	long growth = 0;
	int failed = 0;
	int status;

	if (processes < 1 || processes > 1024 || threads < 1 || threads > THREADS_MAX)
		die("1 to 1024 processes of 1 to %d threads", THREADS_MAX);
	results = mmap(NULL, (size_t)processes * sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED)
		die_errno("mmap");
	for (long i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die_errno("fork");
		if (pid == 0) {
			process_run((unsigned)i + 1, (unsigned)threads, seconds, &results[i]);
			exit(0);
		}
	}
	while (wait(&status) > 0)
		failed += status != 0;
	for (long i = 0; i < processes; i++) {
		long grown = results[i].rss_late_kb - results[i].rss_early_kb;

		quotes += results[i].quotes;
		early += results[i].rss_early_kb;
		late += results[i].rss_late_kb;
		if (grown > growth)
			growth = grown;
	}
	if (failed)
		die("%d of %ld processes failed", failed, processes);
	printf("quotes=%llu growth_kb=%ld growth_max_kb=%ld rss_kb=%ld\n",
	       (unsigned long long)quotes, (late - early) / processes, growth, late / processes);
	return 0;
}
