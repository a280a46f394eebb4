/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MessagePack: the input as a V1 attestation, and read by each call of the reader at each place where
 * a value begins.  A call that fails must leave the reader where it was.
 */
#include "agent/msgpack.h"
#include "fuzz/attestation.h"

static void value_check(const struct msgpack *at)
{
	struct msgpack reader = *at;
	struct msgpack found = {0};
	struct buf bytes = {0};
	uint64_t number;
	uint32_t items;

	if (msgpack_uint(&reader, &number) < 0)
		fuzz_check(reader.at == at->at && reader.left == at->left);
	reader = *at;
	if (msgpack_array(&reader, &items) < 0)
		fuzz_check(reader.at == at->at && reader.left == at->left);
	else
		fuzz_check(items <= reader.left);
	reader = *at;
	if (msgpack_bytes(&reader, &bytes) < 0)
		fuzz_check(reader.at == at->at && !bytes.data);
	else
		fuzz_check(bytes.len < at->left);
	buf_free(&bytes);
	if (msgpack_find(at, "kind", &found) == 0)
		fuzz_check(found.at > at->at && found.at + found.left == at->at + at->left);
	msgpack_is(at, "tdx");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msgpack reader = {data, size};

	attestation_check(data, size);
	if (msgpack_skip(&reader) < 0)
		fuzz_check(reader.at == data && reader.left == size);
	fuzz_check((msgpack_check(data, size) == 0) == (size > 0 && reader.left == 0));
	/* whether or not the whole is well formed; a bound, for each look may pass over the rest */
	for (size_t at = 0; at < size && at < 64; at++) {
		const struct msgpack inside = {data + at, size - at};

		value_check(&inside);
	}
	return 0;
}
