/* SPDX-License-Identifier: Apache-2.0 */
#include "torture/agents.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tools/stub_agent.h"

/* {"version": 1, "platform": {"kind": "tdx", "data": {"quote": [1]}}} */
#define MSGPACK_TDX                                                                                \
	"82a776657273696f6e01a8706c6174666f726d82a46b696e64a3746478a46461746181a571756f74659101"

/* V0, TDX, a quote of one byte, no events, no runtime events, report data, an empty config */
#define ZEROS_16 "00000000000000000000000000000000"
#define SCALE_TDX                                                                                  \
	"0000040100"                                                                               \
	"00" ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 "00"

#define KEY "11223344" ZEROS_16 "000000000000000055667788"

/* of an event log, so that the answer comes in several parts */
enum { EVENTS_LEN = 60000 };

/* One event of firmware and one of dstack, as JSON inside a string. */
#define HEX_48 ZEROS_16 ZEROS_16 ZEROS_16
#define EVENTS                                                                                     \
	"[{\\\"imr\\\":0,\\\"event_type\\\":4,\\\"digest\\\":\\\"" HEX_48                          \
	"\\\",\\\"event_payload\\\":\\\"00000000\\\"},"                                            \
	"{\\\"imr\\\":3,\\\"event_type\\\":134217729,\\\"digest\\\":\\\"\\\","                     \
	"\\\"event\\\":\\\"a\\\",\\\"event_payload\\\":\\\"dead\\\"}]"
#define RTMR(number) "\\\"rtmr" number "\\\":\\\"" HEX_48 "\\\","

static void reply_info(int fd)
{
	stub_reply(fd, 200,
		   "{\"tcb_info\":\"{" RTMR("0") RTMR("1") RTMR("2")
			   RTMR("3") "\\\"event_log\\\":" EVENTS "}\"}");
}

static void reply_quote(int fd, const char *request, const char *event_log)
{
	static char body[EVENTS_LEN + 4096];

	snprintf(body, sizeof(body), "{\"quote\":\"%s\",\"event_log\":\"%s\",\"vm_config\":\"{}\"}",
		 stub_quote_hex(request), event_log);
	stub_reply(fd, 200, body);
}

static void reply_any(int fd, const char *request, const char *version_route,
		      const char *attest_route, const char *attestation)
{
	char body[4096];

	if (stub_asks(request, version_route)) {
		stub_reply(fd, 200, "{\"version\":\"0.6.0\",\"rev\":\"0\"}");
	} else if (stub_asks(request, attest_route)) {
		snprintf(body, sizeof(body), "{\"attestation\":\"%s\"}", attestation);
		stub_reply(fd, 200, body);
	} else if (stub_asks(request, "/EmitEvent")) {
		stub_reply(fd, 200, "null");
	} else if (stub_asks(request, "/GetKey")) {
		stub_reply(fd, 200, "{\"key\":\"" KEY "\",\"signature_chain\":[]}");
	} else {
		stub_reply_unknown(fd, 404);
	}
}

void agent_msgpack(int fd, const char *request)
{
	static char events[EVENTS_LEN + 1];

	/* a client that fails closes its end at any point */
	signal(SIGPIPE, SIG_IGN);
	memset(events, '7', EVENTS_LEN);
	if (stub_asks(request, "/Info"))
		reply_info(fd);
	else if (stub_asks(request, "/GetQuote"))
		reply_quote(fd, request, events);
	else
		reply_any(fd, request, "/v1/Version", "/v1/Attest", MSGPACK_TDX);
}

void agent_snp(int fd, const char *request)
{
	signal(SIGPIPE, SIG_IGN);
	reply_any(fd, request, "/Version", "/Attest", stub_attestation_hex(request));
}

void agent_scale(int fd, const char *request)
{
	signal(SIGPIPE, SIG_IGN);
	if (stub_asks(request, "/GetQuote"))
		reply_quote(fd, request, EVENTS);
	else
		reply_any(fd, request, "/Version", "/Attest", SCALE_TDX);
}
