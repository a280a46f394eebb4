/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's evidence is what it claims: quotes verify by the standard steps under its root
 * and under no other, its event log replays to the quote's registers, and tampering is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "sim/crypto.h"
#include "sim/keccak.h"
#include "sim/rpc.h"
#include "sim/sim.h"
#include "tools/quote_verify.h"

static void begin_agent(struct sim *sim, enum agent agent, int version, size_t pad)
{
	*sim = (struct sim){
		.agent = agent,
		.log_fd = -1,
		.stop_fd = -1,
		.platform = &platform_tdx,
	};
	sim_begin(sim, version, pad);
}

static void begin(struct sim *sim, int version, size_t pad)
{
	begin_agent(sim, AGENT_0_6_0, version, pad);
}

static X509 *root_of(const struct sim *sim)
{
	struct bytes pem = {0};
	X509 *root;
	BIO *bio;

	sim->platform->root(sim->tee, &pem);
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	assert_non_null(root);
	BIO_free(bio);
	bytes_free(&pem);
	return root;
}

static void fill(uint8_t report_data[static REPORT_DATA_LEN], uint8_t first)
{
	for (size_t i = 0; i < REPORT_DATA_LEN; i++)
		report_data[i] = (uint8_t)(first + i);
}

static void check_version(int version, size_t pad)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct quote_facts facts;
	struct bytes quote = {0};
	struct sim sim;
	X509 *root;

	begin(&sim, version, pad);
	root = root_of(&sim);
	fill(report_data, 7);
	sim_evidence(&sim, report_data, &quote);
	assert_null(quote_verify(quote.data, quote.len, root, &facts));
	assert_int_equal(facts.version, version);
	assert_memory_equal(facts.report_data, report_data, REPORT_DATA_LEN);
	assert_int_equal(quote.len - facts.len, pad);
	assert_int_equal(facts.signed_len, version == 4 ? 632 : 702);
	bytes_free(&quote);
	X509_free(root);
	sim_end(&sim);
}

static void test_v4(void **state)
{
	(void)state;
	check_version(4, 0);
}

static void test_v5(void **state)
{
	(void)state;
	check_version(5, 0);
}

static void test_padding(void **state)
{
	(void)state;
	check_version(4, 70);
	check_version(5, 3000);
}

/* Where the PEM chain begins in a version 4 quote with 32 bytes of QE authentication data. */
enum { CHAIN_AT = 636 + 64 + 64 + 6 + 384 + 64 + 2 + 32 + 6 };

/* One flipped bit in any field before the certificates, and any cut, must be noticed. */
static void test_tampering_is_found(void **state)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes quote = {0};
	struct quote_facts facts;
	struct sim sim;
	X509 *root;

	(void)state;
	begin(&sim, 4, 16);
	root = root_of(&sim);
	fill(report_data, 0);
	sim_evidence(&sim, report_data, &quote);
	for (size_t i = 0; i < CHAIN_AT; i += 3) {
		quote.data[i] ^= 1;
		assert_non_null(quote_verify(quote.data, quote.len, root, &facts));
		quote.data[i] ^= 1;
	}
	quote.data[quote.len - 1] = 1;
	assert_string_equal(quote_verify(quote.data, quote.len, root, &facts),
			    "something other than zeros follows the quote");
	quote.data[quote.len - 1] = 0;
	for (size_t len = 0; len < quote.len - 16; len += 13)
		assert_non_null(quote_verify(quote.data, len, root, &facts));
	assert_null(quote_verify(quote.data, quote.len, root, &facts));
	bytes_free(&quote);
	X509_free(root);
	sim_end(&sim);
}

/* A root of the same name with another key, as a second simulator under other keys would have. */
static X509 *other_root(X509 *model)
{
	EVP_PKEY *key = crypto_key("another root", NID_X9_62_prime256v1);
	X509 *root = X509_dup(model);

	assert_true(X509_set_pubkey(root, key));
	assert_true(X509_sign(root, key, EVP_sha256()) > 0);
	EVP_PKEY_free(key);
	return root;
}

static void test_other_root_is_refused(void **state)
{
	const uint8_t report_data[REPORT_DATA_LEN] = {0};
	struct bytes quote = {0};
	struct quote_facts facts;
	X509 *root, *other;
	struct sim sim;

	(void)state;
	begin(&sim, 4, 0);
	root = root_of(&sim);
	other = other_root(root);
	sim_evidence(&sim, report_data, &quote);
	assert_string_equal(quote_verify(quote.data, quote.len, other, &facts),
			    "the certificate chain does not lead to the given root");
	bytes_free(&quote);
	X509_free(other);
	X509_free(root);
	sim_end(&sim);
}

/* --print-root is another run of the program than the one whose quotes it is for. */
static void test_root_of_another_run(void **state)
{
	const uint8_t report_data[REPORT_DATA_LEN] = {1};
	struct bytes quote = {0};
	struct quote_facts facts;
	struct sim first, second;
	X509 *root;

	(void)state;
	begin(&first, 4, 0);
	root = root_of(&first);
	sim_end(&first);
	begin(&second, 5, 0);
	sim_evidence(&second, report_data, &quote);
	assert_null(quote_verify(quote.data, quote.len, root, &facts));
	bytes_free(&quote);
	X509_free(root);
	sim_end(&second);
}

