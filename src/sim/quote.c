/* SPDX-License-Identifier: Apache-2.0 */
/* Assembling and signing TDX quotes: a template made once, report data and signature per quote. */
#include "sim/quote.h"

#include <openssl/objects.h>
#include <string.h>

#include "sim/cert.h"
#include "sim/crypto.h"

enum {
	TEE_TYPE_TDX = 0x81,
	KEY_TYPE_ECDSA_P256 = 2,
	BODY_TYPE_TDX15 = 3,
	BODY_TDX15_SIZE = 648,
	QE_REPORT_SIZE = 384,
	CERT_TYPE_PEM_CHAIN = 5,
	CERT_TYPE_QE_REPORT = 6,
	REPORT_DATA_IN_BODY = 520,
};

static void add_stable(struct bytes *out, const char *label, size_t len)
{
	uint8_t data[64];

	crypto_stable(label, data, len);
	bytes_add(out, data, len);
}

static void add_header(struct bytes *out, int version)
{
	/* Intel's quoting enclave vendor: without it verifiers stop before any signature. */
	static const uint8_t vendor[16] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
					   0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

	bytes_le16(out, (uint16_t)version);
	bytes_le16(out, KEY_TYPE_ECDSA_P256);
	bytes_le32(out, TEE_TYPE_TDX);
	bytes_zero(out, 4);
	bytes_add(out, vendor, sizeof(vendor));
	add_stable(out, "QE id", 16);
	bytes_zero(out, 4);
}

static void add_body(struct bytes *out, const struct td_registers *registers, bool tdx15)
{
	static const uint8_t tcb_svn[16] = {0x0b, 0x01, 0x04};
	static const uint8_t tcb_svn2[16] = {0x0d, 0x01, 0x04};
	static const uint8_t td_attributes[8] = {0, 0, 0, 0x10}; /* SEPT_VE_DISABLE */
	static const uint8_t xfam[8] = {0xe7, 0x02, 0x06};

	bytes_add(out, tcb_svn, sizeof(tcb_svn));
	add_stable(out, "MRSEAM", 48);
	bytes_zero(out, 48); /* MRSIGNERSEAM: zero for Intel's own module */
	bytes_zero(out, 8);  /* SEAMATTRIBUTES */
	bytes_add(out, td_attributes, sizeof(td_attributes));
	bytes_add(out, xfam, sizeof(xfam));
	bytes_add(out, registers->mrtd, sizeof(registers->mrtd));
	bytes_zero(out, 3 * 48); /* MRCONFIGID, MROWNER, MROWNERCONFIG */
	bytes_add(out, registers->rtmr, sizeof(registers->rtmr));
	bytes_zero(out, REPORT_DATA_LEN);
	if (tdx15) {
		bytes_add(out, tcb_svn2, sizeof(tcb_svn2));
		bytes_zero(out, 48); /* MRSERVICETD */
	}
}

/* An SGX report of the quoting enclave whose report data binds the attestation key. */
static void make_qe_report(uint8_t report[static QE_REPORT_SIZE], const uint8_t key[static 64],
			   const uint8_t auth[static 32])
{
	static const uint8_t cpu_svn[16] = {0x04, 0x04, 0x19, 0x1b, 0x04, 0xff, 0x00, 0x06};
	uint8_t bound[64 + 32];

	memset(report, 0, QE_REPORT_SIZE);
	memcpy(report, cpu_svn, sizeof(cpu_svn));
	report[48] = 0x15; /* ATTRIBUTES: initialised, 64 bit, provisioning key */
	report[56] = 0xe7; /* XFRM */
	crypto_stable("QE MRENCLAVE", report + 64, 32);
	crypto_stable("QE MRSIGNER", report + 128, 32);
	report[256] = 2; /* ISVPRODID of the TD quoting enclave */
	report[258] = 6; /* ISVSVN */
	memcpy(bound, key, 64);
	memcpy(bound + 64, auth, 32);
	crypto_hash("SHA256", bound, sizeof(bound), report + 320);
}

/* The quote's signature (zero in the template), the attestation key, and who vouches for it. */
static void add_auth_data(struct bytes *out, EVP_PKEY *attestation_key, const struct pki *pki)
{
	uint8_t auth[32], key[64], signature[64], report[QE_REPORT_SIZE];
	struct bytes chain = {0};

	crypto_stable("QE authentication data", auth, sizeof(auth));
	crypto_public_p256(attestation_key, key);
	make_qe_report(report, key, auth);
	crypto_sign_p256(pki->leaf_key, report, sizeof(report), signature);
	cert_add_pem(&chain, pki->leaf);
	cert_add_pem(&chain, pki->intermediate);
	cert_add_pem(&chain, pki->root);
	bytes_u8(&chain, 0); /* as the real quoting enclave does */

	bytes_zero(out, 64);
	bytes_add(out, key, sizeof(key));
	bytes_le16(out, CERT_TYPE_QE_REPORT);
	bytes_le32(out, (uint32_t)(QE_REPORT_SIZE + 64 + 2 + sizeof(auth) + 2 + 4 + chain.len));
	bytes_add(out, report, sizeof(report));
	bytes_add(out, signature, sizeof(signature));
	bytes_le16(out, sizeof(auth));
	bytes_add(out, auth, sizeof(auth));
	bytes_le16(out, CERT_TYPE_PEM_CHAIN);
	bytes_le32(out, (uint32_t)chain.len);
	bytes_add(out, chain.data, chain.len);
	bytes_free(&chain);
}

void quote_prepare(struct quote_maker *maker, int version, size_t pad,
		   const struct td_registers *registers, const struct pki *pki)
{
	struct bytes *out = &maker->template;
	struct bytes auth_data = {0};

	*maker = (struct quote_maker){
		.attestation_key = crypto_key("attestation key", NID_X9_62_prime256v1),
	};
	add_header(out, version);
	if (version == 5) {
		bytes_le16(out, BODY_TYPE_TDX15);
		bytes_le32(out, BODY_TDX15_SIZE);
	}
	maker->report_data_at = out->len + REPORT_DATA_IN_BODY;
	add_body(out, registers, version == 5);
	maker->signed_len = out->len;
	add_auth_data(&auth_data, maker->attestation_key, pki);
	bytes_le32(out, (uint32_t)auth_data.len);
	bytes_add(out, auth_data.data, auth_data.len);
	bytes_zero(out, pad);
	bytes_free(&auth_data);
}

void quote_release(struct quote_maker *maker)
{
	bytes_free(&maker->template);
	EVP_PKEY_free(maker->attestation_key);
}

void quote_set_rtmrs(struct quote_maker *maker, const struct td_registers *registers)
{
	/* the last thing in front of the report data: add_body() */
	memcpy(maker->template.data + maker->report_data_at - sizeof(registers->rtmr),
	       registers->rtmr, sizeof(registers->rtmr));
}

void quote_make(const struct quote_maker *maker, const uint8_t report_data[static REPORT_DATA_LEN],
		struct bytes *out)
{
	size_t start = out->len;
	uint8_t *quote;

	bytes_add(out, maker->template.data, maker->template.len);
	quote = out->data + start;
	memcpy(quote + maker->report_data_at, report_data, REPORT_DATA_LEN);
	crypto_sign_p256(maker->attestation_key, quote, maker->signed_len,
			 quote + maker->signed_len + 4);
}
