/* SPDX-License-Identifier: Apache-2.0 */
/* The event log, out of Info and out of a quote's answer, from agents that tell the truth and others. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/hex.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"

#define HEX_16 "000102030405060708090a0b0c0d0e0f"
#define HEX_48 HEX_16 HEX_16 HEX_16

/* SHA-384 of 01 00 00 08 ":a:" de ad, by openssl; and of "two" */
#define DIGEST_A                                                                                   \
	"d87decf4803da719c1ae56a9b9bed3aed278b99f236b984a"                                         \
	"72312f75e945ec4bc387e14bee277fbee7c691f6dc76dd88"
#define DIGEST_TWO                                                                                 \
	"0b5a10c7071b313d2feee9e3864155eabfc5494d1882a328"                                         \
	"4da1015af0cb648ef37c79c839d9fcb3120fd06e006a7be9"

#define EVENT_BOOT                                                                                 \
	"{\"imr\":1,\"event_type\":2147483655,\"digest\":\"" HEX_48                                \
	"\",\"event\":\"\",\"event_payload\":\"6162\"}"
#define EVENT_BARE                                                                                 \
	"{\"imr\":0,\"event_type\":4,\"digest\":\"" HEX_48                                         \
	"\",\"event\":\"\",\"event_payload\":\"\"}"
#define RUNTIME(digest, rest)                                                                      \
	"{\"imr\":3,\"event_type\":134217729,\"digest\":\"" digest "\"," rest "}"
#define EVENT_A(digest) RUNTIME(digest, "\"event\":\"a\",\"event_payload\":\"dead\"")
#define EVENT_TWO(digest, preimage)                                                                \
	RUNTIME(digest, "\"event\":\"a\",\"event_payload\":\"dead\",\"version\":2" preimage)

/* What the next agent says: Info's status and tcb_info (NULL: none), the log of its quotes (NULL: none). */
static struct {
	int status;
	const char *tcb_info;
	const char *quote_log;
} says;

static void reply_json(int fd, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	stub_reply(fd, 200, text);
	free(text);
	json_decref(object);
}

static void reply_info(int fd)
{
	if (says.status != 200)
		stub_reply_unknown(fd, says.status);
	else if (says.tcb_info)
		reply_json(fd, json_pack("{s:s, s:s}", "app_id", "00", "tcb_info", says.tcb_info));
	else
		reply_json(fd, json_pack("{s:s}", "app_id", "00"));
}

static void reply_quote(int fd, const char *request)
{
	json_t *answer = json_pack("{s:s}", "quote", stub_quote_hex(request));

	if (says.quote_log)
		json_object_set_new(answer, "event_log", json_string(says.quote_log));
	reply_json(fd, answer);
}

static void agent_dstack(int fd, const char *request)
{
	if (stub_asks(request, "/Info"))
		reply_info(fd);
	else if (stub_asks(request, "/GetQuote"))
		reply_quote(fd, request);
	else
		stub_reply(fd, 500, "");
}

static void agent_tappd(int fd, const char *request)
{
	if (stub_asks(request, "/prpc/Tappd.Info"))
		reply_info(fd);
	else if (stub_asks(request, "/prpc/Tappd.RawQuote"))
		reply_quote(fd, request);
	else
		stub_reply(fd, 500, "");
}

static int ask(const char *socket, struct agent_event_log *log)
{
	struct stub_agent stub;
	int err;

	stub_start(&stub, socket, strcmp(socket, "tappd.sock") == 0 ? agent_tappd : agent_dstack);
	err = agent_get_event_log(&stub.agent, clock_now_ms() + 5000, log);
	stub_stop(&stub);
	stub_remove(&stub);
	return err;
}

/* tcb_info with registers of 48 times their number. */
static const char *tcb_info_of(const char *events)
{
	static char text[8192];
	char rtmr[4][2 * SHA384_SIZE + 1];
	uint8_t bytes[SHA384_SIZE];

	for (int i = 0; i < 4; i++) {
		memset(bytes, i, sizeof(bytes));
		hex_encode(rtmr[i], bytes, sizeof(bytes));
	}
	snprintf(text, sizeof(text),
		 "{\n\"mrtd\":\"\",\"rtmr0\":\"%s\",\"rtmr1\":\"%s\",\"rtmr2\":\"%s\","
		 "\"rtmr3\":\"%s\",\"event_log\":%s,\"app_compose\":\"{}\"}",
		 rtmr[0], rtmr[1], rtmr[2], rtmr[3], events);
	return text;
}

static void info_says(const char *events)
{
	says.status = 200;
	says.tcb_info = tcb_info_of(events);
	says.quote_log = NULL;
}

static void is_digest(const struct agent_event *event, const char *hex)
{
	char text[2 * SHA384_SIZE + 1];

	hex_encode(text, event->digest, SHA384_SIZE);
	assert_string_equal(text, hex);
}

static void is_data(const struct agent_event *event, const char *bytes, size_t len)
{
	assert_true(event->data_given);
	assert_int_equal(event->data.len, len);
	if (len > 0)
		assert_memory_equal(event->data.data, bytes, len);
}

