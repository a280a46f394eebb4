/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before everything else (gcc -include) in all that goes into libteeshim.so. From glibc
 * 2.38 on, headers send strtol() and sscanf() to __isoc23_*, names that older glibc and musl lack.
 * The switch is set by features.h whenever _GNU_SOURCE is, so it has to be taken back right after.
 */
#ifndef TEESHIM_GLIBC_FLOOR_H
#define TEESHIM_GLIBC_FLOOR_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <features.h>

/* glibc 2.38 to 2.40 spell it C2X, later ones C23. */
#undef __GLIBC_USE_C2X_STRTOL
#define __GLIBC_USE_C2X_STRTOL 0
#undef __GLIBC_USE_C23_STRTOL
#define __GLIBC_USE_C23_STRTOL 0

#endif
