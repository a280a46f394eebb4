/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <stddef.h>
#include <stdlib.h>

enum { TIMEOUT_DEFAULT_MS = 60000, TIMEOUT_MAX_MS = 3600000 };

const char *config_string(const char *name)
{
	const char *value = secure_getenv(name);

	return value && *value ? value : NULL;
}

int64_t config_timeout_ms(void)
{
	const char *text = config_string("TEESHIM_TIMEOUT_MS");
	int64_t ms = 0;

	if (!text)
		return TIMEOUT_DEFAULT_MS;
	for (; *text >= '0' && *text <= '9' && ms <= TIMEOUT_MAX_MS; text++)
		ms = ms * 10 + (*text - '0');
	return *text == '\0' && ms >= 1 && ms <= TIMEOUT_MAX_MS ? ms : TIMEOUT_DEFAULT_MS;
}
