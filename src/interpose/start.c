/* SPDX-License-Identifier: Apache-2.0 */
/* The constructor: binds symbols and does nothing else, for most processes never meet a TEE. */
#include <sys/auxv.h>

#include "interpose/front.h"
#include "interpose/next.h"

__attribute__((constructor)) static void front_start(void)
{
	front_is_root = getauxval(AT_EUID) == 0;
	next_bind_eager();
}
