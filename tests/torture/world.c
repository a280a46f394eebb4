/* SPDX-License-Identifier: Apache-2.0 */
#include "torture/world.h"

#include <dirent.h>
#include <fts.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sanitizer/lsan_interface.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[] = "/tmp/teeshim-torture-XXXXXX";
static char state_path[sizeof(home) + 8];
static size_t noted_descriptors;
static sigset_t noted_signals;

void world_start(void)
{
	assert_non_null(mkdtemp(home));
	snprintf(state_path, sizeof(state_path), "%s/state", home);
	setenv("TEESHIM_STATE_DIR", state_path, 1);
	setenv("TEESHIM_LOG", "error:/dev/null", 1);
	setenv("TEESHIM_TIMEOUT_MS", "20000", 1);
	unsetenv("TEESHIM_TEE");
}

void world_end(void)
{
	world_state_remove();
	assert_int_equal(rmdir(home), 0);
}

const char *world_state_path(void)
{
	return state_path;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static FTS *state_walk(void)
{
	char *const paths[] = {state_path, NULL};
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);

	assert_non_null(walk);
	return walk;
}

void world_state_remove(void)
{
	FTS *walk = state_walk();
	FTSENT *found;

	while ((found = fts_read(walk))) {
		if (found->fts_info == FTS_D)
			chmod(found->fts_path, 0700);
		else if (found->fts_info == FTS_DP)
			rmdir(found->fts_path);
		else
			unlink(found->fts_path);
	}
	fts_close(walk);
}

char *world_state_list(void)
{
	FTS *walk = state_walk();
	char *list = NULL;
	FTSENT *found;
	size_t len;
	FILE *text = open_memstream(&list, &len);

	assert_non_null(text);
	while ((found = fts_read(walk)))
		if (found->fts_info != FTS_DP)
			fprintf(text, "%s\n", found->fts_path + strlen(state_path));
	fts_close(walk);
	fclose(text);
	return list;
}

static size_t descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

void world_note(void)
{
	noted_descriptors = descriptors();
	sigprocmask(SIG_SETMASK, NULL, &noted_signals);
}

void world_check(const char *what)
{
	const size_t now = descriptors();
	sigset_t signals;

	if (now != noted_descriptors)
		fail_msg("%s: %zu descriptors instead of %zu", what, now, noted_descriptors);
	sigprocmask(SIG_SETMASK, NULL, &signals);
	for (int i = 1; i < SIGRTMAX; i++)
		if (sigismember(&signals, i) != sigismember(&noted_signals, i))
			fail_msg("%s: signal %d is blocked or no longer is", what, i);
}

void world_leak_check(const char *what)
{
	if (__lsan_do_recoverable_leak_check())
		fail_msg("%s: memory leaks", what);
}

static void program_identity(const struct caller *caller, int *pid, uint64_t *start)
{
	(void)caller;
	*pid = 1;
	*start = 1;
}

static int program_read(const struct caller *caller, void *to, uint64_t from, size_t len)
{
	(void)caller;
	memcpy(to, (const void *)from, len);
	return 0;
}

static int program_write(const struct caller *caller, uint64_t to, const void *from, size_t len)
{
	(void)caller;
	memcpy((void *)to, from, len);
	return 0;
}

const struct caller world_program = {
	.identity = program_identity,
	.read_memory = program_read,
	.write_memory = program_write,
};
