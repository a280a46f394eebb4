/* SPDX-License-Identifier: Apache-2.0 */
/* Names: which node a path means, and how paths of the state folder turn into native ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tree/attribute.h"
#include "tree/layout.h"
#include "tree/mend.h"
#include "tree/node.h"

#define R     "/sys/kernel/config/tsm/report"
#define NAMES "/dev/shm/teeshim-1000-v1/teeshim.native.names"
#define STORE "/dev/shm/teeshim-1000-v1/teeshim.native.store"

#define TDX   "/sys/devices/virtual/misc/tdx_guest"
#define CLASS "/sys/class/misc/tdx_guest"

#define ACPI_TABLES "/sys/firmware/acpi/tables"

struct name_case {
	const char *dir;
	const char *path;
	enum node_kind kind;
	const char *name;
	const char *attribute;
};

static const struct name_case cases[] = {
	{NULL, "/sys/kernel/config", NODE_PLACE, "", NULL},
	{NULL, "/sys/kernel/config/", NODE_PLACE, "", NULL},
	{NULL, "//sys//kernel/./config/tsm", NODE_PLACE, "", NULL},
	{NULL, R, NODE_PLACE, "", NULL},
	{NULL, R "/", NODE_PLACE, "", NULL},
	{NULL, R "/e", NODE_ENTRY, "e", NULL},
	{NULL, R "/e/../f", NODE_ENTRY, "f", NULL},
	{NULL, R "/a/b/c/d/e/f/../../../../../../g", NODE_ENTRY, "g", NULL},
	{NULL, R "/e/inblob", NODE_ATTRIBUTE, "e", "inblob"},
	{NULL, R "/inblob", NODE_ENTRY, "inblob", NULL},
	{NULL, R "/e/inblob.1", NODE_MISSING, "e", NULL},
	{NULL, R "/e/auxblob", NODE_ATTRIBUTE, "e", "auxblob"},
	{NULL, R "/e/privlevel_floor", NODE_ATTRIBUTE, "e", "privlevel_floor"},
	{NULL, R "/e/privlevel/x", NODE_BELOW_FILE, "e", "privlevel"},
	{NULL, R "/e/manifestblob", NODE_MISSING, "e", NULL},
	{NULL, R "/e/inblob/x", NODE_BELOW_FILE, "e", "inblob"},
	{NULL, R "/e/nothing/x", NODE_FOREIGN, "e", NULL},
	{NULL, R "/..", NODE_PLACE, "", NULL},
	{NULL, "/sys/kernel/config/other", NODE_MISSING, "", NULL},
	{NULL, "/sys/kernel/config/other/tsm", NODE_FOREIGN, "", NULL},
	{NULL, "/sys/kernel/config/tsm/reports", NODE_MISSING, "", NULL},
	{NULL, "/sys/kernel/configs", NODE_FOREIGN, "", NULL},
	{NULL, "/sys/kernel", NODE_FOREIGN, "", NULL},
	{NULL, "/", NODE_FOREIGN, "", NULL},
	{NULL, "/../sys/kernel/config/tsm", NODE_PLACE, "", NULL},
	{NULL, "/x/../sys/kernel/config/tsm", NODE_PLACE, "", NULL},
	{NULL, "tsm", NODE_FOREIGN, "", NULL},
	{"/", "sys/kernel/config/tsm", NODE_PLACE, "", NULL},
	{"/sys/kernel", "config/tsm/report/e", NODE_ENTRY, "e", NULL},
	{"/sys/kernel/slab", "../config/tsm", NODE_PLACE, "", NULL},
	{NAMES R, "e/provider", NODE_ATTRIBUTE, "e", "provider"},
	{NAMES R "/e", ".", NODE_ENTRY, "e", NULL},
	{NAMES R "/e", "..", NODE_PLACE, "", NULL},
	{NULL, NAMES R "/e/generation", NODE_ATTRIBUTE, "e", "generation"},
	{NULL, STORE R "/e/inblob.17", NODE_ATTRIBUTE, "e", "inblob"},
	{NULL, STORE R "/e/outblob.3 (deleted)", NODE_ATTRIBUTE, "e", "outblob"},
	{NULL, "/dev/tdx_guest", NODE_PLACE, "", NULL},
	{NULL, "/dev/tdx_guest/x", NODE_BELOW_FILE, "", NULL},
	{NULL, "/dev", NODE_FOREIGN, "", NULL},
	{NULL, "/dev/tdx-guest", NODE_FOREIGN, "", NULL},
	{NULL, TDX, NODE_PLACE, "", NULL},
	{NULL, TDX "/measurements/rtmr0:sha384", NODE_PLACE, "", NULL},
	{NULL, TDX "/measurements/rtmr4:sha384", NODE_MISSING, "", NULL},
	{NULL, TDX "/measurements/../dev", NODE_PLACE, "", NULL},
	{"/dev", "tdx_guest", NODE_PLACE, "", NULL},
	{NULL, STORE TDX "/measurements/mrtd:sha384.4711", NODE_PLACE, "", NULL},
	{NULL, NAMES "/sys/devices", NODE_PLACE, "", NULL},
	{NULL, "/dev/sev-guest", NODE_PLACE, "", NULL},
	{NULL, "//dev//sev-guest/x", NODE_BELOW_FILE, "", NULL},
	{NULL, "/dev/sev", NODE_FOREIGN, "", NULL},
	{"/dev", "sev-guest", NODE_PLACE, "", NULL},
	{NULL, "/sys/devices/platform/sev-guest", NODE_PLACE, "", NULL},
	{NULL, "/sys/devices/virtual/misc/sev-guest/uevent", NODE_PLACE, "", NULL},
	{NULL, "/sys/devices/system/cpu/./sev/vmpl", NODE_PLACE, "", NULL},
	{NULL, "/sys/devices/system/cpu/sev/x", NODE_MISSING, "", NULL},
	{"/sys/devices/system", "cpu/sev/vmpl", NODE_PLACE, "", NULL},
	{NULL, STORE "/sys/devices/system/cpu/sev/vmpl.0", NODE_PLACE, "", NULL},
	{NULL, "/sys/firmware/acpi", NODE_PLACE, "", NULL},
	{NULL, ACPI_TABLES "/CCEL", NODE_PLACE, "", NULL},
	{NULL, ACPI_TABLES "/CCEL/x", NODE_BELOW_FILE, "", NULL},
	{NULL, ACPI_TABLES "/data/CCEL", NODE_PLACE, "", NULL},
	{NULL, ACPI_TABLES "/data/../CCEL", NODE_PLACE, "", NULL},
	{NULL, ACPI_TABLES "/DSDT", NODE_FOREIGN, "", NULL},
	{NAMES ACPI_TABLES, "DSDT", NODE_MISSING, "", NULL},
	{NULL, "/sys/firmware", NODE_FOREIGN, "", NULL},
	{NULL, "/sys/firmware/efi", NODE_FOREIGN, "", NULL},
	{"/sys/firmware", "acpi/tables/CCEL", NODE_PLACE, "", NULL},
	{ACPI_TABLES, "CCEL", NODE_PLACE, "", NULL},
	{NULL, STORE ACPI_TABLES "/data/CCEL.1 (deleted)", NODE_PLACE, "", NULL},
	{NULL, CLASS, NODE_PLACE, "", NULL},
	{NULL, CLASS "/", NODE_PLACE, "", NULL},
	{NULL, "/sys/class/misc/sev-guest", NODE_PLACE, "", NULL},
	{NULL, "/sys/class/misc/sev-guest/../tdx_guest/dev", NODE_PLACE, "", NULL},
	{NULL, "/sys/class/misc/sev_guest", NODE_FOREIGN, "", NULL},
	{NULL, CLASS "/measurements/rtmr3:sha384", NODE_PLACE, "", NULL},
	{NULL, CLASS "/new", NODE_MISSING, "", NULL},
	{NULL, CLASS "/dev/x", NODE_BELOW_FILE, "", NULL},
	{NULL, "//sys/./class//misc/tdx_guest/dev", NODE_PLACE, "", NULL},
	{NULL, "/sys/class/net/../misc/tdx_guest/dev", NODE_PLACE, "", NULL},
	{NULL, CLASS "/../tdx_guest/dev", NODE_PLACE, "", NULL},
	{NULL, CLASS "/../../misc/tdx_guest", NODE_PLACE, "", NULL},
	{NULL, CLASS "/../../../../class/misc/tdx_guest/dev", NODE_PLACE, "", NULL},
	{NULL, CLASS "/../../class/misc/tdx_guest", NODE_FOREIGN, "", NULL},
	{NULL, CLASS "/..", NODE_FOREIGN, "", NULL},
	{NULL, "/sys/class/misc", NODE_FOREIGN, "", NULL},
	{NULL, "/sys/class/misc/tdx_guests", NODE_FOREIGN, "", NULL},
	{NULL, "/sys/class/miscs/tdx_guest", NODE_FOREIGN, "", NULL},
	{NULL, "/x/sys/class/misc/tdx_guest", NODE_FOREIGN, "", NULL},
	{"/sys/class/misc", "tdx_guest/measurements", NODE_PLACE, "", NULL},
	{"/sys/class", "misc/tdx_guest/dev", NODE_PLACE, "", NULL},
	{NAMES TDX, "../../../../class/misc/tdx_guest/dev", NODE_PLACE, "", NULL},
	{NULL, "/tmp/teeshim.native.nam", NODE_FOREIGN, "", NULL},
	{NULL, R "/teeshim.native.names/inblob", NODE_ATTRIBUTE, "teeshim.native.names", "inblob"},
	{NULL, NAMES R "/teeshim.native.names", NODE_ENTRY, "teeshim.native.names", NULL},
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct name_case *c = &cases[i];
		struct node node;

		node_from_path(&node, c->dir, c->path);
		if (node.kind != c->kind)
			fail_msg("%s + %s: kind %d, wanted %d", c->dir ? c->dir : "-", c->path,
				 (int)node.kind, (int)c->kind);
		if (c->kind == NODE_FOREIGN)
			continue;
		assert_string_equal(node.name, c->name);
		if (c->attribute)
			assert_string_equal(node.attribute->name, c->attribute);
		else
			assert_null(node.attribute);
		if (c->path[0] == '/')
			assert_true(node_is_candidate(c->path));
	}
}

/* Both names of the device's folder are one node, and so is what lies below. */
static void test_class_link(void **state)
{
	static const char *const below[] = {"", "/uevent", "/measurements/mrowner"};

	(void)state;
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		char path[LAYOUT_PATH_SIZE];
		char native[LAYOUT_PATH_SIZE];
		struct node node;

		snprintf(path, sizeof(path), CLASS "%s", below[i]);
		node_from_path(&node, NULL, path);
		layout_native_path(native, &node);
		snprintf(path, sizeof(path), TDX "%s", below[i]);
		assert_string_equal(native, path);
		assert_false(node.through_file || node.dir_wanted);
	}
}

