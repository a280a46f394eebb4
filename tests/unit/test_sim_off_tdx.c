/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated agent says off TDX where it has no quote to give, and its keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/objects.h>

#include "sim/crypto.h"
#include "sim/keccak.h"
#include "sim/rpc.h"
#include "sim/secp256k1.h"

static void begin(struct sim *sim, enum agent agent)
{
	*sim = (struct sim){
		.agent = agent,
		.log_fd = -1,
		.stop_fd = -1,
		.platform = &platform_sev_snp,
	};
	sim_begin(sim, 4, 0);
}

static json_t *call(struct sim *sim, enum surface surface, const char *method, json_t *request,
		    unsigned status)
{
	const struct call call = {.sim = sim, .surface = surface, .request = request};
	struct reply reply = {0};
	json_t *answer;

	rpc_find(sim->agent, surface, method)(&call, &reply);
	assert_int_equal(reply.status, status);
	answer = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
	assert_non_null(answer);
	bytes_free(&reply.body);
	json_decref(request);
	return answer;
}

static const char *text_of(const json_t *answer, const char *key)
{
	return json_string_value(json_object_get(answer, key));
}

static void quotes_off_tdx(void **state)
{
	struct sim sim;
	json_t *answer;

	(void)state;
	begin(&sim, AGENT_0_6_0_ALPHA);
	answer = call(&sim, SURFACE_V0, "GetQuote", json_object(), 200);
	assert_string_equal(text_of(answer, "quote"), "");
	assert_string_equal(text_of(answer, "event_log"), "");
	assert_int_equal(strlen(text_of(answer, "report_data")), 128);
	json_decref(answer);
	assert_null(rpc_find(sim.agent, SURFACE_V1, "Attest"));
	assert_null(rpc_find(sim.agent, SURFACE_V1, "Version"));
	answer = call(&sim, SURFACE_V0, "Version", json_object(), 200);
	assert_string_equal(text_of(answer, "version"), "0.6.0-alpha");
	json_decref(answer);
	sim_end(&sim);

	begin(&sim, AGENT_0_6_0);
	answer = call(&sim, SURFACE_V0, "GetQuote", json_object(), 400);
	assert_string_equal(text_of(answer, "error"),
			    "GetQuote is Intel TDX only, use Attest on this platform");
	json_decref(answer);
	answer = call(&sim, SURFACE_TAPPD, "TdxQuote", json_object(), 400);
	assert_string_equal(text_of(answer, "error"),
			    "GetQuote is Intel TDX only, use Attest on this platform");
	json_decref(answer);
	sim_end(&sim);
}

/* Registers are null, the log is empty, and mr_aggregated is over what a report shows. */
static void info_off_tdx(void **state)
{
	static const uint8_t zeros[REPORT_DATA_LEN];
	struct bytes report = {0};
	json_t *answer, *tcb_info;
	uint8_t digest[32];
	struct sim sim;
	char *expected;

	(void)state;
	begin(&sim, AGENT_0_6_0);
	answer = call(&sim, SURFACE_V0, "Info", json_object(), 200);
	tcb_info = json_loads(text_of(answer, "tcb_info"), 0, NULL);
	assert_true(json_is_null(json_object_get(tcb_info, "mrtd")));
	assert_true(json_is_null(json_object_get(tcb_info, "rtmr0")));
	assert_true(json_is_null(json_object_get(tcb_info, "rtmr3")));
	assert_true(json_is_array(json_object_get(tcb_info, "event_log")));
	assert_int_equal(json_array_size(json_object_get(tcb_info, "event_log")), 0);
	sim_evidence(&sim, zeros, &report);
	/* measurement and host data lie in a row */
	crypto_hash("SHA256", report.data + 0x90, 48 + 32, digest);
	expected = bytes_hex(digest, sizeof(digest));
	assert_string_equal(text_of(answer, "mr_aggregated"), expected);
	free(expected);
	json_decref(tcb_info);
	json_decref(answer);
	bytes_free(&report);
	sim_end(&sim);
}

