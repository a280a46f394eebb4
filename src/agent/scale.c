/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/scale.h"

#include <errno.h>

int scale_skip(struct scale *scale, size_t len)
{
	if (len > scale->left)
		return -EINVAL;
	scale->at += len;
	scale->left -= len;
	return 0;
}

int scale_u8(struct scale *scale, uint8_t *value)
{
	if (scale->left < 1)
		return -EINVAL;
	*value = *scale->at;
	return scale_skip(scale, 1);
}

int scale_compact(struct scale *scale, uint32_t *value)
{
	/* The two low bits of the first byte choose the form: 1, 2 or 4 bytes. */
	static const uint8_t sizes[] = {1, 2, 4};
	/* Smallest value that needs the form. */
	static const uint32_t least[] = {0, 1u << 6, 1u << 14};
	uint32_t raw = 0;
	unsigned form;

	if (scale->left < 1)
		return -EINVAL;
	form = *scale->at & 3;
	if (form > 2 || scale->left < sizes[form])
		return -EINVAL;
	for (unsigned i = 0; i < sizes[form]; i++)
		raw |= (uint32_t)scale->at[i] << (8 * i);
	raw >>= 2;
	if (raw < least[form])
		return -EINVAL;
	*value = raw;
	return scale_skip(scale, sizes[form]);
}

int scale_bytes(struct scale *scale, const uint8_t **data, size_t *len)
{
	struct scale ahead = *scale;
	uint32_t count;

	if (scale_compact(&ahead, &count) < 0 || count > ahead.left)
		return -EINVAL;
	*data = ahead.at;
	*len = count;
	*scale = ahead;
	return scale_skip(scale, count);
}
