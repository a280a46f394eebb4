/* SPDX-License-Identifier: Apache-2.0 */
/* SNP_GET_DERIVED_KEY: off, and turned on. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snp_ioctl/snp.h"

enum { FIELDS = 0x3f, FIELD_SVN = 16, FIELD_TCB = 32, ROOT_VLEK = 4, ROOTS = 6, KEYS_MAX = 512 };

#define TCB 0xd517000000000004ULL

static struct {
	struct argument argument;
	struct derived_key_req req;
	uint8_t response[KEY_RESPONSE_SIZE + 1];
} call;

static void key_make(void)
{
	memset(&call, 0, sizeof(call));
	call.argument = (struct argument){
		.msg_version = 1,
		.req_data = (uintptr_t)&call.req,
		.resp_data = (uintptr_t)call.response,
		.exitinfo2 = 0x55,
	};
	call.req.guest_field_select = FIELDS;
	call.req.tcb_version = TCB;
	memset(call.response, UNTOUCHED, sizeof(call.response));
}

static void got_key(void)
{
	const uint8_t *response = call.response;

	if (touched(response, KEY_RESPONSE_SIZE + 1) == 0)
		got("nothing");
	else if (response[KEY_RESPONSE_SIZE] != UNTOUCHED || !is_zero(response + 1, REPORT_AT - 1))
		got("a bad response");
	else if (response[0])
		got(is_zero(response + REPORT_AT, KEY_SIZE) ? "status %x" : "status %x, a key",
		    response[0]);
	else
		got(is_zero(response + REPORT_AT, KEY_SIZE) ? "zeros" : "key");
}

static void got_key_ioctl(void)
{
	got_ioctl(snp_open(O_RDWR), GET_DERIVED_KEY, &call.argument);
	got_key();
}

static void run_off(const struct rule *rule)
{
	if (rule->a)
		setenv("TEESHIM_SNP_DERIVED_KEY", rule->a, 1);
	key_make();
	got_key_ioctl();
}

static void run_off_pointers(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	key_make();
	call.argument.req_data = 0;
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
	key_make();
	call.argument.resp_data = 0;
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
	key_make();
	call.argument.req_data = (uintptr_t)page_closed();
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
	key_make();
	call.argument.resp_data = (uintptr_t)page_closed();
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
}

static void on(void)
{
	setenv("TEESHIM_SNP_DERIVED_KEY", "on", 1);
	key_make();
}

static void run_on(const struct rule *rule)
{
	on();
	call.argument.msg_version = (uint8_t)rule->n;
	got_key_ioctl();
}

static void run_field_select(const struct rule *rule)
{
	on();
	call.req.guest_field_select = (uint64_t)rule->n;
	got_key_ioctl();
}

static void run_root(const struct rule *rule)
{
	on();
	call.req.root_key_select = (uint32_t)rule->n;
	got_key_ioctl();
}

static void run_vmpl(const struct rule *rule)
{
	on();
	call.req.vmpl = (uint32_t)rule->n;
	got_key_ioctl();
}

static void run_reserved(const struct rule *rule)
{
	on();
	call.req.rsvd = (uint32_t)rule->n;
	got_key_ioctl();
}

/* The guest's SVN is 0: 1 is above it. */
static void run_svn(const struct rule *rule)
{
	on();
	call.req.guest_svn = 1;
	call.req.guest_field_select = (uint64_t)rule->n;
	got_key_ioctl();
}

static void run_tcb(const struct rule *rule)
{
	on();
	call.req.tcb_version = TCB + 1 - (1ULL << 48);
	call.req.guest_field_select = (uint64_t)rule->n;
	got_key_ioctl();
}

static void run_pointers(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	on();
	call.argument.resp_data = (uintptr_t)page_closed();
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
	on();
	call.argument.resp_data = (uintptr_t)page_readonly();
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
	on();
	call.argument.req_data = (uintptr_t)page_closed();
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
}

static uint8_t keys[KEYS_MAX][KEY_SIZE];
static size_t key_count;

static void key_add(int fd, uint32_t root, uint32_t vmpl, uint64_t fields)
{
	on();
	call.req.root_key_select = root;
	call.req.vmpl = vmpl;
	call.req.guest_field_select = fields;
	if (ioctl(fd, GET_DERIVED_KEY, &call.argument) < 0 || call.response[0])
		got("no key for %x %x %llx", root, vmpl, (unsigned long long)fields);
	memcpy(keys[key_count++], call.response + REPORT_AT, KEY_SIZE);
}

