/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/snp_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

enum {
	VERSION_WITH_CPUID = 3,
	FAMILY_ZEN3_ZEN4 = 0x19,
	FAMILY_ZEN5 = 0x1a,
	FLAGS_SIGNING_KEY_SHIFT = 2,
	FLAGS_SIGNING_KEY_MASK = 7,
	TURIN_HWID_SIZE = 8, /* the rest of CHIP_ID is zero there */
};

int snp_report_parse(struct snp_report *report, const uint8_t *data, size_t len)
{
	if (len != sizeof(*report))
		return -EINVAL;
	memcpy(report, data, sizeof(*report));
	return 0;
}

/* AMD 57230, table of CPUID values: the upper digit of the model tells. */
enum snp_product snp_report_product(const struct snp_report *report)
{
	unsigned range = report->cpuid_mod_id >> 4;

	if (report->version < VERSION_WITH_CPUID)
		return SNP_PRODUCT_UNKNOWN;
	if (report->cpuid_fam_id == FAMILY_ZEN3_ZEN4) {
		if (range == 0)
			return SNP_MILAN;
		return range == 1 || range == 0xa ? SNP_GENOA : SNP_PRODUCT_UNKNOWN;
	}
	return report->cpuid_fam_id == FAMILY_ZEN5 && range <= 1 ? SNP_TURIN : SNP_PRODUCT_UNKNOWN;
}

const char *snp_product_name(enum snp_product product)
{
	static const char *const names[] = {
		[SNP_MILAN] = "Milan", [SNP_GENOA] = "Genoa", [SNP_TURIN] = "Turin"};

	return product < SNP_PRODUCT_UNKNOWN ? names[product] : NULL;
}

unsigned snp_report_signer(const struct snp_report *report)
{
	return report->flags >> FLAGS_SIGNING_KEY_SHIFT & FLAGS_SIGNING_KEY_MASK;
}

bool snp_report_has_fmc(const struct snp_report *report)
{
	return report->version >= VERSION_WITH_CPUID && report->cpuid_fam_id == FAMILY_ZEN5;
}

struct snp_tcb snp_tcb_split(uint64_t tcb_version, bool has_fmc)
{
	uint8_t byte[8];

	for (unsigned i = 0; i < sizeof(byte); i++)
		byte[i] = (uint8_t)(tcb_version >> (8 * i));
	if (has_fmc)
		return (struct snp_tcb){byte[0], byte[1], byte[2], byte[3], byte[7]};
	return (struct snp_tcb){0, byte[0], byte[1], byte[6], byte[7]};
}

static bool chip_masked(const struct snp_report *report)
{
	for (size_t i = 0; i < sizeof(report->chip_id); i++)
		if (report->chip_id[i])
			return false;
	return true;
}

int snp_kds_url(const struct snp_report *report, enum snp_product product,
		char url[static SNP_KDS_URL_SIZE])
{
	const bool turin = product == SNP_TURIN;
	const struct snp_tcb tcb = snp_tcb_split(report->reported_tcb, turin);
	char hwid[2 * SNP_CHIP_ID_SIZE + 1];
	char fmc[16] = "";

	if (snp_report_signer(report) != SNP_SIGNER_VCEK || chip_masked(report))
		return -ENOENT;
	hex_encode(hwid, report->chip_id, turin ? TURIN_HWID_SIZE : SNP_CHIP_ID_SIZE);
	if (turin)
		snprintf(fmc, sizeof(fmc), "fmcSPL=%02u&", tcb.fmc);
	snprintf(url, SNP_KDS_URL_SIZE,
		 "https://kdsintf.amd.com/vcek/v1/%s/%s?%sblSPL=%02u&teeSPL=%02u&snpSPL=%02u"
		 "&ucodeSPL=%02u",
		 snp_product_name(product), hwid, fmc, tcb.boot_loader, tcb.tee, tcb.snp,
		 tcb.microcode);
	return 0;
}
