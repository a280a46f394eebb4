/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/der_cert.h"

#include <errno.h>
#include <string.h>

enum {
	TAG_INTEGER = 0x02,
	TAG_BIT_STRING = 0x03,
	TAG_OID = 0x06,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_VERSION = 0xa0, /* [0], explicit; absent in version 1 certificates */
};

/* id-at-commonName, 2.5.4.3 */
static const uint8_t common_name_oid[] = {0x55, 0x04, 0x03};

struct der {
	const uint8_t *at; /* the next element */
	size_t left;       /* bytes from at to the end of what encloses it */
};

/*
 * The length octets after a tag.  Lengths are at most four octets long: no certificate needs more, and
 * the sum below cannot overflow.
 *
 * Return: how many octets there are; 0 where they are none of DER's.
 */
static size_t der_length(const struct der *der, size_t *length)
{
	size_t octets;
	size_t value = 0;

	if (der->left < 2)
		return 0;
	if (der->at[1] < 0x80) {
		*length = der->at[1];
		return 1;
	}
	octets = der->at[1] & 0x7f;
	if (octets == 0 || octets > 4 || octets > der->left - 2)
		return 0;
	for (size_t i = 0; i < octets; i++)
		value = value << 8 | der->at[2 + i];
	/* DER has one form for each length, the shortest. */
	if (value < 0x80 || der->at[2] == 0)
		return 0;
	*length = value;
	return 1 + octets;
}

/* Take the next element, which must have this tag.  @content: what is inside it, or NULL */
static int der_take(struct der *der, uint8_t tag, struct der *content)
{
	size_t length;
	size_t octets = der_length(der, &length);
	size_t head = 1 + octets;

	if (octets == 0 || der->at[0] != tag || length > der->left - head)
		return -EINVAL;
	if (content)
		*content = (struct der){der->at + head, length};
	der->at += head + length;
	der->left -= head + length;
	return 0;
}

/* A value of any tag, as its bytes. */
static int der_take_any(struct der *der, struct der *content)
{
	return der->left > 0 ? der_take(der, der->at[0], content) : -EINVAL;
}

/* SET OF SEQUENCE { type OID, value }: the first common name goes into cert. */
static int name_part(struct der set, struct der_cert *cert)
{
	struct der pair;
	struct der oid;
	struct der value;

	while (set.left > 0) {
		if (der_take(&set, TAG_SEQUENCE, &pair) < 0 || der_take(&pair, TAG_OID, &oid) < 0 ||
		    der_take_any(&pair, &value) < 0 || pair.left > 0)
			return -EINVAL;
		if (!cert->common_name && oid.left == sizeof(common_name_oid) &&
		    memcmp(oid.at, common_name_oid, sizeof(common_name_oid)) == 0) {
			cert->common_name = value.at;
			cert->common_name_len = value.left;
		}
	}
	return 0;
}

static int name_read(struct der name, struct der_cert *cert)
{
	struct der set;

	while (name.left > 0)
		if (der_take(&name, TAG_SET, &set) < 0 || name_part(set, cert) < 0)
			return -EINVAL;
	return 0;
}

/* [version], serial, signature, issuer, validity, subject, and more that is not looked at. */
static int tbs_read(struct der tbs, struct der_cert *cert)
{
	struct der subject;

	if (tbs.left > 0 && tbs.at[0] == TAG_VERSION && der_take(&tbs, TAG_VERSION, NULL) < 0)
		return -EINVAL;
	if (der_take(&tbs, TAG_INTEGER, NULL) < 0 || der_take(&tbs, TAG_SEQUENCE, NULL) < 0 ||
	    der_take(&tbs, TAG_SEQUENCE, NULL) < 0 || der_take(&tbs, TAG_SEQUENCE, NULL) < 0 ||
	    der_take(&tbs, TAG_SEQUENCE, &subject) < 0)
		return -EINVAL;
	return name_read(subject, cert);
}

int der_cert_parse(struct der_cert *cert, const uint8_t *data, size_t len)
{
	struct der_cert parsed = {0};
	struct der rest = {data, len};
	struct der whole;
	struct der tbs;

	if (der_take(&rest, TAG_SEQUENCE, &whole) < 0 || der_take(&whole, TAG_SEQUENCE, &tbs) < 0 ||
	    der_take(&whole, TAG_SEQUENCE, NULL) < 0 ||
	    der_take(&whole, TAG_BIT_STRING, NULL) < 0 || whole.left > 0 ||
	    tbs_read(tbs, &parsed) < 0)
		return -EINVAL;
	parsed.len = len - rest.left;
	*cert = parsed;
	return 0;
}
