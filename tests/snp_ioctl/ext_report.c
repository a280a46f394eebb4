/* SPDX-License-Identifier: Apache-2.0 */
/* SNP_GET_EXT_REPORT: length probes, buffers of every size, bad pointers, and what a pair of calls costs. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules/run.h"
#include "snp_ioctl/snp.h"

/* The agent's certificates fit into two pages; no buffer may be larger than four. */
enum { ENOUGH = 2 * PAGE, MOST = 4 * PAGE, ENTRY_SIZE = 24 };

static const uint8_t vcek_guid[] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
				    0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};

static struct call call;
static uint8_t certs[MOST + PAGE];

static void ext_make(uint8_t seed, const void *address, uint32_t len)
{
	call_make(&call, seed);
	memset(certs, UNTOUCHED, sizeof(certs));
	call.req.certs_address = (uintptr_t)address;
	call.req.certs_len = len;
	call.req.pad = 7;
}

/* What came into the certificate buffer: of how many bytes, and whether that begins as a table does. */
static void got_certs(const uint8_t *buffer, size_t len)
{
	size_t end = touched(buffer, len);

	if (end == 0)
		got("no certificates");
	else if (memcmp(buffer, vcek_guid, sizeof(vcek_guid)) == 0)
		got("table in %zu bytes", end);
	else
		got("%s in %zu bytes", is_zero(buffer, end) ? "zeros" : "something", end);
}

/* The request, which only a short buffer changes. */
static void got_request(uint8_t seed, uint32_t len)
{
	if (memcmp(call.req.data.user_data, report_data(seed), DATA_SIZE) != 0 || call.req.pad != 7)
		got("request changed");
	if (call.req.certs_len != len)
		got("certs_len %x", call.req.certs_len);
}

/* One call with a buffer of ours of that many bytes. */
static void got_ext(int fd, uint8_t seed, uint32_t len)
{
	ext_make(seed, certs, len);
	got_ioctl(fd, GET_EXT_REPORT, &call.argument);
	got_response(&call, seed);
	got_certs(certs, sizeof(certs));
	got_request(seed, len);
}

static void run_ext(const struct rule *rule)
{
	got_ext(snp_open(O_RDONLY), 1, (uint32_t)rule->n);
}

/* n: the address, which must not matter while the length is 0. */
static void run_probe(const struct rule *rule)
{
	ext_make(2, (void *)rule->n, 0);
	got_ioctl(snp_open(O_RDWR), GET_EXT_REPORT, &call.argument);
	got_response(&call, 2);
	got_request(2, 0);
}

static void run_no_address(const struct rule *rule)
{
	ext_make(3, NULL, (uint32_t)rule->n);
	got_ioctl(snp_open(O_RDWR), GET_EXT_REPORT, &call.argument);
	got_response(&call, 3);
	got_request(3, (uint32_t)rule->n);
}

static void run_unaligned(const struct rule *rule)
{
	(void)rule;
	ext_make(4, certs + 1, ENOUGH);
	got_ioctl(snp_open(O_RDWR), GET_EXT_REPORT, &call.argument);
	got_response(&call, 4);
	got("%s", certs[0] == UNTOUCHED ? "nothing before" : "overwritten before");
	got_certs(certs + 1, sizeof(certs) - 1);
}

static void run_vmpl(const struct rule *rule)
{
	ext_make(5, certs, ENOUGH);
	call.req.data.vmpl = (uint32_t)rule->n;
	got_ioctl(snp_open(O_RDWR), GET_EXT_REPORT, &call.argument);
	got_response(&call, 5);
	got_certs(certs, sizeof(certs));
}

static void run_lengths(const struct rule *rule)
{
	static const uint32_t lengths[] = {1,        PAGE - 1,    PAGE + 1,
					   MOST + 1, MOST + PAGE, UINT32_MAX};
	int fd = snp_open(O_RDWR);

	(void)rule;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ext_make(6, i % 2 ? (void *)certs : page_closed(), lengths[i]);
		got_ioctl(fd, GET_EXT_REPORT, &call.argument);
	}
	got_response(&call, 6);
}

