/* SPDX-License-Identifier: Apache-2.0 */
/* The ground floor: hexadecimal text, buffers, variables, the log. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/hex.h"
#include "base/log.h"

static char folder[] = "/tmp/teeshim-base-XXXXXX";

/* A path in the test's folder; four are valid at a time. */
static const char *at(const char *name)
{
	static char paths[4][200];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, 200, "%s/%s", folder, name);
	return path;
}

static void hex(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x9f, 0xa0, 0xff};
	static const char *const bad[] = {"0g", "g0", " 0", "0x", "0:", "/0", "0@", "0`", "G0"};
	uint8_t decoded[4];
	char text[9];

	(void)state;
	hex_encode(text, bytes, 4);
	assert_string_equal(text, "009fa0ff");
	hex_encode(text, bytes, 0);
	assert_string_equal(text, "");
	assert_int_equal(hex_decode(decoded, "009Fa0fF", 4), 0);
	assert_memory_equal(decoded, bytes, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hex_decode(decoded, bad[i], 1), -EINVAL);
	assert_int_equal(hex_decode(decoded, "", 1), -EINVAL); /* the zero is no digit */
}

static void buffer(void **state)
{
	struct buf buf = {0};
	char block[5000];

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_int_equal(buf_append(&buf, NULL, 0, 10), 0);
	assert_null(buf.data);
	assert_int_equal(buf_append(&buf, "0123456789", 10, 10), 0);
	assert_int_equal(buf_append(&buf, "x", 1, 10), -EFBIG);
	assert_int_equal(buf.len, 10);
	assert_memory_equal(buf.data, "0123456789", 10);
	assert_int_equal(buf_append(&buf, block, sizeof(block), SIZE_MAX), 0);
	assert_int_equal(buf_append(&buf, block, SIZE_MAX - 5000, SIZE_MAX), -EFBIG);
	assert_int_equal(buf_append(&buf, block, 1, 9), -EFBIG); /* a limit below what is there */
	assert_int_equal(buf.len, 5010);
	assert_int_equal(buf.data[5009], 'x');
	for (int i = 0; i < 100; i++)
		assert_int_equal(buf_append(&buf, block, sizeof(block), 5010 + 500000), 0);
	assert_int_equal(buf.len, 505010);
	assert_true(buf.cap <= 505010);
	buf_free(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.len, 0);
}

static void timeout_values(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"1", 1},
		{"1500", 1500},
		{"3600000", 3600000},
		{"3600001", 60000},
		{"0", 60000},
		{"", 60000},
		{"-5", 60000},
		{"12s", 60000},
		{" 12", 60000},
		{"99999999999999999999999999", 60000},
	};

	(void)state;
	unsetenv("TEESHIM_TIMEOUT_MS");
	assert_int_equal(config_timeout_ms(), 60000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("TEESHIM_TIMEOUT_MS", cases[i].text, 1);
		assert_int_equal(config_timeout_ms(), cases[i].ms);
	}
	unsetenv("TEESHIM_TIMEOUT_MS");
	assert_null(config_string("TEESHIM_TIMEOUT_MS"));
	setenv("TEESHIM_TIMEOUT_MS", "", 1);
	assert_null(config_string("TEESHIM_TIMEOUT_MS"));
	unsetenv("TEESHIM_TIMEOUT_MS");
}

/* The content of a file, which is removed. */
static const char *content(const char *path)
{
	static char text[4096];
	FILE *file = fopen(path, "r");
	size_t len = 0;

	if (file) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
		unlink(path);
	}
	text[len] = '\0';
	return text;
}

static void log_to(const char *level, const char *file)
{
	char setting[300];

	snprintf(setting, sizeof(setting), "%s%s%s", level, *file ? ":" : "", file);
	setenv("TEESHIM_LOG", setting, 1);
}

static void log_file(void **state)
{
	const char *path = at("log");
	char expected[100];
	const char *text;
	char longer[2000];
	struct stat st;

	(void)state;
	log_to("error", path);
	errno = 77;
	log_error("one %d", 1);
	log_info("not this");
	log_error("two");
	assert_int_equal(errno, 77);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(expected, sizeof(expected), "teeshim[%d]: one 1\nteeshim[%d]: two\n",
		 (int)getpid(), (int)getpid());
	assert_string_equal(content(path), expected);

	log_to("info", path);
	log_info("this");
	log_debug("not this");
	assert_non_null(strstr(content(path), "]: this\n"));
	log_to("debug", path);
	log_debug("this too");
	assert_non_null(strstr(content(path), "]: this too\n"));

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	log_error("%s", longer);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 512);
	text = content(path);
	assert_ptr_equal(strchr(text, '\n'), text + 511);
}

/* A link that another user put at the log's name, and a name in no folder: no log, no harm. */
static void log_file_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink(at("target"), at("link")), 0);
	log_to("error", at("link"));
	log_error("through a link");
	assert_int_equal(access(at("target"), F_OK), -1);
	unlink(at("link"));
	log_to("error", at("no/folder"));
	log_error("nowhere");
}

/* Descriptor 2 is written to where it shows or appends, and not where it is a program's data. */
static void log_descriptor_2(void **state)
{
	static const struct {
		int flags;
		bool written;
	} cases[] = {{O_WRONLY | O_CREAT, false}, {O_WRONLY | O_CREAT | O_APPEND, true}};
	int saved = dup(2);
	char text[100] = "";
	int ends[2];

	(void)state;
	log_to("error", "");
	for (size_t i = 0; i < 2; i++) {
		int fd = open(at("data"), cases[i].flags, 0600);

		dup2(fd, 2);
		close(fd);
		log_error("to a file");
		dup2(saved, 2);
		assert_int_equal(strstr(content(at("data")), "to a file") != NULL,
				 cases[i].written);
	}
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], 2);
	log_error("to a pipe");
	dup2(saved, 2);
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "to a pipe\n"));
	close(ends[0]);
	close(2);
	log_error("to nobody"); /* no descriptor 2 at all */
	dup2(saved, 2);
	close(saved);
}

static void errno_texts(void **state)
{
	(void)state;
	assert_string_equal(log_errno(ECONNREFUSED), "connection refused");
	assert_string_equal(log_errno(-1), "unexpected error");
}

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

/* Fails where a test left something behind. */
static int folder_remove(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex),
		cmocka_unit_test(buffer),
		cmocka_unit_test(timeout_values),
		cmocka_unit_test(log_file),
		cmocka_unit_test(log_file_refused),
		cmocka_unit_test(log_descriptor_2),
		cmocka_unit_test(errno_texts),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
