/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/snp_ioctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/wipe.h"
#include "translate/cert_table.h"
#include "translate/derived_key.h"
#include "translate/snp_evidence.h"
#include "translate/snp_message.h"
#include "tree/device.h"
#include "tree/fresh.h"
#include "tree/place.h"
#include "tree/spare.h"
#include "tree/tree.h"

/* The kernel's own names and sizes; the requests are in snp_message.h. */
struct snp_guest_request_ioctl {
	uint8_t msg_version;
	uint8_t pad[7];
	uint64_t req_data;
	uint64_t resp_data;
	uint64_t exitinfo2; /* fw_error in the lower half, vmm_error in the upper */
};

struct snp_ext_report_req {
	struct snp_report_req data;
	uint64_t certs_address;
	uint32_t certs_len;
	uint32_t pad; /* which the kernel reads and writes, too */
};

_Static_assert(sizeof(struct snp_guest_request_ioctl) == 32, "struct snp_guest_request_ioctl");
_Static_assert(offsetof(struct snp_guest_request_ioctl, exitinfo2) == 24, "exitinfo2");
_Static_assert(sizeof(struct snp_ext_report_req) == 112, "struct snp_ext_report_req");
_Static_assert(offsetof(struct snp_ext_report_req, certs_address) == 96, "certs_address");
_Static_assert(offsetof(struct snp_ext_report_req, certs_len) == 104, "certs_len");

#define EXITINFO2_NOT_ASKED   0xffULL        /* SEV_RET_NO_FW_CALL of the driver */
#define EXITINFO2_UNSUPPORTED 0x15ULL        /* SEV_RET_UNSUPPORTED */
#define EXITINFO2_CERTS_SHORT (1ULL << 32)   /* SNP_GUEST_VMM_ERR_INVALID_LEN */
#define USER_END              0x7ffffffff000 /* TASK_SIZE_MAX of page tables with four levels */

enum { PAGE = 4096 };

/* ---------------------------------------------------------------------------- the program's memory */

/* The caller copies a page at a time. */
static int memory_write(const struct caller *caller, uint64_t to, const uint8_t *from, size_t len)
{
	int err = 0;

	for (size_t at = 0; err == 0 && at < len; at += PAGE)
		err = caller->write_memory(caller, to + at, from + at,
					   len - at < PAGE ? len - at : PAGE);
	return err;
}

/* What each command begins with; the request's size is a page at most. */
static int request_read(const struct caller *caller, const struct snp_guest_request_ioctl *arg,
			void *request, size_t len)
{
	if (!arg->req_data || !arg->resp_data)
		return -EINVAL;
	return caller->read_memory(caller, request, arg->req_data, len);
}

/* ---------------------------------------------------------------------------- the agent */

/* What the program gets for a failure of the agent, or of the state folder. */
static int failed(int err)
{
	return err == -ENOMEM ? err : -EIO;
}

static int world_begin(struct tree *tree)
{
	const struct node node = {.kind = NODE_PLACE, .place = device_place(TEE_SEV_SNP)};
	int err = tree_begin(tree, &node);

	if (err == TREE_PASS)
		log_error("/dev/sev-guest: no SEV-SNP agent to ask any more; mount "
			  "/var/run/dstack.sock or set TEESHIM_SOCKET");
	return err;
}

/* Report and certificates, one behind the other: what a spare answer is. */
static int spare_evidence(const struct tree *tree, const struct caller *caller,
			  const uint8_t *report_data, struct snp_evidence *evidence)
{
	struct buf answer = {0};
	int err = spare_take(tree, caller, report_data, &answer);

	if (err < 0)
		return err;
	if (answer.len < SNP_REPORT_SIZE)
		err = -ENOENT;
	if (err == 0)
		err = buf_append(&evidence->report, answer.data, SNP_REPORT_SIZE, SNP_REPORT_SIZE);
	if (err == 0)
		err = buf_append(&evidence->certs, answer.data + SNP_REPORT_SIZE,
				 answer.len - SNP_REPORT_SIZE, CERT_TABLE_MAX);
	buf_free(&answer);
	return err;
}

