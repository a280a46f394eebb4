/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in and signing SEV-SNP reports. */
#include "sim/snp_report.h"

#include <string.h>

#include "sim/crypto.h"

enum {
	POLICY_SMT = 3, /* of the third byte: SMT, and the bit that is always set */
	ALGO_ECDSA_P384 = 1,
	PLATFORM_INFO = 0x25, /* SMT, ECC, alias check */
	SIGNER_VLEK = 1 << 2,
	SIGNED_LEN = 0x2a0,
	SCALAR_LEN = 48, /* of the 72 bytes that r and s have each */
};

/* TCB_VERSION of Milan. */
static void put_tcb(uint8_t *at, uint8_t boot_loader, uint8_t tee, uint8_t snp, uint8_t microcode)
{
	at[0] = boot_loader;
	at[1] = tee;
	at[6] = snp;
	at[7] = microcode;
}

void snp_report_prepare(uint8_t report[static SNP_REPORT_LEN], const struct snp_machine *machine,
			const uint8_t measurement[static 48], const uint8_t host_data[static 32],
			bool by_vlek)
{
	static const uint8_t cpuid[] = {0x19, 0x01, 0x01}; /* family, model, stepping */
	/* Current, committed and launch TCB: one step ahead of what the host lets it report. */
	static const size_t ahead[] = {0x038, 0x1e0, 0x1f0};
	static const uint8_t firmware[] = {29, 55, 1}; /* build, minor, major */

	memset(report, 0, SNP_REPORT_LEN);
	report[0x000] = 3; /* version */
	report[0x00a] = POLICY_SMT;
	report[0x034] = ALGO_ECDSA_P384;
	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++)
		put_tcb(report + ahead[i], machine->boot_loader, machine->tee,
			(uint8_t)(machine->snp + 1), (uint8_t)(machine->microcode + 6));
	report[0x040] = PLATFORM_INFO;
	report[0x048] = by_vlek ? SIGNER_VLEK : 0;
	memcpy(report + 0x090, measurement, 48);
	memcpy(report + 0x0c0, host_data, 32);
	crypto_stable("SNP report id", report + 0x140, 32);
	memset(report + 0x160, 0xff, 32); /* no migration agent */
	put_tcb(report + 0x180, machine->boot_loader, machine->tee, machine->snp,
		machine->microcode);
	memcpy(report + 0x188, cpuid, sizeof(cpuid));
	if (!by_vlek)
		memcpy(report + 0x1a0, machine->chip_id, sizeof(machine->chip_id));
	memcpy(report + 0x1e8, firmware, sizeof(firmware));
	memcpy(report + 0x1ec, firmware, sizeof(firmware));
}

static void put_reversed(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[len - 1 - i];
}

void snp_report_sign(uint8_t report[static SNP_REPORT_LEN],
		     const uint8_t report_data[static REPORT_DATA_LEN], EVP_PKEY *key)
{
	uint8_t rs[2 * SCALAR_LEN];

	memcpy(report + 0x050, report_data, REPORT_DATA_LEN);
	crypto_sign_p384(key, report, SIGNED_LEN, rs);
	put_reversed(report + 0x2a0, rs, SCALAR_LEN);
	put_reversed(report + 0x2e8, rs + SCALAR_LEN, SCALAR_LEN);
}
