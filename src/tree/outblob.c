/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/outblob.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sys.h"
#include "translate/tsm_provider.h"
#include "tree/inblob.h"
#include "tree/layout.h"
#include "tree/spare.h"
#include "tree/text.h"

enum { NAME_SIZE = 32 };

/* One look at an entry: what it stands at, and the inblob to ask over. */
struct question {
	bool aux; /* auxblob is wanted */
	struct generation generation;
	uint8_t inblob[TSM_INBLOB_MAX];
	int len;
	/* of the answer in the store; outblob is written last, so where it is, both are */
	char outblob[NAME_SIZE];
	char auxblob[NAME_SIZE];
};

/*
 * A descriptor that behaves as an outblob without inblob: read() fails with EINVAL, lseek() with
 * ESPIPE, poll() says ready, epoll refuses.  A namespace file is the one object of the kernel that
 * does all that, and it survives exec.
 */
static int unreadable_open(int flags)
{
	return sys_openat(AT_FDCWD, "/proc/self/ns/uts",
			  O_RDONLY | (flags & (O_CLOEXEC | O_NONBLOCK)), 0);
}

static int answer_open(const struct entry *entry, int flags, const struct question *q)
{
	struct stat st;
	int err;

	if (!q->aux)
		return snapshot_open(entry->store, q->outblob, flags);
	err = sys_fstatat(entry->store, q->outblob, &st, AT_SYMLINK_NOFOLLOW);
	return err < 0 ? layout_failed(q->outblob, err)
		       : snapshot_open(entry->store, q->auxblob, flags);
}

/*
 * Return: a descriptor of the answer that is there; -EINVAL where there is nothing to ask over;
 * -EAGAIN where the agent must be asked, with the question filled in; other -errno.
 */
static int answer_look(const struct tree *tree, struct entry *entry, int flags, struct question *q)
{
	int ret = entry_lock(tree, entry);

	if (ret < 0)
		return ret;
	ret = settle(entry, &q->generation);
	if (ret == 0 && q->generation.inblob == 0)
		ret = -EINVAL;
	if (ret == 0) {
		snprintf(q->outblob, sizeof(q->outblob), "outblob.%llu",
			 (unsigned long long)q->generation.number);
		snprintf(q->auxblob, sizeof(q->auxblob), "auxblob.%llu",
			 (unsigned long long)q->generation.number);
		ret = answer_open(entry, flags, q);
	}
	if (ret == -ENOENT) {
		q->len = inblob_read(entry, &q->generation, q->inblob, sizeof(q->inblob));
		ret = q->len < 0 ? q->len : -EAGAIN;
		/* an inblob longer than it may be: no provider takes it */
		if (q->generation.len > TSM_INBLOB_MAX)
			ret = -EINVAL;
	}
	entry_unlock(entry);
	return ret;
}

static int answer_write(const struct tree *tree, const struct entry *entry,
			const struct question *q, const struct tsm_report *report)
{
	int err = 0;

	if (tree->tee == TEE_SEV_SNP)
		err = snapshot_write(entry->store, q->auxblob, report->auxblob.data,
				     report->auxblob.len);
	return err < 0 ? err
		       : snapshot_write(entry->store, q->outblob, report->outblob.data,
					report->outblob.len);
}

/* Keep the answer; where a later inblob came meanwhile it is this descriptor's alone. */
static int answer_keep(const struct tree *tree, struct entry *entry, int flags,
		       const struct question *q, const struct tsm_report *report)
{
	struct generation now;
	int ret = entry_lock(tree, entry);

	if (ret < 0)
		return ret;
	ret = settle(entry, &now);
	if (ret == 0)
		ret = answer_write(tree, entry, q, report);
	if (ret == 0)
		ret = answer_open(entry, flags, q);
	if (ret >= 0 && now.number != q->generation.number) {
		sys_unlinkat(entry->store, q->outblob, 0);
		sys_unlinkat(entry->store, q->auxblob, 0);
	}
	entry_unlock(entry);
	return ret;
}

/* The quote that the caller's GET_REPORT0 was made of, or a new one. */
static int report_make(const struct tree *tree, const struct question *q, struct tsm_report *report)
{
	if (tree->tee == TEE_TDX && q->len == REPORT_DATA_SIZE &&
	    spare_take(tree, tree->caller, q->inblob, &report->outblob) == 0)
		return 0;
	return tree->provider->report(&tree->agent, q->inblob, (size_t)q->len, tree->deadline_ms,
				      report);
}

static int answer_ask(const struct tree *tree, struct entry *entry, int flags, struct question *q)
{
	const struct tsm_provider *provider = NULL;
	struct tsm_report report = {0};
	int ret;

	if (!tree->provider) {
		log_error("outblob: no agent to ask any more; mount /var/run/dstack.sock or set "
			  "TEESHIM_SOCKET");
		return -EIO;
	}
	ret = provider_stored(entry->store, &provider);
	if (ret < 0)
		return ret;
	if (provider != tree->provider) {
		log_error(
			"outblob: the entry was made on another TEE than the agent's, which is %s; "
			"make a new one",
			tree->provider->name);
		return -EIO;
	}
	ret = report_make(tree, q, &report);
	if (ret == 0)
		ret = answer_keep(tree, entry, flags, q, &report);
	buf_free(&report.outblob);
	buf_free(&report.auxblob);
	return ret;
}

static int blob_open(const struct tree *tree, struct entry *entry, bool aux, int flags)
{
	struct question question = {.aux = aux};
	struct lock ask;
	int64_t now;
	bool held;
	int ret = answer_look(tree, entry, flags, &question);

	if (ret != -EAGAIN)
		return ret == -EINVAL ? unreadable_open(flags) : ret;
	/* half of the time, so that the other half is left for a question of our own */
	now = clock_now_ms();
	ret = lock_take(&ask, entry->store, "ask", now + (tree->deadline_ms - now) / 2, LOCK_LONG);
	if (ret < 0 && ret != -ETIMEDOUT)
		return layout_failed("an entry's ask lock", ret);
	held = ret == 0;
	/* whoever had the lock before us may have got the answer, or a later inblob may be there */
	ret = answer_look(tree, entry, flags, &question);
	if (ret == -EAGAIN)
		ret = answer_ask(tree, entry, flags, &question);
	if (held)
		lock_drop(&ask);
	return ret == -EINVAL ? unreadable_open(flags) : ret;
}

int outblob_open(const struct tree *tree, struct entry *entry, int flags)
{
	return blob_open(tree, entry, false, flags);
}

int auxblob_open(const struct tree *tree, struct entry *entry, int flags)
{
	return blob_open(tree, entry, true, flags);
}
