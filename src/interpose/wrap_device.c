/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ioctl().  The command is looked at only after the kernel has refused it as it refuses a command that
 * a device does not know, and all its 32 bits are compared: TDX_CMD_GET_REPORT0 shares the lower ones
 * with TCGETS.
 */
#include <stdarg.h>
#include <sys/ioctl.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/own.h"
#include "interpose/wrap.h"
#include "tree/device.h"

static __attribute__((noinline)) int front_ioctl(int fd, uint32_t cmd, void *arg, int before)
{
	const enum tee tee = front_device_tee(fd);
	const int refused = errno;
	int ret = -refused;

	if (tee != TEE_NONE)
		ret = device_ioctl(&own_process, tee, cmd, (uint64_t)arg);
	return (int)front_end(ret, refused, before);
}

/* glibc takes the command as unsigned long, musl as int: only 32 bits of it count. */
#define WRAP_IOCTL(name)                                                                           \
	EXPORT int name(int fd, unsigned long cmd, ...);                                           \
	int name(int fd, unsigned long cmd, ...)                                                   \
	{                                                                                          \
		const int before = errno;                                                          \
		va_list list;                                                                      \
		void *arg;                                                                         \
		int ret;                                                                           \
                                                                                                   \
		va_start(list, cmd);                                                               \
		arg = va_arg(list, void *);                                                        \
		va_end(list);                                                                      \
		ret = NEXT(name)(fd, cmd, arg);                                                    \
		if (UNLIKELY(ret < 0) && errno == ENOTTY && device_knows(cmd))                     \
			return front_ioctl(fd, (uint32_t)cmd, arg, before);                        \
		return ret;                                                                        \
	}

#define FAMILY_DEVICE
#include "interpose/symbols.def"
