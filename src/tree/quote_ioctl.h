/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDX_CMD_GET_QUOTE of drivers older than configfs-tsm, as the device's second ioctl.
 *
 * Mainline has never had it and answers ENOTTY.  It is served because libtdx_attest 1.18 to 1.20, which
 * distributions ship, knows no configfs: without a vsock port in /etc/tdx-attest.conf these get a quote
 * in no other way.  Only command number 4 in the two encodings that such libraries send, and only
 * messages framed for QGS.  Number 2, which go-tdx-guest tries where configfs has failed, stays ENOTTY.
 *
 * Sources: arch/x86/coco/tdx/attest.c of Intel's trees for 5.15 to 6.1 (the ioctl), Guest-Host
 * Communication Interface for Intel TDX (the buffer), tdx_attest.c of Intel
 * SGXDataCenterAttestationPrimitives (the caller).
 */
#ifndef TEESHIM_TREE_QUOTE_IOCTL_H
#define TEESHIM_TREE_QUOTE_IOCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "tree/caller.h"

/* _IOR and _IOWR('T', 4, struct tdx_quote_req) */
#define TDX_CMD_GET_QUOTE    0x80105404U
#define TDX_CMD_GET_QUOTE_RW 0xc0105404U

/* Only 32 bits of a command count; the two differ in one of them. */
static inline bool quote_ioctl_knows(uint64_t cmd)
{
	return ((uint32_t)cmd | (TDX_CMD_GET_QUOTE ^ TDX_CMD_GET_QUOTE_RW)) == TDX_CMD_GET_QUOTE_RW;
}

/*
 * quote_ioctl() - the ioctl.
 * @arg: address of a struct tdx_quote_req in the program's memory: u64 address of the quote buffer, u64
 *       its length.  The buffer: u64 version (1), u64 status, u32 length of the data in, u32 of the data
 *       out, data; all little-endian
 *
 * A request that cannot be read, or an agent that fails, is a status in the buffer, as natively:
 * 0x8000000000000000 error, 0x8000000000000001 the quoting service is not available.
 * Return: 0; -EFAULT where the request or the buffer cannot be read (what cannot be written back is
 * lost, as natively); -EINVAL for a length of 0; -ENOMEM for one above 4 MiB, too; -EMFILE, -ENFILE.
 */
int quote_ioctl(const struct caller *caller, uint64_t arg);

#endif
