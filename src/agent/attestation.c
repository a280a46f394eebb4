/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/attestation.h"

#include <errno.h>
#include <stdbool.h>

#include "agent/msgpack.h"
#include "agent/scale.h"
#include "translate/snp_report.h"

enum {
	REPORT_DATA_LEN = 64,
	EVENT_FIXED_LEN = 8, /* imr and event_type, four bytes each */
	V1_VERSION = 1,
	BYTES_MAX = 1 << 20, /* quotes and certificates are below 10 KiB */
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

/* The bytes of the next byte string. */
static int v0_copy(struct scale *scale, struct buf *out)
{
	const uint8_t *data;
	size_t len;
	int err = scale_bytes(scale, &data, &len);

	if (err == 0)
		err = buf_append(out, data, len, BYTES_MAX);
	return err == -EFBIG ? -EINVAL : err;
}

/* quote; vec<{imr, event_type, digest, event, event_payload}> */
static int v0_tdx(struct scale *scale, struct attestation *attestation)
{
	int err = v0_copy(scale, &attestation->quote);

	return err == 0 ? v0_skip_vector(scale, EVENT_FIXED_LEN, 3) : err;
}

/* report; vec<certificate>; mr_config */
static int v0_sev_snp(struct scale *scale, struct attestation *attestation)
{
	uint32_t count = 0;
	int err = v0_copy(scale, &attestation->report);

	if (err == 0)
		err = scale_compact(scale, &count);
	if (err == 0 && count > ATTESTATION_CERTS_MAX)
		return -EINVAL;
	for (uint32_t i = 0; i < count && err == 0; i++)
		err = v0_copy(scale, &attestation->certs[attestation->cert_count++]);
	return err == 0 ? v0_skip_strings(scale, 1) : err;
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
		err = v0_sev_snp(&scale, attestation);
	else if (variant == ATTESTATION_GCP_TDX && scale.left > 0)
		return v0_tdx(&scale, attestation);
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

/* {quote: ...} */
static int v1_tdx(const struct msgpack *data, struct attestation *attestation)
{
	struct msgpack value;

	if (msgpack_find(data, "quote", &value) < 0)
		return -EINVAL;
	return msgpack_bytes(&value, &attestation->quote);
}

/* {report: ..., cert_chain: [...], ...} */
static int v1_sev_snp(const struct msgpack *data, struct attestation *attestation)
{
	struct msgpack value;
	uint32_t count;
	int err;

	if (msgpack_find(data, "report", &value) < 0)
		return -EINVAL;
	err = msgpack_bytes(&value, &attestation->report);
	if (err < 0)
		return err;
	if (msgpack_find(data, "cert_chain", &value) < 0 || msgpack_array(&value, &count) < 0 ||
	    count > ATTESTATION_CERTS_MAX)
		return -EINVAL;
	for (uint32_t i = 0; i < count && err == 0; i++)
		err = msgpack_bytes(&value, &attestation->certs[attestation->cert_count++]);
	return err;
}

/* {version: 1, platform: {kind, data: {...}}, stack: ...}, in any order. */
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
	if (attestation->kind != ATTESTATION_TDX && attestation->kind != ATTESTATION_GCP_TDX &&
	    attestation->kind != ATTESTATION_SEV_SNP)
		return 0;
	if (msgpack_find(&platform, "data", &value) < 0)
		return -EINVAL;
	return attestation->kind == ATTESTATION_SEV_SNP ? v1_sev_snp(&value, attestation)
							: v1_tdx(&value, attestation);
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
	if (err == 0 && parsed.kind == ATTESTATION_SEV_SNP && parsed.report.len != SNP_REPORT_SIZE)
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
	buf_free(&attestation->report);
	for (size_t i = 0; i < attestation->cert_count; i++)
		buf_free(&attestation->certs[i]);
	attestation->cert_count = 0;
}
