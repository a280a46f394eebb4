/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of SEV-SNP: fields, TCB layouts, products, and AMD's address of the VCEK. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "tools/fixture.h"
#include "translate/snp_report.h"

static void sizes(void **state)
{
	uint8_t *bytes = calloc(1, SNP_REPORT_SIZE + 1);
	struct snp_report report;

	(void)state;
	bytes[0] = 3;
	bytes[0x4f] = 1;
	bytes[0x50] = 0x11;
	bytes[0x187] = 0xd5;
	bytes[0x2a0] = 0x22;
	assert_int_equal(snp_report_parse(&report, bytes, SNP_REPORT_SIZE - 1), -EINVAL);
	assert_int_equal(snp_report_parse(&report, bytes, SNP_REPORT_SIZE + 1), -EINVAL);
	assert_int_equal(snp_report_parse(&report, bytes, 0), -EINVAL);
	assert_int_equal(snp_report_parse(&report, bytes, SNP_REPORT_SIZE), 0);
	assert_int_equal(report.version, 3);
	assert_int_equal(report.report_data[0], 0x11);
	assert_int_equal(report.reported_tcb >> 56, 0xd5);
	assert_int_equal(report.signature[0], 0x22);
	free(bytes);
}

static void products(void **state)
{
	static const struct {
		uint32_t version;
		uint8_t family, model;
		const char *name;
	} cases[] = {
		{2, 0x19, 0x01, NULL},    {3, 0x19, 0x01, "Milan"}, {3, 0x19, 0x0f, "Milan"},
		{3, 0x19, 0x11, "Genoa"}, {5, 0x19, 0xa0, "Genoa"}, {5, 0x19, 0xaf, "Genoa"},
		{3, 0x19, 0x20, NULL},    {3, 0x1a, 0x02, "Turin"}, {5, 0x1a, 0x11, "Turin"},
		{5, 0x1a, 0x50, NULL},    {5, 0x17, 0x31, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snp_report report = {
			.version = cases[i].version,
			.cpuid_fam_id = cases[i].family,
			.cpuid_mod_id = cases[i].model,
		};
		const char *name = snp_product_name(snp_report_product(&report));

		assert_int_equal(snp_report_has_fmc(&report), cases[i].family == 0x1a);
		assert_int_equal(!name, !cases[i].name);
		if (name)
			assert_string_equal(name, cases[i].name);
	}
}

static void tcb_layouts(void **state)
{
	const uint64_t version = 0x0807060504030201;
	struct snp_tcb tcb = snp_tcb_split(version, /* has_fmc= */ false);

	(void)state;
	assert_int_equal(tcb.fmc, 0);
	assert_int_equal(tcb.boot_loader, 1);
	assert_int_equal(tcb.tee, 2);
	assert_int_equal(tcb.snp, 7);
	assert_int_equal(tcb.microcode, 8);
	tcb = snp_tcb_split(version, /* has_fmc= */ true);
	assert_int_equal(tcb.fmc, 1);
	assert_int_equal(tcb.boot_loader, 2);
	assert_int_equal(tcb.tee, 3);
	assert_int_equal(tcb.snp, 4);
	assert_int_equal(tcb.microcode, 8);
}

#define CHIP_8  "a1a2a3a4a5a6a7a8"
#define ZEROS_8 "0000000000000000"

static void kds_addresses(void **state)
{
	struct snp_report report = {
		.version = 3,
		.chip_id = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8},
		.reported_tcb = 0xd517000000000004,
	};
	char url[SNP_KDS_URL_SIZE];

	(void)state;
	assert_int_equal(snp_kds_url(&report, SNP_MILAN, url), 0);
	assert_string_equal(url, "https://kdsintf.amd.com/vcek/v1/Milan/" CHIP_8 ZEROS_8 ZEROS_8
					 ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8 ZEROS_8
				 "?blSPL=04&teeSPL=00&snpSPL=23&ucodeSPL=213");
	report.reported_tcb = 0x4d00000004030201;
	assert_int_equal(snp_kds_url(&report, SNP_TURIN, url), 0);
	assert_string_equal(url, "https://kdsintf.amd.com/vcek/v1/Turin/" CHIP_8
				 "?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=77");
	/* the longest there is fits */
	memset(report.chip_id, 0xff, sizeof(report.chip_id));
	report.reported_tcb = UINT64_MAX;
	assert_int_equal(snp_kds_url(&report, SNP_GENOA, url), 0);
	assert_string_equal(url + strlen(url) - 13, "&ucodeSPL=255");
	report.flags = SNP_SIGNER_VLEK << 2;
	assert_int_equal(snp_kds_url(&report, SNP_GENOA, url), -ENOENT);
	report.flags = 0;
	memset(report.chip_id, 0, sizeof(report.chip_id));
	assert_int_equal(snp_kds_url(&report, SNP_GENOA, url), -ENOENT);
}

static void real_report(const char *file, uint32_t version, enum snp_product product,
			unsigned signer)
{
	struct snp_report report;
	struct buf bytes = {0};

	print_message("%s\n", file);
	fixture_read(file, &bytes);
	if (strstr(file, ".hex")) {
		assert_true(bytes.len >= 2 * (size_t)SNP_REPORT_SIZE);
		assert_int_equal(hex_decode(bytes.data, (const char *)bytes.data, SNP_REPORT_SIZE),
				 0);
		bytes.len = SNP_REPORT_SIZE;
	}
	assert_int_equal(snp_report_parse(&report, bytes.data, bytes.len), 0);
	assert_int_equal(report.version, version);
	assert_int_equal(report.signature_algo, 1);
	assert_int_equal(snp_report_product(&report), product);
	assert_int_equal(snp_report_signer(&report), signer);
	buf_free(&bytes);
}

static void real_reports(void **state)
{
	(void)state;
	real_report("snp/dstack-milan-report-v3.bin", 3, SNP_MILAN, SNP_SIGNER_VCEK);
	real_report("snp/gosev-milan-report-v2.bin", 2, SNP_PRODUCT_UNKNOWN, SNP_SIGNER_VCEK);
	real_report("snp/virtee-report_milan.hex", 2, SNP_PRODUCT_UNKNOWN, SNP_SIGNER_VCEK);
	real_report("snp/trustee-test-report.bin", 2, SNP_PRODUCT_UNKNOWN, SNP_SIGNER_VCEK);
	real_report("snp/trustee-test-vlek-report.bin", 3, SNP_MILAN, SNP_SIGNER_VLEK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),        cmocka_unit_test(products),
		cmocka_unit_test(tcb_layouts),  cmocka_unit_test(kds_addresses),
		cmocka_unit_test(real_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
