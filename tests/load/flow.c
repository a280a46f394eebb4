/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow run ENTRY: the whole flow, traced by its parent from the first step on.
 * flow after ENTRY: the flow was killed: is all as the steps that it took make it, and does the next
 *	use work?
 * flow beside ENTRY: the flow is stopped: everybody else gets an answer, or EIO in time.
 * All with descriptor 3 on the flow's progress.
 */
#include "flow.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

enum { PROGRESS_FD = 3, GRACE_MS = 1000 };

static struct progress *progress;

static void step_end(int step, long ret, long expected)
{
	if (ret < 0)
		die("step %d: %s", step, strerror((int)-ret));
	if (ret != expected)
		die("step %d: %ld, expected %ld", step, ret, expected);
	progress->ended = step;
}

static void outblob_step(int step, const char *entry, uint64_t round)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	ssize_t len;

	progress->begun = step;
	len = outblob_read(entry, over);
	report_data_make(data, progress->which, round);
	if (len >= 0 && memcmp(data, over, sizeof(data)) != 0)
		die("step %d: a quote over other bytes", step);
	step_end(step, len, len);
}

static void write_step(int step, const char *entry, uint64_t round)
{
	uint8_t data[REPORT_DATA_SIZE];

	report_data_make(data, progress->which, round);
	progress->begun = step;
	step_end(step, inblob_write(entry, data), 0);
}

static void flow_run(const char *entry)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		die_errno("ptrace");
	raise(SIGSTOP);
	progress->begun = STEP_MKDIR;
	step_end(STEP_MKDIR, entry_mkdir(entry), 0);
	write_step(STEP_WRITE_FIRST, entry, 1);
	progress->begun = STEP_GENERATION_FIRST;
	step_end(STEP_GENERATION_FIRST, generation_read(entry), 1);
	outblob_step(STEP_OUTBLOB_FIRST, entry, 1);
	write_step(STEP_WRITE_SECOND, entry, 2);
	progress->begun = STEP_GENERATION_SECOND;
	step_end(STEP_GENERATION_SECOND, generation_read(entry), 2);
	outblob_step(STEP_OUTBLOB_SECOND, entry, 2);
	progress->begun = STEP_RMDIR;
	step_end(STEP_RMDIR, entry_rmdir(entry), 0);
}

/* A write and the quote over it, on an entry that stands at this generation. */
static void quote_next(const char *entry, long generation)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	ssize_t len;
	long now;
	int err;

	report_data_make(data, progress->which, 1000 + (uint64_t)generation);
	err = inblob_write(entry, data);
	if (err < 0)
		die("next use: %s/inblob: %s", entry, strerror(-err));
	now = generation_read(entry);
	if (now != generation + 1)
		die("next use: %s/generation: %ld after %ld", entry, now, generation);
	len = outblob_read(entry, over);
	if (len < 0)
		die("next use: %s/outblob: %s", entry, strerror((int)-len));
	if (memcmp(data, over, sizeof(data)) != 0)
		die("next use: %s/outblob: over other bytes", entry);
}

static void entry_make_and_remove(const char *entry)
{
	int err = entry_mkdir(entry);

	if (err < 0)
		die("next use: mkdir %s: %s", entry, strerror(-err));
	quote_next(entry, 0);
	err = entry_rmdir(entry);
	if (err < 0)
		die("next use: rmdir %s: %s", entry, strerror(-err));
}

/* The killed flow's own entry, which is there. */
static void remains_check(const char *entry)
{
	const int begun = progress->begun;
	const int ended = progress->ended;
	const long least = (ended >= STEP_WRITE_FIRST) + (ended >= STEP_WRITE_SECOND);
	const long most = (begun >= STEP_WRITE_FIRST) + (begun >= STEP_WRITE_SECOND);
	const long generation = generation_read(entry);
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	ssize_t len;
	int err;

	if (generation < least || generation > most)
		die("killed in step %d: generation is %ld, expected %ld to %ld", begun, generation,
		    least, most);
	len = outblob_read(entry, over);
	if (generation == 0 && len != -EINVAL)
		die("killed in step %d: outblob without inblob: %zd", begun, len);
	if (generation > 0 && len < 0)
		die("killed in step %d: outblob: %s", begun, strerror((int)-len));
	report_data_make(data, progress->which, (uint64_t)generation);
	if (generation > 0 && memcmp(data, over, sizeof(data)) != 0)
		die("killed in step %d: outblob of generation %ld is over other bytes", begun,
		    generation);
	quote_next(entry, generation);
	err = entry_rmdir(entry);
	if (err < 0)
		die("killed in step %d: rmdir: %s", begun, strerror(-err));
}

