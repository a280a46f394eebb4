/* SPDX-License-Identifier: Apache-2.0 */
/* The list of platforms that the simulator can be. */
#include "sim/platform.h"

#include <string.h>

const struct platform *platform_find(const char *name)
{
	static const struct platform *const platforms[] = {&platform_tdx, &platform_sev_snp};

	for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
		if (strcmp(platforms[i]->name, name) == 0)
			return platforms[i];
	return NULL;
}
