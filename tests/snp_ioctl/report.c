/* SPDX-License-Identifier: Apache-2.0 */
/* SNP_GET_REPORT: results, the firmware's verdicts, bad pointers; and commands that are none. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "snp_ioctl/snp.h"

static struct call call;

/* On a descriptor opened with the flags of the row. */
static void run_report(const struct rule *rule)
{
	int fd = snp_open((int)rule->n);

	got_report(fd, 1);
	got_report(fd, 2);
}

static void run_again(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_report(fd, 1);
	got_report(fd, 1);
}

static void run_syscall(const struct rule *rule)
{
	call_make(&call, 3);
	got_call(syscall(SYS_ioctl, (long)snp_open(O_RDWR), rule->n, &call.argument));
	got_response(&call, 3);
}

static void run_version(const struct rule *rule)
{
	call_make(&call, 1);
	call.argument.msg_version = (uint8_t)rule->n;
	call.argument.pad[0] = 7; /* nobody looks at it */
	got_ioctl(snp_open(O_RDWR), GET_REPORT, &call.argument);
	got_response(&call, 1);
}

static void run_vmpl(const struct rule *rule)
{
	call_make(&call, 1);
	call.req.data.vmpl = (uint32_t)rule->n;
	got_ioctl(snp_open(O_RDWR), GET_REPORT, &call.argument);
	got_response(&call, 1);
}

/* n: the first of the reserved integers, in which the firmware looks for the key. */
static void run_key(const struct rule *rule)
{
	call_make(&call, 1);
	memcpy(call.req.data.rsvd, &rule->n, 4);
	got_ioctl(snp_open(O_RDWR), GET_REPORT, &call.argument);
	got_response(&call, 1);
}

static void run_reserved(const struct rule *rule)
{
	call_make(&call, 1);
	call.req.data.rsvd[rule->n] = 0x80;
	got_ioctl(snp_open(O_RDWR), GET_REPORT, &call.argument);
	got_response(&call, 1);
}

static const struct rule report_rules[] = {
	{"GET_REPORT, O_RDWR, twice", run_report, "0, report 1 of VMPL 0, 0, report 2 of VMPL 0",
	 .n = O_RDWR, .flags = RULE_ASKS, .questions = 2},
	{"GET_REPORT over the same report data again", run_again,
	 "0, report 1 of VMPL 0, 0, report 1 of VMPL 0", .flags = RULE_ASKS, .questions = 2},
	{"GET_REPORT, O_RDONLY", run_report, "0, report 1 of VMPL 0, 0, report 2 of VMPL 0",
	 .n = O_RDONLY},
	{"GET_REPORT, O_WRONLY", run_report, "0, report 1 of VMPL 0, 0, report 2 of VMPL 0",
	 .n = O_WRONLY},
	{"GET_REPORT, access mode 3", run_report, "0, report 1 of VMPL 0, 0, report 2 of VMPL 0",
	 .n = ACCESS_MODE_3},
	{"GET_REPORT, O_PATH", run_report, "EBADF, nothing, EBADF, nothing", .n = O_PATH,
	 .flags = RULE_ASKS},
	{"GET_REPORT by syscall()", run_syscall, "0, report 3 of VMPL 0", .n = 0xc0205300},
	{"GET_REPORT with a bit above the lower 32", run_syscall, "0, report 3 of VMPL 0",
	 .n = 0x1c0205300},
	{"GET_REPORT with all bits above the lower 32", run_syscall, "0, report 3 of VMPL 0",
	 .n = (long)0xffffffffc0205300},
	{"GET_REPORT, message version 0", run_version, "EINVAL, nothing", .n = 0,
	 .flags = RULE_ASKS},
	{"GET_REPORT, message version 2", run_version, "the firmware's answer",
	 "0, report 1 of VMPL 0", "D-snp-version", .n = 2},
	{"GET_REPORT, message version 255", run_version, "the firmware's answer",
	 "0, report 1 of VMPL 0", "D-snp-version", .n = 255},
	{"GET_REPORT, VMPL 1", run_vmpl, "0, report 1 of VMPL 1", "0, report 1 of VMPL 0",
	 "D-snp-vmpl", .n = 1, .flags = RULE_ASKS, .questions = 1},
	{"GET_REPORT, VMPL 2", run_vmpl, "0, report 1 of VMPL 2", "0, report 1 of VMPL 0",
	 "D-snp-vmpl", .n = 2},
	{"GET_REPORT, VMPL 3", run_vmpl, "0, report 1 of VMPL 3", "0, report 1 of VMPL 0",
	 "D-snp-vmpl", .n = 3},
	{"GET_REPORT, VMPL 4", run_vmpl, "0, status 16", .n = 4},
	{"GET_REPORT, VMPL -1", run_vmpl, "0, status 16", .n = -1},
	{"GET_REPORT, key: the VCEK", run_key, "0, report 1 of VMPL 0", .n = 1},
	{"GET_REPORT, key: the VLEK, which is not there", run_key, "0, status 27", .n = 2},
	{"GET_REPORT, key 3, of no meaning", run_key, "0, status 16", .n = 3},
	{"GET_REPORT, a reserved bit beside the key", run_key, "0, status 16", .n = 4},
	{"GET_REPORT, a reserved bit behind it", run_reserved, "0, status 16", .n = 3},
	{"GET_REPORT, the last reserved bit", run_reserved, "0, status 16", .n = 27},
};
RULE_GROUP(group_snp_report, "SNP_GET_REPORT", report_rules);

