/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 4096 };

int buf_append(struct buf *buf, const void *data, size_t len, size_t limit)
{
	if (buf->len > limit || len > limit - buf->len)
		return -EFBIG;
	if (len == 0)
		return 0;
	if (len > buf->cap - buf->len) {
		size_t need = buf->len + len;
		size_t cap = buf->cap > limit / 2 ? limit : buf->cap * 2;
		uint8_t *grown;

		if (cap < need)
			cap = need;
		if (cap < BUF_FIRST && limit >= BUF_FIRST)
			cap = BUF_FIRST;
		grown = realloc(buf->data, cap);
		if (!grown)
			return -ENOMEM;
		buf->data = grown;
		buf->cap = cap;
	}
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	return 0;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}
