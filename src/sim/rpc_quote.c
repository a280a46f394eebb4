/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that return evidence over the caller's report data. */
#include "sim/rpc.h"

#include <stdlib.h>
#include <string.h>

#include "sim/attest.h"
#include "sim/crypto.h"
#include "sim/keccak.h"

/* The 64 bytes that GetQuote and Attest use: the caller's, zeros to their right. */
static bool get_report_data(const struct call *call, uint8_t report_data[static REPORT_DATA_LEN],
			    struct reply *reply)
{
	struct bytes given = {0};
	bool good = rpc_bytes(call, "report_data", &given, reply);

	if (good && given.len > REPORT_DATA_LEN) {
		reply_error(reply, 400,
			    call->surface == SURFACE_V1 ? "report data is too long"
							: "Report data is too long");
		good = false;
	}
	if (good) {
		memset(report_data, 0, REPORT_DATA_LEN);
		if (given.len)
			memcpy(report_data, given.data, given.len);
	}
	bytes_free(&given);
	return good;
}

static json_t *json_hex(const void *data, size_t len)
{
	char *text = bytes_hex(data, len);
	json_t *value = json_string(text);

	free(text);
	return value;
}

/* The log as a string that holds JSON; off TDX it is "". */
static json_t *json_event_log(const struct sim *sim)
{
	json_t *log, *value;
	char *text;

	if (!sim->platform->quotes)
		return json_string("");
	log = sim->platform->event_log(sim->tee, /* full= */ false);
	text = json_dumps(log, JSON_COMPACT);
	value = json_string(text);
	free(text);
	json_decref(log);
	return value;
}

/* The quote; off TDX it is "". */
static json_t *json_quote(struct sim *sim, const uint8_t report_data[static REPORT_DATA_LEN])
{
	struct bytes quote = {0};
	json_t *value;

	if (!sim->platform->quotes)
		return json_string("");
	sim_evidence(sim, report_data, &quote);
	value = json_hex(quote.data, quote.len);
	bytes_free(&quote);
	return value;
}

/* Releases since 0.6.0 refuse off TDX, those before gave an empty quote; true has filled in the reply. */
static bool refuse_off_tdx(const struct sim *sim, struct reply *reply)
{
	if (sim->platform->quotes || sim->agent < AGENT_0_6_0)
		return false;
	reply_error(reply, 400, "GetQuote is Intel TDX only, use Attest on this platform");
	return true;
}

void rpc_get_quote(const struct call *call, struct reply *reply)
{
	struct sim *sim = call->sim;
	uint8_t report_data[REPORT_DATA_LEN];
	json_t *quote;

	if (!get_report_data(call, report_data, reply) || refuse_off_tdx(sim, reply))
		return;
	quote = json_quote(sim, report_data); /* and the log that belongs to it */
	reply_json(reply, json_pack("{s:o, s:o, s:o, s:s}", "quote", quote, "event_log",
				    json_event_log(sim), "report_data",
				    json_hex(report_data, sizeof(report_data)), "vm_config",
				    sim->guest.vm_config));
}

void rpc_attest(const struct call *call, struct reply *reply)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes out = {0};

	if (!get_report_data(call, report_data, reply))
		return;
	attest_v0(call->sim, report_data, &out);
	reply_json(reply, json_pack("{s:o}", "attestation", json_hex(out.data, out.len)));
	bytes_free(&out);
}

void rpc_attest_v1(const struct call *call, struct reply *reply)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes out = {0};

	if (!get_report_data(call, report_data, reply))
		return;
	attest_v1(call->sim, report_data, &out);
	reply_json(reply, json_pack("{s:o, s:[]}", "attestation", json_hex(out.data, out.len),
				    "boottime_gpu_evidence"));
	bytes_free(&out);
}

/* tappd's report data: a hash over prefix ":" input, zeros to its right. */
static bool hash_report_data(const char *algorithm, const char *prefix, const struct bytes *input,
			     uint8_t report_data[static REPORT_DATA_LEN])
{
	static const struct {
		const char *name;
		const char *openssl; /* NULL: Keccak, which OpenSSL 3.0 lacks */
		size_t len;
	} hashes[] = {
		{"sha256", "SHA256", 32},     {"sha384", "SHA384", 48},
		{"sha512", "SHA512", 64},     {"sha3-256", "SHA3-256", 32},
		{"sha3-384", "SHA3-384", 48}, {"sha3-512", "SHA3-512", 64},
		{"keccak256", NULL, 32},      {"keccak384", NULL, 48},
		{"keccak512", NULL, 64},
	};
	struct bytes text = {0};

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (strcmp(hashes[i].name, algorithm) != 0)
			continue;
		bytes_text(&text, prefix);
		bytes_text(&text, ":");
		bytes_add(&text, input->data, input->len);
		memset(report_data, 0, REPORT_DATA_LEN);
		if (hashes[i].openssl)
			crypto_hash(hashes[i].openssl, text.data, text.len, report_data);
		else
			keccak(text.data, text.len, report_data, hashes[i].len);
		bytes_free(&text);
		return true;
	}
	return false;
}

static void tappd_quote(const struct call *call, const char *algorithm, const char *prefix,
			struct reply *reply)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes input = {0};
	bool raw = strcmp(algorithm, "raw") == 0;
	json_t *quote;

	if (!rpc_bytes(call, "report_data", &input, reply))
		return;
	if (raw && input.len != REPORT_DATA_LEN) {
		reply_error(reply, 400, "invalid content length");
	} else if (!raw && !hash_report_data(algorithm, prefix, &input, report_data)) {
		reply_error(reply, 400, "invalid hash algorithm");
	} else if (!refuse_off_tdx(call->sim, reply)) {
		if (raw)
			memcpy(report_data, input.data, sizeof(report_data));
		quote = json_quote(call->sim, report_data);
		reply_json(reply, json_pack("{s:o, s:o, s:s, s:s}", "quote", quote, "event_log",
					    json_event_log(call->sim), "hash_algorithm", algorithm,
					    "prefix", raw ? "" : prefix));
	}
	bytes_free(&input);
}

void rpc_tdx_quote(const struct call *call, struct reply *reply)
{
	const char *algorithm = rpc_text(call, "hash_algorithm", reply);
	const char *prefix = algorithm ? rpc_text(call, "prefix", reply) : NULL;

	if (prefix)
		tappd_quote(call, algorithm[0] ? algorithm : "sha512",
			    prefix[0] ? prefix : "app-data", reply);
}

void rpc_raw_quote(const struct call *call, struct reply *reply)
{
	tappd_quote(call, "raw", "", reply);
}
