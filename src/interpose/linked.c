/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other half of the build's renaming: in libcurl and jansson, which are linked in, calls to the
 * functions that we interpose become teeshim_next_NAME, so that they never come back to us.  Those
 * they use are here; the link fails for one that is missing.
 */
#include <fcntl.h>
#include <unistd.h>

#include "interpose/next.h"

int teeshim_next_close(int fd);
int teeshim_next_close(int fd)
{
	return NEXT(close)(fd);
}

int teeshim_next_fcntl(int fd, int cmd, void *arg);
int teeshim_next_fcntl(int fd, int cmd, void *arg)
{
	return NEXT(fcntl)(fd, cmd, arg);
}
