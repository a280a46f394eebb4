/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fake clients of /dev/sev-guest share.  Layouts: include/uapi/linux/sev-guest.h; AMD 56860,
 * ATTESTATION_REPORT.
 */
#ifndef TEESHIM_TESTS_FAKE_SNP_H
#define TEESHIM_TESTS_FAKE_SNP_H

#include "common.h"

#define SNP_DEVICE "/dev/sev-guest"

/* musl's ioctl() takes the command as an int. */
#ifdef __GLIBC__
#define SNP_COMMAND(number) (number##UL)
#else
#define SNP_COMMAND(number) ((int)(number))
#endif
#define SNP_GET_REPORT      SNP_COMMAND(0xc0205300)
#define SNP_GET_DERIVED_KEY SNP_COMMAND(0xc0205301)
#define SNP_GET_EXT_REPORT  SNP_COMMAND(0xc0205302)

#define SNP_CERTS_SHORT (1ULL << 32)

enum {
	SNP_REPORT_SIZE = 1184,
	SNP_REPORT_AT = 32, /* in a response */
	SNP_VMPL_AT = 0x30,
	SNP_REPORT_DATA_AT = 0x50,
	SNP_PAGE = 4096,
	SNP_CERT_ENTRY = 24,
};

struct snp_argument {
	uint8_t msg_version;
	uint64_t req_data;
	uint64_t resp_data;
	uint64_t exitinfo2;
};

struct snp_request {
	uint8_t report_data[REPORT_DATA_SIZE];
	uint32_t vmpl;
	uint8_t rsvd[28];
};

struct snp_ext_request {
	struct snp_request data;
	uint64_t certs_address;
	uint32_t certs_len;
};

struct snp_response {
	uint32_t status;
	uint32_t report_size;
	uint8_t rsvd[24];
	uint8_t report[3968];
};

struct snp_key_request {
	uint32_t root_key_select;
	uint32_t rsvd;
	uint64_t guest_field_select;
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};

_Static_assert(sizeof(struct snp_argument) == 32, "struct snp_guest_request_ioctl");
_Static_assert(sizeof(struct snp_ext_request) == 112, "struct snp_ext_report_req");
_Static_assert(sizeof(struct snp_response) == 4000, "struct snp_report_resp");

/* snp_response_check() - a report of the right size over these report data. */
static inline void snp_response_check(const struct snp_response *response,
				      const uint8_t *report_data)
{
	if (response->status != 0)
		fail("response", "status %#x", response->status);
	if (response->report_size != SNP_REPORT_SIZE)
		fail("response", "%u bytes of report", response->report_size);
	if (memcmp(response->report + SNP_REPORT_DATA_AT, report_data, REPORT_DATA_SIZE) != 0)
		fail("response", "over other report data");
}

/* snp_table_size() - of a certificate table, which must end before the buffer does. */
static inline size_t snp_table_size(const uint8_t *table, size_t size)
{
	static const uint8_t zero[16];
	size_t end = 0;

	for (size_t at = 0; at + SNP_CERT_ENTRY <= size; at += SNP_CERT_ENTRY) {
		uint32_t offset, length;

		if (memcmp(table + at, zero, sizeof(zero)) == 0)
			return end;
		memcpy(&offset, table + at + 16, 4);
		memcpy(&length, table + at + 20, 4);
		if (offset > size || length > size - offset)
			fail("certificates", "an entry beyond the buffer");
		if (offset + length > end)
			end = offset + length;
	}
	fail("certificates", "no end of the table");
}

/* snp_print() - the report on stdout, and behind it the certificate table. */
static inline void snp_print(const struct snp_response *response, const uint8_t *certs,
			     size_t certs_size)
{
	if (fwrite(response->report, 1, SNP_REPORT_SIZE, stdout) != SNP_REPORT_SIZE)
		fail_errno("stdout");
	if (certs_size > 0 && fwrite(certs, 1, certs_size, stdout) != certs_size)
		fail_errno("stdout");
	if (fflush(stdout))
		fail_errno("stdout");
}

#endif
