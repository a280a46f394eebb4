/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CCEL table and event log: the layout on events made here; byte for byte against logs of real firmware,
 * and the replay of real logs of dstack against the quotes they came with, where the fixtures are
 * present.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tools/ccel_reader.h"
#include "tools/fixture.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"
#include "translate/ccel.h"

enum { HEAD_SIZE = 66, FIRST_SIZE = 65, EVENTS_MAX = 100, ACTION = (int)0x80000007 };

static const char lost[] = "(the dstack agent does not give the data of this event)";

/* An event whose digest is the hash of these data. */
static struct agent_event event_of(uint32_t imr, uint32_t type, const void *data, size_t len,
				   bool given)
{
	struct agent_event event = {.imr = imr, .type = type, .data_given = given};

	sha384(event.digest, data, len);
	if (given)
		assert_int_equal(buf_append(&event.data, data, len, len), 0);
	return event;
}

static void test_table(void **state)
{
	uint8_t table[CCEL_TABLE_SIZE];
	uint8_t sum = 0;

	(void)state;
	memset(table, 0xee, sizeof(table));
	ccel_table(table);
	assert_memory_equal(table, "CCEL\x38\0\0\0\1", 9);
	assert_memory_equal(table + 36, "\2\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	for (size_t i = 0; i < sizeof(table); i++)
		sum = (uint8_t)(sum + table[i]);
	assert_int_equal(sum, 0);
}

/* Against a real table: what differs is what names the maker, the size, the address, and the sum. */
static void test_real_table(void **state)
{
	uint8_t table[CCEL_TABLE_SIZE];
	struct buf real = {0};

	(void)state;
	fixture_read("ccel/gotdx-cos-113-ccel_table.dat", &real);
	ccel_table(table);
	assert_int_equal(real.len, sizeof(table));
	assert_memory_equal(table, real.data, 9);
	assert_memory_equal(table + 36, real.data + 36, 4);
	buf_free(&real);
}

static void test_layout(void **state)
{
	struct agent_event events[2];
	const struct agent_event_log log = {.event = events, .count = 2};
	struct buf out = {0};

	(void)state;
	events[0] = event_of(0, 4, "\0\0\0\0", 4, true);
	events[1] = event_of(3, EVENT_TYPE_DSTACK, "abc", 3, true);
	assert_int_equal(ccel_data(&out, &log), 0);
	assert_int_equal(out.len, CCEL_AREA_SIZE);
	assert_memory_equal(out.data + FIRST_SIZE, "\1\0\0\0\4\0\0\0\1\0\0\0\x0c\0", 14);
	assert_memory_equal(out.data + FIRST_SIZE + 14, events[0].digest, SHA384_SIZE);
	assert_memory_equal(out.data + FIRST_SIZE + 62, "\4\0\0\0\0\0\0\0", 8);
	assert_memory_equal(out.data + FIRST_SIZE + 70, "\4\0\0\0\x0d\0\0\0\1\0\0\0\x0c\0", 14);
	assert_memory_equal(out.data + FIRST_SIZE + 84, events[1].digest, SHA384_SIZE);
	assert_memory_equal(out.data + FIRST_SIZE + 132, "\3\0\0\0abc\xff\xff", 9);
	buf_free(&out);
	buf_free(&events[0].data);
	buf_free(&events[1].data);
}

/* Each area ends in at least eight bytes of 0xff, where readers stop. */
static void test_sizes(void **state)
{
	static const struct {
		size_t len; /* of the log */
		size_t area;
	} cases[] = {
		{CCEL_AREA_SIZE - 9, CCEL_AREA_SIZE},         {CCEL_AREA_SIZE - 8, CCEL_AREA_SIZE},
		{CCEL_AREA_SIZE - 7, 2 * CCEL_AREA_SIZE},     {CCEL_AREA_SIZE, 2 * CCEL_AREA_SIZE},
		{2 * CCEL_AREA_SIZE - 8, 2 * CCEL_AREA_SIZE},
	};
	static uint8_t data[2 * CCEL_AREA_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agent_event event =
			event_of(1, 1, data, cases[i].len - FIRST_SIZE - HEAD_SIZE, true);
		const struct agent_event_log log = {.event = &event, .count = 1};
		uint8_t rtmr[CCEL_READER_RTMRS][SHA384_SIZE];
		struct buf out = {0};

		assert_int_equal(ccel_data(&out, &log), 0);
		assert_int_equal(out.len, cases[i].area);
		assert_int_equal(ccel_reader_replay(out.data, out.len, rtmr), 1);
		buf_free(&out);
		buf_free(&event.data);
	}
}

/* The last event's data. */
static void is_data(const struct buf *out, const char *data, size_t len)
{
	struct ccel_reader reader;
	struct ccel_entry entry;

	assert_true(ccel_reader_start(&reader, out->data, out->len));
	assert_int_equal(ccel_reader_next(&reader, &entry), 1);
	assert_int_equal(entry.len, len);
	if (len > 0)
		assert_memory_equal(entry.data, data, len);
}

static void test_lost_data(void **state)
{
	static const struct {
		uint32_t type;
		const char *measured;
		size_t len;
		bool known;
	} cases[] = {
		{4, "\0\0\0\0", 4, true},
		{4, "\xff\xff\xff\xff", 4, true},
		{4, "\1\0\0\0", 4, true},
		{4, "\2\0\0\0", 4, false},
		{4, "\0\0\0\0\0", 5, false},
		{1, "\0\0\0\0", 4, false},
		{(uint32_t)ACTION, "Exit Boot Services Invocation", 29, true},
		{(uint32_t)ACTION, "Exit Boot Services Returned with Failure", 40, true},
		{(uint32_t)ACTION, "Returning from EFI Application from Boot Option", 47, true},
		{(uint32_t)ACTION, "Exit Boot Services Invocatio", 28, false},
		{4, "Exit Boot Services Invocation", 29, false},
		{(uint32_t)ACTION, "", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agent_event event =
			event_of(0, cases[i].type, cases[i].measured, cases[i].len, false);
		const struct agent_event_log log = {.event = &event, .count = 1};
		struct buf out = {0};

		assert_int_equal(ccel_data(&out, &log), 0);
		if (cases[i].known)
			is_data(&out, cases[i].measured, cases[i].len);
		else
			is_data(&out, lost, sizeof(lost) - 1);
		buf_free(&out);
		/* none are none, where the agent says so */
		event.data_given = true;
		assert_int_equal(ccel_data(&out, &log), 0);
		is_data(&out, NULL, 0);
		buf_free(&out);
	}
}

static void test_replay(void **state)
{
	static const uint8_t zeros[SHA384_SIZE];
	uint8_t rtmr[EVENT_RTMR_COUNT][SHA384_SIZE];
	uint8_t both[2 * SHA384_SIZE] = {0};
	uint8_t wanted[SHA384_SIZE];
	struct agent_event events[] = {
		event_of(2, 1, "a", 1, false),
		event_of(2, 3, "told, not measured", 18, false),
		event_of(2, 1, "b", 1, false),
	};
	const struct agent_event_log log = {.event = events, .count = 3};

	(void)state;
	memcpy(both + SHA384_SIZE, events[0].digest, SHA384_SIZE);
	sha384(wanted, both, sizeof(both));
	memcpy(both, wanted, SHA384_SIZE);
	memcpy(both + SHA384_SIZE, events[2].digest, SHA384_SIZE);
	sha384(wanted, both, sizeof(both));
	ccel_replay(rtmr, &log);
	assert_memory_equal(rtmr[0], zeros, SHA384_SIZE);
	assert_memory_equal(rtmr[1], zeros, SHA384_SIZE);
	assert_memory_equal(rtmr[2], wanted, SHA384_SIZE);
	assert_memory_equal(rtmr[3], zeros, SHA384_SIZE);
}

/* The events of a log of real firmware, as the agent would give them, whole. */
static size_t events_of(const struct buf *real, struct agent_event *events)
{
	struct ccel_reader reader;
	struct ccel_entry entry;
	size_t count = 0;
	int more;

	assert_true(ccel_reader_start(&reader, real->data, real->len));
	while ((more = ccel_reader_next(&reader, &entry)) == 1) {
		struct agent_event *event = &events[count++];

		assert_true(count < EVENTS_MAX);
		*event = (struct agent_event){
			.imr = entry.index - 1, .type = entry.type, .data_given = true};
		memcpy(event->digest, entry.digest, SHA384_SIZE);
		assert_int_equal(buf_append(&event->data, entry.data, entry.len, entry.len), 0);
	}
	assert_int_equal(more, 0);
	return count;
}

/* Writing what was read gives the file again, and so do separators and actions that were lost. */
static void rewrite(const char *name)
{
	struct agent_event events[EVENTS_MAX];
	struct agent_event_log log = {.event = events};
	struct buf real = {0};
	struct buf out = {0};
	size_t restored = 0;

	fixture_read(name, &real);
	log.count = events_of(&real, events);
	for (size_t i = 0; i < log.count; i++) {
		if (events[i].type != 4 && events[i].type != (uint32_t)ACTION)
			continue;
		buf_free(&events[i].data);
		events[i].data_given = false;
		restored++;
	}
	assert_true(restored >= 5);
	assert_int_equal(ccel_data(&out, &log), 0);
	assert_int_equal(out.len, CCEL_AREA_SIZE);
	/* other firmware has larger areas, filled in the same way */
	assert_true(real.len >= out.len);
	assert_memory_equal(out.data, real.data, out.len);
	for (size_t i = out.len; i < real.len; i++)
		assert_int_equal(real.data[i], 0xff);
	for (size_t i = 0; i < log.count; i++)
		buf_free(&events[i].data);
	buf_free(&out);
	buf_free(&real);
}

static void test_real_firmware(void **state)
{
	(void)state;
	rewrite("ccel/dstack-ccel.bin");
	rewrite("ccel/gotdx-cos-113-ccel_data.dat");
	rewrite("ccel/trustee-CCEL_data_ovmf");
}

/* The body of the agent's next answers: to Info, or else to GetQuote. */
static const char *info_body;
static char *quote_body;

static void agent_real(int fd, const char *request)
{
	if (stub_asks(request, "/Info") && info_body)
		stub_reply(fd, 200, info_body);
	else if (stub_asks(request, "/GetQuote") && quote_body)
		stub_reply(fd, 200, quote_body);
	else
		stub_reply_unknown(fd, 404);
}

/* The log that this agent gives replays to the registers that came with it, written and read again. */
static void replays(void)
{
	uint8_t rtmr[CCEL_READER_RTMRS][SHA384_SIZE];
	struct agent_event_log log;
	struct stub_agent stub;
	struct buf out = {0};

	stub_start(&stub, "dstack.sock", agent_real);
	assert_int_equal(agent_get_event_log(&stub.agent, clock_now_ms() + 5000, &log), 0);
	stub_stop(&stub);
	stub_remove(&stub);
	assert_string_equal(log_captured(), "");
	assert_true(log.count >= 24);
	assert_int_equal(ccel_data(&out, &log), 0);
	assert_int_equal(ccel_reader_replay(out.data, out.len, rtmr), (int)log.count);
	assert_memory_equal(rtmr, log.rtmr, sizeof(log.rtmr));
	ccel_replay(rtmr, &log);
	assert_memory_equal(rtmr, log.rtmr, sizeof(log.rtmr));
	agent_event_log_free(&log);
	buf_free(&out);
}

/* Let a real quote be over the zeros that are asked for; the registers in it stay. */
static void replays_quote(json_t *answer)
{
	char *quote = strdup(json_string_value(json_object_get(answer, "quote")));

	memset(quote + 2 * (size_t)568, '0', 2 * (size_t)REPORT_DATA_SIZE);
	json_object_set_new(answer, "quote", json_string(quote));
	quote_body = json_dumps(answer, JSON_COMPACT);
	info_body = NULL;
	replays();
	free(quote_body);
	free(quote);
	json_decref(answer);
}

static json_t *fixture_json(const char *name)
{
	struct buf text = {0};
	json_t *json;

	fixture_read(name, &text);
	json = json_loadb((const char *)text.data, text.len, 0, NULL);
	assert_non_null(json);
	buf_free(&text);
	return json;
}

static void test_real_quotes(void **state)
{
	struct buf quote = {0};
	struct buf log = {0};

	(void)state;
	replays_quote(fixture_json("dstack/getquote-0.5.4-like.json"));
	replays_quote(fixture_json("dstack/getquote-0.6.0-alpha-tdx.json"));
	replays_quote(fixture_json("constructed/getquote-tdx-0.5.11.response.json"));
	fixture_read("dstack/sim-v0.5.5-quote.hex", &quote);
	fixture_read("dstack/sim-v0.5.5-eventlog.json", &log);
	replays_quote(json_pack("{s:s%, s:s%}", "quote", quote.data, quote.len & ~(size_t)1,
				"event_log", log.data, log.len));
	buf_free(&quote);
	buf_free(&log);
}

static void test_real_info(void **state)
{
	struct buf info = {0};

	(void)state;
	fixture_read("constructed/info-tdx-0.5.11.response.json", &info);
	assert_int_equal(buf_append(&info, "", 1, info.len + 1), 0);
	info_body = (const char *)info.data;
	quote_body = NULL;
	replays();
	buf_free(&info);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),         cmocka_unit_test(test_real_table),
		cmocka_unit_test(test_layout),        cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_lost_data),     cmocka_unit_test(test_replay),
		cmocka_unit_test(test_real_firmware), cmocka_unit_test(test_real_quotes),
		cmocka_unit_test(test_real_info),
	};

	return cmocka_run_group_tests_name("translate: CCEL", tests, log_capture_start,
					   log_capture_end);
}
