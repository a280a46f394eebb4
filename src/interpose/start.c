/* SPDX-License-Identifier: Apache-2.0 */
/* The constructor: binds symbols and little else, for most processes never meet a TEE. */
#include <string.h>
#include <sys/auxv.h>

#include "base/config.h"
#include "interpose/front.h"
#include "interpose/next.h"

__attribute__((constructor)) static void front_start(void)
{
	const char *prefer = config_string("TEESHIM_PREFER");

	front_agent_first = prefer && strcmp(prefer, "agent") == 0;
	front_is_root = getauxval(AT_EUID) == 0 && !getauxval(AT_SECURE);
	next_bind_eager();
}
