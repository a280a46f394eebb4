/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "base/sys.h"

int64_t clock_now_ms(void)
{
	struct timespec now = {0};

	sys_call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_sleep_us(unsigned us)
{
	struct timespec ts = {.tv_nsec = (long)us * 1000};

	sys_nanosleep(&ts);
}
