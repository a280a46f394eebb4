/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's SEV-SNP certificates, from keys that everybody can compute. */
#include "sim/snp_pki.h"

#include <openssl/objects.h>

#include "sim/cert.h"
#include "sim/crypto.h"

enum { DER_INTEGER = 2, DER_IA5_STRING = 22 };

#define AMD "1.3.6.1.4.1.3704.1"

static X509 *authority(const char *common_name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		       const char *constraints)
{
	X509 *cert = cert_begin(common_name, key, issuer);

	cert_extension(cert, issuer, NID_basic_constraints, constraints);
	cert_extension(cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
	cert_sign(cert, issuer_key);
	return cert;
}

/* A number below 256 in DER. */
static void add_number(X509 *cert, const char *oid, uint8_t number)
{
	const uint8_t small[] = {DER_INTEGER, 1, number};
	const uint8_t large[] = {DER_INTEGER, 2, 0, number};

	if (number < 128)
		cert_extension_raw(cert, oid, small, sizeof(small));
	else
		cert_extension_raw(cert, oid, large, sizeof(large));
}

static X509 *endorsement(const char *common_name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
			 const struct snp_machine *machine, bool of_chip)
{
	static const char *const spare[] = {AMD ".3.4", AMD ".3.5", AMD ".3.6", AMD ".3.7"};
	static const uint8_t product[] = {
		DER_IA5_STRING, 8, 'M', 'i', 'l', 'a', 'n', '-', 'B', '0'};
	static const uint8_t csp[] = {DER_IA5_STRING, 7, 't', 'e', 'e', 's', 'h', 'i', 'm'};
	X509 *cert = cert_begin(common_name, key, issuer);

	add_number(cert, AMD ".1", of_chip ? 0 : 1); /* structure version */
	cert_extension_raw(cert, AMD ".2", product, sizeof(product));
	add_number(cert, AMD ".3.1", machine->boot_loader);
	add_number(cert, AMD ".3.2", machine->tee);
	for (size_t i = 0; i < sizeof(spare) / sizeof(spare[0]); i++)
		add_number(cert, spare[i], 0);
	add_number(cert, AMD ".3.3", machine->snp);
	add_number(cert, AMD ".3.8", machine->microcode);
	if (of_chip)
		cert_extension_raw(cert, AMD ".4", machine->chip_id, sizeof(machine->chip_id));
	else
		cert_extension_raw(cert, AMD ".5", csp, sizeof(csp));
	cert_sign(cert, issuer_key);
	return cert;
}

void snp_pki_make(struct snp_pki *pki, const struct snp_machine *machine)
{
	EVP_PKEY *ark_key = crypto_rsa_key("ARK");
	EVP_PKEY *ask_key = crypto_rsa_key("ASK");
	EVP_PKEY *asvk_key = crypto_rsa_key("ASVK");

	pki->vcek_key = crypto_key("VCEK key", NID_secp384r1);
	pki->vlek_key = crypto_key("VLEK key", NID_secp384r1);
	pki->ark = authority("ARK-Milan", ark_key, NULL, ark_key, "critical,CA:TRUE");
	pki->ask = authority("SEV-Milan", ask_key, pki->ark, ark_key, "critical,CA:TRUE,pathlen:0");
	pki->asvk = authority("SEV-VLEK-Milan", asvk_key, pki->ark, ark_key,
			      "critical,CA:TRUE,pathlen:0");
	pki->vcek = endorsement("SEV-VCEK", pki->vcek_key, pki->ask, ask_key, machine,
				/* of_chip= */ true);
	pki->vlek = endorsement("SEV-VLEK", pki->vlek_key, pki->asvk, asvk_key, machine,
				/* of_chip= */ false);
	EVP_PKEY_free(ark_key);
	EVP_PKEY_free(ask_key);
	EVP_PKEY_free(asvk_key);
}

void snp_pki_free(struct snp_pki *pki)
{
	X509_free(pki->ark);
	X509_free(pki->ask);
	X509_free(pki->asvk);
	X509_free(pki->vcek);
	X509_free(pki->vlek);
	EVP_PKEY_free(pki->vcek_key);
	EVP_PKEY_free(pki->vlek_key);
	*pki = (struct snp_pki){0};
}
