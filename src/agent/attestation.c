/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/attestation.h"

#include <errno.h>
#include <stdbool.h>

#include "agent/msgpack.h"
#include "agent/scale.h"

enum {
	REPORT_DATA_LEN = 64,
	EVENT_FIXED_LEN = 8, /* imr and event_type, four bytes each */
	V1_VERSION = 1,
	QUOTE_MAX = 1 << 20, /* real ones are below 10 KiB */
};

/* Pass over `count` byte strings or texts. */
static int v0_skip_strings(struct scale *scale, uint32_t count)
{
	const uint8_t *data;
	size_t len;
	int err = 0;

	for (uint32_t i = 0; i < count && err == 0; i++)
		err = scale_bytes(scale, &data, &len);
	return err;
}

/* Pass over a vector whose items are `fixed` bytes, then `strings` byte strings. */
static int v0_skip_vector(struct scale *scale, size_t fixed, uint32_t strings)
{
	uint32_t items;
	int err = scale_compact(scale, &items);

	for (uint32_t i = 0; i < items && err == 0; i++) {
		err = scale_skip(scale, fixed);
		if (err == 0)
			err = v0_skip_strings(scale, strings);
	}
	return err;
}

/* quote; vec<{imr, event_type, digest, event, event_payload}> */
static int v0_tdx(struct scale *scale, struct attestation *attestation)
{
	const uint8_t *data;
	size_t len;
	int err = scale_bytes(scale, &data, &len);

	if (err == 0)
		err = v0_skip_vector(scale, EVENT_FIXED_LEN, 3);
	if (err == 0)
		err = buf_append(&attestation->quote, data, len, QUOTE_MAX);
	return err == -EFBIG ? -EINVAL : err;
}

/* report; vec<certificate>; mr_config */
static int v0_sev_snp(struct scale *scale)
{
	int err = v0_skip_strings(scale, 1);

	if (err == 0)
		err = v0_skip_vector(scale, 0, 1);
	if (err == 0)
		err = v0_skip_strings(scale, 1);
	return err;
}

/* What follows the platform's part: runtime events, report data, config, and then nothing. */
static int v0_stack(struct scale *scale)
{
	int err = v0_skip_vector(scale, 0, 2);

	if (err == 0)
		err = scale_skip(scale, REPORT_DATA_LEN);
	if (err == 0)
		err = v0_skip_strings(scale, 1);
	return err == 0 && scale->left > 0 ? -EINVAL : err;
}

static int v0_parse(const uint8_t *data, size_t len, struct attestation *attestation)
{
	struct scale scale = {data, len};
	uint8_t version;
	uint8_t variant;
	int err;

	if (scale_u8(&scale, &version) < 0 || scale_u8(&scale, &variant) < 0 ||
	    variant > ATTESTATION_NITRO_TPM)
		return -EINVAL;
	attestation->kind = variant;
	if (variant == ATTESTATION_TDX)
		err = v0_tdx(&scale, attestation);
	else if (variant == ATTESTATION_SEV_SNP)
		err = v0_sev_snp(&scale);
	else
		return 0;
	return err == 0 ? v0_stack(&scale) : err;
}

static enum attestation_kind v1_kind(const struct msgpack *kind)
{
	static const char *const names[] = {
		[ATTESTATION_TDX] = "tdx",
		[ATTESTATION_GCP_TDX] = "gcp-tdx",
		[ATTESTATION_NITRO_ENCLAVE] = "nitro-enclave",
		[ATTESTATION_SEV_SNP] = "sev-snp",
		[ATTESTATION_NITRO_TPM] = "aws-nitro-tpm",
	};
	unsigned i;

	for (i = 0; i < ATTESTATION_UNKNOWN; i++)
		if (msgpack_is(kind, names[i]))
			break;
	return (enum attestation_kind)i;
}

/* {version: 1, platform: {kind, data: {quote, ...}}, stack: ...}, in any order. */
static int v1_parse(const uint8_t *data, size_t len, struct attestation *attestation)
{
	const struct msgpack document = {data, len};
	struct msgpack platform;
	struct msgpack value;
	uint64_t version;

	if (msgpack_check(data, len) < 0)
		return -EINVAL;
	if (msgpack_find(&document, "version", &value) < 0 || msgpack_uint(&value, &version) < 0 ||
	    version != V1_VERSION)
		return -EINVAL;
	if (msgpack_find(&document, "platform", &platform) < 0 ||
	    msgpack_find(&platform, "kind", &value) < 0)
		return -EINVAL;
	attestation->kind = v1_kind(&value);
	if (attestation->kind != ATTESTATION_TDX)
		return 0;
	if (msgpack_find(&platform, "data", &value) < 0 ||
	    msgpack_find(&value, "quote", &value) < 0)
		return -EINVAL;
	return msgpack_bytes(&value, &attestation->quote);
}

int attestation_parse(const uint8_t *data, size_t len, struct attestation *out)
{
	struct attestation parsed = {0};
	int err;

	if (len == 0)
		return -EINVAL;
	err = data[0] == 0 ? v0_parse(data, len, &parsed) : v1_parse(data, len, &parsed);
	if (err == 0 && parsed.kind == ATTESTATION_TDX && parsed.quote.len == 0)
		err = -EINVAL;
	if (err < 0) {
		attestation_free(&parsed);
		return err;
	}
	*out = parsed;
	return 0;
}

void attestation_free(struct attestation *attestation)
{
	buf_free(&attestation->quote);
}
