/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDX_CMD_GET_QUOTE in a program whose whole memory is the input, with the ioctl's argument at its
 * begin.  The agent is left out: every good request gets a quote, whose length the input decides.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/memory.h"
#include "tree/quote_ioctl.h"
#include "tree/quoting.h"

enum { REQUEST = 16 };

static size_t quote_len;

enum qgs_error quoting_answer(const struct caller *caller, const uint8_t *message, size_t len,
			      struct buf *quote)
{
	const uint8_t *report_data;
	enum qgs_error error = qgs_request_parse(message, len, &report_data);

	(void)caller;
	if (error == QGS_SUCCESS)
		for (size_t i = 0; i < quote_len; i++)
			fuzz_check(buf_append(quote, report_data + i % 64, 1, QUOTING_REPLY_MAX) ==
				   0);
	return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct caller caller = {.read_memory = memory_read, .write_memory = memory_write};
	uint64_t request[2] = {0};
	int err;

	memory = malloc(size ? size : 1);
	memory_len = size;
	fuzz_check(memory);
	if (size > 0)
		memcpy(memory, data, size);
	quote_len = 1 + (size > 0 ? data[size - 1] * 8U : 0);
	if (size >= REQUEST)
		memcpy(request, data, sizeof(request));
	err = quote_ioctl(&caller, BASE);
	fuzz_check(err == 0 || err == -EFAULT || err == -EINVAL || err == -ENOMEM);
	if (err < 0) {
		fuzz_check(size == 0 || memcmp(memory, data, size) == 0);
	} else {
		const size_t at = request[0] - BASE;
		const size_t end = at + request[1];

		fuzz_check(end <= size && memcmp(memory, data, at) == 0);
		fuzz_check(memcmp(memory + end, data + end, size - end) == 0);
	}
	free(memory);
	return 0;
}
