/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's certificates in the places of AMD's: ARK (its own issuer), ASK and VCEK, ASVK and
 * VLEK.  As with AMD's the upper ones have RSA-4096 keys and sign by PSS with SHA-384, the lower ones
 * have P-384 keys and tell processor, chip and TCB in extensions.
 *
 * Names and extensions: AMD "VCEK Certificate and KDS Interface Specification" (57230).
 */
#ifndef TEESHIM_SIM_SNP_PKI_H
#define TEESHIM_SIM_SNP_PKI_H

#include <openssl/x509.h>
#include <stdint.h>

/* What the lower certificates say of the machine. */
struct snp_machine {
	uint8_t chip_id[64];
	uint8_t boot_loader, tee, snp, microcode; /* the reported TCB */
};

struct snp_pki {
	X509 *ark;
	X509 *ask;
	X509 *asvk;
	X509 *vcek;
	X509 *vlek;
	EVP_PKEY *vcek_key;
	EVP_PKEY *vlek_key;
};

/* snp_pki_make() - make both chains; snp_pki_free() releases them. */
void snp_pki_make(struct snp_pki *pki, const struct snp_machine *machine);
void snp_pki_free(struct snp_pki *pki);

#endif
