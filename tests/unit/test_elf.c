/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the loaded objects finds what dlsym(RTLD_NEXT) finds. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Whose next symbols are looked for is the object that holds the walk: this program. */
#include "interpose/elf.c"

static const char *const names[] = {
#define FAMILY_ALL
#define SYMBOL(name, kind, version, when, fallback) #name,
#include "interpose/symbols.def"
#undef SYMBOL
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static void test_finds_what_dlsym_finds(void **state)
{
	struct elf_symbol symbols[NAMES];
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < NAMES; i++)
		symbols[i] = (struct elf_symbol){.name = names[i]};
	elf_find_next(symbols, NAMES);
	for (size_t i = 0; i < NAMES; i++) {
		if (!symbols[i].address)
			continue;
		found++;
		if (symbols[i].address != dlsym(RTLD_NEXT, names[i]))
			fail_msg("%s: another address than dlsym()'s", names[i]);
	}
	/* nearly all are in libc, none of them chosen at run time */
	assert_true(found > NAMES * 3 / 4);
}

static void test_leaves_what_is_nowhere(void **state)
{
	struct elf_symbol symbols[] = {
		{.name = "no_such_function_anywhere", .address = &symbols},
		{.name = NULL, .address = &symbols},
		{.name = "open", .address = &symbols},
	};

	(void)state;
	elf_find_next(symbols, 3);
	assert_ptr_equal(symbols[0].address, &symbols);
	assert_ptr_equal(symbols[1].address, &symbols);
	assert_ptr_not_equal(symbols[2].address, &symbols);
}

/* time() and strlen() are such in glibc: their symbol is the function that chooses. */
static void test_leaves_what_is_chosen_at_run_time(void **state)
{
	struct elf_symbol symbols[] = {{.name = "strchrnul"}, {.name = "time"}};

	(void)state;
	elf_find_next(symbols, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(!symbols[i].address ||
			    symbols[i].address == dlsym(RTLD_NEXT, i == 0 ? "strchrnul" : "time"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_what_dlsym_finds),
		cmocka_unit_test(test_leaves_what_is_nowhere),
		cmocka_unit_test(test_leaves_what_is_chosen_at_run_time),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
