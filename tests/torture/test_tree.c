/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree's whole flow (mkdir, inblob, generation, outblob, the event log, an extend, rmdir) from
 * nothing, with each allocation and each of its own system calls failing in turn.  The step that meets the
 * failure gives one of the errnos of the contract, the same step at once again succeeds, and so do the
 * rest and a second flow; the state folder then looks as if nothing had happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/stub_agent.h"
#include "torture/agents.h"
#include "torture/fail.h"
#include "torture/world.h"
#include "tree/descriptor.h"
#include "tree/place.h"
#include "tree/rtmr.h"
#include "tree/tree.h"
#include "tree/writer.h"

#define ENTRY "/sys/kernel/config/tsm/report/torture"

enum { POINTS_MAX = 4000, REPORT_DATA_AT = 568, QUOTE_LEN = 640 };

static struct stub_agent stub;
static char *state_listed; /* when all is well and nobody has an entry */

/* One call of a program.  Return: 0; -errno; TREE_PASS. */
typedef int step(void);

static struct node node_of(const char *attribute)
{
	struct node node;
	char path[128];

	snprintf(path, sizeof(path), ENTRY "%s%s", *attribute ? "/" : "", attribute);
	node_from_path(&node, NULL, path);
	return node;
}

static void report_data_of(uint8_t data[static REPORT_DATA_SIZE])
{
	memset(data, 0x3c, REPORT_DATA_SIZE);
}

static int step_mkdir(void)
{
	const struct node node = node_of("");

	return tree_mkdir(&node);
}

