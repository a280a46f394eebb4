/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/attribute.h"

#include <string.h>

#include "tree/inblob.h"
#include "tree/outblob.h"
#include "tree/text.h"

enum { TEXT_SIZE = 4096, BLOB_SIZE = 0 };

static const struct attribute attributes[] = {
	{"generation", 0444, TEXT_SIZE, false, generation_open},
	{"provider", 0444, TEXT_SIZE, false, provider_open},
	{"inblob", 0200, BLOB_SIZE, true, inblob_open},
	{"outblob", 0444, BLOB_SIZE, false, outblob_open},
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
