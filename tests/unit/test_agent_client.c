/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes and events, asked of both generations of agents and of some that lie. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"

static const uint8_t report_data[REPORT_DATA_SIZE] = {0xde, 0xad, 0xbe, 0xef, [63] = 0x7f};

static void reply_quote(int fd, const char *quote)
{
	static char body[4096];

	snprintf(
		body, sizeof(body),
		"{\"quote\":\"%s\",\"event_log\":\"[]\",\"report_data\":\"\",\"vm_config\":\"{}\"}",
		quote);
	stub_reply(fd, 200, body);
}

static void agent_0_5(int fd, const char *request)
{
	if (stub_asks(request, "/GetQuote"))
		reply_quote(fd, stub_quote_hex(request));
	else
		stub_reply(fd, 404, "<!DOCTYPE html>404");
}

static void agent_tappd(int fd, const char *request)
{
	if (stub_asks(request, "/prpc/Tappd.RawQuote"))
		reply_quote(fd, stub_quote_hex(request));
	else
		stub_reply_unknown(fd, 400);
}

static int get_quote(const struct stub_agent *stub, struct agent_quote *quote)
{
	return agent_get_quote(&stub->agent, report_data, clock_now_ms() + 5000, quote);
}

static void expect_quote(const char *socket, stub_answer *how)
{
	struct agent_quote quote = {0};
	struct stub_agent stub;

	stub_start(&stub, socket, how);
	assert_int_equal(get_quote(&stub, &quote), 0);
	assert_int_equal(quote.quote.len, 640);
	assert_memory_equal(quote.quote.data + 568, report_data, sizeof(report_data));
	assert_string_equal(quote.event_log, "[]");
	assert_string_equal(quote.vm_config, "{}");
	agent_quote_free(&quote);
	stub_stop(&stub);
	stub_remove(&stub);
}

static void quotes(void **state)
{
	(void)state;
	expect_quote("dstack.sock", agent_0_5);
	expect_quote("tappd.sock", agent_tappd);
}

#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16

static void answer_other_data(int fd, const char *request)
{
	(void)request;
	reply_quote(fd, stub_quote_hex("\"report_data\":\"" ZEROS_64));
}

static void answer_empty_quote(int fd, const char *request)
{
	(void)request;
	reply_quote(fd, "");
}

static void answer_sgx_quote(int fd, const char *request)
{
	(void)request;
	reply_quote(fd, "03000200000000000000");
}

static void answer_refusal(int fd, const char *request)
{
	(void)request;
	stub_reply(
		fd, 400,
		"{\n  \"error\": \"GetQuote is Intel TDX only, use Attest on this platform\"\n}");
}

static void answer_garbage(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "\x01\x02\xff garbage");
}

static void answer_cut_json(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "{\"quote\":\"0400020081");
}

static void answer_no_quote(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "{\"event_log\":\"[]\"}");
}

static void answer_unavailable(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 503, "");
}

static void bad_quotes(void **state)
{
	static const struct {
		stub_answer *answer;
		const char *why;
	} cases[] = {
		{answer_other_data, ": the quote is over other report data; "},
		{answer_empty_quote,
		 ": an empty quote: the machine is not TDX; on SEV-SNP ask for a report "},
		{answer_sgx_quote, ": the quote is no TDX quote"},
		{answer_refusal,
		 ": HTTP 400: GetQuote is Intel TDX only, use Attest on this platform; on "
		 "SEV-SNP ask for a report (teeshim report)"},
		{answer_garbage, " is no JSON object; "},
		{answer_cut_json, ": the answer (20 bytes) is no JSON object; "},
		{answer_no_quote, ": no readable \"quote\" in the answer; "},
		{answer_unavailable, ": HTTP 503: no text; "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char untouched[] = "";
		struct agent_quote quote = {.vm_config = untouched};
		struct stub_agent stub;
		const char *line;

		stub_start(&stub, "dstack.sock", cases[i].answer);
		assert_int_equal(get_quote(&stub, &quote), -EIO);
		assert_null(quote.quote.data);
		assert_ptr_equal(quote.vm_config, untouched);
		line = log_captured();
		assert_non_null(strstr(line, ": GetQuote at /tmp/teeshim-stub-"));
		assert_non_null(strstr(line, cases[i].why));
		stub_stop(&stub);
		stub_remove(&stub);
	}
}

static const uint8_t payload[] = {0x00, 0x9f, 0xff};

static int emit(const struct stub_agent *stub)
{
	return agent_emit_event(&stub->agent, "an-event", payload, sizeof(payload),
				clock_now_ms() + 5000);
}

/* Says yes to one question alone, and so tells that it was that one. */
static void agent_emits(int fd, const char *request)
{
	const bool good =
		stub_asks(request, "/EmitEvent") &&
		strstr(request, "\r\n\r\n{\"event\":\"an-event\",\"payload\":\"009fff\"}");

	if (good)
		stub_reply(fd, 200, "null");
	else
		stub_reply(fd, 500, "");
}

static void events(void **state)
{
	struct stub_agent stub;

	(void)state;
	stub_start(&stub, "dstack.sock", agent_emits);
	assert_int_equal(emit(&stub), 0);
	stub_stop(&stub);
	assert_int_equal(emit(&stub), -EIO);
	assert_non_null(strstr(log_captured(), ": EmitEvent at "));
	stub_remove(&stub);
}

static void answer_removed(int fd, const char *request)
{
	(void)request;
	stub_reply(
		fd, 400,
		"{\n  \"error\": \"EmitEvent was removed in dstack 0.6.0; runtime RTMR3 events are "
		"system-owned and cannot be extended by apps\"\n}");
}

static void answer_unknown(int fd, const char *request)
{
	(void)request;
	stub_reply_unknown(fd, 400);
}

/* Each refusal is one line, which says what to do. */
static void events_refused(void **state)
{
	static const struct {
		const char *socket;
		stub_answer *answer;
		const char *why;
	} cases[] = {
		{"dstack.sock", answer_removed,
		 ": HTTP 400: EmitEvent was removed in dstack 0.6.0; "},
		{"dstack.sock", answer_unknown, ": HTTP 400: "},
		{"dstack.sock", answer_unavailable, ": HTTP 503: no text; "},
		{"tappd.sock", agent_emits, ": tappd has no such method; "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stub_agent stub;
		const char *line;

		stub_start(&stub, cases[i].socket, cases[i].answer);
		assert_int_equal(emit(&stub), -EIO);
		line = log_captured();
		assert_non_null(strstr(line, ": EmitEvent at /tmp/teeshim-stub-"));
		assert_non_null(strstr(line, cases[i].why));
		assert_non_null(strstr(line, "leave TEESHIM_RTMR at deny"));
		stub_stop(&stub);
		stub_remove(&stub);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(bad_quotes),
		cmocka_unit_test(events),
		cmocka_unit_test(events_refused),
	};

	return cmocka_run_group_tests(tests, log_capture_start, log_capture_end);
}
