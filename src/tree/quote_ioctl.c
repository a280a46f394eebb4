/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/quote_ioctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree/quoting.h"

struct tdx_quote_req {
	uint64_t buf;
	uint64_t len;
};

/* struct tdx_quote_hdr; its data follow. */
struct tdx_quote_hdr {
	uint64_t version;
	uint64_t status;
	uint32_t in_len;
	uint32_t out_len;
};

_Static_assert(sizeof(struct tdx_quote_req) == 16, "struct tdx_quote_req");
_Static_assert(sizeof(struct tdx_quote_hdr) == 24, "struct tdx_quote_hdr");

enum {
	VERSION = 1,
	BUFFER_MAX = 4 << 20, /* what alloc_pages_exact() gives on x86-64 */
	PAGE = 4096,
};

#define STATUS_SUCCESS     0ULL
#define STATUS_ERROR       0x8000000000000000ULL
#define STATUS_UNAVAILABLE 0x8000000000000001ULL

/* The caller copies a page at a time. */
static int buffer_read(const struct caller *caller, uint8_t *to, uint64_t from, size_t len)
{
	int err = 0;

	for (size_t at = 0; err == 0 && at < len; at += PAGE)
		err = caller->read_memory(caller, to + at, from + at,
					  len - at < PAGE ? len - at : PAGE);
	return err;
}

static void buffer_write(const struct caller *caller, uint64_t to, const uint8_t *from, size_t len)
{
	int err = 0;

	for (size_t at = 0; err == 0 && at < len; at += PAGE)
		err = caller->write_memory(caller, to + at, from + at,
					   len - at < PAGE ? len - at : PAGE);
}

/* The framed message in the data, or NULL. */
static const uint8_t *message_of(const struct tdx_quote_hdr *hdr, const uint8_t *data, size_t room)
{
	if (hdr->version != VERSION || hdr->in_len < QGS_FRAME_SIZE || hdr->in_len > room ||
	    qgs_frame_len(data) != hdr->in_len - QGS_FRAME_SIZE)
		return NULL;
	return data + QGS_FRAME_SIZE;
}

static uint64_t status_of(enum qgs_error error)
{
	return error == QGS_UNEXPECTED ? STATUS_UNAVAILABLE : STATUS_ERROR;
}

/* Answer in the same buffer: room bytes of data behind the header. */
static void buffer_answer(const struct caller *caller, struct tdx_quote_hdr *hdr, uint8_t *data,
			  size_t room)
{
	const uint8_t *message = message_of(hdr, data, room);
	struct buf quote = {0};
	enum qgs_error error;

	hdr->out_len = 0;
	hdr->status = STATUS_ERROR;
	if (!message)
		return;
	error = quoting_answer(caller, message, hdr->in_len - QGS_FRAME_SIZE, &quote);
	if (error != QGS_SUCCESS) {
		hdr->status = status_of(error);
	} else if (QGS_FRAMED_HEAD + quote.len <= room) {
		qgs_reply_head(data, QGS_SUCCESS, (uint32_t)quote.len);
		memcpy(data + QGS_FRAMED_HEAD, quote.data, quote.len);
		hdr->out_len = (uint32_t)(QGS_FRAMED_HEAD + quote.len);
		hdr->status = STATUS_SUCCESS;
	}
	buf_free(&quote);
}

int quote_ioctl(const struct caller *caller, uint64_t arg)
{
	struct tdx_quote_req req;
	struct tdx_quote_hdr *hdr;
	uint8_t *buffer;
	size_t size;
	int err = caller->read_memory(caller, &req, arg, sizeof(req));

	if (err < 0)
		return err;
	if (req.len == 0)
		return -EINVAL;
	if (req.len > BUFFER_MAX)
		return -ENOMEM;
	/* a buffer that does not hold the header has no version, and is answered as far as it goes */
	size = req.len > sizeof(*hdr) ? req.len : sizeof(*hdr);
	buffer = calloc(1, size);
	if (!buffer)
		return -ENOMEM;
	hdr = (void *)buffer;
	err = buffer_read(caller, buffer, req.buf, req.len);
	if (err == 0) {
		buffer_answer(caller, hdr, buffer + sizeof(*hdr), size - sizeof(*hdr));
		buffer_write(caller, req.buf, buffer, req.len);
	}
	free(buffer);
	return err;
}
