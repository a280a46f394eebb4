/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/fresh.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/sys.h"
#include "tree/layout.h"
#include "tree/place.h"
#include "tree/text.h"
#include "tree/tree.h"

enum { FRESH_MS = 2000 };

#define COUNTER TREE_STORE TDX_SYSFS_PATH "/measurements/extends"

uint64_t fresh_extends(const struct tree *tree)
{
	struct stat st;

	return sys_fstatat(tree->state_fd, COUNTER, &st, AT_SYMLINK_NOFOLLOW) == 0
		       ? (uint64_t)st.st_size
		       : 0;
}

int fresh_counter_open(const struct tree *tree)
{
	int fd = sys_openat(tree->state_fd, COUNTER, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			    0600);

	if (fd < 0)
		return layout_failed(COUNTER, fd);
	/* the umask may have taken the owner's bits */
	sys_fchmod(fd, 0600);
	return fd;
}

int fresh_advance(int counter)
{
	struct stat st;
	int err = sys_fstat(counter, &st);

	if (err == 0)
		err = (int)sys_call(SYS_ftruncate, counter, st.st_size + 1, 0, 0, 0, 0);
	return err < 0 ? layout_failed(COUNTER, err) : 0;
}

/* A run of digits and what ends it; false where that is something else. */
static bool number_read(const char **text, char end, uint64_t *number)
{
	const char *at = *text;

	for (*number = 0; *at >= '0' && *at <= '9' && *number < UINT64_MAX / 100; at++)
		*number = *number * 10 + (uint64_t)(*at - '0');
	if (at == *text || *at != end)
		return false;
	*text = at + 1;
	return true;
}

struct search {
	const char *base;
	uint64_t extends;
	int64_t now;
	char *found;
};

static int fresh_visit(int dir, const char *name, void *arg)
{
	struct search *search = arg;
	const char *dot = strchr(name, '.');
	const char *at = dot ? dot + 1 : "";
	const size_t base_len = strlen(search->base);
	uint64_t extends;
	uint64_t ms;
	int64_t age;

	if (!number_read(&at, '.', &extends) || !number_read(&at, '\0', &ms))
		return 0;
	age = search->now - (int64_t)ms;
	if (extends != search->extends || age < 0 || age > FRESH_MS)
		sys_unlinkat(dir, name, 0);
	else if ((size_t)(dot - name) == base_len && memcmp(name, search->base, base_len) == 0 &&
		 strlen(name) < FRESH_NAME_SIZE)
		memcpy(search->found, name, strlen(name) + 1);
	return 0;
}

int fresh_find(const struct tree *tree, int folder, const char *base,
	       char name[static FRESH_NAME_SIZE])
{
	struct search search = {
		.base = base,
		.extends = fresh_extends(tree),
		.now = clock_now_ms(),
		.found = name,
	};
	int err;

	name[0] = '\0';
	err = dir_each(folder, fresh_visit, &search);
	return err < 0 ? err : name[0] ? 0 : -ENOENT;
}

int fresh_write(int folder, const char *base, uint64_t extends, const void *data, size_t len)
{
	char name[FRESH_NAME_SIZE];

	snprintf(name, sizeof(name), "%s.%llu.%lld", base, (unsigned long long)extends,
		 (long long)clock_now_ms());
	return snapshot_write(folder, name, data, len);
}
