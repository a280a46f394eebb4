/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulator's connections share: evidence one at a time, waiting, the log. */
#define _GNU_SOURCE
#include "sim/sim.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/die.h"

void sim_begin(struct sim *sim, int quote_version, size_t pad)
{
	const struct platform_options options = {
		.quote_version = quote_version,
		.pad = pad,
		.full_log = sim->agent <= AGENT_0_5_5,
		.snp_events = sim->agent == AGENT_0_6_0_ALPHA,
		.certs = sim->certs,
	};

	guest_make(&sim->guest);
	sim->tee = sim->platform->begin(&options, &sim->guest);
	pthread_mutex_init(&sim->lock, NULL);
	pthread_mutex_init(&sim->turn_lock, NULL);
}

void sim_end(struct sim *sim)
{
	pthread_mutex_destroy(&sim->turn_lock);
	pthread_mutex_destroy(&sim->lock);
	sim->platform->end(sim->tee);
	guest_free(&sim->guest);
}

/* Events are emitted, and answers without a quote given, while quotes wait for each other. */
static void wait_for_turn(struct sim *sim)
{
	pthread_mutex_unlock(&sim->lock);
	pthread_mutex_lock(&sim->turn_lock);
	sim_wait(sim, -1, sim->delay_ms);
	pthread_mutex_unlock(&sim->turn_lock);
	pthread_mutex_lock(&sim->lock);
}

void sim_evidence(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN],
		  struct bytes *out)
{
	uint8_t used[REPORT_DATA_LEN];

	memcpy(used, report_data, sizeof(used));
	if (sim->fault == FAULT_WRONG_DATA)
		used[0] ^= 0xff;
	if (sim->delay_ms)
		wait_for_turn(sim);
	sim->platform->evidence(sim->tee, used, out);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool sim_wait(const struct sim *sim, int fd, int ms)
{
	const int64_t end = now_ms() + ms;
	/* No events on the connection: a half-closed one still waits for its answer. */
	struct pollfd fds[] = {{.fd = sim->stop_fd, .events = POLLIN}, {.fd = fd, .events = 0}};

	for (;;) {
		int64_t left = ms < 0 ? -1 : end - now_ms();
		int found;

		if (ms >= 0 && left <= 0)
			return true;
		found = poll(fds, 2, (int)left);
		if (found > 0 || (found < 0 && errno != EINTR))
			return false;
	}
}

void sim_log(const struct sim *sim, const char *route, unsigned int status)
{
	char *line;
	int len;

	if (sim->log_fd < 0)
		return;
	len = status ? asprintf(&line, "%s %u\n", route, status) : asprintf(&line, "%s -\n", route);
	if (len < 0)
		die("out of memory");
	for (int i = 0; i < len - 1; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = '?';
	/* One write to a descriptor in append mode: lines of several threads do not mix. */
	if (write(sim->log_fd, line, (size_t)len) != len)
		fputs("teeshim-sim: cannot write the log; is its disk full?\n", stderr);
	free(line);
}
