/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the simulated machines: the same names, serial numbers and dates in every run. */
#ifndef TEESHIM_SIM_CERT_H
#define TEESHIM_SIM_CERT_H

#include <openssl/x509.h>
#include <stddef.h>

#include "sim/bytes.h"

/*
 * cert_begin() - a certificate on a public key, not yet signed; the caller owns it.
 * @issuer: NULL makes it its own
 */
X509 *cert_begin(const char *common_name, EVP_PKEY *key, X509 *issuer);

/* cert_extension() - add an extension in OpenSSL's own words.  @issuer: as before */
void cert_extension(X509 *cert, X509 *issuer, int nid, const char *value);

/* cert_extension_raw() - add one of which OpenSSL knows nothing: "1.2.3" and its bytes. */
void cert_extension_raw(X509 *cert, const char *oid, const void *value, size_t len);

/* cert_sign() - ECDSA with SHA-256, or RSASSA-PSS with SHA-384, as the key is. */
void cert_sign(X509 *cert, EVP_PKEY *issuer_key);

/* cert_add_pem(), cert_add_der() - append one certificate. */
void cert_add_pem(struct bytes *out, X509 *cert);
void cert_add_der(struct bytes *out, X509 *cert);

#endif
