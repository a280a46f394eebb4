/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's certificate chain, from keys that everybody can compute. */
#include "sim/pki.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "sim/crypto.h"
#include "sim/die.h"

static void cert_name(X509_NAME *name, const char *common_name)
{
	const unsigned char *org = (const unsigned char *)"teeshim simulator, NO SECURITY";
	const unsigned char *cn = (const unsigned char *)common_name;

	if (!X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, org, -1, -1, 0) ||
	    !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn, -1, -1, 0))
		die("OpenSSL refuses the certificate name %s", common_name);
}

static void cert_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!extension || !X509_add_ext(cert, extension, -1))
		die("OpenSSL refuses the certificate extension %s", value);
	X509_EXTENSION_free(extension);
}

static void cert_serial(X509 *cert, const char *common_name)
{
	uint8_t number[16];
	BIGNUM *serial;

	crypto_stable(common_name, number, sizeof(number));
	number[0] = (number[0] & 0x3f) | 0x40;
	serial = BN_bin2bn(number, sizeof(number), NULL);
	if (!serial || !BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert)))
		die("OpenSSL refuses the certificate serial number");
	BN_free(serial);
}

/* A certificate on key; issuer NULL makes it its own issuer. */
static X509 *cert_make(const char *common_name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		       const char *constraints, const char *usage)
{
	X509 *cert = X509_new();

	if (!cert)
		die("out of memory");
	cert_name(X509_get_subject_name(cert), common_name);
	cert_serial(cert, common_name);
	if (!X509_set_version(cert, X509_VERSION_3) ||
	    !X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert)) ||
	    !ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), "20200101000000Z") ||
	    !ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), "20500101000000Z") ||
	    !X509_set_pubkey(cert, key))
		die("OpenSSL refuses the certificate %s", common_name);
	cert_extension(cert, cert, NID_subject_key_identifier, "hash");
	cert_extension(cert, issuer ? issuer : cert, NID_authority_key_identifier, "keyid");
	cert_extension(cert, cert, NID_basic_constraints, constraints);
	cert_extension(cert, cert, NID_key_usage, usage);
	if (!X509_sign(cert, issuer_key, EVP_sha256()))
		die("OpenSSL does not sign the certificate %s", common_name);
	return cert;
}

void pki_make(struct pki *pki)
{
	EVP_PKEY *root_key = crypto_key("root key", NID_X9_62_prime256v1);
	EVP_PKEY *intermediate_key = crypto_key("platform CA key", NID_X9_62_prime256v1);
	const char *signs = "critical,keyCertSign,cRLSign";

	pki->leaf_key = crypto_key("PCK key", NID_X9_62_prime256v1);
	pki->root = cert_make("Simulator Root CA", root_key, NULL, root_key,
			      "critical,CA:TRUE,pathlen:1", signs);
	pki->intermediate = cert_make("Simulator PCK Platform CA", intermediate_key, pki->root,
				      root_key, "critical,CA:TRUE,pathlen:0", signs);
	pki->leaf = cert_make("Simulator PCK Certificate", pki->leaf_key, pki->intermediate,
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

void pki_add_pem(struct bytes *out, X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const uint8_t *pem;
	long len;

	if (!bio || !PEM_write_bio_X509(bio, cert))
		die("OpenSSL does not write the certificate");
	len = BIO_get_mem_data(bio, &pem);
	bytes_add(out, pem, (size_t)len);
	BIO_free(bio);
}
