/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/cert_table.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "translate/der_cert.h"
#include "translate/pem.h"

enum {
	ENTRY_SIZE = 24,
	ENTRY_OFFSET = 16,
	ENTRY_LENGTH = 20,
	ENTRIES_MAX = 16,
};

/* As AMD's snphost and the readers have them, bytes in the order of the text. */
static const uint8_t guids[CERT_OTHER][CERT_GUID_SIZE] = {
	[CERT_VCEK] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b,
		       0xe8, 0xac, 0xcd},
	[CERT_VLEK] = {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45,
		       0xa0, 0xb8, 0xa1},
	[CERT_ASK] = {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3,
		      0x27, 0xc7, 0x82},
	[CERT_ARK] = {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01,
		      0x4c, 0xd0, 0xae},
};

/* A table under construction: what goes before the certificates is known at the end only. */
struct draft {
	uint8_t guid[ENTRIES_MAX][CERT_GUID_SIZE];
	uint32_t length[ENTRIES_MAX];
	size_t count;
	struct buf blobs; /* the certificates, one behind another */
	struct cert_table_drops drops;
};

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(uint8_t *p, size_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static bool is_zero(const uint8_t *data, size_t len)
{
	while (len > 0 && data[len - 1] == 0)
		len--;
	return len == 0;
}

static enum cert_kind kind_of_guid(const uint8_t *guid)
{
	unsigned kind = CERT_VCEK;

	while (kind < CERT_OTHER && memcmp(guids[kind], guid, CERT_GUID_SIZE) != 0)
		kind++;
	return (enum cert_kind)kind;
}

static bool name_begins(const struct der_cert *cert, const char *text)
{
	size_t len = strlen(text);

	return cert->common_name_len >= len && memcmp(cert->common_name, text, len) == 0;
}

static bool name_is(const struct der_cert *cert, const char *text)
{
	return cert->common_name_len == strlen(text) && name_begins(cert, text);
}

/* "SEV-VCEK", "SEV-VLEK"; "SEV-Milan" and "SEV-VLEK-Milan"; "ARK-Milan"; likewise other products. */
static enum cert_kind kind_of_name(const struct der_cert *cert)
{
	if (name_is(cert, "SEV-VCEK"))
		return CERT_VCEK;
	if (name_is(cert, "SEV-VLEK"))
		return CERT_VLEK;
	if (name_begins(cert, "ARK-"))
		return CERT_ARK;
	return name_begins(cert, "SEV-") ? CERT_ASK : CERT_OTHER;
}

static bool draft_has(const struct draft *draft, const uint8_t *guid)
{
	for (size_t i = 0; i < draft->count; i++)
		if (memcmp(draft->guid[i], guid, CERT_GUID_SIZE) == 0)
			return true;
	return false;
}

static int draft_add(struct draft *draft, const uint8_t *guid, const uint8_t *data, size_t len)
{
	/* with this entry and the last one */
	size_t heads = (draft->count + 2) * ENTRY_SIZE;
	int err;

	if (draft_has(draft, guid)) {
		draft->drops.duplicate++;
		return 0;
	}
	if (draft->count == ENTRIES_MAX || draft->blobs.len + len + heads > CERT_TABLE_MAX) {
		draft->drops.too_large++;
		return 0;
	}
	err = buf_append(&draft->blobs, data, len, CERT_TABLE_MAX);
	if (err < 0)
		return err;
	memcpy(draft->guid[draft->count], guid, CERT_GUID_SIZE);
	draft->length[draft->count++] = (uint32_t)len;
	return 0;
}

/* One certificate or several, one behind another, and zeros behind them. */
static int draft_add_der(struct draft *draft, const uint8_t *data, size_t len)
{
	struct der_cert cert;
	enum cert_kind kind;
	int err = 0;

	while (err == 0 && len > 0) {
		if (data[0] == 0 && is_zero(data, len))
			return 0;
		if (der_cert_parse(&cert, data, len) < 0) {
			draft->drops.broken++;
			return 0;
		}
		kind = kind_of_name(&cert);
		if (kind == CERT_OTHER)
			draft->drops.unknown++;
		else
			err = draft_add(draft, guids[kind], data, cert.len);
		data += cert.len;
		len -= cert.len;
	}
	return err;
}

static int draft_add_pem(struct draft *draft, const uint8_t *data, size_t len)
{
	struct pem pem = {data, len};
	struct buf der = {0};
	bool any = false;
	int err;

	while ((err = pem_next(&pem, &der)) != -ENOENT && err != -ENOMEM) {
		any = true;
		if (err == -EINVAL) {
			draft->drops.broken++;
			continue;
		}
		err = draft_add_der(draft, der.data, der.len);
		buf_free(&der);
		if (err < 0)
			return err;
	}
	if (err == -ENOENT && !any)
		draft->drops.broken++;
	return err == -ENOENT ? 0 : err;
}

/* What bears the GUID of a certificate must begin with one; other data is the host's own business. */
static int draft_add_entry(struct draft *draft, const struct cert_entry *entry)
{
	struct der_cert cert;
	size_t len = entry->len;

	if (len == 0)
		return 0;
	if (entry->kind != CERT_OTHER) {
		if (der_cert_parse(&cert, entry->data, entry->len) < 0) {
			draft->drops.broken++;
			return 0;
		}
		len = cert.len;
	}
	return draft_add(draft, entry->guid, entry->data, len);
}

static bool is_table(const uint8_t *data, size_t len)
{
	struct cert_entry entry;
	size_t i = 0;
	int err;

	while ((err = cert_table_entry(data, len, i, &entry)) == 0)
		i++;
	return err == -ENOENT;
}

static int draft_add_table(struct draft *draft, const uint8_t *data, size_t len)
{
	struct cert_entry entry;
	int err = 0;

	for (size_t i = 0; err == 0 && cert_table_entry(data, len, i, &entry) == 0; i++)
		err = draft_add_entry(draft, &entry);
	return err;
}

static int draft_add_element(struct draft *draft, const uint8_t *data, size_t len)
{
	struct der_cert cert;

	if (len == 0)
		return 0;
	if (der_cert_parse(&cert, data, len) == 0)
		return draft_add_der(draft, data, len);
	if (is_table(data, len))
		return draft_add_table(draft, data, len);
	return draft_add_pem(draft, data, len);
}

static int draft_finish(const struct draft *draft, struct buf *table)
{
	uint8_t heads[(ENTRIES_MAX + 1) * ENTRY_SIZE] = {0};
	size_t offset = (draft->count + 1) * ENTRY_SIZE;
	size_t heads_len = offset;
	int err;

	if (draft->count == 0)
		return 0;
	for (size_t i = 0; i < draft->count; i++) {
		uint8_t *head = heads + i * ENTRY_SIZE;

		memcpy(head, draft->guid[i], CERT_GUID_SIZE);
		put_le32(head + ENTRY_OFFSET, offset);
		put_le32(head + ENTRY_LENGTH, draft->length[i]);
		offset += draft->length[i];
	}
	err = buf_append(table, heads, heads_len, CERT_TABLE_MAX);
	return err < 0 ? err
		       : buf_append(table, draft->blobs.data, draft->blobs.len, CERT_TABLE_MAX);
}

int cert_table_make(const struct buf *elements, size_t count, struct buf *table,
		    struct cert_table_drops *drops)
{
	struct draft draft = {0};
	struct buf made = {0};
	int err = 0;

	for (size_t i = 0; i < count && err == 0; i++)
		err = draft_add_element(&draft, elements[i].data, elements[i].len);
	if (err == 0)
		err = draft_finish(&draft, &made);
	buf_free(&draft.blobs);
	if (err < 0) {
		buf_free(&made);
		return err;
	}
	*table = made;
	*drops = draft.drops;
	return 0;
}

int cert_table_entry(const uint8_t *table, size_t len, size_t i, struct cert_entry *entry)
{
	const uint8_t *head;
	uint32_t offset;
	uint32_t length;

	if (i >= len / ENTRY_SIZE)
		return -EINVAL;
	head = table + i * ENTRY_SIZE;
	if (is_zero(head, CERT_GUID_SIZE)) /* readers look at nothing else of the last entry */
		return -ENOENT;
	offset = le32(head + ENTRY_OFFSET);
	length = le32(head + ENTRY_LENGTH);
	if (offset > len || length > len - offset)
		return -EINVAL;
	*entry = (struct cert_entry){kind_of_guid(head), head, table + offset, length};
	return 0;
}
