/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from the agent: good and bad answers, texts that do not go into a question, and what stays. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"

/* The agent's key is the digits "0123456789abcdef" four times, here never written as bytes. */
#define KEY_PART "0123456789abcdef"
#define KEY      KEY_PART KEY_PART KEY_PART KEY_PART

static void reply_key(int fd, const char *key)
{
	char body[512];

	snprintf(body, sizeof(body), "{\"key\":\"%s\",\"signature_chain\":[\"00\",\"00\"]}", key);
	stub_reply(fd, 200, body);
}

static void answer_good(int fd, const char *request)
{
	if (stub_asks(request, "/GetKey") &&
	    strstr(request, "{\"path\":\"a/path\",\"purpose\":\"why\",\"algorithm\":\"k256\"}"))
		reply_key(fd, KEY);
	else
		stub_reply_unknown(fd, 404);
}

static int get_key(const struct stub_agent *stub, const char *path, uint8_t *key)
{
	return agent_get_key(&stub->agent, path, "why", "k256", clock_now_ms() + 5000, key);
}

/*
 * How often 32 such bytes stand in the process's memory, freed memory included: AddressSanitizer keeps
 * it as it was for a while, and reading by /proc/self/mem does not ask it.
 */
static unsigned count_in_memory(void)
{
	static uint8_t piece[1 << 16];
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned found = 0;
	char line[512];

	assert_true(maps && memory >= 0);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t start, end;
		char mode[8];

		/*
		 * AddressSanitizer's own map of memory is terabytes of nothing.  On the stack the loader
		 * keeps what vector registers held while it looks up a function.
		 */
		if (strstr(line, "[stack]") ||
		    sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &start, &end, mode) != 3 ||
		    strncmp(mode, "rw", 2) != 0 || end - start > UINT64_C(1) << 30)
			continue;
		for (uint64_t at = start; at < end; at += sizeof(piece)) {
			size_t want = end - at < sizeof(piece) ? (size_t)(end - at) : sizeof(piece);
			ssize_t len = pread(memory, piece, want, (off_t)at);

			/* what the loop itself has read does not count */
			for (ssize_t i = 0; i + 8 <= len; i += 8)
				found += at + (size_t)i - (uintptr_t)piece >= sizeof(piece) &&
					 piece[i] == 0x01 && piece[i + 1] == 0x23 &&
					 piece[i + 2] == 0x45 && piece[i + 3] == 0x67 &&
					 piece[i + 4] == 0x89 && piece[i + 5] == 0xab &&
					 piece[i + 6] == 0xcd && piece[i + 7] == 0xef;
		}
	}
	fclose(maps);
	close(memory);
	return found;
}

static void good_key(void **state)
{
	static uint8_t key[AGENT_KEY_SIZE] __attribute__((aligned(8)));
	struct stub_agent stub;

	(void)state;
	stub_start(&stub, "dstack.sock", answer_good);
	assert_int_equal(count_in_memory(), 0);
	assert_int_equal(get_key(&stub, "a/path", key), 0);
	assert_int_equal(key[0], 0x01);
	assert_int_equal(key[31], 0xef);
	/* four parts, ours, and no other */
	assert_int_equal(count_in_memory(), 4);
	assert_string_equal(log_captured(), "");
	stub_stop(&stub);
	stub_remove(&stub);
}

static void answer_short(int fd, const char *request)
{
	(void)request;
	reply_key(fd, KEY_PART KEY_PART KEY_PART);
}

static void answer_long(int fd, const char *request)
{
	(void)request;
	reply_key(fd, KEY KEY_PART);
}

static void answer_no_hex(int fd, const char *request)
{
	(void)request;
	reply_key(fd, "xyz" KEY);
}

static void answer_none(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "{}");
}

static void answer_refusal(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 400, "{\n  \"error\": \"Unsupported algorithm\"\n}");
}

static void bad_keys(void **state)
{
	static const struct {
		stub_answer *answer;
		const char *why;
	} cases[] = {
		{answer_short, ": no readable \"key\" in the answer; "},
		{answer_long, ": no readable \"key\" in the answer; "},
		{answer_no_hex, ": no readable \"key\" in the answer; "},
		{answer_none, ": no readable \"key\" in the answer; "},
		{answer_refusal, ": HTTP 400: Unsupported algorithm; "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t key[AGENT_KEY_SIZE] = {0x77};
		struct stub_agent stub;
		const char *line;

		stub_start(&stub, "dstack.sock", cases[i].answer);
		assert_int_equal(get_key(&stub, "a/path", key), -EIO);
		assert_int_equal(key[0], 0x77);
		line = log_captured();
		assert_non_null(strstr(line, ": GetKey at /tmp/teeshim-stub-"));
		assert_non_null(strstr(line, cases[i].why));
		assert_null(strstr(line, KEY_PART));
		stub_stop(&stub);
		stub_remove(&stub);
	}
}

/* Nobody is asked, so there need not be anybody. */
static void bad_texts(void **state)
{
	static const char *const paths[] = {"a\"b", "a\\b", "a\nb", "\x7f", "\xc3\xa9"};
	struct stub_agent stub = {.agent.path = "/nonexistent/dstack.sock"};
	uint8_t key[AGENT_KEY_SIZE] = {0};
	char path[402];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(get_key(&stub, paths[i], key), -EINVAL);
	memset(path, 'p', 401);
	path[401] = '\0';
	assert_int_equal(get_key(&stub, path, key), -EINVAL);
	assert_string_equal(log_captured(), "");
	path[400] = '\0';
	assert_int_equal(get_key(&stub, path, key), -EIO);
	assert_non_null(log_captured());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_key),
		cmocka_unit_test(bad_keys),
		cmocka_unit_test(bad_texts),
	};

	return cmocka_run_group_tests(tests, log_capture_start, log_capture_end);
}
