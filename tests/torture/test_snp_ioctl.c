/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ioctls of /dev/sev-guest from nothing, with certificates of the user's, with each allocation and each
 * of the library's own system calls failing in turn.  A call that fails says ENOMEM or EIO, 0xff in
 * exitinfo2, and has written nothing else; the same call at once again succeeds.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/stub_agent.h"
#include "torture/agents.h"
#include "torture/fail.h"
#include "torture/world.h"
#include "tree/snp_ioctl.h"

enum {
	POINTS_MAX = 4000,
	REPORT_REQUEST = 96,
	CERTS_ADDRESS = 96 / 8, /* of 64-bit integers */
	CERTS_LEN = 104 / 8,
	RESPONSE = 4000,
	PAGE = 4096,
	REPORT_DATA_AT = 0x70,
	UNTOUCHED = 0xa5,
};

static struct stub_agent stub;
static char certs_path[64];

/* version, request, response, exitinfo2 */
static uint64_t argument[4];
static uint64_t request[14];
static uint8_t response[RESPONSE];
static uint8_t certs[PAGE];

static int call(uint32_t cmd)
{
	argument[0] = 1;
	argument[1] = (uintptr_t)request;
	argument[2] = (uintptr_t)response;
	argument[3] = 7;
	memset(response, UNTOUCHED, sizeof(response));
	memset(certs, UNTOUCHED, sizeof(certs));
	return snp_ioctl(&world_program, cmd, (uintptr_t)argument);
}

static void request_make(bool room)
{
	memset(request, 0, sizeof(request));
	memset(request, 0x3c, 64);
	if (room) {
		request[CERTS_ADDRESS] = (uintptr_t)certs;
		request[CERTS_LEN] = sizeof(certs);
	}
}

/* One call of a program.  Return: 0; -errno, and everything as it was. */
typedef int step(void);

static int outcome(int err, size_t len)
{
	if (err < 0) {
		assert_int_equal(argument[3], 0xff);
		for (size_t i = 0; i < sizeof(response); i++)
			assert_int_equal(response[i], UNTOUCHED);
		return err;
	}
	assert_int_equal(argument[3], 7);
	assert_int_equal(response[0], 0);
	assert_int_not_equal(response[len - 1], UNTOUCHED);
	if (len == RESPONSE)
		assert_memory_equal(response + REPORT_DATA_AT, request, 64);
	return 0;
}

/* Where the user's certificates cannot be read, the report is there without them. */
static int step_probe(void)
{
	int err;

	request_make(false);
	err = call(SNP_GET_EXT_REPORT);
	if (err == -EIO && argument[3] == 1ULL << 32) {
		assert_int_equal(request[CERTS_LEN], PAGE);
		return 0;
	}
	return outcome(err, RESPONSE);
}

static int step_ext_report(void)
{
	request_make(true);
	return outcome(call(SNP_GET_EXT_REPORT), RESPONSE);
}

static int step_report(void)
{
	request_make(false);
	return outcome(call(SNP_GET_REPORT), RESPONSE);
}

static int step_key(void)
{
	memset(request, 0, sizeof(request));
	request[1] = 8;
	return outcome(call(SNP_GET_DERIVED_KEY), 64);
}

static const struct {
	const char *name;
	step *run;
} steps[] = {
	{"probe", step_probe},
	{"extended report", step_ext_report},
	{"report", step_report},
	{"key", step_key},
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static bool is_of_contract(const struct fail_result *failure, int err)
{
	if (err == -ENOMEM)
		return failure->error == ENOMEM || failure->error == ENOSPC;
	return err == -EIO;
}

static void flow_with_failure(const char *what)
{
	for (size_t i = 0; i < STEPS; i++) {
		int err = steps[i].run();
		struct fail_result failure;

		if (err == 0)
			continue;
		failure = fail_met();
		if (!failure.failed || !is_of_contract(&failure, err))
			fail_msg("%s: %s gave %d after system call %ld, errno %d", what,
				 steps[i].name, err, failure.number, failure.error);
		err = steps[i].run();
		if (err != 0)
			fail_msg("%s: %s again gave %d", what, steps[i].name, err);
	}
}

/* Return: how many points there were. */
static unsigned torture(enum fail_kind kind, unsigned variant)
{
	char what[64];

	for (unsigned nth = 1; nth < POINTS_MAX; nth++) {
		world_state_remove();
		snprintf(what, sizeof(what), "point %u", nth);
		fail_arm(kind, nth, variant);
		flow_with_failure(what);
		if (!fail_disarm().failed)
			return nth - 1;
		world_check(what);
		if (kind == FAIL_ALLOCATION)
			world_leak_check(what);
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
}

static void test_system_calls(void **state)
{
	static const unsigned least[FAIL_VARIANTS] = {100, 50, 20, 5};

	(void)state;
	for (unsigned variant = 0; variant < FAIL_VARIANTS; variant++) {
		unsigned points = torture(FAIL_SYS_CALL, variant);

		print_message("%u system calls failed in turn\n", points);
		assert_true(points >= least[variant]);
	}
}

/* A host's table of one entry, which is the cloud's own: 4 bytes. */
static void certs_make(void)
{
	uint8_t table[52] = {0xec, [16] = 48, [20] = 4, [48] = 1, 2, 3, 4};
	FILE *file;

	snprintf(certs_path, sizeof(certs_path), "%s/certs", stub.folder);
	file = fopen(certs_path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(table, 1, sizeof(table), file), sizeof(table));
	assert_int_equal(fclose(file), 0);
	setenv("TEESHIM_SNP_CERTS", certs_path, 1);
}

static int group_start(void **state)
{
	(void)state;
	world_start();
	stub_start(&stub, "dstack.sock", agent_snp);
	setenv("TEESHIM_SOCKET", stub.agent.path, 1);
	setenv("TEESHIM_TEE", "sev-snp", 1);
	setenv("TEESHIM_SNP_DERIVED_KEY", "on", 1);
	certs_make();
	for (size_t i = 0; i < STEPS; i++)
		assert_int_equal(steps[i].run(), 0);
	assert_int_equal(step_probe(), 0);
	/* they are read, and a probe says how much room they need */
	assert_int_equal(argument[3], 1ULL << 32);
	world_note();
	return 0;
}

static int group_end(void **state)
{
	(void)state;
	unlink(certs_path);
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

	return cmocka_run_group_tests_name("torture: /dev/sev-guest", tests, group_start,
					   group_end);
}
