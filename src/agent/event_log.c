/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's event log.
 *
 * dstack keeps it as JSON: {"imr", "event_type", "digest", "event", "event_payload"}, of its own
 * events of version 2 also {"version", "preimage"}.  Info carries all of it inside tcb_info, with the
 * registers beside it; a quote's answer carries what its verifiers need: since 0.5.6 boot events
 * without payload, and dstack's own without digest, for that can be made from the rest.
 *
 * Source: dstack, cc-eventlog/src/tdx.rs and runtime_events.rs.
 */
#include "agent/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/ask.h"
#include "agent/failure.h"
#include "base/hex.h"
#include "translate/tdx_quote.h"

/* Six values an event; real logs have some thirty events. */
enum { VALUES_MAX = 1 << 16 };

_Static_assert((int)EVENT_RTMR_COUNT == (int)TDX_RTMR_COUNT, "one number of RTMRs");
_Static_assert((int)SHA384_SIZE == (int)TDX_MEASUREMENT_SIZE, "one size of registers");

/* A field of 48 bytes.  0; -ENOENT where it is absent, null or ""; -EBADMSG. */
static int digest_read(const json_t *object, const char *key, uint8_t digest[static SHA384_SIZE])
{
	const json_t *field = json_object_get(object, key);
	const size_t len = json_string_length(field);

	if (!field || json_is_null(field) || (json_is_string(field) && len == 0))
		return -ENOENT;
	if (len != 2 * (size_t)SHA384_SIZE ||
	    hex_decode(digest, json_string_value(field), SHA384_SIZE) < 0)
		return -EBADMSG;
	return 0;
}

/* A field of bytes that may be absent. */
static int bytes_read(const json_t *object, const char *key, struct buf *out)
{
	return json_object_get(object, key) ? answer_hex(object, key, out) : 0;
}

/* A field that is a number from 0 to max. */
static int number_read(const json_t *object, const char *key, uint32_t max, uint32_t *out)
{
	const json_t *field = json_object_get(object, key);
	const json_int_t value = json_integer_value(field);

	if (!json_is_integer(field) || value < 0 || value > max)
		return -EBADMSG;
	*out = (uint32_t)value;
	return 0;
}

/* Version 1: the type in four bytes, little endian, ":", the name, ":", the payload. */
static int preimage_v1(const json_t *item, struct buf *out)
{
	static const uint8_t head[] = {0x01, 0x00, 0x00, 0x08, ':'};
	const json_t *name = json_object_get(item, "event");
	struct buf payload = {0};
	int err = json_is_string(name) ? bytes_read(item, "event_payload", &payload) : -EBADMSG;

	if (err == 0)
		err = buf_append(out, head, sizeof(head), HTTP_BODY_MAX);
	if (err == 0)
		err = buf_append(out, json_string_value(name), json_string_length(name),
				 HTTP_BODY_MAX);
	if (err == 0)
		err = buf_append(out, ":", 1, HTTP_BODY_MAX);
	if (err == 0)
		err = buf_append(out, payload.data, payload.len, HTTP_BODY_MAX);
	buf_free(&payload);
	return err;
}

/*
 * What dstack has hashed for an event of its own; empty where that is not known: later versions hash a
 * text that only the agent can write, and need not give.
 */
static int preimage_read(const json_t *item, struct buf *out)
{
	const json_t *version = json_object_get(item, "version");

	if (!version || json_integer_value(version) == 1)
		return preimage_v1(item, out);
	return bytes_read(item, "preimage", out);
}

/* Data and digest belong together: a missing digest is made, data that do not hash to it are no data. */
static int runtime_read(const json_t *item, struct agent_event *event)
{
	uint8_t digest[SHA384_SIZE];
	int given = digest_read(item, "digest", event->digest);
	int err = given == -EBADMSG ? given : preimage_read(item, &event->data);

	if (err < 0)
		return err;
	if (event->data.len == 0)
		return given < 0 ? -EBADMSG : 0;
	sha384(digest, event->data.data, event->data.len);
	if (given < 0)
		memcpy(event->digest, digest, SHA384_SIZE);
	else if (memcmp(digest, event->digest, SHA384_SIZE) != 0)
		buf_free(&event->data);
	event->data_given = event->data.len > 0;
	return 0;
}

/*
 * What firmware and kernel have measured has a digest that nobody else can make.  No data are no data
 * in a whole log, and nobody knows in a shortened one.
 */
static int boot_read(const json_t *item, bool whole, struct agent_event *event)
{
	int err = digest_read(item, "digest", event->digest);

	if (err < 0)
		return -EBADMSG;
	err = bytes_read(item, "event_payload", &event->data);
	event->data_given = whole || event->data.len > 0;
	return err;
}

