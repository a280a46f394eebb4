/* SPDX-License-Identifier: Apache-2.0 */
/* SCALE: compact lengths.  The low two bits of the first byte say how many bytes there are. */
#include "sim/scale.h"

#include <string.h>

#include "sim/die.h"

void scale_put_count(struct bytes *out, uint32_t count)
{
	if (count < 1U << 6)
		bytes_u8(out, (uint8_t)(count << 2));
	else if (count < 1U << 14)
		bytes_le16(out, (uint16_t)(count << 2 | 1));
	else if (count < 1U << 30)
		bytes_le32(out, count << 2 | 2);
	else
		die("%u bytes are too many for an attestation", count);
}

void scale_put_bytes(struct bytes *out, const void *data, size_t len)
{
	scale_put_count(out, len > UINT32_MAX ? UINT32_MAX : (uint32_t)len);
	bytes_add(out, data, len);
}

void scale_put_text(struct bytes *out, const char *text)
{
	scale_put_bytes(out, text, strlen(text));
}