static void after_check(const char *entry)
{
	char other[40];
	char path[PATH_SIZE];
	struct stat st;
	bool exists;

	entry_path(path, entry, NULL);
	exists = stat(path, &st) == 0;
	if (!exists && errno != ENOENT)
		die_errno(path);
	if (exists ? progress->ended == STEP_RMDIR || progress->begun == 0
		   : progress->ended >= STEP_MKDIR && progress->begun < STEP_RMDIR)
		die("killed in step %d: the entry is %s", progress->begun,
		    exists ? "there" : "gone");
	if (exists)
		remains_check(entry);
	snprintf(other, sizeof(other), "%s-next", entry);
	entry_make_and_remove(other);
}

/* One call of somebody else, ended at now.  Return: whether it got its answer. */
static bool answer_check(const char *what, int64_t start_us, long ret)
{
	const char *limit = getenv("TEESHIM_TIMEOUT_MS");
	const int64_t took_ms = (now_us() - start_us) / 1000;

	if (took_ms > number_of(limit) + GRACE_MS)
		die("%s took %lld ms beside a flow stopped in step %d", what, (long long)took_ms,
		    progress->begun);
	/* while nobody could ask the agent which TEE it has, nothing is there */
	if (ret == -ENOENT && progress->ended < STEP_MKDIR)
		return false;
	if (ret < 0 && ret != -EIO)
		die("%s: %s beside a flow stopped in step %d", what, strerror((int)-ret),
		    progress->begun);
	return ret >= 0;
}

/* Whether it is there still is the stopped flow's business. */
static long absence_allowed(long ret)
{
	return ret == -ENOENT && progress->begun == STEP_RMDIR ? 0 : ret;
}

static void beside_check(const char *entry)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	char other[40];
	int64_t start = now_us();
	long ret = generation_read(entry);

	answer_check("generation", start, absence_allowed(ret));
	start = now_us();
	ret = outblob_read(entry, over);
	if (ret >= 0) {
		report_data_make(data, progress->which,
				 progress->begun >= STEP_WRITE_SECOND && over[8] == 2 ? 2 : 1);
		if (memcmp(data, over, sizeof(data)) != 0)
			die("outblob over other bytes beside a flow stopped in step %d",
			    progress->begun);
	}
	/* without inblob: EINVAL */
	if (ret == -EINVAL && progress->ended < STEP_WRITE_FIRST)
		ret = 0;
	answer_check("outblob", start, absence_allowed(ret));

	snprintf(other, sizeof(other), "%s-beside", entry);
	start = now_us();
	if (!answer_check("mkdir", start, entry_mkdir(other)))
		return;
	start = now_us();
	report_data_make(data, progress->which, 2000);
	if (answer_check("inblob", start, inblob_write(other, data))) {
		start = now_us();
		if (answer_check("outblob", start, outblob_read(other, over)) &&
		    memcmp(data, over, sizeof(data)) != 0)
			die("another entry's outblob is over other bytes");
	}
	start = now_us();
	answer_check("rmdir", start, entry_rmdir(other));
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";

	progress =
		mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED, PROGRESS_FD, 0);
	if (progress == MAP_FAILED)
		die_errno("descriptor 3");
	if (strcmp(mode, "run") == 0)
		flow_run(argv[2]);
	else if (strcmp(mode, "after") == 0)
		after_check(argv[2]);
	else if (strcmp(mode, "beside") == 0)
		beside_check(argv[2]);
	else
		die("run, after or beside, and an entry");
	return 0;
}
