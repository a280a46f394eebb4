/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest asks of the SEV-SNP firmware for a report or a derived key, and how the answer lies in
 * memory.  Requests bear the names of include/uapi/linux/sev-guest.h.
 *
 * Layout and rules: AMD "SEV Secure Nested Paging Firmware ABI Specification" (56860), MSG_REPORT_REQ,
 * MSG_REPORT_RSP, MSG_KEY_REQ, MSG_KEY_RSP.  All integers are little-endian, as this machine's are.
 * Pure: bytes in, bytes out.
 */
#ifndef TEESHIM_TRANSLATE_SNP_MESSAGE_H
#define TEESHIM_TRANSLATE_SNP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "translate/snp_report.h"

enum {
	SNP_RESPONSE_HEAD = 0x20, /* status, size, reserved: in front of the report or the key */
	SNP_REPORT_RESPONSE_SIZE = 4000,
	SNP_KEY_RESPONSE_SIZE = 64,
	SNP_KEY_SIZE = 32,
	SNP_VMPL_MAX = 3,
};

/* The firmware's verdict on a request, which stands in the response while the call succeeds. */
enum snp_status {
	SNP_STATUS_OK = 0,
	SNP_STATUS_INVALID_PARAM = 0x16,
	SNP_STATUS_INVALID_KEY = 0x27, /* a key is asked for that the machine does not have */
};

/* KEY_SEL of either request. */
enum snp_key_select { SNP_KEY_AUTO, SNP_KEY_VCEK, SNP_KEY_VLEK, SNP_KEY_RESERVED };

struct snp_report_req {
	uint8_t user_data[SNP_REPORT_DATA_SIZE];
	uint32_t vmpl;
	uint8_t rsvd[28]; /* KEY_SEL in bits 1:0, where the kernel has no name for it; else zero */
};

struct snp_derived_key_req {
	uint32_t root_key_select; /* bit 0: VMRK instead of VCEK or VLEK; bits 2:1: KEY_SEL */
	uint32_t rsvd;
	uint64_t guest_field_select; /* see derived_key.h */
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};

_Static_assert(sizeof(struct snp_report_req) == 96, "MSG_REPORT_REQ");
_Static_assert(offsetof(struct snp_report_req, vmpl) == 64, "VMPL");
_Static_assert(sizeof(struct snp_derived_key_req) == 32, "MSG_KEY_REQ");
_Static_assert(offsetof(struct snp_derived_key_req, guest_field_select) == 8, "GUEST_FIELD_SELECT");
_Static_assert(offsetof(struct snp_derived_key_req, tcb_version) == 24, "TCB_VERSION");

/*
 * snp_report_status() - the verdict on a request that the report was made for.
 *
 * Every VMPL is good, as it is natively for a guest that runs at VMPL 0.  A key other than the one that
 * signed the report cannot be had.
 */
enum snp_status snp_report_status(const struct snp_report_req *req,
				  const struct snp_report *report);

/*
 * snp_report_response() - the response with a report, or with a status other than 0 and no report.
 * @response: all zero
 */
void snp_report_response(uint8_t response[static SNP_REPORT_RESPONSE_SIZE], enum snp_status status,
			 const struct snp_report *report);

/* snp_key_response() - likewise with a key; NULL with a status other than 0. */
void snp_key_response(uint8_t response[static SNP_KEY_RESPONSE_SIZE], enum snp_status status,
		      const uint8_t *key);

#endif
