/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the quoting service: qgs_request_parse() on any message, of which no more is there than the
 * header of the module asks for.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "translate/qgs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t part = size < QGS_REQUEST_HEAD ? size : QGS_REQUEST_HEAD;
	/* memory of exactly that size, for the sanitizer to guard its end */
	uint8_t *message = malloc(part ? part : 1);
	const uint8_t *report_data = NULL;
	enum qgs_error error;

	fuzz_check(message);
	if (part > 0)
		memcpy(message, data, part);
	error = qgs_request_parse(message, size, &report_data);
	if (error == QGS_SUCCESS) {
		fuzz_check(report_data == message + 152 && size >= QGS_REQUEST_HEAD);
		fuzz_check(message[24] == 0x81);
	} else {
		fuzz_check(!report_data);
		fuzz_check(error > QGS_OUT_OF_MEMORY && error <= QGS_INVALID_CODE);
	}
	free(message);
	return 0;
}
