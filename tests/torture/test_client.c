/* SPDX-License-Identifier: Apache-2.0 */
/* The agent client with each allocation, and each system call of its own, failing in turn. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/state_dir.h"
#include "tools/stub_agent.h"
#include "torture/agents.h"
#include "torture/fail.h"
#include "torture/world.h"
#include "translate/snp_evidence.h"

enum { DEADLINE_MS = 20000, POINTS_MAX = 4000 };

static const uint8_t report_data[REPORT_DATA_SIZE] = {0xde, 0xad, 0xbe, 0xef, [63] = 0x7f};

/* One question, whole.  Return: 0; -errno. */
typedef int question(const struct agent *agent);

static int ask_quote(const struct agent *agent)
{
	struct agent_quote quote = {0};
	int err = agent_get_quote(agent, report_data, clock_now_ms() + DEADLINE_MS, &quote);

	if (err < 0) {
		assert_true(!quote.quote.data && !quote.event_log && !quote.vm_config);
		return err;
	}
	assert_int_equal(quote.quote.len, 640);
	assert_memory_equal(quote.quote.data + 568, report_data, sizeof(report_data));
	assert_true(quote.event_log && strspn(quote.event_log, "7") == strlen(quote.event_log));
	assert_string_equal(quote.vm_config, "{}");
	agent_quote_free(&quote);
	return 0;
}

static int ask_event(const struct agent *agent)
{
	return agent_emit_event(agent, "torture", report_data, sizeof(report_data),
				clock_now_ms() + DEADLINE_MS);
}

static int ask_report(const struct agent *agent)
{
	struct snp_evidence evidence = {0};
	int err = snp_evidence_get(agent, report_data, clock_now_ms() + DEADLINE_MS, &evidence);

	if (err < 0) {
		assert_true(!evidence.report.data && !evidence.certs.data);
		return err;
	}
	assert_int_equal(evidence.report.len, 1184);
	assert_memory_equal(evidence.report.data + 0x50, report_data, sizeof(report_data));
	assert_int_equal(evidence.certs.len, 0);
	buf_free(&evidence.report);
	return 0;
}

static int ask_key(const struct agent *agent)
{
	uint8_t key[AGENT_KEY_SIZE] = {0xee};
	int err =
		agent_get_key(agent, "a path", "a purpose", "", clock_now_ms() + DEADLINE_MS, key);

	assert_int_equal(key[0], err < 0 ? 0xee : 0x11);
	return err;
}

static int ask_event_log(const struct agent *agent)
{
	struct agent_event_log log = {0};
	int err = agent_get_event_log(agent, clock_now_ms() + DEADLINE_MS, &log);

	if (err < 0) {
		assert_true(!log.event && log.count == 0);
		return err;
	}
	assert_int_equal(log.count, 2);
	assert_int_equal(log.event[0].data.len, 4);
	assert_memory_equal(log.event[1].data.data, "\1\0\0\10:a:\xde\xad", 9);
	agent_event_log_free(&log);
	return 0;
}

static int ask_platform_in(const struct agent *agent, int state_fd)
{
	const enum tee untouched = (enum tee)77;
	enum tee tee = untouched;
	int err = agent_platform(agent, state_fd, clock_now_ms() + DEADLINE_MS, &tee);

	assert_int_equal(tee, err < 0 ? untouched : TEE_TDX);
	return err;
}

static int ask_platform(const struct agent *agent)
{
	return ask_platform_in(agent, -1);
}

/* With a new state folder, where the answer is to be remembered. */
static int ask_platform_state(const struct agent *agent)
{
	int fd = state_dir_open(/* make= */ true);
	int err;

	if (fd < 0)
		return fd;
	err = ask_platform_in(agent, fd);
	close(fd);
	return err;
}

static bool is_of_contract(enum fail_kind kind, int err)
{
	if (kind == FAIL_ALLOCATION)
		return err == -ENOMEM;
	return err == -ENOMEM || err == -EIO || err == -EMFILE || err == -ENFILE || err == -EACCES;
}

struct tally {
	unsigned points;
	unsigned by_eio; /* that ended in EIO */
};

static struct tally torture(const struct agent *agent, question *ask, enum fail_kind kind,
			    unsigned variant)
{
	struct fail_result failure;
	struct tally tally = {0};
	char what[128];

	for (unsigned nth = 1; nth < POINTS_MAX; nth++) {
		int err;

		world_state_remove();
		fail_arm(kind, nth, variant);
		err = ask(agent);
		failure = fail_disarm();
		snprintf(what, sizeof(what), "point %u, system call %ld, errno %d: result %d", nth,
			 failure.number, failure.error, err);
		if (err < 0 && (!failure.failed || !is_of_contract(kind, err)))
			fail_msg("%s", what);
		world_check(what);
		world_leak_check(what);
		if (!failure.failed)
			return tally;
		tally.points++;
		tally.by_eio += err == -EIO;
		err = ask(agent);
		if (err < 0)
			fail_msg("%s; and %d the next time", what, err);
		world_check(what);
	}
	fail_msg("no end after %u points", tally.points);
	return tally;
}

static void torture_all(stub_answer *how, question *ask, unsigned least)
{
	struct stub_agent stub;
	struct tally tally;

	stub_start(&stub, "dstack.sock", how);
	/* what libc keeps after its first use is no leak of ours */
	assert_int_equal(ask(&stub.agent), 0);
	world_note();
	tally = torture(&stub.agent, ask, FAIL_ALLOCATION, 0);
	assert_true(tally.points >= least);
	print_message("%u allocations", tally.points);
	for (unsigned variant = 0; variant < FAIL_VARIANTS; variant++) {
		tally = torture(&stub.agent, ask, FAIL_SYS_CALL, variant);
		print_message(", %u system calls (%u EIO)", tally.points, tally.by_eio);
	}
	print_message(" failed in turn\n");
	stub_stop(&stub);
	stub_remove(&stub);
}

static void test_quote(void **state)
{
	(void)state;
	torture_all(agent_msgpack, ask_quote, 40);
}

static void test_event(void **state)
{
	(void)state;
	torture_all(agent_msgpack, ask_event, 20);
}

static void test_report(void **state)
{
	(void)state;
	torture_all(agent_snp, ask_report, 60);
}

static void test_key(void **state)
{
	(void)state;
	torture_all(agent_msgpack, ask_key, 40);
}

static void test_event_log_info(void **state)
{
	(void)state;
	torture_all(agent_msgpack, ask_event_log, 60);
}

static void test_event_log_quote(void **state)
{
	(void)state;
	torture_all(agent_scale, ask_event_log, 90);
}

static void test_platform_msgpack(void **state)
{
	(void)state;
	torture_all(agent_msgpack, ask_platform, 40);
}

static void test_platform_scale(void **state)
{
	(void)state;
	torture_all(agent_scale, ask_platform, 60);
}

static void test_platform_remembered(void **state)
{
	(void)state;
	torture_all(agent_msgpack, ask_platform_state, 40);
}

static int group_start(void **state)
{
	(void)state;
	world_start();
	return 0;
}

static int group_end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_event_log_info),
		cmocka_unit_test(test_event_log_quote),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_platform_msgpack),
		cmocka_unit_test(test_platform_scale),
		cmocka_unit_test(test_platform_remembered),
	};

	return cmocka_run_group_tests_name("torture: the agent's client", tests, group_start,
					   group_end);
}
