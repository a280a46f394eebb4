/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator behind a socket, in the test's own process.  Apart from the test, for the client's
 * headers and the simulator's do not go into one file.
 */
#ifndef TEESHIM_TESTS_SIM_AGENT_H
#define TEESHIM_TESTS_SIM_AGENT_H

#include "sim/platform.h"

struct sim_agent;

/*
 * sim_agent_start() - listen, and answer from other threads until sim_agent_stop().
 * @release: as --agent takes it
 */
struct sim_agent *sim_agent_start(const char *release, const struct platform *platform,
				  enum snp_certs certs);
void sim_agent_stop(struct sim_agent *agent);

/* sim_agent_socket() - the path of its socket. */
const char *sim_agent_socket(const struct sim_agent *agent);

#endif
