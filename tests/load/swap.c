/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap ONE OTHER MILLISECONDS: exchange two names in a tight loop, for that long; an even number of
 * times, so that both are at their places in the end.
 */
#include "load.h"

int main(int argc, char **argv)
{
	const int64_t end_us = now_us() + 1000 * number_of(argc > 3 ? argv[3] : NULL);
	unsigned long times = 0;

	while (times % 2 || now_us() < end_us) {
		if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0)
			die_errno("renameat2");
		times++;
		/* long enough for others to finish a call or two, in some rounds */
		sleep_us((long)(times * 7919 % 16) * 50);
	}
	printf("%lu\n", times);
	return 0;
}
