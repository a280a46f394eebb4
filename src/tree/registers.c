/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/registers.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "base/dir.h"
#include "base/log.h"
#include "base/sys.h"
#include "translate/tdx_quote.h"
#include "tree/fresh.h"
#include "tree/layout.h"
#include "tree/place.h"
#include "tree/text.h"
#include "tree/tree.h"
#include "tree/writer.h"

enum { REGISTERS = 8 };

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

/* With the folder locked: what a sweep brought, taken once; -ENOENT where there is nothing fresh. */
static int stored_take(const struct tree *tree, int folder, const char *name, int flags)
{
	char found[FRESH_NAME_SIZE];
	int fd = fresh_find(tree, folder, name, found);

	if (fd < 0)
		return fd;
	fd = snapshot_open(folder, found, flags);
	if (fd >= 0)
		sys_unlinkat(folder, found, 0);
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
static int sweep_store(int folder, uint64_t extends, const struct buf *bytes)
{
	struct reg regs[REGISTERS];
	struct tdx_quote quote;
	int err = tdx_quote_parse(&quote, bytes->data, bytes->len);

	if (err < 0)
		return -EIO;
	registers_of(regs, &quote);
	err = dir_each(folder, drop_visit, NULL);
	for (size_t i = 0; err == 0 && i < REGISTERS; i++)
		err = fresh_write(folder, regs[i].name, extends, regs[i].value,
				  TDX_MEASUREMENT_SIZE);
	return err;
}

static int register_take(const struct tree *tree, struct entry *folder, const char *name, int flags)
{
	int fd = entry_lock(tree, folder);

	if (fd < 0)
		return fd;
	fd = stored_take(tree, folder->store, name, flags);
	entry_unlock(folder);
	return fd;
}

/* A quote over zero report data brings every register; this one is taken before others can. */
static int register_ask(const struct tree *tree, struct entry *folder, const char *name, int flags)
{
	static const uint8_t zeros[REPORT_DATA_SIZE];
	const uint64_t extends = fresh_extends(tree);
	struct agent_quote answer = {0};
	int fd = agent_get_quote(&tree->agent, zeros, tree->deadline_ms, &answer);

	if (fd == 0)
		fd = entry_lock(tree, folder);
	if (fd == 0) {
		fd = sweep_store(folder->store, extends, &answer.quote);
		if (fd == 0)
			fd = stored_take(tree, folder->store, name, flags);
		entry_unlock(folder);
	}
	agent_quote_free(&answer);
	return fd;
}

int registers_ask_lock(const struct tree *tree, const struct entry *folder, struct lock *ask)
{
	int err = lock_take(ask, folder->store, "ask", tree->deadline_ms, LOCK_LONG);

	if (err != -ETIMEDOUT)
		return err < 0 ? layout_failed("the registers' ask lock", err) : 0;
	log_error("registers: another process asks until the deadline; look at the agent, or raise "
		  "TEESHIM_TIMEOUT_MS");
	return -EIO;
}

static int register_read_open(const struct tree *tree, const struct place *place, int flags)
{
	const char *name = strrchr(place->path, '/') + 1;
	struct entry folder;
	struct lock ask;
	int fd = place_folder_open(tree, place, &folder);

	if (fd < 0)
		return fd;
	fd = register_take(tree, &folder, name, flags);
	if (fd == -ENOENT) {
		fd = registers_ask_lock(tree, &folder, &ask);
		if (fd == 0) {
			fd = register_take(tree, &folder, name, flags);
			if (fd == -ENOENT)
				fd = register_ask(tree, &folder, name, flags);
			lock_drop(&ask);
		}
	}
	entry_close(&folder);
	return fd == -ENOENT ? -EIO : fd;
}

int register_open(const struct tree *tree, const struct place *place, int flags)
{
	if ((flags & O_ACCMODE) == O_RDONLY)
		return register_read_open(tree, place, flags);
	return writer_open(place, flags);
}