static void test_endings(void **state)
{
	struct node node;

	(void)state;
	node_from_path(&node, NULL, R "/e");
	assert_false(node.dir_wanted || node.ends_in_dot || node.ends_in_dotdot);
	node_from_path(&node, NULL, R "/e//");
	assert_true(node.dir_wanted);
	assert_false(node.ends_in_dot || node.ends_in_dotdot);
	node_from_path(&node, NULL, R "/e/.");
	assert_true(node.dir_wanted && node.ends_in_dot);
	node_from_path(&node, NULL, R "/e/../");
	assert_true(node.dir_wanted && node.ends_in_dotdot);
	node_from_path(&node, NULL, R "/e..");
	assert_false(node.dir_wanted || node.ends_in_dot || node.ends_in_dotdot);
	node_from_path(&node, NAMES R, "..");
	assert_true(node.ends_in_dotdot);
}

static void test_longest_name(void **state)
{
	char path[sizeof(R) + NODE_NAME_MAX + 2] = R "/";
	struct node node;

	(void)state;
	memset(path + sizeof(R), 'n', NODE_NAME_MAX + 1);
	path[sizeof(R) + NODE_NAME_MAX + 1] = '\0';
	node_from_path(&node, NULL, path);
	assert_true(node.too_long);
	path[sizeof(R) + NODE_NAME_MAX] = '\0';
	node_from_path(&node, NULL, path);
	assert_int_equal(node.kind, NODE_ENTRY);
	assert_false(node.too_long);
	assert_int_equal(strlen(node.name), NODE_NAME_MAX);
}

