/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim_agent.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/listen.h"
#include "sim/rpc.h"
#include "sim/server.h"

struct sim_agent {
	struct sim sim;
	struct listener listener;
	struct server *server;
	char folder[32];
	char path[64];
	int stop[2];
};

static enum agent release_find(const char *text)
{
	enum agent agent = AGENT_0_3_6;

	while (strcmp(rpc_version_text(agent), text) != 0) {
		assert_true(agent < AGENT_0_6_0);
		agent++;
	}
	return agent;
}

struct sim_agent *sim_agent_start(const char *release, const struct platform *platform,
				  enum snp_certs certs)
{
	struct sim_agent *agent = calloc(1, sizeof(*agent));

	assert_non_null(agent);
	signal(SIGPIPE, SIG_IGN);
	snprintf(agent->folder, sizeof(agent->folder), "/tmp/teeshim-sim-XXXXXX");
	assert_non_null(mkdtemp(agent->folder));
	snprintf(agent->path, sizeof(agent->path), "%s/dstack.sock", agent->folder);
	assert_int_equal(pipe(agent->stop), 0);
	agent->sim = (struct sim){
		.agent = release_find(release),
		.log_fd = -1,
		.stop_fd = agent->stop[0],
		.platform = platform,
		.certs = certs,
	};
	sim_begin(&agent->sim, 4, 0);
	listen_open(&agent->listener, agent->path);
	agent->server = server_begin(&agent->sim, DOOR_DSTACK, agent->listener.fd);
	return agent;
}

void sim_agent_stop(struct sim_agent *agent)
{
	close(agent->stop[1]);
	listen_remove(&agent->listener);
	server_end(agent->server);
	sim_end(&agent->sim);
	close(agent->stop[0]);
	rmdir(agent->folder);
	free(agent);
}

const char *sim_agent_socket(const struct sim_agent *agent)
{
	return agent->path;
}
