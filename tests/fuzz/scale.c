/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCALE: the input as the rest of a V0 attestation, and walked over by the reader's own calls, which
 * the input chooses; a call that fails must leave the reader where it was.
 */
#include <string.h>

#include "agent/scale.h"
#include "fuzz/attestation.h"

static void reader_check(const uint8_t *data, size_t size)
{
	struct scale scale = {data, size};

	while (scale.left > 0) {
		const struct scale before = scale;
		const uint8_t *view = NULL;
		uint32_t number = 0;
		uint8_t byte;
		size_t len = 0;
		int err;

		switch (*scale.at >> 6) {
		case 0:
			err = scale_compact(&scale, &number);
			fuzz_check(err < 0 || number < 1u << 30);
			break;
		case 1:
			err = scale_bytes(&scale, &view, &len);
			fuzz_check(err < 0 ||
				   (view >= data && len <= (size_t)(data + size - view)));
			break;
		case 2:
			err = scale_skip(&scale, *scale.at & 63);
			break;
		default:
			err = scale_u8(&scale, &byte);
		}
		fuzz_check(scale.at + scale.left == data + size);
		if (err == 0 && scale.at != before.at)
			continue;
		fuzz_check(scale.at == before.at && scale.left == before.left);
		fuzz_check(scale_u8(&scale, &byte) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *document = malloc(size + 1);

	fuzz_check(document);
	document[0] = 0;
	if (size > 0)
		memcpy(document + 1, data, size);
	attestation_check(document, size + 1);
	free(document);
	reader_check(data, size);
	return 0;
}