static int event_read(const json_t *item, bool whole, struct agent_event *event)
{
	int err = number_read(item, "imr", EVENT_RTMR_COUNT - 1, &event->imr);

	if (err == 0)
		err = number_read(item, "event_type", UINT32_MAX, &event->type);
	if (err < 0)
		return err;
	return event->type == EVENT_TYPE_DSTACK ? runtime_read(item, event)
						: boot_read(item, whole, event);
}

/* An empty array is no log: no guest boots without an event. */
static int events_read(const json_t *array, bool whole, struct agent_event_log *log)
{
	const size_t count = json_array_size(array);
	int err = 0;

	if (count == 0)
		return -ENOENT;
	log->event = calloc(count, sizeof(*log->event));
	if (!log->event)
		return -ENOMEM;
	for (log->count = 0; err == 0 && log->count < count; log->count++)
		err = event_read(json_array_get(array, log->count), whole, &log->event[log->count]);
	return err;
}

/* rtmr0 to rtmr3 of tcb_info. */
static int registers_read(const json_t *tcb_info, struct agent_event_log *log)
{
	char key[] = "rtmr0";
	int err = 0;

	for (unsigned i = 0; err == 0 && i < EVENT_RTMR_COUNT; i++) {
		key[sizeof(key) - 2] = (char)('0' + i);
		err = digest_read(tcb_info, key, log->rtmr[i]);
	}
	return err;
}

/* -ENOENT where tcb_info is one of an older shape, without log or registers, or is not there. */
static int info_read(const json_t *answer, struct agent_event_log *log)
{
	const char *text = json_string_value(json_object_get(answer, "tcb_info"));
	json_t *tcb_info = NULL;
	int err = text && *text ? answer_text_json(text, VALUES_MAX, &tcb_info) : -ENOENT;

	if (err == 0)
		err = registers_read(tcb_info, log);
	if (err == 0)
		err = events_read(json_object_get(tcb_info, "event_log"), /* whole= */ true, log);
	json_decref(tcb_info);
	return err;
}

/* As info_read(), and so where the agent has no such method. */
static int log_from_info(const struct agent *agent, int64_t deadline_ms,
			 struct agent_event_log *log)
{
	const char *route = agent->tappd ? "/prpc/Tappd.Info" : "/Info";
	struct http_answer reply = {0};
	json_t *answer = NULL;
	int err = http_post(agent, route, "{}", deadline_ms, &reply);

	if (err < 0)
		return err;
	err = answer_unknown_method(&reply);
	if (err == 0)
		err = ask_read(agent, route, &reply, &answer);
	else if (err > 0)
		err = -ENOENT;
	http_answer_free(&reply);
	if (err < 0)
		return err;
	err = info_read(answer, log);
	json_decref(answer);
	return err < 0 && err != -ENOENT ? ask_field_bad(agent, route, "tcb_info", err) : err;
}

static int quote_read(const struct agent_quote *quote, struct agent_event_log *log)
{
	struct tdx_quote parsed;
	json_t *array = NULL;
	int err = tdx_quote_parse(&parsed, quote->quote.data, quote->quote.len);

	for (unsigned i = 0; err == 0 && i < EVENT_RTMR_COUNT; i++)
		memcpy(log->rtmr[i], parsed.rtmr[i], SHA384_SIZE);
	if (err == 0)
		err = quote->event_log ? answer_text_json(quote->event_log, VALUES_MAX, &array)
				       : -EBADMSG;
	if (err == 0)
		err = events_read(array, /* whole= */ false, log);
	json_decref(array);
	return err;
}

static int log_from_quote(const struct agent *agent, int64_t deadline_ms,
			  struct agent_event_log *log)
{
	static const uint8_t zeros[REPORT_DATA_SIZE];
	const char *route = agent->tappd ? "/prpc/Tappd.RawQuote" : "/GetQuote";
	struct agent_quote quote = {0};
	int err = agent_get_quote(agent, zeros, deadline_ms, &quote);

	if (err < 0)
		return err;
	err = quote_read(&quote, log);
	agent_quote_free(&quote);
	return err < 0 ? ask_field_bad(agent, route, "event_log", err) : 0;
}

int agent_get_event_log(const struct agent *agent, int64_t deadline_ms, struct agent_event_log *out)
{
	struct agent_event_log log = {0};
	int err = log_from_info(agent, deadline_ms, &log);

	if (err == -ENOENT) {
		agent_event_log_free(&log);
		err = log_from_quote(agent, deadline_ms, &log);
	}
	if (err < 0)
		agent_event_log_free(&log);
	else
		*out = log;
	return err;
}

void agent_event_log_free(struct agent_event_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		buf_free(&log->event[i].data);
	free(log->event);
	*log = (struct agent_event_log){0};
}
