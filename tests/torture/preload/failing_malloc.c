/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library to preload beside teeshim's: the process's malloc, which fails once where the program says
 * so, and counts what has not been freed.  Built on glibc's own names, so that no look-up of a symbol
 * allocates.
 */
#include "failing_malloc.h"

#include <errno.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *block);

static unsigned left; /* 0: nothing fails */
static bool met;
static long live;

void failing_arm(unsigned nth)
{
	left = nth;
	met = false;
}

bool failing_disarm(void)
{
	left = 0;
	return met;
}

bool failing_met(void)
{
	return met;
}

long failing_live(void)
{
	return live;
}

static bool is_due(void)
{
	if (left == 0 || --left > 0)
		return false;
	met = true;
	errno = ENOMEM;
	return true;
}

static void *counted(void *block)
{
	live += block != NULL;
	return block;
}

void *malloc(size_t size)
{
	return is_due() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return is_due() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
	void *block;

	if (is_due())
		return NULL;
	block = __libc_realloc(old, size);
	if (!old)
		counted(block);
	else if (!block && size == 0)
		live--;
	return block;
}

void free(void *block)
{
	live -= block != NULL;
	__libc_free(block);
}
