/* SPDX-License-Identifier: Apache-2.0 */
/* SEV-SNP reports, asked of agents with /v1 and without, of TDX machines, and of agents that lie. */
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
#include "translate/snp_evidence.h"

static const uint8_t report_data[REPORT_DATA_SIZE] = {0xde, 0xad, 0xbe, 0xef, [63] = 0x7f};

static void reply_attestation(int fd, const char *attestation)
{
	static char body[8192];

	snprintf(body, sizeof(body), "{\"attestation\":\"%s\",\"boottime_gpu_evidence\":[]}",
		 attestation);
	stub_reply(fd, 200, body);
}

static void agent_v1(int fd, const char *request)
{
	if (stub_asks(request, "/v1/Attest"))
		reply_attestation(fd, stub_attestation_hex(request));
	else
		stub_reply_unknown(fd, 404);
}

/* No /v1 at all: the web framework's page. */
static void agent_alpha(int fd, const char *request)
{
	if (stub_asks(request, "/Attest"))
		reply_attestation(fd, stub_attestation_hex(request));
	else
		stub_reply(fd, 404, "<!DOCTYPE html>404");
}

static void agent_0_5_5(int fd, const char *request)
{
	if (stub_asks(request, "/v1/Attest"))
		stub_reply(fd, 404, "<!DOCTYPE html>404");
	else
		stub_reply_unknown(fd, 400);
}

static int get_report(const struct stub_agent *stub, struct agent_report *report)
{
	return agent_get_report(&stub->agent, report_data, clock_now_ms() + 5000, report);
}

static void expect_report(stub_answer *how)
{
	struct agent_report report = {0};
	struct stub_agent stub;

	stub_start(&stub, "dstack.sock", how);
	assert_int_equal(get_report(&stub, &report), 0);
	assert_int_equal(report.report.len, 1184);
	assert_memory_equal(report.report.data + 0x50, report_data, sizeof(report_data));
	assert_int_equal(report.cert_count, 1);
	assert_int_equal(report.certs[0].len, 1);
	assert_memory_equal(report.certs[0].data, "x", 1);
	agent_report_free(&report);
	assert_string_equal(log_captured(), "");
	stub_stop(&stub);
	stub_remove(&stub);
}

static void reports(void **state)
{
	(void)state;
	expect_report(agent_v1);
	expect_report(agent_alpha);
}

/* Certificates that are none cost a line, not the report. */
static void bad_certificates(void **state)
{
	struct snp_evidence evidence = {0};
	struct stub_agent stub;
	const char *line;

	(void)state;
	stub_start(&stub, "dstack.sock", agent_v1);
	assert_int_equal(
		snp_evidence_get(&stub.agent, report_data, clock_now_ms() + 5000, &evidence), 0);
	assert_int_equal(evidence.report.len, 1184);
	assert_int_equal(evidence.certs.len, 0);
	line = log_captured();
	assert_non_null(strstr(line, "certificates from /tmp/teeshim-stub-"));
	assert_non_null(
		strstr(line, ": left out 1 broken, 0 of no known subject, 0 double, 0 too"));
	buf_free(&evidence.report);
	stub_stop(&stub);
	stub_remove(&stub);
}

#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16

static void answer_other_data(int fd, const char *request)
{
	(void)request;
	reply_attestation(fd, stub_attestation_hex("\"report_data\":\"" ZEROS_64));
}

/* V0: a quote of one byte, no events, report data, no config */
static void answer_tdx(int fd, const char *request)
{
	(void)request;
	reply_attestation(fd, "000004010000" ZEROS_64 "00");
}

static void answer_gcp_tdx(int fd, const char *request)
{
	(void)request;
	reply_attestation(fd, "00010401000000000000");
}

static void answer_nitro(int fd, const char *request)
{
	(void)request;
	reply_attestation(fd, "0002");
}

static void answer_cut(int fd, const char *request)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s", stub_attestation_hex(request));
	reply_attestation(fd, text);
}

static void answer_empty(int fd, const char *request)
{
	(void)request;
	reply_attestation(fd, "");
}

static void answer_no_field(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "{\"quote\":\"\"}");
}

static void answer_refusal(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 400, "{\n  \"error\": \"Failed to get quote: the firmware is busy\"\n}");
}

static void bad_reports(void **state)
{
	static const struct {
		stub_answer *answer;
		const char *socket;
		const char *why;
	} cases[] = {
		{answer_other_data, "dstack.sock", "the report is over other report data; "},
		{answer_tdx, "dstack.sock",
		 "the agent's TEE is TDX, not SEV-SNP; ask for a quote (teeshim quote)"},
		{answer_gcp_tdx, "dstack.sock", "the agent's TEE is TDX, not SEV-SNP; "},
		{answer_nitro, "dstack.sock", "the agent's TEE is neither SEV-SNP nor TDX; "},
		{answer_cut, "dstack.sock", "no readable \"attestation\" in the answer; "},
		{answer_empty, "dstack.sock", "no readable \"attestation\" in the answer; "},
		{answer_no_field, "dstack.sock", "no readable \"attestation\" in the answer; "},
		{answer_refusal, "dstack.sock",
		 "HTTP 400: Failed to get quote: the firmware is busy; "},
		{agent_0_5_5, "dstack.sock", "this release of the agent knows TDX alone; "},
		{answer_tdx, "tappd.sock", "the older tappd knows TDX alone; "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct agent_report report = {0};
		struct stub_agent stub;
		const char *line;

		stub_start(&stub, cases[i].socket, cases[i].answer);
		assert_int_equal(get_report(&stub, &report), -EIO);
		assert_null(report.report.data);
		assert_int_equal(report.cert_count, 0);
		line = log_captured();
		assert_non_null(strstr(line, stub.agent.path));
		assert_non_null(strstr(line, cases[i].why));
		stub_stop(&stub);
		stub_remove(&stub);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports),
		cmocka_unit_test(bad_certificates),
		cmocka_unit_test(bad_reports),
	};

	return cmocka_run_group_tests(tests, log_capture_start, log_capture_end);
}