#define NOT_EVEN  "EINVAL, exitinfo2 ff"
#define SHORT     "EIO, exitinfo2 100000000, nothing"
#define NEEDS     "certs_len 2000"
#define PROBED    SHORT ", " NEEDS
#define REPORT(n) "0, report " #n " of VMPL 0"

static const struct rule ext_rules[] = {
	{"EXT_REPORT, a probe: no length, no address", run_probe, PROBED, .n = 0,
	 .flags = RULE_ASKS, .questions = 1},
	{"EXT_REPORT, a probe with an address of ones", run_probe, PROBED, .n = -1},
	{"EXT_REPORT, a probe with an odd address", run_probe, PROBED, .n = 1},
	{"EXT_REPORT, no address, a length of one page", run_no_address, PROBED, .n = PAGE},
	{"EXT_REPORT, no address, a length that would be enough", run_no_address, SHORT,
	 .n = ENOUGH},
	{"EXT_REPORT, no address, an impossible length", run_no_address, PROBED, .n = 1},
	{"EXT_REPORT, a page too little", run_ext, SHORT ", no certificates, " NEEDS, .n = PAGE},
	{"EXT_REPORT, exactly enough", run_ext, REPORT(1) ", table in 8192 bytes", .n = ENOUGH,
	 .flags = RULE_ASKS, .questions = 1},
	{"EXT_REPORT, a page too much", run_ext, REPORT(1) ", table in 12288 bytes",
	 .n = ENOUGH + PAGE},
	{"EXT_REPORT, the largest buffer", run_ext, REPORT(1) ", table in 16384 bytes", .n = MOST},
	{"EXT_REPORT, a buffer at an odd address", run_unaligned,
	 REPORT(4) ", nothing before, table in 8192 bytes"},
	{"EXT_REPORT, lengths 1, 4095, 4097, 16385, 20480, -1", run_lengths,
	 NOT_EVEN ", " NOT_EVEN ", " NOT_EVEN ", " NOT_EVEN ", " NOT_EVEN ", " NOT_EVEN ", nothing",
	 .flags = RULE_ASKS},
	{"EXT_REPORT, VMPL 3", run_vmpl, "0, report 5 of VMPL 3, table in 8192 bytes",
	 REPORT(5) ", table in 8192 bytes", "D-snp-vmpl", .n = 3},
	{"EXT_REPORT, VMPL 4", run_vmpl, "0, status 16, table in 8192 bytes", .n = 4},
};
RULE_GROUP(group_snp_ext, "SNP_GET_EXT_REPORT", ext_rules);

/* ---------------------------------------------------------------------------- pointers */

static void run_null(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	ext_make(1, certs, ENOUGH);
	call.argument.req_data = 0;
	got_ioctl(fd, GET_EXT_REPORT, &call.argument);
	ext_make(1, certs, ENOUGH);
	call.argument.resp_data = 0;
	got_ioctl(fd, GET_EXT_REPORT, &call.argument);
}

/* The plain request's 96 bytes are there, the rest is not. */
static void run_request_cut(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_NONE);
	uint8_t *at_end = pages + PAGE - rule->n;

	ext_make(1, certs, ENOUGH);
	memcpy(at_end, &call.req, (size_t)rule->n);
	call.argument.req_data = (uintptr_t)at_end;
	got_ioctl(snp_open(O_RDWR), GET_EXT_REPORT, &call.argument);
	got_response(&call, 1);
	got_certs(certs, sizeof(certs));
}

static void run_request_read_only(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_READ | PROT_WRITE);

	ext_make(1, certs, (uint32_t)rule->n);
	memcpy(pages + PAGE, &call.req, sizeof(call.req));
	if (mprotect(pages + PAGE, PAGE, PROT_READ) < 0)
		return;
	call.argument.req_data = (uintptr_t)(pages + PAGE);
	got_ioctl(snp_open(O_RDWR), GET_EXT_REPORT, &call.argument);
	got_response(&call, 1);
	got_certs(certs, sizeof(certs));
}

