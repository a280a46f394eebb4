/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The standard steps by which a TDX quote is checked, down to a given root certificate.  Written
 * apart from the library's parser and from the simulator, so that it can judge both.  It looks at
 * signatures only: no TCB level, no revocation list, no identity of the quoting enclave.
 */
#ifndef TEESHIM_TESTS_QUOTE_VERIFY_H
#define TEESHIM_TESTS_QUOTE_VERIFY_H

#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

/* Where the fields of a verified quote are; they point into the quote. */
struct quote_facts {
	unsigned int version;
	const uint8_t *mrtd;        /* 48 bytes */
	const uint8_t *rtmr[4];     /* 48 bytes each */
	const uint8_t *report_data; /* 64 bytes */
	size_t signed_len;          /* header and body */
	size_t len;                 /* without the zero bytes after it */
};

/*
 * quote_verify() - check a quote of version 4, or 5 with a TDX body (Intel "TDX DCAP Quoting
 * Library API", appendix A.3): the attestation key signed header and body; the QE report binds that
 * key; the leaf certificate signed the QE report; the leaf leads to @root; zeros at most follow.
 *
 * Return: NULL, with @facts filled in; else one line that says which step failed.
 */
const char *quote_verify(const uint8_t *quote, size_t len, X509 *root, struct quote_facts *facts);

#endif
