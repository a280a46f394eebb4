/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/tdreport.h"

#include <stdbool.h>
#include <string.h>

#include "base/sha384.h"

/* Offsets in TDREPORT_STRUCT. */
enum {
	REPORT_TYPE = 0,
	REPORT_VERSION = 2,
	CPUSVN = 16,
	TEE_TCB_INFO_HASH = 32,
	TEE_INFO_HASH = 80,
	REPORTDATA = 128,
	TEE_TCB_INFO = 256,
	TEE_TCB_INFO_SIZE = 239,
	TCB_VALID = 256,
	TCB_SVN = 264,
	TCB_MRSEAM = 280,
	TCB_MRSIGNERSEAM = 328,
	TCB_ATTRIBUTES = 376,
	TCB_SVN2 = 384,
	TDINFO = 512,
	TDINFO_SIZE = 512,
	SERVTD_HASH = 912,
};

_Static_assert(TEE_TCB_INFO + TEE_TCB_INFO_SIZE <= TDINFO, "TEE_TCB_INFO ends before TDINFO");
_Static_assert((int)TDINFO + (int)TDINFO_SIZE == (int)TDREPORT_SIZE, "TDINFO is the last part");

enum {
	TYPE_TDX = 0x81,
	VERSION_SERVICE_TD = 1, /* where a service TD is bound, else 0 */
	ATTRIBUTES_SIZE = 8,
	/* TD attributes, XFAM, MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, RTMRs: one run in both */
	TDINFO_RUN = 8 + 8 + 4 * TDX_MEASUREMENT_SIZE + TDX_RTMR_COUNT * TDX_MEASUREMENT_SIZE,
};

/* Which fields of TEE_TCB_INFO a TDX 1.5 module fills: all seen reports have this. */
static const uint8_t valid_tdx_1_5[8] = {0xff, 0x01, 0x03};

/*
 * The QE report inside the signature data: signature 64, attestation key 64, certification data of type
 * 6 (QE report) with a header of 6, and first in the report the CPUSVN of the same platform.
 */
enum { AUTH_CERT_TYPE = 128, AUTH_QE_REPORT = 134, AUTH_QE_REPORT_SIZE = 384, CERT_TYPE_QE = 6 };

static const uint8_t *quote_cpusvn(const struct tdx_quote *quote)
{
	if (quote->auth_len < AUTH_QE_REPORT + AUTH_QE_REPORT_SIZE ||
	    quote->auth[AUTH_CERT_TYPE] != CERT_TYPE_QE || quote->auth[AUTH_CERT_TYPE + 1] != 0)
		return NULL;
	return quote->auth + AUTH_QE_REPORT;
}

static bool is_zero(const uint8_t *data, size_t len)
{
	while (len > 0 && data[len - 1] == 0)
		len--;
	return len == 0;
}

static void tcb_info_fill(uint8_t *report, const struct tdx_quote *quote)
{
	const uint8_t *svn2 = quote->tee_tcb_svn2 ? quote->tee_tcb_svn2 : quote->tee_tcb_svn;

	memcpy(report + TCB_VALID, valid_tdx_1_5, sizeof(valid_tdx_1_5));
	memcpy(report + TCB_SVN, quote->tee_tcb_svn, TDX_TCB_SVN_SIZE);
	memcpy(report + TCB_MRSEAM, quote->mrseam, TDX_MEASUREMENT_SIZE);
	memcpy(report + TCB_MRSIGNERSEAM, quote->mrsignerseam, TDX_MEASUREMENT_SIZE);
	memcpy(report + TCB_ATTRIBUTES, quote->seamattributes, ATTRIBUTES_SIZE);
	memcpy(report + TCB_SVN2, svn2, TDX_TCB_SVN_SIZE);
}

void tdreport_rebuild(uint8_t report[static TDREPORT_SIZE], const struct tdx_quote *quote)
{
	const uint8_t *cpusvn = quote_cpusvn(quote);

	memset(report, 0, TDREPORT_SIZE);
	report[REPORT_TYPE] = TYPE_TDX;
	if (cpusvn)
		memcpy(report + CPUSVN, cpusvn, TDX_TCB_SVN_SIZE);
	memcpy(report + REPORTDATA, quote->report_data, TDX_REPORT_DATA_SIZE);
	tcb_info_fill(report, quote);
	memcpy(report + TDINFO, quote->tdattributes, TDINFO_RUN);
	if (quote->mrservicetd) {
		memcpy(report + SERVTD_HASH, quote->mrservicetd, TDX_MEASUREMENT_SIZE);
		if (!is_zero(quote->mrservicetd, TDX_MEASUREMENT_SIZE))
			report[REPORT_VERSION] = VERSION_SERVICE_TD;
	}
	sha384(report + TEE_TCB_INFO_HASH, report + TEE_TCB_INFO, TEE_TCB_INFO_SIZE);
	sha384(report + TEE_INFO_HASH, report + TDINFO, TDINFO_SIZE);
}
