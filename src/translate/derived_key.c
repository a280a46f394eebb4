/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/derived_key.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

enum { ROOT_KEY_BITS = 7, ROOT_KEY_SELECT_SHIFT = 1, VALUE_MAX = SNP_MEASUREMENT_SIZE };

/* Each part of a TCB version is a byte, in every layout; what is none is zero. */
static bool tcb_is_above(uint64_t tcb, uint64_t limit)
{
	for (unsigned bits = 0; bits < 64; bits += 8)
		if ((tcb >> bits & 0xff) > (limit >> bits & 0xff))
			return true;
	return false;
}

enum snp_status derived_key_status(const struct snp_derived_key_req *req,
				   const struct snp_report *report)
{
	const uint32_t root = req->root_key_select;
	const uint64_t fields = req->guest_field_select;

	if ((root & ~(uint32_t)ROOT_KEY_BITS) != 0 || req->rsvd != 0 ||
	    root >> ROOT_KEY_SELECT_SHIFT == SNP_KEY_RESERVED ||
	    (fields & ~(uint64_t)DERIVED_KEY_FIELDS) != 0 || req->vmpl > SNP_VMPL_MAX)
		return SNP_STATUS_INVALID_PARAM;
	if ((fields & DERIVED_KEY_GUEST_SVN) && req->guest_svn > report->guest_svn)
		return SNP_STATUS_INVALID_PARAM;
	if ((fields & DERIVED_KEY_TCB_VERSION) &&
	    tcb_is_above(req->tcb_version, report->committed_tcb))
		return SNP_STATUS_INVALID_PARAM;
	if (root >> ROOT_KEY_SELECT_SHIFT == SNP_KEY_VLEK &&
	    snp_report_signer(report) != SNP_SIGNER_VLEK)
		return SNP_STATUS_INVALID_KEY;
	return SNP_STATUS_OK;
}

/* The names keep the values of different fields apart, whatever is selected. */
struct path {
	char *text;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void path_add(struct path *path, const char *format,
							   ...)
{
	va_list args;

	va_start(args, format);
	path->len += (size_t)vsnprintf(path->text + path->len, DERIVED_KEY_PATH_SIZE - path->len,
				       format, args);
	va_end(args);
}

static void path_add_bytes(struct path *path, const char *name, const uint8_t *value, size_t len)
{
	char hex[2 * VALUE_MAX + 1];

	hex_encode(hex, value, len);
	path_add(path, "/%s=%s", name, hex);
}

void derived_key_path(const struct snp_derived_key_req *req, const struct snp_report *report,
		      char path[static DERIVED_KEY_PATH_SIZE])
{
	const unsigned fields = (unsigned)req->guest_field_select;
	struct path out = {path, 0};

	path_add(&out, "teeshim/snp-derived-key/v1/root=%x/fields=%02x/vmpl=%x",
		 req->root_key_select, fields, req->vmpl);
	if (fields & DERIVED_KEY_POLICY)
		path_add(&out, "/policy=%016llx", (unsigned long long)report->policy);
	if (fields & DERIVED_KEY_IMAGE_ID)
		path_add_bytes(&out, "image-id", report->image_id, sizeof(report->image_id));
	if (fields & DERIVED_KEY_FAMILY_ID)
		path_add_bytes(&out, "family-id", report->family_id, sizeof(report->family_id));
	if (fields & DERIVED_KEY_MEASUREMENT)
		path_add_bytes(&out, "measurement", report->measurement,
			       sizeof(report->measurement));
	if (fields & DERIVED_KEY_GUEST_SVN)
		path_add(&out, "/guest-svn=%08x", req->guest_svn);
	if (fields & DERIVED_KEY_TCB_VERSION)
		path_add(&out, "/tcb-version=%016llx", (unsigned long long)req->tcb_version);
}
