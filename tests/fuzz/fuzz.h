/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share.  Each target is one file with libFuzzer's one entry point, linked with
 * the library's own objects; what must hold for every input is said with fuzz_check().
 */
#ifndef TEESHIM_TESTS_FUZZ_H
#define TEESHIM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* One input; the return value is always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz_check() - end the process, with the place, where something does not hold; libFuzzer keeps the input. */
#define fuzz_check(what)                                                                           \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what);  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
