/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A quote from the agent.  The one thing looked at inside it is its report data: a quote over other
 * bytes must never reach a program, so this file reads translate's layout of a quote.  That arrow points
 * upward, as those of report.c and event_log.c.
 */
#include "agent/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/ask.h"
#include "agent/failure.h"
#include "translate/tdx_quote.h"

_Static_assert((int)REPORT_DATA_SIZE == (int)TDX_REPORT_DATA_SIZE, "one size of report data");

static int quote_check(const struct agent *agent, const char *route, const struct buf *quote,
		       const uint8_t report_data[static REPORT_DATA_SIZE])
{
	struct tdx_quote parsed;

	if (quote->len == 0)
		return agent_fail(agent, route, "an empty quote: the machine is not TDX",
				  ASK_FOR_REPORT);
	if (tdx_quote_parse(&parsed, quote->data, quote->len) < 0)
		return agent_fail(agent, route, "the quote is no TDX quote of version 4 or 5",
				  "is this the agent's socket?");
	if (memcmp(parsed.report_data, report_data, REPORT_DATA_SIZE) != 0)
		return agent_fail(agent, route, "the quote is over other report data",
				  "do not trust this agent");
	return 0;
}

static int quote_read(const struct agent *agent, const char *route, const json_t *answer,
		      const uint8_t report_data[static REPORT_DATA_SIZE], struct agent_quote *out)
{
	int err = answer_hex(answer, "quote", &out->quote);

	if (err < 0)
		return ask_field_bad(agent, route, "quote", err);
	err = quote_check(agent, route, &out->quote, report_data);
	if (err == 0)
		err = answer_text(answer, "event_log", &out->event_log);
	if (err == 0)
		err = answer_text(answer, "vm_config", &out->vm_config);
	return err;
}

int agent_get_quote(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		    int64_t deadline_ms, struct agent_quote *out)
{
	const char *route = agent->tappd ? "/prpc/Tappd.RawQuote" : "/GetQuote";
	struct agent_quote quote = {0};
	json_t *answer = NULL;
	int err = ask_over(agent, route, report_data, deadline_ms, &answer);

	if (err < 0)
		return err;
	err = quote_read(agent, route, answer, report_data, &quote);
	json_decref(answer);
	if (err < 0)
		agent_quote_free(&quote);
	else
		*out = quote;
	return err;
}

void agent_quote_free(struct agent_quote *quote)
{
	buf_free(&quote->quote);
	free(quote->event_log);
	free(quote->vm_config);
	*quote = (struct agent_quote){0};
}