static void evidence_keep(const struct tree *tree, const struct caller *caller,
			  const uint8_t *report_data, const struct snp_evidence *evidence)
{
	struct buf answer = {0};

	if (buf_append(&answer, evidence->report.data, evidence->report.len, SIZE_MAX) == 0 &&
	    buf_append(&answer, evidence->certs.data, evidence->certs.len, SIZE_MAX) == 0)
		spare_keep(tree, caller, report_data, fresh_extends(tree), &answer);
	buf_free(&answer);
}

static void evidence_free(struct snp_evidence *evidence)
{
	buf_free(&evidence->report);
	buf_free(&evidence->certs);
}

/*
 * The caller's spare answer, or a new one; which is kept where its certificates do not go into a buffer
 * of room bytes, so that the program will come again.
 */
static int evidence_get(const struct caller *caller, const uint8_t *report_data, size_t room,
			struct snp_evidence *evidence)
{
	struct tree tree;
	int err = world_begin(&tree);

	if (err < 0)
		return failed(err);
	err = spare_evidence(&tree, caller, report_data, evidence);
	if (err == -ENOENT) {
		err = snp_evidence_get(&tree.agent, report_data, tree.deadline_ms, evidence);
		if (err == 0 && evidence->certs.len > room)
			evidence_keep(&tree, caller, report_data, evidence);
	}
	tree_end(&tree);
	if (err < 0)
		evidence_free(evidence);
	return err < 0 ? failed(err) : 0;
}

/* ---------------------------------------------------------------------------- reports */

static void response_make(uint8_t *response, const struct snp_report_req *req,
			  const struct snp_evidence *evidence)
{
	const struct snp_report *report = (const void *)evidence->report.data;

	snp_report_response(response, snp_report_status(req, report), report);
}

static int get_report(const struct caller *caller, struct snp_guest_request_ioctl *arg)
{
	struct snp_evidence evidence = {0};
	struct snp_report_req req;
	uint8_t *response;
	int err = request_read(caller, arg, &req, sizeof(req));

	if (err < 0)
		return err;
	response = calloc(1, SNP_REPORT_RESPONSE_SIZE);
	if (!response)
		return -ENOMEM;
	/* what is too short for no program need not be kept */
	err = evidence_get(caller, req.user_data, SIZE_MAX, &evidence);
	if (err == 0) {
		arg->exitinfo2 = 0;
		response_make(response, &req, &evidence);
		err = memory_write(caller, arg->resp_data, response, SNP_REPORT_RESPONSE_SIZE);
	}
	evidence_free(&evidence);
	free(response);
	return err;
}

/* The certificate buffer's size; 0 where there is none, and nothing is wrong with either. */
static int certs_room(const struct snp_ext_report_req *req, size_t *room)
{
	const uint64_t end = req->certs_address + req->certs_len;

	*room = 0;
	if (req->certs_len == 0 || req->certs_address == 0)
		return 0;
	if (req->certs_len > CERT_TABLE_MAX || req->certs_len % PAGE != 0)
		return -EINVAL;
	if (end < req->certs_address || end > USER_END)
		return -EFAULT;
	*room = req->certs_len;
	return 0;
}

static int certs_short(const struct caller *caller, struct snp_guest_request_ioctl *arg,
		       struct snp_ext_report_req *req, size_t certs_len)
{
	int err;

	arg->exitinfo2 = EXITINFO2_CERTS_SHORT;
	req->certs_len = (uint32_t)((certs_len + PAGE - 1) / PAGE * PAGE);
	err = caller->write_memory(caller, arg->req_data, req, sizeof(*req));
	return err < 0 ? err : -EIO;
}

/* @out: zeros, a response and behind it room bytes for certificates */
static int ext_report_write(const struct caller *caller, const struct snp_guest_request_ioctl *arg,
			    const struct snp_ext_report_req *req, size_t room,
			    const struct snp_evidence *evidence, uint8_t *out)
{
	uint8_t *certs = out + SNP_REPORT_RESPONSE_SIZE;
	int err;

	if (evidence->certs.len > 0)
		memcpy(certs, evidence->certs.data, evidence->certs.len);
	response_make(out, &req->data, evidence);
	err = memory_write(caller, req->certs_address, certs, room);
	return err < 0 ? err : memory_write(caller, arg->resp_data, out, SNP_REPORT_RESPONSE_SIZE);
}