static void test_candidates(void **state)
{
	(void)state;
	assert_false(node_is_candidate("/usr/lib/x86_64-linux-gnu/libconfig.so"));
	assert_false(node_is_candidate("/sys/devices/system/cpu/online"));
	assert_false(node_is_candidate("sys/kernel/config"));
	assert_false(node_is_candidate(""));
	assert_true(node_may_start("tsm"));
	assert_true(node_may_start("./config/tsm"));
	assert_true(node_may_start("acpi/tables/CCEL"));
	assert_true(node_may_start("CCEL"));
	assert_true(node_may_start("data/CCEL"));
	assert_true(node_may_start("../CCEL"));
	assert_true(node_may_start("sev-guest"));
	assert_true(node_may_start("sev/vmpl"));
	assert_true(node_may_start("../platform/sev-guest"));
	assert_false(node_may_start("lib/several"));
	assert_false(node_may_start("tables"));
	assert_false(node_may_start("tsmx"));
	assert_false(node_may_start("src/tsm"));
	assert_false(node_may_start(""));
}

static void check_mend(const char *text, const char *wanted)
{
	char buffer[256];
	size_t len = strlen(text);

	memcpy(buffer, text, len);
	len = mend_path(buffer, len);
	assert_int_equal(len, strlen(wanted));
	assert_memory_equal(buffer, wanted, len);
}