static size_t keys_equal(void)
{
	size_t equal = 0;

	for (size_t i = 0; i < key_count; i++)
		for (size_t j = 0; j < i; j++)
			equal += memcmp(keys[i], keys[j], KEY_SIZE) == 0;
	return equal;
}

static void run_all(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	for (uint64_t fields = 0; fields <= FIELDS; fields++)
		key_add(fd, 0, 0, fields);
	for (uint32_t root = 1; root < ROOT_VLEK; root++)
		key_add(fd, root, 0, FIELDS);
	for (uint32_t vmpl = 1; vmpl <= 3; vmpl++)
		key_add(fd, 0, vmpl, FIELDS);
	got("%zu keys, %zu pairs equal", key_count, keys_equal());
}

static void run_same(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	key_add(fd, 1, 2, FIELDS);
	key_add(snp_open(O_RDONLY), 1, 2, FIELDS);
	/* an SVN and a TCB that are not selected do not matter */
	key_add(fd, 0, 0, 0);
	on();
	call.req.guest_field_select = 0;
	call.req.guest_svn = 9;
	call.req.tcb_version = (uint64_t)-1;
	got_ioctl(fd, GET_DERIVED_KEY, &call.argument);
	memcpy(keys[key_count++], call.response + REPORT_AT, KEY_SIZE);
	got("%zu pairs equal", keys_equal());
}

#define OFF "EIO, exitinfo2 15, nothing", "D-snp-derived-key"

static const struct rule rules[] = {
	{"DERIVED_KEY, not turned on", run_off, "0, key", OFF, .flags = RULE_ASKS},
	{"DERIVED_KEY, turned off", run_off, "0, key", OFF, .a = "off"},
	{"DERIVED_KEY, turned to another word", run_off, "0, key", OFF, .a = "yes"},
	{"DERIVED_KEY, off: no request, no response, either at a closed page", run_off_pointers,
	 "EINVAL, exitinfo2 ff, EINVAL, exitinfo2 ff, EFAULT, exitinfo2 ff, EFAULT",
	 "EINVAL, exitinfo2 ff, EINVAL, exitinfo2 ff, EFAULT, exitinfo2 ff, EIO, exitinfo2 15",
	 "D-snp-derived-key"},
	{"DERIVED_KEY, on", run_on, "0, key", .n = 1, .flags = RULE_ASKS, .questions = 1},
	{"DERIVED_KEY, message version 0", run_on, "EINVAL, nothing", .n = 0, .flags = RULE_ASKS},
	{"DERIVED_KEY, message version 2", run_on, "the firmware's answer", "0, key",
	 "D-snp-version", .n = 2},
	{"DERIVED_KEY, bit 6 of the fields", run_field_select, "0, status 16", .n = 1 << 6},
	{"DERIVED_KEY, bit 63 of the fields", run_field_select, "0, status 16",
	 .n = (long)(1UL << 63)},
	{"DERIVED_KEY, root key: VMRK", run_root, "0, key", .n = 1},
	{"DERIVED_KEY, root key: the VLEK, which is not there", run_root, "0, status 27",
	 .n = ROOT_VLEK},
	{"DERIVED_KEY, root key 6, of no meaning", run_root, "0, status 16", .n = ROOTS},
	{"DERIVED_KEY, a reserved bit beside it", run_root, "0, status 16", .n = 8},
	{"DERIVED_KEY, a reserved integer", run_reserved, "0, status 16", .n = 1},
	{"DERIVED_KEY, VMPL 3", run_vmpl, "0, key", .n = 3},
	{"DERIVED_KEY, VMPL 4", run_vmpl, "0, status 16", .n = 4},
	{"DERIVED_KEY, an SVN above the guest's", run_svn, "0, status 16", .n = FIELD_SVN},
	{"DERIVED_KEY, the same, not selected", run_svn, "0, key", .n = FIELDS & ~FIELD_SVN},
	{"DERIVED_KEY, one part of the TCB above the committed", run_tcb, "0, status 16",
	 .n = FIELD_TCB},
	{"DERIVED_KEY, the same, not selected", run_tcb, "0, key", .n = FIELDS & ~FIELD_TCB},
	{"DERIVED_KEY, response at a closed page, a read-only one; request at a closed page",
	 run_pointers, "EFAULT, EFAULT, EFAULT, exitinfo2 ff", .flags = RULE_ASKS, .questions = 2},
	{"DERIVED_KEY, every selection of fields, root keys, VMPLs", run_all,
	 "70 keys, 0 pairs equal"},
	{"DERIVED_KEY, the same request again", run_same, "0, 2 pairs equal"},
};
RULE_GROUP(group_snp_key, "SNP_GET_DERIVED_KEY", rules);
