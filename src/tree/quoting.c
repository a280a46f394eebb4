/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/quoting.h"

#include <errno.h>

#include "agent/agent.h"
#include "base/log.h"
#include "tree/device.h"
#include "tree/place.h"
#include "tree/spare.h"
#include "tree/tree.h"

static struct node device_node(void)
{
	return (struct node){.kind = NODE_PLACE, .place = device_place(TEE_TDX)};
}

bool quoting_serves(void)
{
	const struct node node = device_node();

	return tree_serves(&node);
}

/* The quote that the caller's GET_REPORT0 was made of, or a new one. */
static int quote_get(const struct tree *tree, const struct caller *caller,
		     const uint8_t report_data[static REPORT_DATA_SIZE], struct buf *quote)
{
	struct agent_quote answer = {0};
	int err = spare_take(tree, caller, report_data, quote);

	if (err != -ENOENT)
		return err;
	err = agent_get_quote(&tree->agent, report_data, tree->deadline_ms, &answer);
	if (err < 0)
		return err;
	*quote = answer.quote;
	answer.quote = (struct buf){0};
	agent_quote_free(&answer);
	return 0;
}

static int quote_ask(const struct caller *caller, const uint8_t *report_data, struct buf *quote)
{
	const struct node node = device_node();
	struct tree tree;
	int err = tree_begin(&tree, &node);

	if (err == TREE_PASS)
		log_error(
			"quoting service: no agent to ask any more; mount /var/run/dstack.sock or "
			"set TEESHIM_SOCKET");
	if (err < 0)
		return err;
	err = quote_get(&tree, caller, report_data, quote);
	tree_end(&tree);
	return err;
}

enum qgs_error quoting_answer(const struct caller *caller, const uint8_t *message, size_t len,
			      struct buf *quote)
{
	const uint8_t *report_data;
	enum qgs_error error = qgs_request_parse(message, len, &report_data);
	int err;

	if (error != QGS_SUCCESS)
		return error;
	err = quote_ask(caller, report_data, quote);
	if (err < 0)
		return err == -ENOMEM ? QGS_OUT_OF_MEMORY : QGS_UNEXPECTED;
	if (quote->len <= QUOTING_REPLY_MAX - QGS_FRAMED_HEAD)
		return QGS_SUCCESS;
	log_error("quoting service: a quote of %zu bytes, more than a reply holds; read it from "
		  "outblob",
		  quote->len);
	buf_free(quote);
	return QGS_UNEXPECTED;
}
