/* SPDX-License-Identifier: Apache-2.0 */
/* One simulated agent: what it was told to be, and what all its connections share. */
#ifndef TEESHIM_SIM_SIM_H
#define TEESHIM_SIM_SIM_H

#include <pthread.h>

#include "sim/fault.h"
#include "sim/guest.h"
#include "sim/platform.h"

/* Agent releases in the order of their age; compare with < and >=. */
enum agent {
	AGENT_0_3_6,
	AGENT_0_5_5,
	AGENT_0_5_11,
	AGENT_0_6_0_ALPHA, /* the first to know SEV-SNP, without /v1 */
	AGENT_0_6_0,
};

struct sim {
	enum agent agent;
	enum fault fault;
	int delay_ms;
	int log_fd;  /* -1: no log */
	int stop_fd; /* readable from the moment on at which the simulator stops */
	const struct platform *platform;
	enum snp_certs certs;
	struct guest guest;
	void *tee;                 /* of platform->begin() */
	pthread_mutex_t lock;      /* held while a method makes its answer: all of tee */
	pthread_mutex_t turn_lock; /* held while one request waits as long as a quote takes */
};

/*
 * sim_begin() - make guest, keys and evidence templates for the agent, fault and platform set in
 * @sim; sim_end() releases them.
 */
void sim_begin(struct sim *sim, int quote_version, size_t pad);
void sim_end(struct sim *sim);

/*
 * sim_evidence() - append a quote or report over report_data, after --delay-ms and one at a time,
 * as the agent makes them.  Under --fault wrong-data it is over other report data.
 *
 * Called with the lock held, which is dropped while waiting: what else belongs to this evidence is
 * looked at afterwards.
 */
void sim_evidence(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN],
		  struct bytes *out);

/*
 * sim_wait() - sleep.
 * @fd: a connection whose peer may go away, or -1
 * @ms: -1 waits for ever
 *
 * Return: true after the full time; false as soon as the peer has gone or the simulator stops.
 */
bool sim_wait(const struct sim *sim, int fd, int ms);

/*
 * sim_log() - one line in the log: route and status ("-" for status 0: no answer).  Control
 * characters in the route become '?'.
 */
void sim_log(const struct sim *sim, const char *route, unsigned int status);

#endif
