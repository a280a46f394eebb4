/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the wrap_*.c files share.  Each defines a template WRAP_KIND(name) per kind of its family and
 * then includes symbols.def, which makes one wrapper of each row.
 */
#ifndef TEESHIM_INTERPOSE_WRAP_H
#define TEESHIM_INTERPOSE_WRAP_H

#include "interpose/next.h"

#define EXPORT      __attribute__((visibility("default")))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define SYMBOL(name, kind, version, when, ...) WRAP_##kind(name)

#endif
