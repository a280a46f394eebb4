/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding is in the constructor, by one walk over the loaded objects, and again at first use, by
 * dlsym(RTLD_NEXT): a library whose constructor runs before ours may open files already, and then finds
 * an empty table.
 *
 * The table of names holds its strings itself, without pointers: it needs no relocation, so that a
 * process which never meets a TEE pays nothing for it at start.
 */
#include "interpose/next.h"

#include <errno.h>
#include <stdint.h>

#include "interpose/elf.h"
#include "interpose/fallback.h"
#include "interpose/loader.h"

enum { NAME_SIZE = 23, NO_SIBLING = 0xff };

enum version { NONE, GLIBC_2_3, GLIBC_2_27 };

enum when { LAZY, EAGER };

struct row {
	char name[NAME_SIZE];
	uint8_t version;
	uint8_t when;
	uint8_t sibling;
	uint8_t call;
};

#define SAME(name) SYM_##name, FALLBACK_nosys
#define CALL(name) NO_SIBLING, FALLBACK_##name
#define ALWAYS     NO_SIBLING, FALLBACK_nosys

static const struct row rows[SYM_COUNT] = {
#define FAMILY_ALL
#define SYMBOL(name, kind, version, when, ...) {#name, version, when, __VA_ARGS__},
#include "interpose/symbols.def"
#undef SYMBOL
#undef FAMILY_ALL
};

_Static_assert((int)SYM_COUNT < (int)NO_SIBLING, "siblings are stored in one byte");

void *next_table[SYM_COUNT];

static void *row_lookup(const struct row *row)
{
	static const char versions[][16] = {"", "GLIBC_2.3", "GLIBC_2.27"};

	return loader_next(row->name, versions[row->version]);
}

void *next_bind(enum symbol symbol)
{
	const struct row *row = &rows[symbol];
	int saved = errno;
	void *next = row_lookup(row);

	if (!next)
		next = row->sibling != NO_SIBLING ? next_symbol((enum symbol)row->sibling)
						  : fallback_call((enum fallback)row->call);
	__atomic_store_n(&next_table[symbol], next, __ATOMIC_RELAXED);
	errno = saved;
	return next;
}

void next_bind_eager(void)
{
	struct elf_symbol wanted[SYM_COUNT];

	for (unsigned i = 0; i < SYM_COUNT; i++) {
		const bool bound = __atomic_load_n(&next_table[i], __ATOMIC_RELAXED) != NULL;

		wanted[i].name = rows[i].when == EAGER && !bound ? rows[i].name : NULL;
		wanted[i].address = NULL;
	}
	elf_find_next(wanted, SYM_COUNT);
	/* what the walk was not sure of, dlsym() is asked for */
	for (unsigned i = 0; i < SYM_COUNT; i++) {
		if (wanted[i].address)
			__atomic_store_n(&next_table[i], wanted[i].address, __ATOMIC_RELAXED);
		if (rows[i].when == EAGER)
			next_symbol((enum symbol)i);
	}
}
