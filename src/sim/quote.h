/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDX quotes, version 4 and 5 (with a TDX 1.5 body), signed by a simulated quoting enclave.
 * Layout: Intel "TDX DCAP Quoting Library API", appendix A.3 (quote format); all integers
 * little-endian.
 */
#ifndef TEESHIM_SIM_QUOTE_H
#define TEESHIM_SIM_QUOTE_H

#include "sim/bytes.h"
#include "sim/eventlog.h"
#include "sim/pki.h"

enum { REPORT_DATA_LEN = 64 };

/* The registers of the simulated TD, in the order of the quote; those left out are zero. */
struct td_registers {
	uint8_t mrtd[RTMR_SIZE];
	uint8_t rtmr[RTMR_COUNT][RTMR_SIZE];
};

/* Everything of a quote but report data and signature, made once. */
struct quote_maker {
	struct bytes template;
	size_t signed_len;     /* header and body */
	size_t report_data_at; /* inside the body */
	EVP_PKEY *attestation_key;
};

/*
 * quote_prepare() - set up for quotes of one TD.
 * @version: 4 or 5
 * @pad: zero bytes to stand after each quote
 * @pki: certifies the quoting enclave; needed only during the call
 */
void quote_prepare(struct quote_maker *maker, int version, size_t pad,
		   const struct td_registers *registers, const struct pki *pki);
void quote_release(struct quote_maker *maker);

/* quote_set_rtmrs() - quotes made from now on have these RTMRs.  Not while quote_make() runs. */
void quote_set_rtmrs(struct quote_maker *maker, const struct td_registers *registers);

/* quote_make() - append one quote over report_data, padding included.  Thread-safe. */
void quote_make(const struct quote_maker *maker, const uint8_t report_data[static REPORT_DATA_LEN],
		struct bytes *out);

#endif
