/* SPDX-License-Identifier: Apache-2.0 */
/* Which socket is the agent's: a variable's word, else the first of the fixed places. */
#include "agent/socket.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "base/config.h"
#include "base/log.h"
#include "base/sys.h"

/* tappd last: an agent that serves both answers more on dstack.sock. */
static const char *const places[] = {
	"/var/run/dstack.sock",       "/run/dstack.sock",       "/var/run/dstack/dstack.sock",
	"/run/dstack/dstack.sock",    "/var/run/tappd.sock",    "/run/tappd.sock",
	"/var/run/dstack/tappd.sock", "/run/dstack/tappd.sock",
};

const char *socket_place(size_t i)
{
	return i < sizeof(places) / sizeof(places[0]) ? places[i] : NULL;
}

const char *socket_variable(const char **name)
{
	static const char *const names[] = {"TEESHIM_SOCKET", "DSTACK_SIMULATOR_ENDPOINT"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = config_string(names[i]);

		if (value) {
			*name = names[i];
			return value;
		}
	}
	return NULL;
}

/* "http://host", "unix:/path", "host:8090": a colon before the first slash. */
static bool is_url(const char *value)
{
	return value[strcspn(value, ":/")] == ':';
}

static bool ends_in(const char *text, const char *end)
{
	size_t text_len = strlen(text);
	size_t end_len = strlen(end);

	return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

/* path is short enough for agent->path. */
static int agent_at(struct agent *agent, const char *path, bool named)
{
	struct agent found = {.tappd = ends_in(path, "tappd.sock"), .named = named};
	struct stat st = {0};

	if (sys_fstatat(AT_FDCWD, path, &st, 0) < 0 || !S_ISSOCK(st.st_mode))
		return -ENOENT;
	memcpy(found.path, path, strlen(path) + 1);
	found.dev = st.st_dev;
	found.ino = st.st_ino;
	*agent = found;
	return 0;
}

int agent_find(struct agent *agent)
{
	const char *name;
	const char *value = socket_variable(&name);

	if (value && is_url(value)) {
		log_error("%s: a URL, and teeshim speaks to unix sockets only; set it to the path "
			  "of the agent's socket",
			  name);
		return -EINVAL;
	}
	if (value && strlen(value) >= sizeof(agent->path)) {
		log_error("%s: longer than the %zu bytes that a socket's path may have; use a "
			  "shorter one",
			  name, sizeof(agent->path) - 1);
		return -EINVAL;
	}
	if (value)
		return agent_at(agent, value, true);
	for (size_t i = 0; socket_place(i); i++)
		if (agent_at(agent, socket_place(i), false) == 0)
			return 0;
	return -ENOENT;
}
