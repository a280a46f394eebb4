/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next definitions of many functions at once.
 *
 * dlsym(RTLD_NEXT) takes 0.3 us a name, which for all that signal handlers may call is a twentieth of
 * the start of a small program.  One walk over the loaded objects finds them in a tenth of that: the
 * hash tables are the ones that the loader itself uses.
 *
 * Layout: System V ABI, chapter 5 (dynamic section, symbol table); DT_GNU_HASH and DT_VERSYM as
 * glibc's elf/dl-lookup.c reads them.
 */
#ifndef TEESHIM_INTERPOSE_ELF_H
#define TEESHIM_INTERPOSE_ELF_H

#include <stddef.h>

struct elf_symbol {
	const char *name; /* NULL: not wanted */
	void *address;
};

/*
 * elf_find_next() - the addresses that dlsym(RTLD_NEXT) would give, in the order in which objects were
 * loaded.  Symbols that it is not sure of keep the address they came with: that are in no object, or
 * chosen at run time (IFUNC), or may be in an object that has no GNU hash table.
 *
 * Takes the loader's lock, as dlsym() does.  Not for signal handlers.
 */
void elf_find_next(struct elf_symbol *symbols, size_t count);

#endif
