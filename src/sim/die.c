/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's only way out on an error that no HTTP answer can carry. */
#include "sim/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("teeshim-sim: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}
