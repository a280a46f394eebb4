/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: random sequences of operations on configfs-tsm, each performed by worker processes and by
 * the model of the rules, which must agree on every result and every byte.  A sequence on which they
 * do not is shrunk and printed.  It knows nothing of teeshim: a library in front of libc, or a real
 * kernel (--native), answers.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "model/control.h"
#include "model/generate.h"
#include "model/sequence.h"
#include "model/worker.h"

struct options {
	long sequences;
	long ops;
	long failures; /* stop after so many */
	uint64_t seed;
	bool native;
};

static int run(const struct options *options)
{
	static struct sequence sequence;
	long failures = 0;
	long performed = 0;

	for (long i = 0; i < options->sequences && failures < options->failures; i++) {
		/* each sequence has a seed of its own, so that one can be run alone */
		uint64_t random = (options->seed + (uint64_t)i) * 0x9e3779b97f4a7c15ULL | 1;

		sequence_random(&sequence, (int)options->ops, options->native, &random);
		performed += sequence.ops;
		if (sequence.failed < 0)
			continue;
		failures++;
		printf("FAILED: --seed %" PRIu64 " --ops %ld --sequences 1; shrunk:\n",
		       options->seed + (uint64_t)i, options->ops);
		sequence_shrink(&sequence);
		sequence_print(&sequence);
		fflush(stdout);
	}
	printf("%s %ld sequences, %ld operations, seed %" PRIu64 "\n", failures ? "FAILED" : "ok",
	       options->sequences, performed, options->seed);
	return failures ? 1 : 0;
}

static void usage(void)
{
	fprintf(stderr, "usage: model [--sequences N] [--ops N] [--seed N] [--failures N] "
			"[--native]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"sequences", required_argument, NULL, 's'},
		{"ops", required_argument, NULL, 'o'},
		{"seed", required_argument, NULL, 'r'},
		{"failures", required_argument, NULL, 'f'},
		{"native", no_argument, NULL, 'n'},
		{"worker", required_argument, NULL, 'w'},
		{NULL, 0, NULL, 0},
	};
	static const char *const names[] = GENERATE_NAMES;
	struct options options = {.sequences = 2000, .ops = 40, .failures = 1};
	int option;

	options.seed = (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case 's':
			options.sequences = strtol(optarg, NULL, 10);
			break;
		case 'o':
			options.ops = strtol(optarg, NULL, 10);
			break;
		case 'r':
			options.seed = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			options.failures = strtol(optarg, NULL, 10);
			break;
		case 'n':
			options.native = true;
			break;
		case 'w':
			worker_run((int)strtol(optarg, NULL, 10));
		default:
			usage();
		}
	}
	if (optind != argc || options.ops < 1 || options.ops > OPS_MAX)
		usage();
	/* nobody waits for workers of workers */
	signal(SIGCHLD, SIG_IGN);
	control_init();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		control_remove(names[i]);
	return run(&options);
}
