/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the wrap_*.c files share.  Each defines a template WRAP_KIND(name) per kind of its family and
 * then includes symbols.def, which makes one wrapper of each row.
 */
#ifndef TEESHIM_INTERPOSE_WRAP_H
#define TEESHIM_INTERPOSE_WRAP_H

#include <stdbool.h>

#include "interpose/next.h"

/* Deprecated functions are still called, by programs of their time. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define EXPORT      __attribute__((visibility("default")))
#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/*
 * ASK(path, call) - ask the kernel, unless names of ours are to be taken first; then the call counts
 * as refused.  ASK_AT is the same for a name in the folder dirfd, ASK_PTR for calls that return a
 * pointer.
 */
#define TAKEN(dirfd, path)        (UNLIKELY(front_agent_first) && front_claims(dirfd, path))
#define ASK_AT(dirfd, path, call) (TAKEN(dirfd, path) ? -1 : (call))
#define ASK(path, call)           ASK_AT(AT_FDCWD, path, call)
#define ASK_PTR(path, call)       (TAKEN(AT_FDCWD, path) ? NULL : (call))

#define SYMBOL(name, kind, version, when, ...) WRAP_##kind(name)

#endif
