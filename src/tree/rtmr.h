/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extending RTMRs, as TEESHIM_RTMR allows it.
 *
 *   deny   (the default) no register is extended
 *   event  the 48 bytes become the payload of an event named teeshim-rtmr3-extend, which the agent logs
 *          and extends RTMR3 by: RTMR3 takes the event's hash, never the bytes themselves
 *
 * Every other value counts as deny.
 */
#ifndef TEESHIM_TREE_RTMR_H
#define TEESHIM_TREE_RTMR_H

#include <stdbool.h>
#include <stdint.h>

#include "tree/caller.h"
#include "tree/entry.h"

enum { RTMR_DIGEST_SIZE = 48 };

#define RTMR3_PATH TDX_SYSFS_PATH "/measurements/rtmr3:sha384"

/*
 * EXTEND_RTMR, with which dstack's own module and Intel's trees before 6.x extend, in both encodings.  The
 * argument is 48 bytes and then the register's index in one.
 * Source: dstack, mod-tdx-guest/mod.c.
 */
#define TDX_CMD_EXTEND_RTMR       0x80315403U
#define TDX_CMD_EXTEND_RTMR_WRITE 0x40315403U

/*
 * rtmr_allows() - may a program extend this register?  Where not, one log line says why.
 * @what: by which it would, for the line
 * @index: 0 to 3
 */
bool rtmr_allows(const char *what, unsigned index);

/* An extend under way, which excludes those of all processes of the user. */
struct rtmr {
	struct tree tree;
	struct entry folder;
	struct lock ask;
};

/*
 * rtmr_begin() - begin one; rtmr_end() ends it.
 * rtmr_extend() - extend RTMR3 by an event with this payload, and make everything stale that shows RTMR3
 * as it was: register sweeps and spare quotes, also those that are being asked for.
 *
 * Return: 0; -ENOMEM; -EIO, after which RTMR3 may have been extended all the same where the agent gave no
 * answer.
 */
int rtmr_begin(struct rtmr *rtmr);
int rtmr_extend(struct rtmr *rtmr, const uint8_t digest[static RTMR_DIGEST_SIZE]);
void rtmr_end(struct rtmr *rtmr);

/*
 * rtmr_ioctl() - ioctl(2) of the device with one of the two commands.
 * Return: 0; -ENOTTY where the policy does not allow it; -EFAULT; -EINVAL; as rtmr_extend().
 */
int rtmr_ioctl(const struct caller *caller, uint64_t arg);

#endif
