/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDREPORT, the structure that TDX_CMD_GET_REPORT0 returns, rebuilt from a quote over the same report
 * data.
 *
 * Layout: Intel TDX Module ABI specification, TDREPORT_STRUCT (REPORTMACSTRUCT, TEE_TCB_INFO,
 * TDINFO_STRUCT).  Pure: bytes in, bytes out.
 */
#ifndef TEESHIM_TRANSLATE_TDREPORT_H
#define TEESHIM_TRANSLATE_TDREPORT_H

#include <stdint.h>

#include "translate/tdx_quote.h"

enum { TDREPORT_SIZE = 1024 };

/*
 * tdreport_rebuild() - the TDREPORT that the quote was made of.
 *
 * Exact but for the 32 bytes of the MAC, whose key never leaves the CPU: they are zero, so no quoting
 * enclave and no VERIFYREPORT accepts it.  A version 4 quote does not carry TEE_TCB_SVN2, which is taken
 * to be TEE_TCB_SVN (they differ after a live update of the TDX module), nor the service TD's hash.
 */
void tdreport_rebuild(uint8_t report[static TDREPORT_SIZE], const struct tdx_quote *quote);

#endif
