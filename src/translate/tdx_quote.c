/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/tdx_quote.h"

#include <errno.h>
#include <string.h>

enum {
	HEADER_SIZE = 48,
	BODY_TDX_1_0_SIZE = 584,
	BODY_TDX_1_5_SIZE = 648,
	TEE_TYPE_TDX = 0x81,
	BODY_TYPE_TDX_1_0 = 2,
	BODY_TYPE_TDX_1_5 = 3,
};

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static void body_fields(struct tdx_quote *quote, const uint8_t *body)
{
	quote->tee_tcb_svn = body;
	quote->mrseam = body + 16;
	quote->mrsignerseam = body + 64;
	quote->seamattributes = body + 112;
	quote->tdattributes = body + 120;
	quote->xfam = body + 128;
	quote->mrtd = body + 136;
	quote->mrconfigid = body + 184;
	quote->mrowner = body + 232;
	quote->mrownerconfig = body + 280;
	for (size_t i = 0; i < TDX_RTMR_COUNT; i++)
		quote->rtmr[i] = body + 328 + i * TDX_MEASUREMENT_SIZE;
	quote->report_data = body + 520;
}

/* Where the body begins and how long it is; 0 where the version or the body type is unknown. */
static size_t body_locate(const uint8_t *data, size_t len, size_t *offset)
{
	if (le16(data) == 4) {
		*offset = HEADER_SIZE;
		return BODY_TDX_1_0_SIZE;
	}
	if (le16(data) != 5 || len < HEADER_SIZE + 6)
		return 0;
	*offset = HEADER_SIZE + 6;
	if (le16(data + 48) == BODY_TYPE_TDX_1_0 && le32(data + 50) == BODY_TDX_1_0_SIZE)
		return BODY_TDX_1_0_SIZE;
	if (le16(data + 48) == BODY_TYPE_TDX_1_5 && le32(data + 50) == BODY_TDX_1_5_SIZE)
		return BODY_TDX_1_5_SIZE;
	return 0;
}

int tdx_quote_parse(struct tdx_quote *quote, const uint8_t *data, size_t len)
{
	struct tdx_quote parsed = {0};
	size_t body_len;
	size_t offset;

	if (len < HEADER_SIZE || le32(data + 4) != TEE_TYPE_TDX)
		return -EINVAL;
	body_len = body_locate(data, len, &offset);
	if (body_len == 0 || len < offset + body_len + 4)
		return -EINVAL;
	parsed.version = le16(data);
	body_fields(&parsed, data + offset);
	if (body_len == BODY_TDX_1_5_SIZE) {
		parsed.tee_tcb_svn2 = data + offset + 584;
		parsed.mrservicetd = data + offset + 600;
	}
	offset += body_len;
	parsed.auth_len = le32(data + offset);
	parsed.auth = data + offset + 4;
	if (parsed.auth_len > len - offset - 4)
		return -EINVAL;
	parsed.len = offset + 4 + parsed.auth_len;
	*quote = parsed;
	return 0;
}