static void got_certs_at(int fd, const void *address)
{
	ext_make(1, address, ENOUGH);
	got_ioctl(fd, GET_EXT_REPORT, &call.argument);
	got_response(&call, 1);
}

/* Not a program's addresses: refused before anybody is asked. */
static void run_certs_beyond(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_certs_at(fd, (void *)0xffff800000000000);
	got_certs_at(fd, (void *)-(long)PAGE);
	got_certs_at(fd, (void *)0x7fffffffe000);
}

static void run_certs(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	got_certs_at(fd, (void *)1);
	got_certs_at(fd, page_closed());
	got_certs_at(fd, page_readonly());
}

static void run_certs_cut(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_NONE);

	(void)rule;
	got_certs_at(snp_open(O_RDWR), pages);
	got_certs(pages, PAGE);
}

static void run_response(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	ext_make(1, certs, ENOUGH);
	call.argument.resp_data = (uintptr_t)page_closed();
	got_ioctl(fd, GET_EXT_REPORT, &call.argument);
	got_certs(certs, sizeof(certs));
}

static const struct rule ext_pointer_rules[] = {
	{"EXT_REPORT, no request; no response", run_null, NOT_EVEN ", " NOT_EVEN,
	 .flags = RULE_ASKS},
	{"EXT_REPORT, a closed page after 96 bytes of the request", run_request_cut,
	 "EFAULT, exitinfo2 ff, nothing, no certificates", .n = 96, .flags = RULE_ASKS},
	{"EXT_REPORT, a closed page after 111 bytes of it", run_request_cut,
	 "EFAULT, exitinfo2 ff, nothing, no certificates", .n = 111, .flags = RULE_ASKS},
	{"EXT_REPORT, a closed page after all of it", run_request_cut,
	 REPORT(1) ", table in 8192 bytes", .n = 112},
	{"EXT_REPORT, the request read-only, enough room", run_request_read_only,
	 REPORT(1) ", table in 8192 bytes", .n = ENOUGH},
	{"EXT_REPORT, the request read-only, too little", run_request_read_only,
	 "EFAULT, exitinfo2 100000000, nothing, no certificates", .n = PAGE},
	{"EXT_REPORT, certificates at a kernel address, -4096, across the end of user memory",
	 run_certs_beyond,
	 "EFAULT, exitinfo2 ff, nothing, EFAULT, exitinfo2 ff, nothing, EFAULT, exitinfo2 ff, "
	 "nothing",
	 .flags = RULE_ASKS},
	{"EXT_REPORT, certificates at 1, a closed page, a read-only one", run_certs,
	 "EFAULT, nothing, EFAULT, nothing, EFAULT, nothing", .flags = RULE_ASKS, .questions = 3},
	{"EXT_REPORT, a closed page after one of certificates", run_certs_cut,
	 "EFAULT, nothing, table in 4096 bytes"},
	{"EXT_REPORT, response at a closed page", run_response, "EFAULT, table in 8192 bytes"},
};
RULE_GROUP(group_snp_ext_pointers, "SNP_GET_EXT_REPORT, pointers", ext_pointer_rules);

/* ---------------------------------------------------------------------------- pairs of calls */

static void probe(int fd, uint8_t seed)
{
	ext_make(seed, NULL, 0);
	if (ioctl(fd, GET_EXT_REPORT, &call.argument) == 0 || call.req.certs_len != ENOUGH)
		got("not probed");
}

/* a: a call after another, "p" a probe over 1, digits extended reports, "r" a plain one over 1. */
static void run_sequence(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	for (const char *step = rule->a; *step; step++) {
		if (*step == 'p')
			probe(fd, 1);
		else if (*step == 'w')
			usleep(2500000);
		else if (*step == 'o')
			fd = snp_open(O_RDONLY);
		else if (*step == 'r')
			got_report(fd, 1);
		else
			got_ext(fd, (uint8_t)(*step - '0'), ENOUGH);
	}
}

