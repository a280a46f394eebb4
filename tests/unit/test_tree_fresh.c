/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that may serve once more: until they are two seconds old, or an extend begins or ends. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tree/fresh.h"
#include "tree/layout.h"
#include "tree/tree.h"

static char home[] = "/tmp/teeshim-fresh-XXXXXX";
static struct tree tree;
static int folder; /* of the registers, which also holds the count */

static int group_start(void **state)
{
	static const char store[] = TREE_STORE;
	static const char *const parts[] = {store,  "sys",       "devices",     "virtual",
					    "misc", "tdx_guest", "measurements"};

	(void)state;
	assert_non_null(mkdtemp(home));
	tree.state_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder = dup(tree.state_fd);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int inner;

		assert_int_equal(mkdirat(folder, parts[i], 0700), 0);
		inner = openat(folder, parts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(inner >= 0);
		close(folder);
		folder = inner;
	}
	return 0;
}

static int group_end(void **state)
{
	char command[64];

	(void)state;
	close(folder);
	close(tree.state_fd);
	snprintf(command, sizeof(command), "rm -r %s", home);
	return system(command);
}

static void file_make(const char *name)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static bool file_is_there(const char *name)
{
	return faccessat(folder, name, F_OK, 0) == 0;
}

static void advance(void)
{
	int counter = fresh_counter_open(&tree);

	assert_true(counter >= 0);
	assert_int_equal(fresh_advance(counter), 0);
	close(counter);
}

static void test_extends(void **state)
{
	char name[FRESH_NAME_SIZE];

	(void)state;
	assert_int_equal(fresh_extends(&tree), 0);
	assert_int_equal(fresh_write(folder, "a", 0, "x", 1), 0);
	assert_int_equal(fresh_find(&tree, folder, "a", name), 0);
	assert_true(file_is_there(name));
	advance();
	assert_int_equal(fresh_extends(&tree), 1);
	assert_int_equal(fresh_find(&tree, folder, "a", name), -ENOENT);
	/* an answer to a question of before the extend comes after it */
	assert_int_equal(fresh_write(folder, "a", 0, "x", 1), 0);
	assert_int_equal(fresh_find(&tree, folder, "a", name), -ENOENT);
	assert_int_equal(fresh_write(folder, "a", 1, "x", 1), 0);
	assert_int_equal(fresh_find(&tree, folder, "a", name), 0);
	assert_int_equal(unlinkat(folder, name, 0), 0);
}

static void test_age(void **state)
{
	static const int64_t ages[] = {-5000, 2500, 1000000};
	char name[FRESH_NAME_SIZE];
	char made[FRESH_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		snprintf(made, sizeof(made), "b.1.%lld", (long long)(clock_now_ms() - ages[i]));
		file_make(made);
		assert_int_equal(fresh_find(&tree, folder, "b", name), -ENOENT);
		assert_false(file_is_there(made));
	}
	snprintf(made, sizeof(made), "b.1.%lld", (long long)(clock_now_ms() - 1000));
	file_make(made);
	assert_int_equal(fresh_find(&tree, folder, "b", name), 0);
	assert_string_equal(name, made);
	assert_int_equal(unlinkat(folder, made, 0), 0);
}

/* What is named otherwise is somebody else's: neither found nor cleared. */
static void test_other_names(void **state)
{
	static const char *const others[] = {
		"lock",   "c.0",     "c.1.",
		"c..1",   "c.1.2.3", "c.1.x",
		"c.-1.5", "c. 1.5",  "c.1.99999999999999999999",
	};
	char name[FRESH_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		file_make(others[i]);
	assert_int_equal(fresh_write(folder, "cc", 1, "x", 1), 0);
	assert_int_equal(fresh_find(&tree, folder, "c", name), -ENOENT);
	assert_int_equal(fresh_find(&tree, folder, "cc", name), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_true(file_is_there(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extends),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_other_names),
	};

	return cmocka_run_group_tests_name("tree: answers that serve again", tests, group_start,
					   group_end);
}
