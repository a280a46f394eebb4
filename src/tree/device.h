/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /dev/tdx_guest and /dev/sev-guest: descriptors that are a character device to the program, and what
 * their ioctls do.
 *
 * The descriptor is one of /dev/null, which answers nearly everything as a misc device without file
 * operations does: character device, poll ready, epoll refused, no mapping, no terminal.  It is marked
 * by the signal number of F_SETSIG, which belongs to the open file description: the mark survives dup,
 * fork, exec and SCM_RIGHTS, and no other descriptor of /dev/null has it.  The number tells which of
 * the devices it is, whatever the agent says by then.
 *
 * Source: drivers/virt/coco/tdx-guest/tdx-guest.c, include/uapi/linux/tdx-guest.h,
 * drivers/virt/coco/sev-guest/sev-guest.c.
 */
#ifndef TEESHIM_TREE_DEVICE_H
#define TEESHIM_TREE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/agent.h"
#include "tree/caller.h"
#include "tree/quote_ioctl.h"
#include "tree/rtmr.h"
#include "tree/snp_ioctl.h"

struct place;
struct tree;

/* misc devices have major 10, and dynamic minors from 256 up (drivers/char/misc.c, 6.17). */
enum { DEVICE_MAJOR = 10, DEVICE_MINOR = 256 };

/* TDX_CMD_GET_REPORT0: _IOWR('T', 1, struct tdx_report_req). */
enum { TDX_REPORTDATA_LEN = 64, TDX_REPORT_LEN = 1024 };
#define TDX_CMD_GET_REPORT0 0xc4405401U

/* device_place() - the place of a TEE's device. */
const struct place *device_place(enum tee tee);

/* device_open() - open(2) of a TEE's device, for reading, writing or both, or access mode 3. */
int device_open(enum tee tee, int flags);

/*
 * device_tee() - whose device is behind this descriptor?  TEE_NONE where it is none of ours.
 * One fcntl(); async-signal-safe.
 */
enum tee device_tee(int fd);

/*
 * device_ioctl() - ioctl(2) with a command that device_knows().
 * @tee: device_tee() of the descriptor
 * @arg: address in the program's memory, reached through the caller
 * Return: 0; -EFAULT; -EIO or -ENOMEM where the agent failed; -ENOTTY, of the other device's commands
 *         too; -EINVAL; for quotes see quote_ioctl(), for SEV-SNP snp_ioctl().
 */
int device_ioctl(const struct caller *caller, enum tee tee, uint32_t cmd, uint64_t arg);

/* device_knows() - is this command one of any device's?  Only 32 bits count, as in the kernel. */
static inline bool device_knows(uint64_t cmd)
{
	const uint32_t command = (uint32_t)cmd;

	/* a terminal's commands, which programs try on any descriptor, are all below */
	return command > UINT16_MAX &&
	       (command == TDX_CMD_GET_REPORT0 || command == TDX_CMD_EXTEND_RTMR ||
		command == TDX_CMD_EXTEND_RTMR_WRITE || quote_ioctl_knows(command) ||
		snp_ioctl_knows(command));
}

/* device_number_open(), device_uevent_open(), vmpl_open() - struct place's open() of the sysfs files. */
int device_number_open(const struct tree *tree, const struct place *place, int flags);
int device_uevent_open(const struct tree *tree, const struct place *place, int flags);
int vmpl_open(const struct tree *tree, const struct place *place, int flags);

#endif
