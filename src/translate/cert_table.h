/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate table of SEV-SNP, which auxblob and SNP_GET_EXT_REPORT carry: entries of 24 bytes
 * (GUID in text order, offset from the table's start, length; the numbers little-endian), one entry of
 * zeros, then the certificates in DER.
 *
 * Layout: AMD "GHCB Specification" (56421), SNP extended guest request; the kernel's reader is
 * sev_report_new() in drivers/virt/coco/sev-guest/sev-guest.c.  Pure: bytes in, bytes out.
 */
#ifndef TEESHIM_TRANSLATE_CERT_TABLE_H
#define TEESHIM_TRANSLATE_CERT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	CERT_GUID_SIZE = 16,
	CERT_TABLE_MAX =
		0x4000, /* SEV_FW_BLOB_MAX_SIZE of the kernel: larger ones are not passed on */
};

enum cert_kind {
	CERT_VCEK,
	CERT_VLEK,
	CERT_ASK, /* or ASVK, which signs VLEKs: one GUID for both */
	CERT_ARK,
	CERT_OTHER, /* of a host's table: a revocation list, the cloud's own data */
};

/* What was left out of a table. */
struct cert_table_drops {
	unsigned broken;    /* no certificate and no table, or one that is cut off */
	unsigned unknown;   /* certificates whose subject is none of AMD's */
	unsigned duplicate; /* of a kind that is there already: the first one stays */
	unsigned too_large; /* beyond CERT_TABLE_MAX */
};

/*
 * cert_table_make() - one table of what an agent gives as cert_chain.
 * @elements, @count: hostile bytes; each element a table, certificates in PEM, certificates in DER, or
 *                    empty
 * @table: the caller's to free after success; empty where there is not one certificate
 *
 * A certificate's kind is told by its subject's common name, and in a table by the GUID.  The order is
 * that of the elements.
 *
 * Return: 0; -ENOMEM.
 */
int cert_table_make(const struct buf *elements, size_t count, struct buf *table,
		    struct cert_table_drops *drops);

/* One entry; data points into the table. */
struct cert_entry {
	enum cert_kind kind;
	const uint8_t *guid; /* CERT_GUID_SIZE */
	const uint8_t *data;
	size_t len;
};

/*
 * cert_table_entry() - the i-th entry of a table.
 * @table, @len: hostile bytes
 *
 * Return: 0; -ENOENT for the entry of zeros that ends it; -EINVAL where the table ends before that, or
 * the entry's data lies outside of it.
 */
int cert_table_entry(const uint8_t *table, size_t len, size_t i, struct cert_entry *entry);

#endif
