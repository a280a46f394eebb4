/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/registers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/log.h"
#include "base/sys.h"
#include "translate/tdx_quote.h"
#include "tree/entry.h"
#include "tree/layout.h"
#include "tree/place.h"
#include "tree/text.h"
#include "tree/tree.h"

enum { FRESH_MS = 2000, NAME_SIZE = 48, REGISTERS = 8 };

/* The name of a register's file, and where its value stands in a quote. */
struct reg {
	const char *name;
	const uint8_t *value;
};

static void registers_of(struct reg regs[static REGISTERS], const struct tdx_quote *quote)
{
	const struct reg all[REGISTERS] = {
		{"mrtd:sha384", quote->mrtd},     {"mrconfigid", quote->mrconfigid},
		{"mrowner", quote->mrowner},      {"mrownerconfig", quote->mrownerconfig},
		{"rtmr0:sha384", quote->rtmr[0]}, {"rtmr1:sha384", quote->rtmr[1]},
		{"rtmr2:sha384", quote->rtmr[2]}, {"rtmr3:sha384", quote->rtmr[3]},
	};

	memcpy(regs, all, sizeof(all));
}

/* The file that holds a register's value of a sweep: NAME.STAMP, the time of its quote. */
struct search {
	const char *name;
	int64_t now;
	char found[NAME_SIZE];
};

static int file_visit(int dir, const char *name, void *arg)
{
	struct search *search = arg;
	const char *dot = strchr(name, '.');
	int64_t stamp = 0;

	if (!dot)
		return 0;
	for (const char *at = dot + 1; *at >= '0' && *at <= '9' && stamp < INT64_MAX / 100; at++)
		stamp = stamp * 10 + (*at - '0');
	if (stamp > search->now || search->now - stamp > FRESH_MS) {
		sys_unlinkat(dir, name, 0);
		return 0;
	}
	if ((size_t)(dot - name) == strlen(search->name) &&
	    memcmp(name, search->name, strlen(search->name)) == 0 && strlen(name) < NAME_SIZE)
		memcpy(search->found, name, strlen(name) + 1);
	return 0;
}

/* With the folder locked: what a sweep brought, taken once; -ENOENT where there is nothing fresh. */
static int stored_take(int folder, const char *name, int flags)
{
	struct search search = {.name = name, .now = clock_now_ms()};
	int fd;
	int err = dir_each(folder, file_visit, &search);

	if (err < 0)
		return err;
	if (!search.found[0])
		return -ENOENT;
	fd = snapshot_open(folder, search.found, flags);
	if (fd >= 0)
		sys_unlinkat(folder, search.found, 0);
	return fd;
}

static int drop_visit(int dir, const char *name, void *arg)
{
	(void)arg;
	if (strchr(name, '.'))
		sys_unlinkat(dir, name, 0);
	return 0;
}

/* Put a sweep in the place of the one before, of which no register may be read any more. */
static int sweep_store(int folder, const struct buf *bytes)
{
	struct reg regs[REGISTERS];
	struct tdx_quote quote;
	char name[NAME_SIZE];
	int err = tdx_quote_parse(&quote, bytes->data, bytes->len);

	if (err < 0)
		return -EIO;
	registers_of(regs, &quote);
	err = dir_each(folder, drop_visit, NULL);
	for (size_t i = 0; err == 0 && i < REGISTERS; i++) {
		snprintf(name, sizeof(name), "%s.%lld", regs[i].name, (long long)clock_now_ms());
		err = snapshot_write(folder, name, regs[i].value, TDX_MEASUREMENT_SIZE);
	}
	return err;
}

/* A quote over zero report data brings every register. */
static int sweep_ask(const struct tree *tree, struct entry *folder)
{
	static const uint8_t zeros[REPORT_DATA_SIZE];
	struct agent_quote answer = {0};
	int err = agent_get_quote(&tree->agent, zeros, tree->deadline_ms, &answer);

	if (err == 0)
		err = entry_lock(tree, folder);
	if (err == 0) {
		err = sweep_store(folder->store, &answer.quote);
		entry_unlock(folder);
	}
	agent_quote_free(&answer);
	return err;
}

static int register_take(const struct tree *tree, struct entry *folder, const char *name, int flags)
{
	int fd = entry_lock(tree, folder);

	if (fd < 0)
		return fd;
	fd = stored_take(folder->store, name, flags);
	entry_unlock(folder);
	return fd;
}

int register_open(const struct tree *tree, const struct place *place, int flags)
{
	const char *name = strrchr(place->path, '/') + 1;
	struct entry folder;
	struct lock ask;
	bool held;
	int fd;

	if ((flags & O_ACCMODE) != O_RDONLY) {
		log_error(
			"%s: not opened for writing: the agent extends no register by a raw digest",
			place->path);
		return -ENXIO;
	}
	fd = place_folder_open(tree, place, &folder);
	if (fd < 0)
		return fd;
	fd = register_take(tree, &folder, name, flags);
	if (fd == -ENOENT) {
		held = lock_take(&ask, folder.store, "ask", tree->deadline_ms, LOCK_LONG) == 0;
		fd = register_take(tree, &folder, name, flags);
		if (fd == -ENOENT) {
			fd = sweep_ask(tree, &folder);
			if (fd == 0)
				fd = register_take(tree, &folder, name, flags);
		}
		if (held)
			lock_drop(&ask);
	}
	entry_close(&folder);
	return fd == -ENOENT ? -EIO : fd;
}
