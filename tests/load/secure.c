/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secure [anyway]: what a set-user-ID program sees of the tree, one line per call.  Built with the
 * library among its needed ones, it has it loaded where LD_PRELOAD would not reach.
 */
#include "load.h"

#include <sys/auxv.h>

static void result_print(const char *what, long ret)
{
	printf("%s: %s\n", what, ret < 0 ? strerror(errno) : "success");
}

static bool library_loaded(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	bool found = false;

	if (!maps)
		die_errno("/proc/self/maps");
	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, "libteeshim") != NULL;
	fclose(maps);
	return found;
}

int main(int argc, char **argv)
{
	const bool anyway = argc > 1 && strcmp(argv[1], "anyway") == 0;
	struct stat st;

	if (!getauxval(AT_SECURE) && !anyway) {
		puts("not secure");
		return 77;
	}
	printf("library: %s\n", library_loaded() ? "loaded" : "absent");
	result_print("stat report", stat(REPORT_DIR, &st));
	result_print("mkdir entry", mkdir(REPORT_DIR "/secure", 0755));
	result_print("open provider", open(REPORT_DIR "/secure/provider", O_RDONLY | O_CLOEXEC));
	result_print("access report", access(REPORT_DIR, F_OK));
	result_print("chdir report", chdir(REPORT_DIR));
	result_print("rmdir entry", rmdir(REPORT_DIR "/secure"));
	return 0;
}