/* An open, a lock as libtdx_attest takes it, a write, a close; whoever looks next commits. */
static int inblob_write(void)
{
	const struct node node = node_of("inblob");
	uint8_t data[REPORT_DATA_SIZE];
	int fd = tree_open(&world_program, &node, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return fd;
	err = descriptor_flock(&node, fd, LOCK_EX);
	if (err == 0)
		err = descriptor_write_check(fd, -1, sizeof(data));
	report_data_of(data);
	if (err == 0)
		assert_int_equal(write(fd, data, sizeof(data)), sizeof(data));
	close(fd);
	return err;
}

/* The same in a process that knows of the close. */
static int step_inblob(void)
{
	const struct node node = node_of("inblob");
	int err = inblob_write();

	if (err == 0)
		descriptor_closed(&node);
	return err;
}

static int read_all(const char *attribute, uint8_t *data, size_t size)
{
	const struct node node = node_of(attribute);
	int fd = tree_open(&world_program, &node, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return fd;
	got = read(fd, data, size);
	close(fd);
	return got < 0 ? -errno : (int)got;
}

static int text_check(const char *attribute, const char *wanted)
{
	uint8_t text[64];
	int len = read_all(attribute, text, sizeof(text));

	if (len < 0)
		return len;
	return (size_t)len == strlen(wanted) && memcmp(text, wanted, (size_t)len) == 0 ? 0
										       : -EBADMSG;
}

static int step_generation_first(void)
{
	return text_check("generation", "1\n");
}

static int step_generation_second(void)
{
	return text_check("generation", "2\n");
}

static int step_provider(void)
{
	return text_check("provider", "tdx_guest\n");
}

static int step_outblob(void)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t quote[4096];
	int len = read_all("outblob", quote, sizeof(quote));

	if (len < 0)
		return len;
	report_data_of(data);
	return len == QUOTE_LEN && memcmp(quote + REPORT_DATA_AT, data, sizeof(data)) == 0
		       ? 0
		       : -EBADMSG;
}

static int file_check(const char *path, size_t size)
{
	static uint8_t data[1 << 17];
	struct node node;
	ssize_t got;
	int fd;

	node_from_path(&node, NULL, path);
	fd = tree_open(&world_program, &node, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	got = read(fd, data, sizeof(data));
	close(fd);
	return got == (ssize_t)size ? 0 : -EBADMSG;
}

static int step_ccel(void)
{
	return file_check("/sys/firmware/acpi/tables/CCEL", 56);
}

static int step_event_log(void)
{
	return file_check("/sys/firmware/acpi/tables/data/CCEL", 65536);
}

static int step_stat(void)
{
	const struct node node = node_of("outblob");
	struct stat st = {0};
	int err = tree_stat(&node, &st);

	if (err == 0)
		assert_int_equal(st.st_mode, S_IFREG | 0444);
	return err;
}

static int step_extend(void)
{
	const uint8_t digest[RTMR_DIGEST_SIZE] = {1};
	struct node node;
	ssize_t len;
	int fd;

	node_from_path(&node, NULL, RTMR3_PATH);
	fd = tree_open(&world_program, &node, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	len = writer_write(&world_program, fd, (uint64_t)digest, sizeof(digest), -1);
	close(fd);
	return len == RTMR_DIGEST_SIZE ? 0 : len < 0 ? (int)len : -EBADMSG;
}

static int step_rmdir(void)
{
	const struct node node = node_of("");

	return tree_rmdir(&node);
}

static const struct {
	const char *name;
	step *run;
} steps[] = {
	{"mkdir", step_mkdir},
	{"inblob", step_inblob},
	{"generation", step_generation_first},
	{"provider", step_provider},
	{"stat", step_stat},
	{"outblob", step_outblob},
	{"outblob", step_outblob},
	{"inblob", inblob_write},
	{"generation", step_generation_second},
	{"inblob", inblob_write},
	{"outblob", step_outblob},
	{"CCEL", step_ccel},
	{"the event log", step_event_log},
	{"extend", step_extend},
	{"rmdir", step_rmdir},
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void flow(void)
{
	for (size_t i = 0; i < STEPS; i++) {
		int err = steps[i].run();

		if (err != 0)
			fail_msg("%s: %d", steps[i].name, err);
	}
}

/* May a step end so, where that system call or (number 0) an allocation failed? */
static bool is_of_contract(const struct fail_result *failure, int err)
{
	switch (err) {
	case -ENOMEM:
		return failure->error == ENOMEM || failure->error == ENOSPC;
	case -EMFILE:
	case -ENFILE:
		return err == -failure->error;
	case -EIO: /* what no other errno is for; a full file system has one */
		return failure->error != ENOSPC;
	case -EACCES:   /* no state folder */
	case TREE_PASS: /* no agent's socket or no platform was to be seen, so nothing is there */
		return true;
	case -ENOLCK: /* flock(2) */
		return failure->number == SYS_fcntl;
	case -ENOENT: /* what cannot be looked at is not there */
		return failure->number == SYS_newfstatat || failure->number == SYS_fstat;
	default:
		return false;
	}
}

static unsigned violations;

/* Say what went wrong at this point; the next one starts from nothing. */
static void violation(const char *step_name, int err, int again)
{
	const struct fail_result failure = fail_met();

	print_error("system call %ld failed with errno %d: %s gave %d, and then %d\n",
		    failure.number, failure.error, step_name, err, again);
	violations++;
}

/* The flow with a failure in it: the step that it meets is repeated, once.  Return: all is well. */
static bool flow_with_failure(void)
{
	bool repeated = false;

	for (size_t i = 0; i < STEPS; i++) {
		int err = steps[i].run();
		struct fail_result failure;
		int again;

		if (err == 0)
			continue;
		failure = fail_met();
		again = steps[i].run();
		if (again != 0 || !failure.failed || repeated || !is_of_contract(&failure, err)) {
			violation(steps[i].name, err, again);
			return false;
		}
		repeated = true;
	}
	return true;
}

/* What the state folder holds now must be what it held when all was well. */
static void state_check(const char *what)
{
	char *list = world_state_list();

	if (strcmp(list, state_listed) != 0) {
		print_error("%s: left in the state folder:\n%s", what, list);
		violations++;
	}
	free(list);
}

/* Return: how many points there were. */
static unsigned torture(enum fail_kind kind, unsigned variant)
{
	struct fail_result failure;
	char what[128];

	for (unsigned nth = 1; nth < POINTS_MAX; nth++) {
		bool well;

		world_state_remove();
		fail_arm(kind, nth, variant);
		well = flow_with_failure();
		failure = fail_disarm();
		snprintf(what, sizeof(what), "point %u, system call %ld, errno %d", nth,
			 failure.number, failure.error);
		world_check(what);
		if (!well)
			continue;
		flow();
		state_check(what);
		world_check(what);
		if (kind == FAIL_ALLOCATION)
			world_leak_check(what);
		if (!failure.failed)
			return nth - 1;
	}
	fail_msg("no end after %u points", POINTS_MAX);
	return 0;
}

static void test_allocations(void **state)
{
	unsigned points = torture(FAIL_ALLOCATION, 0);

	(void)state;
	print_message("%u allocations failed in turn\n", points);
	assert_true(points >= 60);
	assert_int_equal(violations, 0);
}

static void test_system_calls(void **state)
{
	static const unsigned least[FAIL_VARIANTS] = {200, 100, 50, 20};

	(void)state;
	for (unsigned variant = 0; variant < FAIL_VARIANTS; variant++) {
		unsigned points = torture(FAIL_SYS_CALL, variant);

		print_message("%u system calls failed in turn\n", points);
		assert_true(points >= least[variant]);
	}
	assert_int_equal(violations, 0);
}

static int group_start(void **state)
{
	(void)state;
	world_start();
	stub_start(&stub, "dstack.sock", agent_msgpack);
	setenv("TEESHIM_SOCKET", stub.agent.path, 1);
	setenv("TEESHIM_RTMR", "event", 1);
	flow();
	state_listed = world_state_list();
	world_note();
	return 0;
}

static int group_end(void **state)
{
	(void)state;
	free(state_listed);
	stub_stop(&stub);
	stub_remove(&stub);
	world_end();
	world_leak_check("all of it");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allocations),
		cmocka_unit_test(test_system_calls),
	};

	return cmocka_run_group_tests_name("torture: the tree", tests, group_start, group_end);
}
