/* SPDX-License-Identifier: Apache-2.0 */
/* A library that is loaded late, with dlopen() and into a namespace of its own with dlmopen(). */
#include "stranger.h"

int plugin_quote(void);
void plugin_ordinary(void);

/* plugin_quote() - 0 or -errno, as quote_try(). */
int plugin_quote(void)
{
	return quote_try();
}

void plugin_ordinary(void)
{
	ordinary_expect("in a plugin");
}
