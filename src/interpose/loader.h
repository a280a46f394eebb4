/* SPDX-License-Identifier: Apache-2.0 */
/* dlsym(RTLD_NEXT) on every C library, without a library of our own to load for it. */
#ifndef TEESHIM_INTERPOSE_LOADER_H
#define TEESHIM_INTERPOSE_LOADER_H

#include <stdbool.h>

/*
 * loader_next() - the next definition of a symbol behind this library.
 * @version: wanted symbol version; "" for the default.  Where the C library has no versions (musl),
 *           or not this one, the default is taken.
 * Return: its address, or NULL.  Not async-signal-safe (takes the loader's lock), may set errno.
 */
void *loader_next(const char *name, const char *version);

/* loader_is_glibc() - is the C library glibc?  Told by dlvsym(), which musl lacks. */
bool loader_is_glibc(void);

#endif
