/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stubborn ENTRY MILLISECONDS: a client that goes on whatever it is told: mkdir, inblob, generation,
 * outblob, rmdir, for that long and once at least.  A refusal must be one of the few errnos that
 * teeshim may give; an answer must be whole, and a quote over bytes that were written to the entry.
 * Prints each step's results, as "mkdir=0:12,EACCES:3 ...".
 */
#include "load.h"

enum { STEPS = 5, RESULTS = 8 };

static const struct {
	int error;
	const char *name;
} allowed[RESULTS] = {
	{0, "0"},           {EACCES, "EACCES"}, {ENOENT, "ENOENT"}, {EIO, "EIO"},
	{EEXIST, "EEXIST"}, {EINVAL, "EINVAL"}, {ENOMEM, "ENOMEM"}, {EPERM, "EPERM"},
};

static const char *const steps[STEPS] = {"mkdir", "inblob", "generation", "outblob", "rmdir"};

static unsigned long counts[STEPS][RESULTS];

static long step_note(int step, long ret)
{
	for (int i = 0; i < RESULTS; i++) {
		if ((ret >= 0 && i == 0) || (ret < 0 && ret == -allowed[i].error)) {
			counts[step][i]++;
			return ret;
		}
	}
	die("%s: %s", steps[step], strerror((int)-ret));
}

static void round_run(const char *entry, uint64_t round)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	uint64_t written[2];
	ssize_t len;

	step_note(0, entry_mkdir(entry));
	report_data_make(data, (uint64_t)getpid(), round);
	step_note(1, inblob_write(entry, data));
	step_note(2, generation_read(entry));
	len = step_note(3, outblob_read(entry, over));
	if (len >= 0) {
		/* of this round or, where the entry stayed, of an earlier one */
		memcpy(written, over, sizeof(written));
		report_data_make(data, written[0], written[1]);
		if (written[1] > round || memcmp(data, over, sizeof(data)) != 0)
			die("outblob: over bytes that nobody wrote");
	}
	step_note(4, entry_rmdir(entry));
}

int main(int argc, char **argv)
{
	const int64_t end_us = now_us() + 1000 * number_of(argc > 2 ? argv[2] : NULL);
	uint64_t round = 0;

	do
		round_run(argv[1], round++);
	while (now_us() < end_us);
	for (int step = 0; step < STEPS; step++) {
		const char *comma = "";

		printf("%s%s=", step ? " " : "", steps[step]);
		for (int i = 0; i < RESULTS; i++) {
			if (counts[step][i] == 0)
				continue;
			printf("%s%s:%lu", comma, allowed[i].name, counts[step][i]);
			comma = ",";
		}
	}
	putchar('\n');
	return 0;
}
