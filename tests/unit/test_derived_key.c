/* SPDX-License-Identifier: Apache-2.0 */
/* Derived keys: which requests are refused, and that no two selections have one path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "translate/derived_key.h"

enum { SELECTIONS = 64, ROOTS = 6, VMPLS = 4, PATHS = SELECTIONS * ROOTS * VMPLS, FLAGS_VLEK = 4 };

/* TCB versions: boot loader 3, SNP 22, microcode 209, as in the report, and others around it. */
#define TCB 0xd116000000000003ULL

static const struct snp_report report = {
	.version = 3,
	.guest_svn = 7,
	.policy = 0x30000,
	.family_id = {0xfa, [15] = 1},
	.image_id = {0xac, [15] = 2},
	.flags = FLAGS_VLEK,
	.measurement = {0x11, [47] = 0x22},
	.committed_tcb = TCB,
};

static const struct snp_derived_key_req request = {
	.guest_field_select = DERIVED_KEY_FIELDS,
	.guest_svn = 5,
	.tcb_version = TCB,
};

static const char *path_of(const struct snp_derived_key_req *req, const struct snp_report *of)
{
	static char path[DERIVED_KEY_PATH_SIZE];

	derived_key_path(req, of, path);
	return path;
}

static void whole_path(void **state)
{
	(void)state;
	assert_string_equal(
		path_of(&request, &report),
		"teeshim/snp-derived-key/v1/root=0/fields=3f/vmpl=0/policy=0000000000030000"
		"/image-id=ac000000000000000000000000000002"
		"/family-id=fa000000000000000000000000000001"
		"/measurement=11000000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000022"
		"/guest-svn=00000005/tcb-version=d116000000000003");
}

static void short_path(void **state)
{
	const struct snp_derived_key_req req = {.root_key_select = 5, .vmpl = 3};

	(void)state;
	assert_string_equal(path_of(&req, &report),
			    "teeshim/snp-derived-key/v1/root=5/fields=00/vmpl=3");
}

static void each_selection_apart(void **state)
{
	static char paths[PATHS][DERIVED_KEY_PATH_SIZE];
	struct snp_derived_key_req req = request;
	size_t count = 0;

	(void)state;
	for (req.root_key_select = 0; req.root_key_select < ROOTS; req.root_key_select++)
		for (req.vmpl = 0; req.vmpl < VMPLS; req.vmpl++)
			for (unsigned fields = 0; fields < SELECTIONS; fields++) {
				req.guest_field_select = fields;
				assert_int_equal(derived_key_status(&req, &report), 0);
				derived_key_path(&req, &report, paths[count++]);
			}
	assert_int_equal(count, PATHS);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(paths[i], paths[j]);
}

/* A field's value enters if and only if the field is selected. */
static void values_enter(const struct snp_derived_key_req *req, const struct snp_report *of,
			 unsigned field)
{
	for (unsigned fields = 0; fields < SELECTIONS; fields++) {
		struct snp_derived_key_req plain = request;
		struct snp_derived_key_req other = *req;
		char path[DERIVED_KEY_PATH_SIZE];

		plain.guest_field_select = other.guest_field_select = fields;
		derived_key_path(&plain, &report, path);
		if (fields & field)
			assert_string_not_equal(path_of(&other, of), path);
		else
			assert_string_equal(path_of(&other, of), path);
	}
}

static void each_value_apart(void **state)
{
	struct snp_derived_key_req req = request;
	struct snp_report of = report;

	(void)state;
	of.policy ^= 1ULL << 63;
	values_enter(&request, &of, DERIVED_KEY_POLICY);
	of = report;
	of.image_id[15] ^= 1;
	values_enter(&request, &of, DERIVED_KEY_IMAGE_ID);
	of = report;
	of.family_id[15] ^= 1;
	values_enter(&request, &of, DERIVED_KEY_FAMILY_ID);
	of = report;
	of.measurement[47] ^= 1;
	values_enter(&request, &of, DERIVED_KEY_MEASUREMENT);
	req.guest_svn ^= 1;
	values_enter(&req, &report, DERIVED_KEY_GUEST_SVN);
	req = request;
	req.tcb_version ^= 1;
	values_enter(&req, &report, DERIVED_KEY_TCB_VERSION);
}

