/* SPDX-License-Identifier: Apache-2.0 */
/* Making certificates whose names, serial numbers and dates are the same in every run. */
#include "sim/cert.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
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

void cert_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!extension || !X509_add_ext(cert, extension, -1))
		die("OpenSSL refuses the certificate extension %s", value);
	X509_EXTENSION_free(extension);
}

void cert_extension_raw(X509 *cert, const char *oid, const void *value, size_t len)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;

	if (object && bytes && ASN1_OCTET_STRING_set(bytes, value, (int)len))
		extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, bytes);
	if (!extension || !X509_add_ext(cert, extension, -1))
		die("OpenSSL refuses the certificate extension %s", oid);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(bytes);
	ASN1_OBJECT_free(object);
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

X509 *cert_begin(const char *common_name, EVP_PKEY *key, X509 *issuer)
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
	cert_extension(cert, issuer, NID_subject_key_identifier, "hash");
	cert_extension(cert, issuer, NID_authority_key_identifier, "keyid");
	return cert;
}

void cert_sign(X509 *cert, EVP_PKEY *issuer_key)
{
	const bool rsa = EVP_PKEY_is_a(issuer_key, "RSA");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;

	if (!ctx ||
	    EVP_DigestSignInit(ctx, &how, rsa ? EVP_sha384() : EVP_sha256(), NULL, issuer_key) != 1)
		die("OpenSSL does not sign a certificate");
	if (rsa && (EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) != 1 ||
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) != 1))
		die("OpenSSL does not sign by PSS");
	if (!X509_sign_ctx(cert, ctx))
		die("OpenSSL does not sign a certificate");
	EVP_MD_CTX_free(ctx);
}

void cert_add_der(struct bytes *out, X509 *cert)
{
	uint8_t *der = NULL;
	int len = i2d_X509(cert, &der);

	if (len < 0)
		die("OpenSSL does not write the certificate");
	bytes_add(out, der, (size_t)len);
	OPENSSL_free(der);
}

void cert_add_pem(struct bytes *out, X509 *cert)
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
