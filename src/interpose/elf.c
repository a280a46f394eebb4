/* SPDX-License-Identifier: Apache-2.0 */
#include "interpose/elf.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

/* Of a version that references without one do not get: elf/dl-lookup.c, check_match(). */
enum { VERSYM_HIDDEN = 0x8000 };

struct object {
	uintptr_t base;
	const Elf64_Sym *symtab;
	const char *strtab;
	const Elf64_Half *versym; /* NULL: no versions */
	const uint32_t *hash;     /* of DT_GNU_HASH; NULL: none */
};

struct search {
	struct elf_symbol *symbols;
	size_t count;
	bool past_us;
};

/* glibc has made the addresses in a dynamic section absolute, but for the vDSO's; musl has not. */
static const void *address_of(uintptr_t base, Elf64_Addr address)
{
	return (const void *)(address < base ? base + address : address);
}

static void object_read(struct object *object, const struct dl_phdr_info *info)
{
	const Elf64_Dyn *dyn = NULL;

	*object = (struct object){.base = info->dlpi_addr};
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			dyn = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		const void *at = address_of(object->base, dyn->d_un.d_ptr);

		if (dyn->d_tag == DT_SYMTAB)
			object->symtab = at;
		else if (dyn->d_tag == DT_STRTAB)
			object->strtab = at;
		else if (dyn->d_tag == DT_VERSYM)
			object->versym = at;
		else if (dyn->d_tag == DT_GNU_HASH)
			object->hash = at;
	}
}

static uint32_t name_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

static const Elf64_Sym *object_find(const struct object *object, const char *name)
{
	const uint32_t buckets = object->hash[0];
	const uint32_t first = object->hash[1];
	const uint32_t words = object->hash[2];
	const uint32_t shift = object->hash[3];
	const uint64_t *bloom = (const void *)(object->hash + 4);
	const uint32_t *bucket = (const void *)(bloom + words);
	const uint32_t *chain = bucket + buckets;
	const uint32_t hash = name_hash(name);
	const uint64_t word = bloom[hash / 64 % words];
	uint32_t i = bucket[hash % buckets];

	if (!(word >> hash % 64 & word >> (hash >> shift) % 64 & 1) || i < first)
		return NULL;
	do {
		const Elf64_Sym *symbol = &object->symtab[i];

		if ((chain[i - first] | 1) == (hash | 1) && symbol->st_shndx != SHN_UNDEF &&
		    !(object->versym && object->versym[i] & VERSYM_HIDDEN) &&
		    strcmp(object->strtab + symbol->st_name, name) == 0)
			return symbol;
	} while (!(chain[i++ - first] & 1));
	return NULL;
}

static void object_search(const struct object *object, const struct search *search)
{
	for (size_t i = 0; i < search->count; i++) {
		struct elf_symbol *wanted = &search->symbols[i];
		const Elf64_Sym *found;

		if (!wanted->name || !(found = object_find(object, wanted->name)))
			continue;
		if (ELF64_ST_TYPE(found->st_info) == STT_FUNC)
			wanted->address = (void *)(object->base + found->st_value);
		wanted->name = NULL;
	}
}

static bool is_ours(const struct dl_phdr_info *info)
{
	const uintptr_t here = (uintptr_t)is_ours;

	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *phdr = &info->dlpi_phdr[i];

		if (phdr->p_type == PT_LOAD &&
		    here - (info->dlpi_addr + phdr->p_vaddr) < phdr->p_memsz)
			return true;
	}
	return false;
}

static int object_visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	struct object object;

	(void)size;
	if (!search->past_us) {
		search->past_us = is_ours(info);
		return 0;
	}
	/* the kernel's own object is listed, and in nobody's scope */
	if (info->dlpi_addr == getauxval(AT_SYSINFO_EHDR))
		return 0;
	object_read(&object, info);
	if (!object.symtab || !object.strtab || !object.hash)
		return 1;
	object_search(&object, search);
	return 0;
}

void elf_find_next(struct elf_symbol *symbols, size_t count)
{
	struct search search = {.symbols = symbols, .count = count};

	dl_iterate_phdr(object_visit, &search);
}