/* What an update of the firmware, or another machine, changes in a report. */
static void update_changes_nothing(void **state)
{
	struct snp_report of = report;
	char path[DERIVED_KEY_PATH_SIZE];

	(void)state;
	derived_key_path(&request, &report, path);
	of.current_tcb = of.reported_tcb = of.committed_tcb = of.launch_tcb = TCB + 1;
	of.committed_build = 9;
	of.chip_id[0] = 1;
	of.guest_svn = 200;
	of.report_data[0] = 1;
	of.host_data[0] = 1;
	of.version = 5;
	assert_string_equal(path_of(&request, &of), path);
}

static void expect_status(const struct snp_derived_key_req *req, enum snp_status status)
{
	assert_int_equal(derived_key_status(req, &report), status);
}

static void reserved_bits(void **state)
{
	struct snp_derived_key_req req = request;

	(void)state;
	for (unsigned bit = 0; bit < 32; bit++) {
		req = request;
		req.root_key_select = 1U << bit;
		expect_status(&req, bit < 3 ? SNP_STATUS_OK : SNP_STATUS_INVALID_PARAM);
		req = request;
		req.rsvd = 1U << bit;
		expect_status(&req, SNP_STATUS_INVALID_PARAM);
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		req = request;
		req.guest_field_select = 1ULL << bit;
		expect_status(&req, bit < 6 ? SNP_STATUS_OK : SNP_STATUS_INVALID_PARAM);
	}
	req = request;
	req.root_key_select = 6;
	expect_status(&req, SNP_STATUS_INVALID_PARAM);
	req = request;
	req.vmpl = 4;
	expect_status(&req, SNP_STATUS_INVALID_PARAM);
	req.vmpl = UINT32_MAX;
	expect_status(&req, SNP_STATUS_INVALID_PARAM);
}

static void above_the_guest(void **state)
{
	struct snp_derived_key_req req = request;

	(void)state;
	req.guest_svn = 7;
	expect_status(&req, SNP_STATUS_OK);
	req.guest_svn = 8;
	expect_status(&req, SNP_STATUS_INVALID_PARAM);
	req.guest_field_select &= ~(uint64_t)DERIVED_KEY_GUEST_SVN;
	expect_status(&req, SNP_STATUS_OK);
	for (unsigned bits = 0; bits < 64; bits += 8) {
		req = request;
		req.tcb_version = TCB + (1ULL << bits);
		expect_status(&req, SNP_STATUS_INVALID_PARAM);
		req.guest_field_select &= ~(uint64_t)DERIVED_KEY_TCB_VERSION;
		expect_status(&req, SNP_STATUS_OK);
	}
	/* a smaller number, of which one part is larger */
	req = request;
	req.tcb_version = 0x0116000000000004ULL;
	expect_status(&req, SNP_STATUS_INVALID_PARAM);
	req.tcb_version = 0;
	expect_status(&req, SNP_STATUS_OK);
}

static void no_vlek(void **state)
{
	struct snp_derived_key_req req = request;
	struct snp_report of = report;

	(void)state;
	req.root_key_select = SNP_KEY_VLEK << 1;
	assert_int_equal(derived_key_status(&req, &of), SNP_STATUS_OK);
	of.flags = 0;
	assert_int_equal(derived_key_status(&req, &of), SNP_STATUS_INVALID_KEY);
	req.root_key_select = SNP_KEY_VCEK << 1;
	assert_int_equal(derived_key_status(&req, &of), SNP_STATUS_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_path),
		cmocka_unit_test(short_path),
		cmocka_unit_test(each_selection_apart),
		cmocka_unit_test(each_value_apart),
		cmocka_unit_test(update_changes_nothing),
		cmocka_unit_test(reserved_bits),
		cmocka_unit_test(above_the_guest),
		cmocka_unit_test(no_vlek),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
