/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow: a program's whole flow (mkdir, inblob, generation, outblob, rmdir) with each allocation of the
 * process failing in turn.  The step that meets the failure gives ENOMEM or EIO and works the next
 * time; no memory and no descriptor is left.  Linked with and preloaded with failing_malloc.c.
 */
#include <dirent.h>

#include "../../load/load.h"
#include "failing_malloc.h"

enum { STEPS = 5, POINTS_MAX = 2000, POINTS_LEAST = 60 };

static const char *const names[STEPS] = {"mkdir", "inblob", "generation", "outblob", "rmdir"};

/* The step's result; what came out wrong ends the program. */
static long step_run(int step, uint64_t round)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	long ret;

	report_data_make(data, 1, round);
	switch (step) {
	case 0:
		return entry_mkdir("torture");
	case 1:
		return inblob_write("torture", data);
	case 2:
		ret = generation_read("torture");
		if (ret >= 0 && ret != 1)
			die("round %llu: generation %ld", (unsigned long long)round, ret);
		return ret;
	case 3:
		ret = outblob_read("torture", over);
		if (ret >= 0 && memcmp(data, over, sizeof(data)) != 0)
			die("round %llu: a quote over other bytes", (unsigned long long)round);
		return ret;
	default:
		return entry_rmdir("torture");
	}
}

/* Return: how many steps met a failure; 0 or 1. */
static int flow_run(unsigned round)
{
	int failed = 0;

	for (int step = 0; step < STEPS; step++) {
		long ret = step_run(step, round);

		if (ret >= 0)
			continue;
		if (!failing_met() || failed)
			die("round %u: %s: %s", round, names[step], strerror((int)-ret));
		if (ret != -ENOMEM && ret != -EIO)
			die("round %u: %s: %s for want of memory", round, names[step],
			    strerror((int)-ret));
		failed = 1;
		ret = step_run(step, round);
		if (ret < 0)
			die("round %u: %s the next time: %s", round, names[step],
			    strerror((int)-ret));
	}
	return failed;
}

static int descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	if (!folder)
		die_errno("/proc/self/fd");
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

int main(void)
{
	int before = descriptors();
	int failed = 0;
	unsigned round;
	long live;

	/* what libc keeps of its first use is nobody's leak */
	flow_run(0);
	live = failing_live();
	for (round = 1; round < POINTS_MAX; round++) {
		bool met;

		failing_arm(round);
		failed += flow_run(round);
		met = failing_disarm();
		if (failing_live() != live)
			die("round %u: %ld blocks instead of %ld", round, failing_live(), live);
		if (descriptors() != before)
			die("round %u: %d descriptors instead of %d", round, descriptors(), before);
		live = failing_live();
		if (!met)
			break;
	}
	if (round == POINTS_MAX || round <= POINTS_LEAST)
		die("%u allocations in a flow", round - 1);
	printf("%u allocations failed in turn, %d steps with them\n", round - 1, failed);
	return 0;
}
