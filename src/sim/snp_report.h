/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation reports of SEV-SNP, version 3, of an imaginary Milan.
 * Layout: AMD "SEV Secure Nested Paging Firmware ABI Specification" (56860), ATTESTATION_REPORT.
 */
#ifndef TEESHIM_SIM_SNP_REPORT_H
#define TEESHIM_SIM_SNP_REPORT_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "sim/bytes.h"
#include "sim/quote.h"
#include "sim/snp_pki.h"

enum { SNP_REPORT_LEN = 1184 };

/*
 * snp_report_prepare() - everything of a report but report data and signature.
 * @by_vlek: a VLEK will sign, and the chip's number is masked, as clouds do it
 */
void snp_report_prepare(uint8_t report[static SNP_REPORT_LEN], const struct snp_machine *machine,
			const uint8_t measurement[static 48], const uint8_t host_data[static 32],
			bool by_vlek);

/* snp_report_sign() - fill in report data and signature.  Thread-safe. */
void snp_report_sign(uint8_t report[static SNP_REPORT_LEN],
		     const uint8_t report_data[static REPORT_DATA_LEN], EVP_PKEY *key);

#endif
