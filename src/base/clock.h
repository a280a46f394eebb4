/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines: points on CLOCK_MONOTONIC in milliseconds, so that a set wall clock moves none. */
#ifndef TEESHIM_BASE_CLOCK_H
#define TEESHIM_BASE_CLOCK_H

#include <stdint.h>

/* clock_now_ms() - milliseconds since an arbitrary start.  Async-signal-safe. */
int64_t clock_now_ms(void);

/* clock_sleep_us() - sleep at most us (< 1 000 000) microseconds; a signal may end it early. */
void clock_sleep_us(unsigned us);

#endif