static void test_mend_path(void **state)
{
	(void)state;
	check_mend(NAMES R "/e", R "/e");
	check_mend(NAMES R "/outblob.3", R "/outblob.3");
	check_mend(STORE R "/e/outblob.3", R "/e/outblob");
	check_mend(STORE R "/e/outblob.3 (deleted)", R "/e/outblob");
	check_mend(STORE R "/e.1/generation.0", R "/e.1/generation");
	check_mend("/home/user", "/home/user");
	check_mend("/dev/shm/teeshim-1000-v1/teeshim.native.names", NAMES);
	check_mend(R "/teeshim.native.store/inblob", R "/teeshim.native.store/inblob");
	check_mend("", "");
}

static void test_mend_stat(void **state)
{
	struct stat st = {.st_mode = S_IFSOCK | 01666, .st_uid = 1000, .st_size = 5};
	struct node node;

	(void)state;
	node_from_path(&node, NULL, R "/e/inblob");
	mend_stat(&node, &st);
	assert_int_equal(st.st_mode, S_IFREG | 0200);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_size, 0);
	node_from_path(&node, NULL, R "/e/provider");
	mend_stat(&node, &st);
	assert_int_equal(st.st_mode, S_IFREG | 0444);
	assert_int_equal(st.st_size, 4096);
	node_from_path(&node, NULL, R);
	mend_stat(&node, &st);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
	assert_int_equal(st.st_size, 0);
}

static void test_native_path(void **state)
{
	static const char *const paths[] = {"/sys/kernel/config", "/sys/kernel/config/tsm", R,
					    R "/e", R "/e/inblob"};
	char native[LAYOUT_PATH_SIZE];
	struct node node;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		node_from_path(&node, NULL, paths[i]);
		layout_native_path(native, &node);
		assert_string_equal(native, paths[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),      cmocka_unit_test(test_class_link),
		cmocka_unit_test(test_endings),    cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_candidates), cmocka_unit_test(test_mend_path),
		cmocka_unit_test(test_mend_stat),  cmocka_unit_test(test_native_path),
	};

	return cmocka_run_group_tests_name("tree: names", tests, NULL, NULL);
}
