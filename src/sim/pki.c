/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's SGX certificate chain, from keys that everybody can compute. */
#include "sim/pki.h"

#include <openssl/objects.h>

#include "sim/cert.h"
#include "sim/crypto.h"

static X509 *make(const char *common_name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		  const char *constraints, const char *usage)
{
	X509 *cert = cert_begin(common_name, key, issuer);

	cert_extension(cert, issuer, NID_basic_constraints, constraints);
	cert_extension(cert, issuer, NID_key_usage, usage);
	cert_sign(cert, issuer_key);
	return cert;
}

void pki_make(struct pki *pki)
{
	EVP_PKEY *root_key = crypto_key("root key", NID_X9_62_prime256v1);
	EVP_PKEY *intermediate_key = crypto_key("platform CA key", NID_X9_62_prime256v1);
	const char *signs = "critical,keyCertSign,cRLSign";

	pki->leaf_key = crypto_key("PCK key", NID_X9_62_prime256v1);
	pki->root = make("Simulator Root CA", root_key, NULL, root_key,
			 "critical,CA:TRUE,pathlen:1", signs);
	pki->intermediate = make("Simulator PCK Platform CA", intermediate_key, pki->root, root_key,
				 "critical,CA:TRUE,pathlen:0", signs);
	pki->leaf = make("Simulator PCK Certificate", pki->leaf_key, pki->intermediate,
			 intermediate_key, "critical,CA:FALSE",
			 "critical,digitalSignature,nonRepudiation");
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(intermediate_key);
}

void pki_free(struct pki *pki)
{
	X509_free(pki->root);
	X509_free(pki->intermediate);
	X509_free(pki->leaf);
	EVP_PKEY_free(pki->leaf_key);
	*pki = (struct pki){0};
}
