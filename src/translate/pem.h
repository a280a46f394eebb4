/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates in PEM (RFC 7468) to DER: the lines around them, and base64 between. */
#ifndef TEESHIM_TRANSLATE_PEM_H
#define TEESHIM_TRANSLATE_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Text not yet read. */
struct pem {
	const uint8_t *at;
	size_t left;
};

/*
 * pem_next() - the next certificate of a text; what stands between two of them is passed over.
 * @pem: hostile bytes; stands behind the certificate afterwards, and behind its first line where it
 *       was none
 * @der: an empty buffer; the caller's to free after success
 *
 * Return: 0; -ENOENT where there is no further one; -EINVAL for one that is broken (the next call goes
 * on behind it); -ENOMEM.
 */
int pem_next(struct pem *pem, struct buf *der);

#endif
