/* SPDX-License-Identifier: Apache-2.0 */
/* A program that needs early.so: its constructor runs before those of all preloaded libraries. */
#include "stranger.h"

int early_count(void);

int main(void)
{
	CHECK(early_count() == 1, "the constructor ran %d times", early_count());
	ordinary_expect("in main");
	quote_expect("in main");
	return 0;
}
