/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that held a key. */
#ifndef TEESHIM_BASE_WIPE_H
#define TEESHIM_BASE_WIPE_H

#include <stddef.h>
#include <string.h>

/*
 * wipe() - set memory to zero for good.
 *
 * The barrier keeps the compiler from leaving out what nobody reads afterwards; explicit_bzero(), made
 * for this, came with glibc 2.25.
 */
static inline void wipe(void *data, size_t len)
{
	if (len == 0)
		return;
	memset(data, 0, len);
	__asm__ volatile("" : : "r"(data) : "memory");
}

#endif
