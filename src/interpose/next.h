/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The next definition of each interposed symbol: usually libc's, or another preload's behind us.
 */
#ifndef TEESHIM_INTERPOSE_NEXT_H
#define TEESHIM_INTERPOSE_NEXT_H

#include <stddef.h>

enum symbol {
#define FAMILY_ALL
#define SYMBOL(name, kind, version, when, fallback) SYM_##name,
#include "interpose/symbols.def"
#undef SYMBOL
#undef FAMILY_ALL
	SYM_COUNT,
};

extern void *next_table[SYM_COUNT];

/* next_bind() - look the symbol up.  Never NULL: what is missing has a stand-in.  errno is kept. */
void *next_bind(enum symbol symbol);

/*
 * next_bind_eager() - bind what may be called in a signal handler, where dlsym() may not be.  Called
 * by the constructor; every use binds by itself too, as other constructors may run before ours.
 */
void next_bind_eager(void);

static inline __attribute__((always_inline)) void *next_symbol(enum symbol symbol)
{
	void *next = __atomic_load_n(&next_table[symbol], __ATOMIC_RELAXED);

	return __builtin_expect(next != NULL, 1) ? next : next_bind(symbol);
}

/* NEXT(open)(path, flags) - call the next open(); its prototype must be in scope. */
#define NEXT(name) ((__typeof__(&name))next_symbol(SYM_##name))

#endif
