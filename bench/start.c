/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start ROUNDS LIBRARY... -- PROGRAM [ARGUMENT...]: how long a program takes from posix_spawn() to its
 * end, with each library preloaded ("-": none).  Every round starts each of them once, in random order.
 * Prints one line per library: the median of the time that passed, and of the processor time that the
 * child used, in microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum { LIBRARIES_MAX = 8, ROUNDS_MAX = 100000, ENVIRONMENT_MAX = 64, WARM_MAX = 20 };

struct candidate {
	char *preload;
	int64_t *passed;
	int64_t *used;
};

static int64_t microseconds(struct timeval time)
{
	return (int64_t)time.tv_sec * 1000000 + time.tv_usec;
}

/* The environment as it is, with this preload in front. */
static void environment(char *preload, char *envp[static ENVIRONMENT_MAX])
{
	size_t count = 0;

	if (preload)
		envp[count++] = preload;
	for (char **at = environ; *at && count < ENVIRONMENT_MAX - 1; at++)
		if (strncmp(*at, "LD_PRELOAD=", strlen("LD_PRELOAD=")) != 0)
			envp[count++] = *at;
	envp[count] = NULL;
}

static void start_once(const struct candidate *candidate, char **argv, size_t round)
{
	char *envp[ENVIRONMENT_MAX];
	struct rusage usage;
	int64_t begin;
	int status;
	pid_t pid;

	environment(candidate->preload, envp);
	begin = measure_now();
	errno = posix_spawnp(&pid, argv[0], NULL, NULL, argv, envp);
	if (errno != 0)
		measure_die(argv[0]);
	if (wait4(pid, &status, 0, &usage) < 0)
		measure_die("start: wait4");
	candidate->passed[round] = measure_now() - begin;
	candidate->used[round] = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	if (status != 0) {
		fprintf(stderr, "start: %s ended with status %d under %s\n", argv[0], status,
			candidate->preload ? candidate->preload : "no preload");
		exit(1);
	}
}

/* A loader that cannot open a preload says so and goes on: nothing would be measured. */
static void prepare(struct candidate *candidate, const char *library, size_t rounds)
{
	candidate->preload = NULL;
	if (strcmp(library, "-") != 0) {
		if (access(library, R_OK) < 0)
			measure_die(library);
		if (asprintf(&candidate->preload, "LD_PRELOAD=%s", library) < 0)
			measure_die("start");
	}
	candidate->passed = calloc(rounds, sizeof(*candidate->passed));
	candidate->used = calloc(rounds, sizeof(*candidate->used));
	if (!candidate->passed || !candidate->used)
		measure_die("start");
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

static void measure(const struct candidate *candidates, size_t count, size_t rounds, char **argv)
{
	size_t order[LIBRARIES_MAX];

	srandom((unsigned)measure_now());
	for (size_t i = 0; i < count; i++) {
		order[i] = i;
		for (size_t warm = 0; rounds > 1 && warm < WARM_MAX && warm < rounds; warm++)
			start_once(&candidates[i], argv, warm);
	}
	for (size_t round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count; i++)
			start_once(&candidates[order[i]], argv, round);
	}
}

/* How many libraries stand before the "--", which a program follows; 0: wrong. */
static size_t libraries(char **arguments)
{
	size_t count = 0;

	while (arguments[count] && strcmp(arguments[count], "--") != 0)
		count++;
	return count <= LIBRARIES_MAX && arguments[count] && arguments[count + 1] ? count : 0;
}

int main(int argc, char **argv)
{
	static struct candidate candidates[LIBRARIES_MAX];
	size_t rounds = argc > 2 ? (size_t)atoi(argv[1]) : 0;
	size_t count = argc > 2 ? libraries(argv + 2) : 0;

	if (count == 0 || rounds == 0 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: start ROUNDS LIBRARY... -- PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	for (size_t i = 0; i < count; i++)
		prepare(&candidates[i], argv[i + 2], rounds);
	measure(candidates, count, rounds, argv + 3 + count);
	for (size_t i = 0; i < count; i++)
		printf("%.1f %jd\n", (double)measure_median(candidates[i].passed, rounds) / 1000,
		       (intmax_t)measure_median(candidates[i].used, rounds));
	return 0;
}
