/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program whose whole memory is a target's input, for the one target that includes this file.
 * memory_read() and memory_write() are struct caller's: no more than a page at once.
 */
#ifndef TEESHIM_TESTS_FUZZ_MEMORY_H
#define TEESHIM_TESTS_FUZZ_MEMORY_H

#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "tree/caller.h"

enum { BASE = 0x10000, PAGE = 4096 };

static uint8_t *memory; /* at address BASE */
static size_t memory_len;

static uint8_t *memory_at(uint64_t address, size_t len)
{
	fuzz_check(len <= PAGE);
	if (address < BASE || address - BASE > memory_len || len > memory_len - (address - BASE))
		return NULL;
	return memory + (address - BASE);
}

static int memory_read(const struct caller *caller, void *to, uint64_t from, size_t len)
{
	const uint8_t *at = memory_at(from, len);

	(void)caller;
	if (!at)
		return -EFAULT;
	memcpy(to, at, len);
	return 0;
}

static int memory_write(const struct caller *caller, uint64_t to, const void *from, size_t len)
{
	uint8_t *at = memory_at(to, len);

	(void)caller;
	if (!at)
		return -EFAULT;
	memcpy(at, from, len);
	return 0;
}

#endif