static void run_child(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);
	int status = 0;
	pid_t pid;

	(void)rule;
	probe(fd, 1);
	pid = fork();
	if (pid == 0) {
		ext_make(1, certs, ENOUGH);
		_exit(ioctl(fd, GET_EXT_REPORT, &call.argument) == 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	got("child %d", status);
	got_ext(fd, 1, ENOUGH);
}

/* A short buffer is as good as a probe. */
static void run_short_first(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	ext_make(1, certs, PAGE);
	got_call(ioctl(fd, GET_EXT_REPORT, &call.argument));
	got_ext(fd, 1, ENOUGH);
}

#define EXT(n) REPORT(n) ", table in 8192 bytes"

static const struct rule once_rules[] = {
	{"a probe and the call after it", run_sequence, EXT(1), .a = "p1", .flags = RULE_ASKS,
	 .questions = 1},
	{"the same on another descriptor", run_sequence, EXT(1), .a = "po1", .flags = RULE_ASKS,
	 .questions = 1},
	{"a short buffer and the call after it", run_short_first, "EIO, " EXT(1),
	 .flags = RULE_ASKS, .questions = 1},
	{"a probe and GET_REPORT", run_sequence, REPORT(1), .a = "pr", .flags = RULE_ASKS,
	 .questions = 1},
	{"a probe and a call over other report data", run_sequence, EXT(2), .a = "p2",
	 .flags = RULE_ASKS, .questions = 2},
	{"a probe and two calls", run_sequence, EXT(1) ", " EXT(1), .a = "p11", .flags = RULE_ASKS,
	 .questions = 2},
	{"a call and a probe", run_sequence, EXT(1), .a = "1p", .flags = RULE_ASKS, .questions = 2},
	{"a probe, 2.5 seconds, a call", run_sequence, EXT(1), .a = "pw1", .flags = RULE_ASKS,
	 .questions = 2},
	{"a probe, a call of a child, a call", run_child, "child 0, " EXT(1), .flags = RULE_ASKS,
	 .questions = 2},
};
RULE_GROUP(group_snp_once, "What calls cost together", once_rules);

/* ---------------------------------------------------------------------------- no certificates */

static void run_twice(const struct rule *rule)
{
	int fd = snp_open(O_RDWR);

	(void)rule;
	ext_make(2, (void *)-1L, 0);
	got_ioctl(fd, GET_EXT_REPORT, &call.argument);
	got_response(&call, 2);
	got_request(2, 0);
	got_ext(fd, 2, PAGE);
}

static const struct rule no_certs_rules[] = {
	{"EXT_REPORT, a probe: no length, no address", run_probe, REPORT(2), .n = 0,
	 .flags = RULE_ASKS, .questions = 1},
	{"EXT_REPORT, a probe with an address of ones", run_probe, REPORT(2), .n = -1},
	{"EXT_REPORT, no address, a length", run_no_address, REPORT(3), .n = PAGE},
	{"EXT_REPORT, a page for certificates", run_ext, REPORT(1) ", zeros in 4096 bytes",
	 .n = PAGE},
	{"EXT_REPORT, the largest buffer", run_ext, REPORT(1) ", zeros in 16384 bytes", .n = MOST},
	{"EXT_REPORT, an impossible length", run_ext, NOT_EVEN ", nothing, no certificates", .n = 5,
	 .flags = RULE_ASKS},
	{"a probe and the call after it, each with a report", run_twice,
	 REPORT(2) ", " REPORT(2) ", zeros in 4096 bytes", .flags = RULE_ASKS, .questions = 2},
};
RULE_GROUP(group_snp_no_certs, "SNP_GET_EXT_REPORT without certificates", no_certs_rules);
