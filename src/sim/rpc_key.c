/* SPDX-License-Identifier: Apache-2.0 */
/* GetKey: the application's keys, all derived from one that is the same in every run. */
#include "sim/rpc.h"

#include <stdlib.h>
#include <string.h>

#include "sim/crypto.h"
#include "sim/die.h"
#include "sim/keccak.h"
#include "sim/secp256k1.h"

static json_t *hex(const void *data, size_t len)
{
	char *text = bytes_hex(data, len);
	json_t *value = json_string(text);

	free(text);
	return value;
}

static bool algorithm_known(const char *algorithm)
{
	static const char *const known[] = {"", "secp256k1", "k256", "ed25519"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], algorithm) == 0)
			return true;
	return false;
}

/* The public key in hexadecimal, for the caller to free. */
static char *public_key(const uint8_t key[static 32], const char *algorithm)
{
	uint8_t public[SECP256K1_PUBLIC_LEN];
	size_t len = sizeof(public);

	if (strcmp(algorithm, "ed25519") == 0) {
		EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key, 32);

		if (!pair || EVP_PKEY_get_raw_public_key(pair, public, &len) != 1)
			die("OpenSSL lacks ed25519");
		EVP_PKEY_free(pair);
	} else {
		secp256k1_public(key, public);
	}
	return bytes_hex(public, len);
}

/* The application vouches for the key and its purpose: over Keccak-256 of "PURPOSE:PUBLIC KEY". */
static json_t *vouch(const uint8_t app_key[static 32], const char *purpose, const char *public)
{
	uint8_t hash[32], signature[SECP256K1_SIGNATURE_LEN];
	struct bytes text = {0};

	bytes_text(&text, purpose);
	bytes_text(&text, ":");
	bytes_text(&text, public);
	keccak(text.data, text.len, hash, sizeof(hash));
	secp256k1_sign(app_key, hash, signature);
	bytes_free(&text);
	return hex(signature, sizeof(signature));
}

void rpc_get_key(const struct call *call, struct reply *reply)
{
	const char *path = rpc_text(call, "path", reply);
	const char *purpose = path ? rpc_text(call, "purpose", reply) : NULL;
	/* Agents up to 0.5.5 do not know the field, and ignore it. */
	const bool asks = purpose && call->sim->agent > AGENT_0_5_5;
	const char *algorithm = asks ? rpc_text(call, "algorithm", reply) : "";
	uint8_t app_key[32], key[32], by_kms[SECP256K1_SIGNATURE_LEN] = {0};
	char *public;

	if (!path || !purpose || !algorithm)
		return;
	if (!algorithm_known(algorithm)) {
		reply_error(reply, 400, "Unsupported algorithm");
		return;
	}
	crypto_stable("application key", app_key, sizeof(app_key));
	crypto_hkdf("RATLS", app_key, path, key);
	public = public_key(key, algorithm);
	/* No key management service stands behind this guest: its signature is made up. */
	crypto_stable("signature by the key management", by_kms, 64);
	reply_json(reply,
		   json_pack("{s:o, s:[o, o]}", "key", hex(key, sizeof(key)), "signature_chain",
			     vouch(app_key, purpose, public), hex(by_kms, sizeof(by_kms))));
	free(public);
}
