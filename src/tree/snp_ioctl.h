/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ioctls of /dev/sev-guest: reports, reports with certificates, derived keys.
 *
 * Sources: drivers/virt/coco/sev-guest/sev-guest.c, arch/x86/coco/sev/core.c,
 * include/uapi/linux/sev-guest.h.
 */
#ifndef TEESHIM_TREE_SNP_IOCTL_H
#define TEESHIM_TREE_SNP_IOCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "tree/caller.h"

/* _IOWR('S', 0, 1, 2, struct snp_guest_request_ioctl) */
#define SNP_GET_REPORT      0xc0205300U
#define SNP_GET_DERIVED_KEY 0xc0205301U
#define SNP_GET_EXT_REPORT  0xc0205302U

/* Only 32 bits of a command count. */
static inline bool snp_ioctl_knows(uint64_t cmd)
{
	return (uint32_t)cmd - SNP_GET_REPORT <= SNP_GET_EXT_REPORT - SNP_GET_REPORT;
}

/*
 * snp_ioctl() - ioctl(2).
 * @arg: address of a struct snp_guest_request_ioctl in the program's memory
 *
 * As the kernel does, it leaves the argument alone where the call succeeds, and where msg_version is 0;
 * else exitinfo2 says what went wrong: 0xff where nothing was asked or the agent failed.  A verdict of
 * the firmware (snp_message.h) is a status in the response of a call that succeeds.
 *
 * A report that only the length of its certificates was asked for is kept, and serves the call after it:
 * see spare.h.  Derived keys are given with TEESHIM_SNP_DERIVED_KEY=on alone; they are the agent's
 * (derived_key.h), and all memory of ours that held one is wiped.
 *
 * Return: 0; -ENOTTY for another command, with nothing looked at; -EFAULT; -EINVAL; -ENOMEM; -EIO where the agent failed, where the certificate buffer is too
 * short (vmm_error 1, certs_len is then what it must be) and where derived keys are off (fw_error
 * 0x15); -EMFILE, -ENFILE of reaching the program's memory.
 */
int snp_ioctl(const struct caller *caller, uint32_t cmd, uint64_t arg);

#endif
