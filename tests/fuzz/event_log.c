/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_get_event_log() on any answer, and what ccel_data() makes of it: first byte the agent's kind, then
 * answers as stub_http.h reads them.  What comes out is a log that an independent reader takes, with the
 * events that went in.
 */
#include <errno.h>

#include "fuzz/stub_http.h"
#include "tools/ccel_reader.h"
#include "translate/ccel.h"

static void event_check(const struct agent_event *event)
{
	uint8_t digest[SHA384_SIZE];

	fuzz_check(event->imr < EVENT_RTMR_COUNT);
	fuzz_check(event->data_given || event->data.len == 0);
	if (event->type != EVENT_TYPE_DSTACK || !event->data_given)
		return;
	sha384(digest, event->data.data, event->data.len);
	fuzz_check(memcmp(digest, event->digest, SHA384_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent agent = {.path = "/fuzz/agent.sock", .named = true};
	uint8_t written[CCEL_READER_RTMRS][SHA384_SIZE];
	uint8_t rtmr[EVENT_RTMR_COUNT][SHA384_SIZE];
	struct agent_event_log log = {0};
	struct buf out = {0};
	int err;

	if (size == 0)
		return 0;
	agent.tappd = data[0] & 1;
	stub_answers(data + 1, size - 1);
	err = agent_get_event_log(&agent, 0, &log);
	fuzz_check(err == 0 || err == -EIO);
	fuzz_check((err == 0) == (log.count > 0) && (err == 0) == (log.event != NULL));
	if (err < 0)
		return 0;
	for (size_t i = 0; i < log.count; i++)
		event_check(&log.event[i]);
	fuzz_check(ccel_data(&out, &log) == 0);
	fuzz_check(out.len > 0 && out.len % CCEL_AREA_SIZE == 0);
	fuzz_check(ccel_reader_replay(out.data, out.len, written) == (int)log.count);
	ccel_replay(rtmr, &log);
	fuzz_check(memcmp(rtmr, written, sizeof(rtmr)) == 0);
	buf_free(&out);
	agent_event_log_free(&log);
	return 0;
}
