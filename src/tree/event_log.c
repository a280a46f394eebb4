/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/event_log.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "base/log.h"
#include "translate/ccel.h"
#include "tree/place.h"
#include "tree/text.h"
#include "tree/tree.h"

int event_log_table_open(const struct tree *tree, const struct place *place, int flags)
{
	uint8_t table[CCEL_TABLE_SIZE];

	ccel_table(table);
	return place_text_open(tree, place, table, sizeof(table), flags);
}

/* A log that does not give the registers is still what the agent has: a verifier must see it, and refuse. */
static void replay_check(const struct tree *tree, const struct agent_event_log *log)
{
	uint8_t rtmr[EVENT_RTMR_COUNT][SHA384_SIZE];

	ccel_replay(rtmr, log);
	for (unsigned i = 0; i < EVENT_RTMR_COUNT; i++) {
		if (memcmp(rtmr[i], log->rtmr[i], SHA384_SIZE) == 0)
			continue;
		log_error(
			"event log of %s: does not replay to the RTMR%u that came with it; served "
			"as it is, look at the agent's own log",
			tree->agent.path, i);
		return;
	}
}

int event_log_data_open(const struct tree *tree, const struct place *place, int flags)
{
	struct agent_event_log log;
	struct buf bytes = {0};
	int ret = agent_get_event_log(&tree->agent, tree->deadline_ms, &log);

	if (ret < 0)
		return ret;
	replay_check(tree, &log);
	ret = ccel_data(&bytes, &log);
	agent_event_log_free(&log);
	if (ret == 0)
		ret = place_private_open(tree, place, &bytes, flags);
	buf_free(&bytes);
	return ret;
}
