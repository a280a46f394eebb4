/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of the state folder in texts of the kernel: mend_path() on any bytes, which need not be
 * terminated.  The result is a part of the text, never longer.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "tree/mend.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* memory of exactly the text's size, for the sanitizer to guard its end */
	char *text = malloc(size ? size : 1);
	size_t len;

	fuzz_check(text);
	if (size > 0)
		memcpy(text, data, size);
	len = mend_path(text, size);
	fuzz_check(len <= size);
	fuzz_check(len == 0 || memmem(data, size, text, len));
	fuzz_check(len == size ? size == 0 || memcmp(text, data, size) == 0 : text[0] == '/');
	free(text);
	return 0;
}
