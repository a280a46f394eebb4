/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start ROUNDS LIBRARY...: how long /bin/true takes from posix_spawn() to its end, with each library
 * preloaded ("-": none).  Every round starts each of them once, in random order.  Prints one line per
 * library: the median in microseconds.
 */
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "measure.h"

enum { LIBRARIES_MAX = 8, ROUNDS_MAX = 100000 };

static int64_t start_once(char *preload)
{
	static char program[] = "/bin/true";
	char *argv[] = {program, NULL};
	char *envp[] = {preload, NULL};
	int64_t begin = measure_now();
	int status;
	pid_t pid;

	errno = posix_spawn(&pid, program, NULL, NULL, argv, envp);
	if (errno != 0)
		measure_die("start: posix_spawn");
	if (waitpid(pid, &status, 0) < 0)
		measure_die("start: waitpid");
	if (status != 0) {
		fprintf(stderr, "start: %s ended with status %d under %s\n", program, status,
			preload ? preload : "no preload");
		exit(1);
	}
	return measure_now() - begin;
}

static char *preload_of(const char *library)
{
	char *text;

	if (strcmp(library, "-") == 0)
		return NULL;
	if (asprintf(&text, "LD_PRELOAD=%s", library) < 0)
		measure_die("start");
	return text;
}

static void shuffle(size_t *order, size_t count)
{
	for (size_t i = count - 1; i > 0; i--) {
		size_t other = (size_t)random() % (i + 1);
		size_t kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? (size_t)atoi(argv[1]) : 0;
	size_t count = argc > 2 ? (size_t)argc - 2 : 0;
	char *preload[LIBRARIES_MAX];
	int64_t *times[LIBRARIES_MAX];
	size_t order[LIBRARIES_MAX];

	if (count == 0 || count > LIBRARIES_MAX || rounds == 0 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: start ROUNDS LIBRARY...\n");
		return 2;
	}
	for (size_t i = 0; i < count; i++) {
		order[i] = i;
		preload[i] = preload_of(argv[i + 2]);
		times[i] = calloc(rounds, sizeof(*times[i]));
		if (!times[i])
			measure_die("start");
		for (int warm = 0; warm < 20; warm++)
			start_once(preload[i]);
	}
	srandom((unsigned)measure_now());
	for (size_t round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count; i++)
			times[order[i]][round] = start_once(preload[order[i]]);
	}
	for (size_t i = 0; i < count; i++)
		printf("%.1f\n", (double)measure_median(times[i], rounds) / 1000);
	return 0;
}
