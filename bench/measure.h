/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the measuring programs share.  Medians, because a shared machine gives long tails; in one run
 * and interleaved, because only the ratio of two times of one run means something.
 */
#ifndef TEESHIM_BENCH_MEASURE_H
#define TEESHIM_BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* measure_now() - nanoseconds of a clock that nobody sets. */
static inline int64_t measure_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* measure_cpu() - nanoseconds that this thread has run, whoever else used the machine meanwhile. */
static inline int64_t measure_cpu(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int measure_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* measure_median() - the median of count > 0 times, which end up sorted. */
static inline int64_t measure_median(int64_t *times, size_t count)
{
	qsort(times, count, sizeof(*times), measure_compare);
	return times[count / 2];
}

/* measure_die() - a benchmark that cannot measure says what failed, and ends. */
static inline _Noreturn void measure_die(const char *what)
{
	perror(what);
	exit(1);
}

#endif