static json_t *call(struct sim *sim, enum surface surface, const char *method, json_t *request)
{
	const struct call call = {.sim = sim, .surface = surface, .request = request};
	struct reply reply = {0};
	json_t *answer;

	rpc_find(sim->agent, surface, method)(&call, &reply);
	assert_int_equal(reply.status, 200);
	answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
	assert_non_null(answer);
	bytes_free(&reply.body);
	json_decref(request);
	return answer;
}

/* Replay a log from its JSON, runtime digests computed anew as a verifier does. */
static void replay(const json_t *log, uint8_t rtmr[static 4][48])
{
	const json_t *event;
	size_t index;

	memset(rtmr, 0, 4 * 48);
	json_array_foreach (log, index, event) {
		json_int_t imr, type;
		const char *digest, *name, *payload;
		struct bytes text = {0}, both = {0};

		assert_int_equal(json_unpack((json_t *)event, "{s:I,s:I,s:s,s:s,s:s}", "imr", &imr,
					     "event_type", &type, "digest", &digest, "event", &name,
					     "event_payload", &payload),
				 0);
		assert_in_range(imr, 0, 3);
		bytes_add(&both, rtmr[imr], 48);
		if (type == 0x08000001) {
			uint8_t computed[48];

			bytes_le32(&text, (uint32_t)type);
			bytes_text(&text, ":");
			bytes_text(&text, name);
			bytes_text(&text, ":");
			assert_true(bytes_from_hex(&text, payload));
			crypto_hash("SHA384", text.data, text.len, computed);
			bytes_add(&both, computed, 48);
		} else {
			assert_true(bytes_from_hex(&both, digest));
		}
		assert_int_equal(both.len, 96);
		crypto_hash("SHA384", both.data, both.len, rtmr[imr]);
		bytes_free(&text);
		bytes_free(&both);
	}
}

/* More events than any log begins with; the status that the last of them got. */
static unsigned int emit_many(struct sim *sim)
{
	const struct call call = {
		.sim = sim,
		.surface = SURFACE_V0,
		.request = json_pack("{s:s, s:s}", "event", "more", "payload", "00ff"),
	};
	struct reply reply = {0};

	for (int i = 0; i < 100; i++)
		rpc_find(sim->agent, SURFACE_V0, "EmitEvent")(&call, &reply);
	if (reply.status == 200)
		assert_memory_equal(reply.body.data, "null", reply.body.len);
	bytes_free(&reply.body);
	json_decref((json_t *)call.request);
	return reply.status;
}

static void test_log_replays_to_registers(void **state)
{
	static const enum agent agents[] = {AGENT_0_5_5, AGENT_0_5_11, AGENT_0_6_0};

	(void)state;
	assert_null(rpc_find(AGENT_0_3_6, SURFACE_TAPPD, "EmitEvent"));
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		uint8_t rtmr[4][48];
		struct bytes quote = {0};
		struct quote_facts facts;
		json_t *answer, *log;
		struct sim sim;
		X509 *root;

		begin_agent(&sim, agents[i], 5, 0);
		root = root_of(&sim);
		assert_int_equal(emit_many(&sim), agents[i] < AGENT_0_6_0 ? 200 : 400);
		answer = call(&sim, SURFACE_V0, "GetQuote", json_object());
		assert_true(bytes_from_hex(&quote,
					   json_string_value(json_object_get(answer, "quote"))));
		assert_null(quote_verify(quote.data, quote.len, root, &facts));
		log = json_loads(json_string_value(json_object_get(answer, "event_log")), 0, NULL);
		replay(log, rtmr);
		assert_int_equal(json_array_size(log), agents[i] < AGENT_0_6_0 ? 129 : 29);
		for (size_t r = 0; r < 4; r++)
			assert_memory_equal(rtmr[r], facts.rtmr[r], 48);
		json_decref(log);
		json_decref(answer);
		bytes_free(&quote);
		X509_free(root);
		sim_end(&sim);
	}
}

static void test_wrong_data_is_a_good_quote(void **state)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes quote = {0};
	struct quote_facts facts;
	struct sim sim;
	X509 *root;

	(void)state;
	begin(&sim, 4, 0);
	sim.fault = FAULT_WRONG_DATA;
	root = root_of(&sim);
	fill(report_data, 3);
	sim_evidence(&sim, report_data, &quote);
	assert_null(quote_verify(quote.data, quote.len, root, &facts));
	assert_memory_not_equal(facts.report_data, report_data, REPORT_DATA_LEN);
	bytes_free(&quote);
	X509_free(root);
	sim_end(&sim);
}

/* Known answer: Ethereum's hash of nothing. */
static void test_keccak(void **state)
{
	static const uint8_t expected[32] = {
		0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d,
		0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82,
		0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
	};
	uint8_t digest[32];

	(void)state;
	keccak("", 0, digest, sizeof(digest));
	assert_memory_equal(digest, expected, sizeof(digest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v5),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_tampering_is_found),
		cmocka_unit_test(test_other_root_is_refused),
		cmocka_unit_test(test_root_of_another_run),
		cmocka_unit_test(test_log_replays_to_registers),
		cmocka_unit_test(test_wrong_data_is_a_good_quote),
		cmocka_unit_test(test_keccak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