static int get_ext_report(const struct caller *caller, struct snp_guest_request_ioctl *arg)
{
	struct snp_evidence evidence = {0};
	struct snp_ext_report_req req;
	size_t room = 0;
	uint8_t *out;
	int err = request_read(caller, arg, &req, sizeof(req));

	if (err == 0)
		err = certs_room(&req, &room);
	if (err < 0)
		return err;
	out = calloc(1, SNP_REPORT_RESPONSE_SIZE + room);
	if (!out)
		return -ENOMEM;
	err = evidence_get(caller, req.data.user_data, room, &evidence);
	if (err == 0 && evidence.certs.len > room) {
		err = certs_short(caller, arg, &req, evidence.certs.len);
	} else if (err == 0) {
		arg->exitinfo2 = 0;
		err = ext_report_write(caller, arg, &req, room, &evidence, out);
	}
	evidence_free(&evidence);
	free(out);
	return err;
}

/* ---------------------------------------------------------------------------- derived keys */

static bool keys_are_on(void)
{
	const char *value = config_string("TEESHIM_SNP_DERIVED_KEY");

	if (value && strcmp(value, "on") == 0)
		return true;
	log_error("SNP_GET_DERIVED_KEY is off: a key would be the agent's, which any process with "
		  "its socket can ask for; TEESHIM_SNP_DERIVED_KEY=on gives it all the same");
	return false;
}

/* A report of this very moment says what the key is to depend on, and what the request may name. */
static int key_response(const struct tree *tree, const struct snp_derived_key_req *req,
			uint8_t response[static SNP_KEY_RESPONSE_SIZE])
{
	static const uint8_t report_data[REPORT_DATA_SIZE];
	struct agent_report answer = {0};
	char path[DERIVED_KEY_PATH_SIZE];
	uint8_t key[AGENT_KEY_SIZE] = {0};
	const struct snp_report *report;
	enum snp_status status;
	int err = agent_get_report(&tree->agent, report_data, tree->deadline_ms, &answer);

	if (err < 0)
		return err;
	report = (const void *)answer.report.data;
	status = derived_key_status(req, report);
	if (status == SNP_STATUS_OK) {
		derived_key_path(req, report, path);
		err = agent_get_key(&tree->agent, path, "", "", tree->deadline_ms, key);
	}
	if (err == 0)
		snp_key_response(response, status, key);
	wipe(key, sizeof(key));
	agent_report_free(&answer);
	return err;
}

static int get_derived_key(const struct caller *caller, struct snp_guest_request_ioctl *arg)
{
	uint8_t response[SNP_KEY_RESPONSE_SIZE] = {0};
	struct snp_derived_key_req req;
	struct tree tree;
	int err = request_read(caller, arg, &req, sizeof(req));

	if (err < 0)
		return err;
	if (!keys_are_on()) {
		arg->exitinfo2 = EXITINFO2_UNSUPPORTED;
		return -EIO;
	}
	err = world_begin(&tree);
	if (err < 0)
		return failed(err);
	err = key_response(&tree, &req, response);
	tree_end(&tree);
	if (err < 0)
		return failed(err);
	arg->exitinfo2 = 0;
	err = caller->write_memory(caller, arg->resp_data, response, sizeof(response));
	wipe(response, sizeof(response));
	return err;
}

/* ---------------------------------------------------------------------------- the ioctl */

static int request_handle(const struct caller *caller, uint32_t cmd,
			  struct snp_guest_request_ioctl *arg)
{
	switch (cmd) {
	case SNP_GET_REPORT:
		return get_report(caller, arg);
	case SNP_GET_EXT_REPORT:
		return get_ext_report(caller, arg);
	default: /* snp_ioctl() knows no other */
		return get_derived_key(caller, arg);
	}
}

/* snp_guest_ioctl() of sev-guest.c. */
int snp_ioctl(const struct caller *caller, uint32_t cmd, uint64_t address)
{
	struct snp_guest_request_ioctl arg;
	int err;

	if (!snp_ioctl_knows(cmd))
		return -ENOTTY;
	err = caller->read_memory(caller, &arg, address, sizeof(arg));
	if (err < 0)
		return err;
	if (arg.msg_version == 0)
		return -EINVAL;
	arg.exitinfo2 = EXITINFO2_NOT_ASKED;
	err = request_handle(caller, cmd, &arg);
	if (arg.exitinfo2 != 0 && caller->write_memory(caller, address, &arg, sizeof(arg)) < 0)
		err = -EFAULT;
	return err;
}
