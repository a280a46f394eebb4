/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ioctls of /dev/sev-guest in a program whose whole memory is the input, with the argument at its
 * begin; the last four bytes are not memory, but say which command it is, how large the certificates are,
 * whether keys are on, and who signs reports.  Agent and state folder are left out.
 */
#include "tree/snp_ioctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/memory.h"
#include "translate/cert_table.h"
#include "translate/snp_evidence.h"
#include "translate/snp_message.h"
#include "tree/device.h"
#include "tree/fresh.h"
#include "tree/spare.h"
#include "tree/tree.h"

enum { TAIL = 4, ARGUMENT = 32, EXITINFO2_AT = 24 };
enum { CERTS_ADDRESS_AT = 96, CERTS_LEN_AT = 104, EXT_REQUEST = 112 };

static size_t certs_len;
static uint32_t signer;
static bool asked;

/* ---------------------------------------------------------------------------- what is left out */

const struct place *device_place(enum tee tee)
{
	fuzz_check(tee == TEE_SEV_SNP);
	return NULL;
}

int tree_begin(struct tree *tree, const struct node *node)
{
	(void)node;
	*tree = (struct tree){.tee = TEE_SEV_SNP};
	return 0;
}

void tree_end(struct tree *tree)
{
	(void)tree;
}

int spare_take(const struct tree *tree, const struct caller *caller,
	       const uint8_t report_data[static REPORT_DATA_SIZE], struct buf *answer)
{
	(void)tree;
	(void)caller;
	(void)report_data;
	(void)answer;
	return -ENOENT;
}

uint64_t fresh_extends(const struct tree *tree)
{
	(void)tree;
	return 0;
}

void spare_keep(const struct tree *tree, const struct caller *caller,
		const uint8_t report_data[static REPORT_DATA_SIZE], uint64_t extends,
		const struct buf *answer)
{
	(void)tree;
	(void)caller;
	(void)report_data;
	(void)extends;
	fuzz_check(answer->len == SNP_REPORT_SIZE + certs_len);
}

static void report_fill(const uint8_t *report_data, struct buf *out)
{
	struct snp_report report = {.version = 3, .guest_svn = 5, .flags = signer};

	memcpy(report.report_data, report_data, sizeof(report.report_data));
	fuzz_check(buf_append(out, &report, sizeof(report), SNP_REPORT_SIZE) == 0);
}

int snp_evidence_get(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct snp_evidence *out)
{
	static const uint8_t certs[CERT_TABLE_MAX] = {0x63};

	(void)agent;
	(void)deadline_ms;
	asked = true;
	report_fill(report_data, &out->report);
	fuzz_check(buf_append(&out->certs, certs, certs_len, CERT_TABLE_MAX) == 0);
	return 0;
}

int agent_get_report(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct agent_report *out)
{
	(void)agent;
	(void)deadline_ms;
	asked = true;
	report_fill(report_data, &out->report);
	return 0;
}

void agent_report_free(struct agent_report *report)
{
	buf_free(&report->report);
}

int agent_get_key(const struct agent *agent, const char *path, const char *purpose,
		  const char *algorithm, int64_t deadline_ms, uint8_t key[static AGENT_KEY_SIZE])
{
	(void)agent;
	(void)deadline_ms;
	fuzz_check(strlen(path) > 0 && !*purpose && !*algorithm);
	fuzz_check(getenv("TEESHIM_SNP_DERIVED_KEY"));
	memset(key, 0x77, AGENT_KEY_SIZE);
	return 0;
}

/* ---------------------------------------------------------------------------- what must hold */

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool within(uint64_t address, uint64_t start, uint64_t len)
{
	return address >= start && address - start < len;
}

/* Of the program's memory only what the call is about has changed. */
static void check_rest(const uint8_t *before, size_t size, uint32_t cmd)
{
	const uint64_t req = size >= ARGUMENT ? get64(before + 8) : 0;
	const uint64_t resp = size >= ARGUMENT ? get64(before + 16) : 0;
	const bool ext = cmd == SNP_GET_EXT_REPORT;
	uint64_t certs = 0;
	uint64_t room = 0;

	if (ext && req >= BASE && req - BASE <= size && size - (req - BASE) >= EXT_REQUEST) {
		certs = get64(before + (req - BASE) + CERTS_ADDRESS_AT);
		room = (uint32_t)get64(before + (req - BASE) + CERTS_LEN_AT);
	}
	for (size_t i = 0; i < size; i++) {
		const uint64_t address = BASE + i;

		if (memory[i] != before[i])
			fuzz_check(within(address, BASE + EXITINFO2_AT, 8) ||
				   (asked && within(address, resp, SNP_REPORT_RESPONSE_SIZE)) ||
				   (asked && ext && within(address, req, EXT_REQUEST)) ||
				   (asked && within(address, certs, room)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct caller caller = {.read_memory = memory_read, .write_memory = memory_write};
	uint32_t cmd;
	int err;

	if (size < TAIL)
		return 0;
	size -= TAIL;
	cmd = SNP_GET_REPORT + data[size] % 4;
	certs_len = data[size + 1] * (CERT_TABLE_MAX / 255U);
	signer = data[size + 3] & 0x1c;
	if (data[size + 2] & 1)
		setenv("TEESHIM_SNP_DERIVED_KEY", "on", 1);
	else
		unsetenv("TEESHIM_SNP_DERIVED_KEY");
	memory = malloc(size ? size : 1);
	memory_len = size;
	asked = false;
	fuzz_check(memory);
	if (size > 0)
		memcpy(memory, data, size);
	err = snp_ioctl(&caller, cmd, BASE);
	fuzz_check(err == 0 || err == -EFAULT || err == -EINVAL || err == -EIO ||
		   (err == -ENOTTY && cmd > SNP_GET_EXT_REPORT));
	fuzz_check(err != 0 || asked);
	if (cmd > SNP_GET_EXT_REPORT || size < ARGUMENT || data[0] == 0)
		fuzz_check(err < 0 && (size == 0 || memcmp(memory, data, size) == 0));
	else if (err < 0 && !asked)
		fuzz_check(get64(memory + EXITINFO2_AT) == 0xff ||
			   get64(memory + EXITINFO2_AT) == 0x15);
	check_rest(data, size, cmd);
	free(memory);
	return 0;
}