/* ---------------------------------------------------------------------------- pointers */

static void run_argument(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_call(ioctl(fd, GET_REPORT, page_none()));
	got_call(ioctl(fd, GET_REPORT, (void *)1));
	got_call(ioctl(fd, GET_REPORT, page_closed()));
	got_call(ioctl(fd, GET_REPORT, (void *)0xffff800000000000));
	got_call(ioctl(fd, GET_REPORT, (void *)-1L));
}

static void run_argument_cut(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_NONE);
	uint8_t *at_end = pages + PAGE - sizeof(struct argument) + 1;

	(void)rule;
	call_make(&call, 1);
	memcpy(at_end, &call.argument, sizeof(struct argument) - 1);
	got_call(ioctl(snp_open(O_RDWR), GET_REPORT, at_end));
	got_response(&call, 1);
}

/* The argument in a page that can only be read; n: without a response, too, which is an error. */
static void run_argument_read_only(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_READ | PROT_WRITE);
	struct argument *argument = (void *)(pages + PAGE);

	call_make(&call, 1);
	*argument = call.argument;
	if (rule->n)
		argument->resp_data = 0;
	if (mprotect(pages + PAGE, PAGE, PROT_READ) < 0)
		return;
	got_ioctl(snp_open(O_RDWR), GET_REPORT, argument);
	got_response(&call, 1);
}

static void run_null(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	call_make(&call, 1);
	call.argument.req_data = 0;
	got_ioctl(fd, GET_REPORT, &call.argument);
	call_make(&call, 1);
	call.argument.resp_data = 0;
	got_ioctl(fd, GET_REPORT, &call.argument);
	call_make(&call, 1);
	call.argument.resp_data = 0;
	call.argument.req_data = (uintptr_t)page_closed();
	got_ioctl(fd, GET_REPORT, &call.argument);
}

static void got_request_at(int fd, uint64_t address)
{
	call_make(&call, 1);
	call.argument.req_data = address;
	got_ioctl(fd, GET_REPORT, &call.argument);
}

static void run_request(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_NONE);
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_request_at(fd, 1);
	got_request_at(fd, (uintptr_t)page_closed());
	got_request_at(fd, (uint64_t)-8);
	got_request_at(fd, (uintptr_t)(pages + PAGE - sizeof(struct report_req) + 1));
	got_response(&call, 1);
}

static void run_request_read_only(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_READ | PROT_WRITE);

	(void)rule;
	call_make(&call, 1);
	/* at its very end: the request of 96 bytes is all that is read */
	call.argument.req_data = (uintptr_t)(pages + 2 * PAGE - sizeof(struct report_req));
	memcpy((void *)(uintptr_t)call.argument.req_data, &call.req, sizeof(struct report_req));
	if (mprotect(pages + PAGE, PAGE, PROT_READ) < 0)
		return;
	got_ioctl(snp_open(O_RDWR), GET_REPORT, &call.argument);
	got_response(&call, 1);
}

static void got_response_at(int fd, uint64_t address)
{
	call_make(&call, 1);
	call.argument.resp_data = address;
	got_ioctl(fd, GET_REPORT, &call.argument);
}

static void run_response(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_response_at(fd, 1);
	got_response_at(fd, (uintptr_t)page_closed());
	got_response_at(fd, (uintptr_t)page_readonly());
	got_response_at(fd, 0xffff800000000000);
	got_response_at(fd, (uint64_t)-8);
}

/* n bytes of the response are in front of a page that may not be touched. */
static void run_response_cut(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_NONE);
	uint8_t *response = pages + PAGE - rule->n;

	got_response_at(snp_open(O_RDWR), (uintptr_t)response);
	got("%zu of %ld filled", touched(response, (size_t)rule->n), rule->n);
	got("%s", touched(pages, PAGE - (size_t)rule->n) ? "overwritten before" : "nothing before");
}

/* All three at odd addresses, across two pages. */
static void run_odd(const struct rule *rule)
{
	uint8_t *argument = pages_make(PROT_READ | PROT_WRITE) + PAGE - 17;
	uint8_t *request = pages_make(PROT_READ | PROT_WRITE) + PAGE - 65;
	uint8_t *response = pages_make(PROT_READ | PROT_WRITE) + PAGE - 1999;

	(void)rule;
	call_make(&call, 5);
	call.argument.req_data = (uintptr_t)request;
	call.argument.resp_data = (uintptr_t)response;
	memcpy(argument, &call.argument, sizeof(call.argument));
	memcpy(request, &call.req, sizeof(struct report_req));
	got_call(ioctl(snp_open(O_RDWR), GET_REPORT, argument));
	memcpy(call.response, response, sizeof(call.response));
	got_response(&call, 5);
}

