/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's certificates: a root, an intermediate and a leaf in the places of Intel's SGX
 * Root CA, Platform CA and PCK certificate.
 *
 * Keys, names, serial numbers and dates are the same in every run, so a root that one run prints
 * verifies the quotes of another.  The signatures on the certificates are made at each start and
 * differ (OpenSSL 3.0 has no deterministic ECDSA): compare roots by public key, not by bytes.
 */
#ifndef TEESHIM_SIM_PKI_H
#define TEESHIM_SIM_PKI_H

#include <openssl/x509.h>

struct pki {
	X509 *root;
	X509 *intermediate;
	X509 *leaf;
	EVP_PKEY *leaf_key; /* P-256; signs the QE report */
};

/* pki_make() - make the chain; pki_free() releases it. */
void pki_make(struct pki *pki);
void pki_free(struct pki *pki);

#endif
