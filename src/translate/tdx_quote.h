/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDX quotes, versions 4 and 5: where the fields of the TD report lie.
 *
 * Layout: Intel TDX DCAP Quoting Library API, appendix A.3 (quote format version 4) and A.4
 * (version 5).  All integers are little-endian.  Pure: bytes in, views out, no allocation.
 */
#ifndef TEESHIM_TRANSLATE_TDX_QUOTE_H
#define TEESHIM_TRANSLATE_TDX_QUOTE_H

#include <stddef.h>
#include <stdint.h>

enum {
	TDX_REPORT_DATA_SIZE = 64,
	TDX_MEASUREMENT_SIZE = 48, /* SHA-384: MRTD, RTMRs and the other registers */
	TDX_TCB_SVN_SIZE = 16,
	TDX_RTMR_COUNT = 4,
};

/* A parsed quote: pointers into the caller's bytes, valid as long as they are. */
struct tdx_quote {
	uint16_t version;
	const uint8_t *tee_tcb_svn;    /* 16 */
	const uint8_t *mrseam;         /* 48 */
	const uint8_t *mrsignerseam;   /* 48 */
	const uint8_t *seamattributes; /* 8 */
	const uint8_t *tdattributes;   /* 8 */
	const uint8_t *xfam;           /* 8 */
	const uint8_t *mrtd;           /* 48 */
	const uint8_t *mrconfigid;     /* 48 */
	const uint8_t *mrowner;        /* 48 */
	const uint8_t *mrownerconfig;  /* 48 */
	const uint8_t *rtmr[TDX_RTMR_COUNT];
	const uint8_t *report_data;  /* 64 */
	const uint8_t *tee_tcb_svn2; /* 16; NULL before TDX 1.5 (version 5, body type 3) */
	const uint8_t *mrservicetd;  /* 48; NULL likewise */
	const uint8_t *auth;         /* quote signature data */
	uint32_t auth_len;
	size_t len; /* of the quote proper; bytes after it are padding */
};

/*
 * tdx_quote_parse() - check the frame of a quote and point at its fields.
 * @data, @len: hostile bytes; more may follow the quote (padding of the quoting service)
 *
 * Return: 0; -EINVAL where it is no TDX quote of version 4 or 5, or ends early.
 */
int tdx_quote_parse(struct tdx_quote *quote, const uint8_t *data, size_t len);

#endif