static void from_info(void **state)
{
	static const char *const sockets[] = {"dstack.sock", "tappd.sock"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct agent_event_log log;

		info_says("[" EVENT_BOOT "," EVENT_BARE "," EVENT_A(DIGEST_A) "]");
		assert_int_equal(ask(sockets[i], &log), 0);
		assert_string_equal(log_captured(), "");
		assert_int_equal(log.count, 3);
		assert_int_equal(log.event[0].imr, 1);
		assert_true(log.event[0].type == 0x80000007);
		is_digest(&log.event[0], HEX_48);
		is_data(&log.event[0], "ab", 2);
		/* a whole log leaves nothing out */
		is_data(&log.event[1], NULL, 0);
		assert_int_equal(log.event[2].imr, 3);
		is_digest(&log.event[2], DIGEST_A);
		is_data(&log.event[2], "\1\0\0\10:a:\xde\xad", 9);
		for (int rtmr = 0; rtmr < 4; rtmr++)
			for (int at = 0; at < SHA384_SIZE; at++)
				assert_int_equal(log.rtmr[rtmr][at], rtmr);
		agent_event_log_free(&log);
		assert_null(log.event);
	}
}

/* Where Info has no log, the quote's answer has one; its boot events have lost their data. */
static void from_quote(void **state)
{
	static const struct {
		int status;
		const char *tcb_info;
	} cases[] = {
		{400, NULL},
		{404, NULL},
		{200, NULL},
		{200, ""},
		{200, "{\"rootfs_hash\":\"00\"}"},
		{200,
		 "{\"rtmr0\":null,\"rtmr1\":null,\"rtmr2\":null,\"rtmr3\":null,\"event_log\":[]}"},
		{200, "{\"rtmr0\":\"" HEX_48 "\",\"rtmr1\":\"" HEX_48 "\",\"rtmr2\":\"" HEX_48
		      "\",\"rtmr3\":\"" HEX_48 "\",\"event_log\":[]}"},
		{200, "{\"rtmr0\":\"" HEX_48 "\",\"rtmr1\":\"" HEX_48 "\",\"rtmr2\":\"" HEX_48
		      "\",\"rtmr3\":\"" HEX_48 "\"}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const uint8_t zeros[4 * SHA384_SIZE];
		struct agent_event_log log;

		says.status = cases[i].status;
		says.tcb_info = cases[i].tcb_info;
		says.quote_log = "[" EVENT_BARE "," EVENT_BOOT "," EVENT_A("") "]";
		assert_int_equal(ask(i % 2 ? "tappd.sock" : "dstack.sock", &log), 0);
		assert_string_equal(log_captured(), "");
		assert_int_equal(log.count, 3);
		assert_false(log.event[0].data_given);
		assert_int_equal(log.event[0].data.len, 0);
		is_data(&log.event[1], "ab", 2);
		is_digest(&log.event[2], DIGEST_A);
		is_data(&log.event[2], "\1\0\0\10:a:\xde\xad", 9);
		assert_memory_equal(log.rtmr, zeros, sizeof(zeros));
		agent_event_log_free(&log);
	}
}

/* The data of dstack's own events hash to the digest, whoever has made it, or are not there. */
static void runtime_events(void **state)
{
	static const struct {
		const char *event;
		const char *digest;
		const char *data; /* NULL: not given */
		size_t len;
	} cases[] = {
		{EVENT_A(""), DIGEST_A, "\1\0\0\10:a:\xde\xad", 9},
		{EVENT_A(HEX_48), HEX_48, NULL, 0},
		{EVENT_TWO("", ",\"preimage\":\"74776f\""), DIGEST_TWO, "two", 3},
		{EVENT_TWO(DIGEST_TWO, ",\"preimage\":\"74776f\""), DIGEST_TWO, "two", 3},
		{EVENT_TWO(DIGEST_TWO, ""), DIGEST_TWO, NULL, 0},
		{EVENT_TWO(HEX_48, ",\"preimage\":\"74776f\""), HEX_48, NULL, 0},
		{RUNTIME("", "\"event\":\"a\",\"event_payload\":\"dead\",\"version\":1"), DIGEST_A,
		 "\1\0\0\10:a:\xde\xad", 9},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agent_event_log log;
		char events[1024];

		snprintf(events, sizeof(events), "[%s]", cases[i].event);
		info_says(events);
		assert_int_equal(ask("dstack.sock", &log), 0);
		assert_string_equal(log_captured(), "");
		is_digest(&log.event[0], cases[i].digest);
		if (cases[i].data) {
			is_data(&log.event[0], cases[i].data, cases[i].len);
		} else {
			assert_false(log.event[0].data_given);
			assert_int_equal(log.event[0].data.len, 0);
		}
		agent_event_log_free(&log);
	}
}

#define BOOT(imr, type, digest, payload)                                                           \
	"{\"imr\":" imr ",\"event_type\":" type ",\"digest\":" digest                              \
	",\"event\":\"\",\"event_payload\":" payload "}"

static void bad_events(void **state)
{
	static const char *const cases[] = {
		BOOT("4", "4", "\"" HEX_48 "\"", "\"\""),
		BOOT("-1", "4", "\"" HEX_48 "\"", "\"\""),
		BOOT("\"0\"", "4", "\"" HEX_48 "\"", "\"\""),
		BOOT("0", "4294967296", "\"" HEX_48 "\"", "\"\""),
		BOOT("0", "-1", "\"" HEX_48 "\"", "\"\""),
		BOOT("0", "4.5", "\"" HEX_48 "\"", "\"\""),
		BOOT("0", "4", "\"" HEX_48 "00\"", "\"\""),
		BOOT("0", "4", "\"" HEX_16 HEX_16 "\"", "\"\""),
		BOOT("0", "4", "\"" HEX_16 HEX_16 "g00102030405060708090a0b0c0d0e0f\"", "\"\""),
		BOOT("0", "4", "\"\"", "\"\""),
		BOOT("0", "4", "null", "\"\""),
		BOOT("0", "4", "7", "\"\""),
		BOOT("0", "4", "\"" HEX_48 "\"", "\"0\""),
		BOOT("0", "4", "\"" HEX_48 "\"", "\"xy\""),
		BOOT("0", "4", "\"" HEX_48 "\"", "[]"),
		"{}",
		"[]",
		"null",
		"{\"imr\":0,\"event_type\":4}",
		RUNTIME("", "\"event_payload\":\"dead\""),
		RUNTIME("", "\"event\":7,\"event_payload\":\"dead\""),
		RUNTIME("", "\"event\":\"a\",\"event_payload\":\"dea\""),
		RUNTIME("00", "\"event\":\"a\",\"event_payload\":\"dead\""),
		EVENT_TWO("", ""),
		EVENT_TWO("", ",\"preimage\":\"7\""),
		RUNTIME("", "\"event\":\"a\",\"event_payload\":\"dead\",\"version\":\"2\""),
		EVENT_BARE ",",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agent_event_log log = {.count = 7};
		char events[1024];

		snprintf(events, sizeof(events), "[" EVENT_BOOT ",%s]", cases[i]);
		info_says(events);
		assert_int_equal(ask("dstack.sock", &log), -EIO);
		assert_non_null(
			strstr(log_captured(), ": no readable \"tcb_info\" in the answer; "));
		assert_int_equal(log.count, 7);
		says.status = 404;
		says.quote_log = events;
		assert_int_equal(ask("tappd.sock", &log), -EIO);
		assert_non_null(
			strstr(log_captured(), ": no readable \"event_log\" in the answer; "));
		assert_int_equal(log.count, 7);
	}
}

static void bad_tcb_info(void **state)
{
	static const char *const cases[] = {
		"tcb", "{", "[", "{}}", "{\"rtmr0\":\"00\",\"event_log\":[" EVENT_BOOT "]}",
	};
	struct agent_event_log log = {.count = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		says.status = 200;
		says.tcb_info = cases[i];
		says.quote_log = NULL;
		assert_int_equal(ask("dstack.sock", &log), -EIO);
		assert_non_null(
			strstr(log_captured(), ": no readable \"tcb_info\" in the answer; "));
	}
	/* neither here nor there */
	says.tcb_info = "";
	says.quote_log = NULL;
	assert_int_equal(ask("dstack.sock", &log), -EIO);
	assert_non_null(strstr(log_captured(), "GetQuote at "));
	says.quote_log = "[]";
	assert_int_equal(ask("tappd.sock", &log), -EIO);
	assert_non_null(strstr(log_captured(), "prpc/Tappd.RawQuote at "));
	/* a refusal that is not for want of the method is the end of it */
	says.status = 500;
	assert_int_equal(ask("dstack.sock", &log), -EIO);
	assert_non_null(strstr(log_captured(), "Info at "));
	assert_int_equal(log.count, 7);
}

/* More values than any log has are not even parsed; many events are. */
static void long_logs(void **state)
{
	static const struct {
		size_t events;
		int err;
	} cases[] = {{10000, 0}, {11000, -EIO}};
	static char text[11000 * (sizeof(EVENT_BARE) + 1) + 16];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct agent_event_log log;
		char *at = text;

		*at++ = '[';
		for (size_t n = 0; n < cases[i].events; n++)
			at += sprintf(at, "%s%s", n ? "," : "", EVENT_BARE);
		snprintf(at, 2, "]");
		says.status = 404;
		says.quote_log = text;
		assert_int_equal(ask("dstack.sock", &log), cases[i].err);
		if (cases[i].err < 0) {
			assert_non_null(strstr(log_captured(), "no readable \"event_log\""));
			continue;
		}
		assert_int_equal(log.count, cases[i].events);
		agent_event_log_free(&log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_info),      cmocka_unit_test(from_quote),
		cmocka_unit_test(runtime_events), cmocka_unit_test(bad_events),
		cmocka_unit_test(bad_tcb_info),   cmocka_unit_test(long_logs),
	};

	return cmocka_run_group_tests_name("agent: the event log", tests, log_capture_start,
					   log_capture_end);
}