/* HKDF-SHA256 by hand: one block, so two HMACs. */
static void keys(void **state)
{
	static const uint8_t info[] = {'a', '/', 'b', 1};
	uint8_t app_key[32], extracted[32], expanded[32];
	struct sim sim;
	json_t *answer;
	char *expected;

	(void)state;
	begin(&sim, AGENT_0_6_0);
	crypto_stable("application key", app_key, sizeof(app_key));
	HMAC(EVP_sha256(), "RATLS", 5, app_key, sizeof(app_key), extracted, NULL);
	HMAC(EVP_sha256(), extracted, sizeof(extracted), info, sizeof(info), expanded, NULL);
	expected = bytes_hex(expanded, sizeof(expanded));
	answer = call(&sim, SURFACE_V0, "GetKey", json_pack("{s:s}", "path", "a/b"), 200);
	assert_string_equal(text_of(answer, "key"), expected);
	json_decref(answer);
	answer = call(&sim, SURFACE_V0, "GetKey",
		      json_pack("{s:s, s:s}", "path", "a/b", "algorithm", "ed25519"), 200);
	assert_string_equal(text_of(answer, "key"), expected);
	json_decref(answer);
	answer = call(&sim, SURFACE_V0, "GetKey", json_pack("{s:s}", "algorithm", "rsa"), 400);
	assert_string_equal(text_of(answer, "error"), "Unsupported algorithm");
	json_decref(answer);
	free(expected);
	sim_end(&sim);
}

/* The key that signed, as Ethereum finds it: (s * R - hash * G) / r, R having r and the parity. */
static void recover(const uint8_t hash[static 32], const uint8_t rsv[static 65],
		    uint8_t public[static 33])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_secp256k1);
	const BIGNUM *order = EC_GROUP_get0_order(group);
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *r = BN_bin2bn(rsv, 32, NULL), *s = BN_bin2bn(rsv + 32, 32, NULL);
	BIGNUM *message = BN_bin2bn(hash, 32, NULL);
	BN_CTX *ctx = BN_CTX_new();

	assert_in_range(rsv[64], 0, 1);
	assert_true(EC_POINT_set_compressed_coordinates(group, point, r, rsv[64], ctx));
	assert_non_null(BN_mod_inverse(r, r, order, ctx));
	assert_true(BN_mod_mul(s, s, r, order, ctx) &&
		    BN_mod_mul(message, message, r, order, ctx) && BN_sub(message, order, message));
	assert_true(EC_POINT_mul(group, point, message, point, s, ctx));
	assert_int_equal(
		EC_POINT_point2oct(group, point, POINT_CONVERSION_COMPRESSED, public, 33, ctx), 33);
	BN_CTX_free(ctx);
	BN_free(r);
	BN_free(s);
	BN_free(message);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

/* The public key that a signature is over, in hexadecimal for the caller to free. */
static char *public_of(const struct bytes *key, bool ed25519)
{
	uint8_t public[33];
	size_t len = sizeof(public);

	assert_int_equal(key->len, 32);
	if (ed25519) {
		EVP_PKEY *pair =
			EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->data, 32);

		assert_int_equal(EVP_PKEY_get_raw_public_key(pair, public, &len), 1);
		EVP_PKEY_free(pair);
	} else {
		secp256k1_public(key->data, public);
	}
	return bytes_hex(public, len);
}

static void check_signature(const json_t *answer, bool ed25519, const uint8_t app_public[static 33])
{
	const json_t *chain = json_object_get(answer, "signature_chain");
	struct bytes key = {0}, signature = {0}, claim = {0};
	uint8_t found[33], hash[32];
	char *public;

	assert_int_equal(json_array_size(chain), 2);
	assert_true(bytes_from_hex(&key, text_of(answer, "key")));
	assert_true(bytes_from_hex(&signature, json_string_value(json_array_get(chain, 0))));
	assert_int_equal(signature.len, 65);
	public = public_of(&key, ed25519);
	bytes_text(&claim, "why:");
	bytes_text(&claim, public);
	keccak(claim.data, claim.len, hash, sizeof(hash));
	recover(hash, signature.data, found);
	assert_memory_equal(found, app_public, sizeof(found));
	/* the lower of the two values of s */
	assert_true(signature.data[32] < 0x80);
	free(public);
	bytes_free(&key);
	bytes_free(&signature);
	bytes_free(&claim);
}

/* The application's signature over each key leads back to the application's key. */
static void key_signatures(void **state)
{
	uint8_t app_key[32], app_public[33];
	struct sim sim;

	(void)state;
	begin(&sim, AGENT_0_6_0);
	crypto_stable("application key", app_key, sizeof(app_key));
	secp256k1_public(app_key, app_public);
	for (unsigned i = 0; i < 26; i++) {
		const bool ed25519 = i % 2;
		char path[] = {(char)('a' + i), '\0'};
		json_t *answer = call(&sim, SURFACE_V0, "GetKey",
				      json_pack("{s:s, s:s, s:s}", "path", path, "purpose", "why",
						"algorithm", ed25519 ? "ed25519" : "secp256k1"),
				      200);

		check_signature(answer, ed25519, app_public);
		json_decref(answer);
	}
	sim_end(&sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_off_tdx),
		cmocka_unit_test(info_off_tdx),
		cmocka_unit_test(keys),
		cmocka_unit_test(key_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
