/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/snp_message.h"

#include <string.h>

enum { RESPONSE_SIZE_AT = 4, KEY_SELECT_MASK = 3 };

static unsigned key_select(const struct snp_report_req *req)
{
	return req->rsvd[0] & KEY_SELECT_MASK;
}

static bool reserved_is_zero(const struct snp_report_req *req)
{
	uint8_t any = req->rsvd[0] & (uint8_t)~KEY_SELECT_MASK;

	for (size_t i = 1; i < sizeof(req->rsvd); i++)
		any |= req->rsvd[i];
	return any == 0;
}

enum snp_status snp_report_status(const struct snp_report_req *req, const struct snp_report *report)
{
	const unsigned select = key_select(req);
	const unsigned signer = snp_report_signer(report);

	if (req->vmpl > SNP_VMPL_MAX || select == SNP_KEY_RESERVED || !reserved_is_zero(req))
		return SNP_STATUS_INVALID_PARAM;
	if ((select == SNP_KEY_VCEK && signer != SNP_SIGNER_VCEK) ||
	    (select == SNP_KEY_VLEK && signer != SNP_SIGNER_VLEK))
		return SNP_STATUS_INVALID_KEY;
	return SNP_STATUS_OK;
}

static void put_le32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

void snp_report_response(uint8_t response[static SNP_REPORT_RESPONSE_SIZE], enum snp_status status,
			 const struct snp_report *report)
{
	put_le32(response, status);
	if (status != SNP_STATUS_OK)
		return;
	put_le32(response + RESPONSE_SIZE_AT, sizeof(*report));
	memcpy(response + SNP_RESPONSE_HEAD, report, sizeof(*report));
}

void snp_key_response(uint8_t response[static SNP_KEY_RESPONSE_SIZE], enum snp_status status,
		      const uint8_t *key)
{
	put_le32(response, status);
	if (status == SNP_STATUS_OK)
		memcpy(response + SNP_RESPONSE_HEAD, key, SNP_KEY_SIZE);
}
