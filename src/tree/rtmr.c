/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/rtmr.h"

#include <errno.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/sys.h"
#include "tree/fresh.h"
#include "tree/node.h"
#include "tree/place.h"
#include "tree/registers.h"
#include "tree/text.h"
#include "tree/tree.h"

enum { RTMRS = 4, RTMR_OF_EVENTS = 3 };

/* The argument of EXTEND_RTMR. */
struct extend_rtmr_req {
	uint8_t data[RTMR_DIGEST_SIZE];
	uint8_t index;
};

_Static_assert(sizeof(struct extend_rtmr_req) == 49, "EXTEND_RTMR");

#define EVENT_NAME "teeshim-rtmr3-extend"

bool rtmr_allows(const char *what, unsigned index)
{
	const char *policy = config_string("TEESHIM_RTMR");

	if (!policy || strcmp(policy, "deny") == 0)
		log_error("%s: not extended: the agent extends no register by a raw digest; "
			  "TEESHIM_RTMR=event extends RTMR3 by an event with it",
			  what);
	else if (strcmp(policy, "event") != 0)
		log_error("%s: not extended: TEESHIM_RTMR is \"%.32s\"; set it to deny or event",
			  what, policy);
	else if (index != RTMR_OF_EVENTS)
		log_error("%s: not extended: the agent extends RTMR3 alone", what);
	else
		return true;
	return false;
}

/* What write() and ioctl() fail with. */
static int end_errno(int err)
{
	return err == -ENOMEM ? err : -EIO;
}

int rtmr_begin(struct rtmr *rtmr)
{
	struct node node;
	int err;

	node_from_path(&node, NULL, RTMR3_PATH);
	err = tree_begin(&rtmr->tree, &node);
	if (err == TREE_PASS)
		log_error("RTMR3: no TDX agent to ask any more; mount /var/run/dstack.sock or set "
			  "TEESHIM_SOCKET");
	if (err < 0)
		return end_errno(err);
	err = place_folder_open(&rtmr->tree, node.place, &rtmr->folder);
	if (err == 0) {
		err = registers_ask_lock(&rtmr->tree, &rtmr->folder, &rtmr->ask);
		if (err == 0)
			return 0;
		entry_close(&rtmr->folder);
	}
	tree_end(&rtmr->tree);
	return end_errno(err);
}

int rtmr_extend(struct rtmr *rtmr, const uint8_t digest[static RTMR_DIGEST_SIZE])
{
	const struct tree *tree = &rtmr->tree;
	int counter = fresh_counter_open(tree);
	int err;

	if (counter < 0)
		return end_errno(counter);
	/* at its begin too: should we be killed before its end, nothing older is shown */
	err = fresh_advance(counter);
	if (err == 0) {
		err = agent_emit_event(&tree->agent, EVENT_NAME, digest, RTMR_DIGEST_SIZE,
				       tree->deadline_ms);
		/* after a failure as well, for the event may have been taken */
		fresh_advance(counter);
	}
	sys_close(counter);
	if (err < 0)
		return end_errno(err);
	log_info("RTMR3 was extended by the hash of an event " EVENT_NAME
		 " with these 48 bytes, not by the bytes themselves");
	return 0;
}

void rtmr_end(struct rtmr *rtmr)
{
	lock_drop(&rtmr->ask);
	entry_close(&rtmr->folder);
	tree_end(&rtmr->tree);
}

int rtmr_ioctl(const struct caller *caller, uint64_t arg)
{
	const uint64_t index_at = arg + offsetof(struct extend_rtmr_req, index);
	struct extend_rtmr_req req = {0};
	struct rtmr rtmr;
	int err;

	/* any register but RTMR3 is refused below, once the argument has told which one it is */
	if (!rtmr_allows("ioctl EXTEND_RTMR", RTMR_OF_EVENTS))
		return -ENOTTY;
	err = caller->read_memory(caller, req.data, arg, sizeof(req.data));
	if (err == 0)
		err = caller->read_memory(caller, &req.index, index_at, sizeof(req.index));
	if (err < 0)
		return err == -EFAULT ? err : end_errno(err);
	if (req.index >= RTMRS)
		return -EINVAL;
	if (req.index != RTMR_OF_EVENTS && !rtmr_allows("ioctl EXTEND_RTMR", req.index))
		return -ENOTTY;
	err = rtmr_begin(&rtmr);
	if (err < 0)
		return err;
	err = rtmr_extend(&rtmr, req.data);
	rtmr_end(&rtmr);
	return err;
}
