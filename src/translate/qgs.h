/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of Intel's quoting service (QGS): a GET_QUOTE_REQ in, a GET_QUOTE_RESP out.
 *
 * On a stream and in the buffer of TDX_CMD_GET_QUOTE each message is framed: its length as a big-endian
 * u32 stands in front.  Inside a message all integers are little-endian, packed:
 *
 *   header, 16    major u16 (1), minor u16, type u32, size u32 of the whole message, error code u32
 *   request       header, report size u32, id list size u32, TDREPORT, id list (16 bytes each)
 *   reply         header, selected id size u32, quote size u32, selected id, quote
 *
 * Layout: Intel SGXDataCenterAttestationPrimitives, qgs_msg_lib.h and qgs_msg_lib.cpp.
 * Pure: bytes in, views and bytes out, no allocation; async-signal-safe.
 */
#ifndef TEESHIM_TRANSLATE_QGS_H
#define TEESHIM_TRANSLATE_QGS_H

#include <stddef.h>
#include <stdint.h>

enum {
	QGS_FRAME_SIZE = 4,
	QGS_REQUEST_HEAD = 1048, /* of a request, in front of the id list; all that is looked at */
	QGS_REPLY_HEAD = 24,     /* of a reply, in front of the quote */
	QGS_FRAMED_HEAD = QGS_FRAME_SIZE + QGS_REPLY_HEAD,
};

/* qgs_msg_error_t */
enum qgs_error {
	QGS_SUCCESS = 0,
	QGS_UNEXPECTED = 0x12001,
	QGS_OUT_OF_MEMORY = 0x12002,
	QGS_INVALID_PARAMETER = 0x12003,
	QGS_INVALID_VERSION = 0x12004,
	QGS_INVALID_TYPE = 0x12005,
	QGS_INVALID_SIZE = 0x12006,
	QGS_INVALID_CODE = 0x12007,
};

/* qgs_frame_len() - the length of the message behind this frame, as hostile as the rest of it. */
uint32_t qgs_frame_len(const uint8_t frame[static QGS_FRAME_SIZE]);

/*
 * qgs_request_parse() - find the report data in a GET_QUOTE_REQ.
 * @message: hostile bytes, without the frame; of a message longer than QGS_REQUEST_HEAD that many do
 * @len: the whole message's length
 * @report_data: on success the 64 bytes of REPORTDATA inside the message's TDREPORT
 *
 * Nothing else of the TDREPORT is looked at but its type: whoever has it signed takes only these.
 * Return: QGS_SUCCESS, or the error with which QGS would answer.
 */
enum qgs_error qgs_request_parse(const uint8_t *message, size_t len, const uint8_t **report_data);

/*
 * qgs_reply_head() - frame and head of a GET_QUOTE_RESP, behind which the quote follows.
 * @quote_len: at most UINT32_MAX - QGS_REPLY_HEAD; 0 with any error
 */
void qgs_reply_head(uint8_t head[static QGS_FRAMED_HEAD], enum qgs_error error, uint32_t quote_len);

#endif
