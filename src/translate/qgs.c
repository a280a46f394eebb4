/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/qgs.h"

#include <string.h>

#include "translate/tdreport.h"

/* Offsets in a message. */
enum {
	MAJOR = 0,
	MINOR = 2,
	TYPE = 4,
	SIZE = 8,
	ERROR_CODE = 12,
	REPORT_SIZE = 16,
	ID_LIST_SIZE = 20,
	REPORT = 24,
	QUOTE_SIZE = 20,
};

enum {
	MAJOR_VERSION = 1,
	MINOR_VERSION = 1,
	GET_QUOTE_REQ = 0,
	GET_QUOTE_RESP = 1,
	ID_SIZE = 16,
	REPORT_TYPE_TDX = 0x81,
	REPORTDATA = 128, /* in TDREPORT_STRUCT */
};

_Static_assert((int)REPORT + (int)TDREPORT_SIZE == (int)QGS_REQUEST_HEAD, "head of a request");
_Static_assert((int)REPORT == (int)QGS_REPLY_HEAD, "both heads are a header and two sizes");
_Static_assert(REPORTDATA + TDX_REPORT_DATA_SIZE <= TDREPORT_SIZE, "inside the TDREPORT");

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static void put_le32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

uint32_t qgs_frame_len(const uint8_t frame[static QGS_FRAME_SIZE])
{
	return (uint32_t)frame[0] << 24 | (uint32_t)frame[1] << 16 | (uint32_t)frame[2] << 8 |
	       frame[3];
}

/* In the order in which QGS looks; a newer minor version is taken as compatible. */
static enum qgs_error header_check(const uint8_t *message, size_t len)
{
	if (len < REPORT)
		return QGS_INVALID_SIZE;
	if (le16(message + MAJOR) != MAJOR_VERSION)
		return QGS_INVALID_VERSION;
	if (le32(message + TYPE) != GET_QUOTE_REQ)
		return QGS_INVALID_TYPE;
	if (le32(message + SIZE) != len)
		return QGS_INVALID_SIZE;
	return le32(message + ERROR_CODE) == 0 ? QGS_SUCCESS : QGS_INVALID_CODE;
}

enum qgs_error qgs_request_parse(const uint8_t *message, size_t len, const uint8_t **report_data)
{
	enum qgs_error error = header_check(message, len);
	uint32_t report_len;
	uint32_t id_len;

	if (error != QGS_SUCCESS)
		return error;
	report_len = le32(message + REPORT_SIZE);
	id_len = le32(message + ID_LIST_SIZE);
	if ((uint64_t)REPORT + report_len + id_len != len)
		return QGS_INVALID_SIZE;
	if (report_len != TDREPORT_SIZE || id_len % ID_SIZE != 0 ||
	    message[REPORT] != REPORT_TYPE_TDX)
		return QGS_INVALID_PARAMETER;
	*report_data = message + REPORT + REPORTDATA;
	return QGS_SUCCESS;
}

void qgs_reply_head(uint8_t head[static QGS_FRAMED_HEAD], enum qgs_error error, uint32_t quote_len)
{
	const uint32_t len = QGS_REPLY_HEAD + quote_len;
	uint8_t *message = head + QGS_FRAME_SIZE;

	memset(head, 0, QGS_FRAMED_HEAD);
	for (int i = 0; i < QGS_FRAME_SIZE; i++)
		head[i] = (uint8_t)(len >> (24 - 8 * i));
	message[MAJOR] = MAJOR_VERSION;
	message[MINOR] = MINOR_VERSION;
	put_le32(message + TYPE, GET_QUOTE_RESP);
	put_le32(message + SIZE, len);
	put_le32(message + ERROR_CODE, error);
	put_le32(message + QUOTE_SIZE, quote_len);
}
