/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/failure.h"

#include <errno.h>

#include "base/log.h"

int agent_fail(const struct agent *agent, const char *route, const char *why, const char *cure)
{
	log_error("%s at %s: %s; %s", route + 1, agent->path, why, cure);
	return -EIO;
}

void failure_text(char *out, size_t size, const char *text, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len && used + 1 < size; i++) {
		char c = text[i];

		if (c == '\n' || c == '\r' || c == '\t')
			c = ' ';
		if (c == ' ' && (used == 0 || out[used - 1] == ' '))
			continue;
		out[used++] = c >= ' ' && c <= '~' ? c : '?';
	}
	out[used] = '\0';
}
