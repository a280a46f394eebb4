/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/attribute.h"

#include <string.h>

#include "tree/inblob.h"
#include "tree/outblob.h"
#include "tree/privlevel.h"
#include "tree/text.h"

enum { TEXT_SIZE = 4096, BLOB_SIZE = 0 };

static const struct attribute attributes[] = {
	{"generation", TEE_NONE, 0444, TEXT_SIZE, false, generation_open, NULL},
	{"provider", TEE_NONE, 0444, TEXT_SIZE, false, provider_open, NULL},
	{"privlevel", TEE_SEV_SNP, 0200, TEXT_SIZE, true, privlevel_open, privlevel_store},
	{"privlevel_floor", TEE_SEV_SNP, 0444, TEXT_SIZE, false, privlevel_floor_open, NULL},
	{"inblob", TEE_NONE, 0200, BLOB_SIZE, true, inblob_open, NULL},
	{"outblob", TEE_NONE, 0444, BLOB_SIZE, false, outblob_open, NULL},
	{"auxblob", TEE_SEV_SNP, 0444, BLOB_SIZE, false, auxblob_open, NULL},
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

const struct attribute *attribute_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (strlen(attributes[i].name) == len && memcmp(attributes[i].name, name, len) == 0)
			return &attributes[i];
	return NULL;
}

const struct attribute *attribute_at(size_t index)
{
	return index < ATTRIBUTES ? &attributes[index] : NULL;
}
