/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SEV-SNP report from the agent.  GetQuote never carries one: an attestation does.  As client.c does
 * with a quote, this file reads translate's layout to compare the report data, and nothing else of it.
 */
#include "agent/agent.h"

#include <errno.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/ask.h"
#include "agent/attestation.h"
#include "agent/failure.h"
#include "translate/snp_report.h"

_Static_assert((int)REPORT_DATA_SIZE == (int)SNP_REPORT_DATA_SIZE, "one size of report data");
_Static_assert((int)AGENT_CERTS_MAX == (int)ATTESTATION_CERTS_MAX, "one bound of certificates");

/* Return: as ask_over(); -ENOENT without a log line where the agent has no such method. */
static int attest_try(const struct agent *agent, const char *route, const char *question,
		      int64_t deadline_ms, json_t **answer)
{
	struct http_answer reply = {0};
	int err = http_post(agent, route, question, deadline_ms, &reply);

	if (err < 0)
		return err;
	err = reply.status == 404 ? 1 : answer_unknown_method(&reply);
	if (err == 0)
		err = ask_read(agent, route, &reply, answer);
	else if (err > 0)
		err = -ENOENT;
	http_answer_free(&reply);
	return err;
}

/* @route: set to the route that answered, or to the last one asked */
static int attest(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		  int64_t deadline_ms, const char **route, json_t **answer)
{
	char question[ASK_OVER_SIZE];
	int err;

	ask_over_text(report_data, question);
	*route = "/v1/Attest";
	err = attest_try(agent, *route, question, deadline_ms, answer);
	if (err != -ENOENT)
		return err;
	*route = "/Attest";
	err = attest_try(agent, *route, question, deadline_ms, answer);
	if (err == -ENOENT) /* came with 0.5.6, SEV-SNP with 0.6 */
		return agent_fail(agent, *route, "this release of the agent knows TDX alone",
				  "ask for a quote (teeshim quote)");
	return err;
}

static int report_check(const struct agent *agent, const char *route,
			const struct attestation *attestation,
			const uint8_t report_data[static REPORT_DATA_SIZE])
{
	const size_t report_data_at = offsetof(struct snp_report, report_data);

	if (attestation->kind == ATTESTATION_TDX || attestation->kind == ATTESTATION_GCP_TDX)
		return agent_fail(agent, route, "the agent's TEE is TDX, not SEV-SNP",
				  "ask for a quote (teeshim quote)");
	if (attestation->kind != ATTESTATION_SEV_SNP)
		return agent_fail(agent, route, "the agent's TEE is neither SEV-SNP nor TDX",
				  "there are no reports for it");
	/* the report is whole: attestation_parse() */
	if (memcmp(attestation->report.data + report_data_at, report_data, REPORT_DATA_SIZE) != 0)
		return agent_fail(agent, route, "the report is over other report data",
				  "do not trust this agent");
	return 0;
}

static int report_read(const struct agent *agent, const char *route, const json_t *answer,
		       const uint8_t report_data[static REPORT_DATA_SIZE], struct agent_report *out)
{
	struct attestation attestation = {0};
	struct buf bytes = {0};
	int err = answer_hex(answer, "attestation", &bytes);

	if (err == 0)
		err = attestation_parse(bytes.data, bytes.len, &attestation);
	buf_free(&bytes);
	if (err < 0)
		return ask_field_bad(agent, route, "attestation", err);
	err = report_check(agent, route, &attestation, report_data);
	if (err < 0) {
		attestation_free(&attestation);
		return err;
	}
	out->report = attestation.report;
	memcpy(out->certs, attestation.certs, sizeof(out->certs));
	out->cert_count = attestation.cert_count;
	return 0;
}

int agent_get_report(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct agent_report *out)
{
	json_t *answer = NULL;
	const char *route;
	int err;

	if (agent->tappd)
		return agent_fail(agent, "/tappd", "the older tappd knows TDX alone",
				  "on SEV-SNP mount dstack.sock, on TDX ask for a quote");
	err = attest(agent, report_data, deadline_ms, &route, &answer);
	if (err < 0)
		return err;
	err = report_read(agent, route, answer, report_data, out);
	json_decref(answer);
	return err;
}

void agent_report_free(struct agent_report *report)
{
	buf_free(&report->report);
	for (size_t i = 0; i < report->cert_count; i++)
		buf_free(&report->certs[i]);
	report->cert_count = 0;
}
