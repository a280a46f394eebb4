/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attestation report of SEV-SNP: its layout, and what follows from its fields.
 *
 * Layout: AMD "SEV Secure Nested Paging Firmware ABI Specification" (56860), ATTESTATION_REPORT; field
 * names are the specification's.  All integers are little-endian, as this machine's are.  Pure: bytes in,
 * bytes out.
 */
#ifndef TEESHIM_TRANSLATE_SNP_REPORT_H
#define TEESHIM_TRANSLATE_SNP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SNP_REPORT_SIZE = 1184,
	SNP_REPORT_DATA_SIZE = 64,
	SNP_MEASUREMENT_SIZE = 48,
	SNP_CHIP_ID_SIZE = 64,
};

struct snp_report {
	uint32_t version; /* 2, 3 or 5 */
	uint32_t guest_svn;
	uint64_t policy;
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t vmpl; /* 0xffffffff where the host asked for the report */
	uint32_t signature_algo;
	uint64_t current_tcb;
	uint64_t platform_info;
	uint32_t flags; /* author key, mask_chip_key and signing key: see snp_report_signer() */
	uint32_t reserved_04c;
	uint8_t report_data[SNP_REPORT_DATA_SIZE];
	uint8_t measurement[SNP_MEASUREMENT_SIZE];
	uint8_t host_data[32];
	uint8_t id_key_digest[48];
	uint8_t author_key_digest[48];
	uint8_t report_id[32];
	uint8_t report_id_ma[32];
	uint64_t reported_tcb;
	uint8_t cpuid_fam_id; /* version 3 on: with the extended family added */
	uint8_t cpuid_mod_id; /* with the extended model */
	uint8_t cpuid_step;
	uint8_t reserved_18b[21];
	uint8_t chip_id[SNP_CHIP_ID_SIZE]; /* zero where the host masks it */
	uint64_t committed_tcb;
	uint8_t current_build;
	uint8_t current_minor;
	uint8_t current_major;
	uint8_t reserved_1eb;
	uint8_t committed_build;
	uint8_t committed_minor;
	uint8_t committed_major;
	uint8_t reserved_1ef;
	uint64_t launch_tcb;
	uint64_t launch_mit_vector;  /* version 5 on */
	uint64_t current_mit_vector; /* version 5 on */
	uint8_t reserved_208[152];
	uint8_t signature[512]; /* over all before it: r and s, 72 bytes each, little-endian */
};

_Static_assert(sizeof(struct snp_report) == SNP_REPORT_SIZE, "ATTESTATION_REPORT");
_Static_assert(offsetof(struct snp_report, current_tcb) == 0x38, "CURRENT_TCB");
_Static_assert(offsetof(struct snp_report, report_data) == 0x50, "REPORT_DATA");
_Static_assert(offsetof(struct snp_report, measurement) == 0x90, "MEASUREMENT");
_Static_assert(offsetof(struct snp_report, host_data) == 0xc0, "HOST_DATA");
_Static_assert(offsetof(struct snp_report, report_id) == 0x140, "REPORT_ID");
_Static_assert(offsetof(struct snp_report, reported_tcb) == 0x180, "REPORTED_TCB");
_Static_assert(offsetof(struct snp_report, chip_id) == 0x1a0, "CHIP_ID");
_Static_assert(offsetof(struct snp_report, committed_tcb) == 0x1e0, "COMMITTED_TCB");
_Static_assert(offsetof(struct snp_report, launch_tcb) == 0x1f0, "LAUNCH_TCB");
_Static_assert(offsetof(struct snp_report, signature) == 0x2a0, "SIGNATURE");

/*
 * snp_report_parse() - copy the bytes into the structure, wherever they lie.
 *
 * Return: 0; -EINVAL where they are not SNP_REPORT_SIZE.
 */
int snp_report_parse(struct snp_report *report, const uint8_t *data, size_t len);

/* The processor, as AMD's key distribution service names it. */
enum snp_product { SNP_MILAN, SNP_GENOA, SNP_TURIN, SNP_PRODUCT_UNKNOWN };

/*
 * snp_report_product() - which processor the report is of.
 *
 * Reports of version 2 do not say; then it is SNP_PRODUCT_UNKNOWN.  Genoa stands for Bergamo and Siena
 * as well, for which AMD's service has no names of their own.
 */
enum snp_product snp_report_product(const struct snp_report *report);

/* snp_product_name() - "Milan", "Genoa", "Turin", or NULL. */
const char *snp_product_name(enum snp_product product);

enum snp_signer { SNP_SIGNER_VCEK = 0, SNP_SIGNER_VLEK = 1, SNP_SIGNER_NONE = 7 };

/* snp_report_signer() - the key that signed the report; other numbers are reserved. */
unsigned snp_report_signer(const struct snp_report *report);

/* The parts of a TCB_VERSION. */
struct snp_tcb {
	uint8_t fmc; /* 0 where there is none */
	uint8_t boot_loader;
	uint8_t tee;
	uint8_t snp;
	uint8_t microcode;
};

/* snp_report_has_fmc() - whether the report's TCBs are in the layout of family 0x1a, with FMC in front. */
bool snp_report_has_fmc(const struct snp_report *report);

/* snp_tcb_split() - @has_fmc: in that layout. */
struct snp_tcb snp_tcb_split(uint64_t tcb_version, bool has_fmc);

enum { SNP_KDS_URL_SIZE = 256 };

/*
 * snp_kds_url() - where AMD's key distribution service has the VCEK that signed the report.
 * @product: of the report, or a guess; not SNP_PRODUCT_UNKNOWN
 *
 * Source: AMD "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification" (57230).
 *
 * Return: 0; -ENOENT where it cannot be told: another key signed, or the chip's number is masked.
 */
int snp_kds_url(const struct snp_report *report, enum snp_product product,
		char url[static SNP_KDS_URL_SIZE]);

#endif
