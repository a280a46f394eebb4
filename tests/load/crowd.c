/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd COUNT: that many processes, none of which has met the tree, look at it in the same instant.
 * All must find it.
 */
#include "load.h"

#include <sys/wait.h>

int main(int argc, char **argv)
{
	long count = number_of(argc > 1 ? argv[1] : NULL);
	int gate[2];
	int ready[2];
	long failed = 0;
	int status;
	char byte;

	if (pipe2(gate, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		die_errno("pipe");
	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die_errno("fork");
		if (pid == 0) {
			struct stat st;

			close(gate[1]);
			/* the last writer of the gate opens it for all at once */
			if (write(ready[1], "", 1) != 1 || read(gate[0], &byte, 1) != 0)
				_exit(3);
			_exit(stat(REPORT_DIR, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : 1);
		}
	}
	for (long i = 0; i < count; i++)
		if (read(ready[0], &byte, 1) != 1)
			die_errno("pipe");
	close(gate[1]);
	while (wait(&status) > 0)
		failed += status != 0;
	if (failed)
		die("%ld of %ld processes do not see the tree", failed, count);
	return 0;
}
