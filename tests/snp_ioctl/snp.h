/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of /dev/sev-guest's ioctls, as rows of the same kind as those of tests/rules, whose helpers
 * they use.  No entry is made for them: "/" is the current directory.  What is expected goes with
 * teeshim-sim --tee sev-snp: its certificates take more than one page and less than two, its guest has SVN
 * 0, and its TCB is the VCEK's of boot loader 4, SNP 23, microcode 213.
 *
 * Layouts: include/uapi/linux/sev-guest.h; AMD 56860, ATTESTATION_REPORT.
 */
#ifndef SNP_IOCTL_SNP_H
#define SNP_IOCTL_SNP_H

#include <sys/ioctl.h>

#include "rules/rules.h"

#define DEVICE "/dev/sev-guest"

/* The type of ioctl()'s command. */
#ifdef __GLIBC__
typedef unsigned long command;
#else
typedef int command;
#endif

#define GET_REPORT      ((command)0xc0205300)
#define GET_DERIVED_KEY ((command)0xc0205301)
#define GET_EXT_REPORT  ((command)0xc0205302)

enum {
	DATA_SIZE = 64,
	REPORT_SIZE = 1184,
	REPORT_AT = 32, /* in a response */
	RESPONSE_SIZE = 4000,
	KEY_SIZE = 32,
	KEY_RESPONSE_SIZE = 64,
	PAGE = 4096,
	UNTOUCHED = 0xa5,
	ACCESS_MODE_3 = 3, /* what O_ACCMODE is in glibc and not in musl */
};

struct argument {
	uint8_t msg_version;
	uint8_t pad[7];
	uint64_t req_data;
	uint64_t resp_data;
	uint64_t exitinfo2;
};

struct report_req {
	uint8_t user_data[DATA_SIZE];
	uint32_t vmpl;
	uint8_t rsvd[28];
};

struct ext_report_req {
	struct report_req data;
	uint64_t certs_address;
	uint32_t certs_len;
	uint32_t pad;
};

struct derived_key_req {
	uint32_t root_key_select;
	uint32_t rsvd;
	uint64_t guest_field_select;
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};

_Static_assert(sizeof(struct argument) == 32, "struct snp_guest_request_ioctl");
_Static_assert(sizeof(struct ext_report_req) == 112, "struct snp_ext_report_req");
_Static_assert(sizeof(struct derived_key_req) == 32, "struct snp_derived_key_req");

extern const struct rule_group group_snp_report, group_snp_pointers, group_snp_command,
	group_snp_ext, group_snp_ext_pointers, group_snp_once, group_snp_key, group_snp_pass,
	group_snp_no_certs;

/* snp_open() - open the device; ends the rule with a line in the outcome where that fails. */
int snp_open(int flags);

/* One call: its argument, request and response, which argument_make() fills in. */
struct call {
	struct argument argument;
	struct ext_report_req req; /* the first 96 bytes are a plain one's */
	uint8_t response[RESPONSE_SIZE + 1];
};

/* call_make() - message version 1 over report_data(seed) at VMPL 0, without certificates. */
void call_make(struct call *call, uint8_t seed);

/* got_ioctl() - the call's result, and exitinfo2 in hexadecimal where it was written to. */
long got_ioctl(int fd, command cmd, struct argument *argument);

/* got_response() - "report 3", "status 16", "nothing", or what is wrong with it. */
void got_response(const struct call *call, uint8_t seed);

/* got_report() - GET_REPORT over report_data(seed): result and response. */
void got_report(int fd, uint8_t seed);

/* pages_make() - two pages of UNTOUCHED, the second of which may be used so. */
uint8_t *pages_make(int second);

/* touched() - how many of the bytes are not UNTOUCHED any more, counted to the last of them. */
size_t touched(const uint8_t *bytes, size_t len);

/* is_zero() - are they all? */
bool is_zero(const uint8_t *bytes, size_t len);

/* inherited() - what a program does that got the descriptor over exec. */
_Noreturn void inherited(const char *fd, const char *seed);

#endif
