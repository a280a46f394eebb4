/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of an X.509 certificate in DER as sorting certificates needs: where it ends, and whose it is.
 * Nothing is verified here; the reader of a certificate does that.
 *
 * Layout: RFC 5280, section 4.1 (Certificate, TBSCertificate, Name); DER: ITU-T X.690.  Pure: bytes in,
 * views out, no allocation.
 */
#ifndef TEESHIM_TRANSLATE_DER_CERT_H
#define TEESHIM_TRANSLATE_DER_CERT_H

#include <stddef.h>
#include <stdint.h>

/* Pointers are into the caller's bytes and valid as long as they are. */
struct der_cert {
	size_t len;                 /* of the certificate; bytes after it are not its own */
	const uint8_t *common_name; /* of the subject; NULL where it has none */
	size_t common_name_len;     /* no terminating zero */
};

/*
 * der_cert_parse() - read the certificate that the bytes begin with.
 * @data, @len: hostile bytes
 *
 * Every element on the way must lie inside the one around it.  Of several common names the first one
 * counts.
 *
 * Return: 0; -EINVAL where no whole certificate stands there.
 */
int der_cert_parse(struct der_cert *cert, const uint8_t *data, size_t len);

#endif