#define FAULT    "EFAULT, exitinfo2 ff"
#define REFUSED  "EINVAL, exitinfo2 ff"
#define FAULTS_4 "EFAULT, EFAULT, EFAULT, EFAULT"

static const struct rule pointer_rules[] = {
	{"GET_REPORT, argument at NULL, 1, a closed page, a kernel address, -1", run_argument,
	 FAULTS_4 ", EFAULT", .flags = RULE_ASKS},
	{"GET_REPORT, a closed page after 31 bytes of the argument", run_argument_cut,
	 "EFAULT, nothing", .flags = RULE_ASKS},
	{"GET_REPORT, the argument read-only", run_argument_read_only, "0, report 1 of VMPL 0"},
	{"GET_REPORT, the same with an error to tell", run_argument_read_only, "EFAULT, nothing",
	 .n = 1},
	{"GET_REPORT, no request; no response; a closed page and no response", run_null,
	 REFUSED ", " REFUSED ", " REFUSED, .flags = RULE_ASKS},
	{"GET_REPORT, request at 1, a closed page, -8, cut by one byte", run_request,
	 FAULT ", " FAULT ", " FAULT ", " FAULT ", nothing", .flags = RULE_ASKS},
	{"GET_REPORT, the request read-only, at the end of a page", run_request_read_only,
	 "0, report 1 of VMPL 0"},
	{"GET_REPORT, response at 1, a closed page, a read-only one, a kernel address, -8",
	 run_response, FAULTS_4 ", EFAULT", .flags = RULE_ASKS, .questions = 5},
	{"GET_REPORT, a closed page after 1 byte of the response", run_response_cut,
	 "EFAULT, 1 of 1 filled, nothing before", .n = 1},
	{"GET_REPORT, a closed page after all but one byte of it", run_response_cut,
	 "EFAULT, 3999 of 3999 filled, nothing before", .n = 3999},
	{"GET_REPORT, nothing cut", run_response_cut, "0, 4000 of 4000 filled, nothing before",
	 .n = 4000},
	{"GET_REPORT at odd addresses across pages", run_odd, "0, report 5 of VMPL 0"},
};
RULE_GROUP(group_snp_pointers, "SNP_GET_REPORT, pointers", pointer_rules);

/* ---------------------------------------------------------------------------- commands */

static void run_unknown(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	call_make(&call, 1);
	got_ioctl(fd, (command)rule->n, &call.argument);
	call.argument.msg_version = 0;
	got_ioctl(fd, (command)rule->n, &call.argument);
	got_call(ioctl(fd, (command)rule->n, NULL));
}

static void run_elsewhere(const struct rule *rule)
{
	int ours = snp_open(O_RDWR);
	int fd = open(at(rule->a), (int)rule->n);

	(void)ours;
	if (fd < 0)
		got("open %s", errno_name(errno));
	got_report(fd, 1);
}

static void run_closed(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_call(close(fd));
	got_report(fd, 1);
	got_report(-1, 1);
}

#define UNKNOWN      "ENOTTY, exitinfo2 ff, EINVAL, EFAULT"
#define UNKNOWN_HERE "ENOTTY, ENOTTY, ENOTTY", "D-snp-unknown"

static const struct rule command_rules[] = {
	{"command number 3", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0xc0205303},
	{"command number -1", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0xc02053ff},
	{"GET_REPORT as 32-bit programs have it", run_unknown, UNKNOWN, UNKNOWN_HERE,
	 .n = 0xc01c5300},
	{"GET_EXT_REPORT as 32-bit programs have it", run_unknown, UNKNOWN, UNKNOWN_HERE,
	 .n = 0xc01c5302},
	{"GET_REPORT with another direction", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0x80205300},
	{"GET_REPORT of the drivers of 2021", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0xc0285300},
	{"TDX_CMD_GET_REPORT0", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0xc4405401},
	{"TDX_CMD_GET_QUOTE", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0x80105404},
	{"TCGETS", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0x5401},
	{"command 0", run_unknown, UNKNOWN, UNKNOWN_HERE, .n = 0},
	{"GET_REPORT on /dev/null, the device open", run_elsewhere, "ENOTTY, nothing",
	 .a = "/dev/null", .n = O_RDWR, .flags = RULE_ASKS},
	{"GET_REPORT on a file", run_elsewhere, "ENOTTY, nothing", .a = "F", .n = O_RDWR},
	{"GET_REPORT after close, on -1", run_closed, "0, EBADF, nothing, EBADF, nothing"},
};
RULE_GROUP(group_snp_command, "Commands", command_rules);
