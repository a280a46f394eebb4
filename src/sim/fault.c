/* SPDX-License-Identifier: Apache-2.0 */
/* What each fault makes of an answer; server.c delivers it. */
#include "sim/fault.h"

#include <openssl/rand.h>
#include <string.h>

#include "sim/die.h"

static const char *const names[] = {
	[FAULT_ERROR] = "error",
	[FAULT_EMPTY] = "empty",
	[FAULT_TRUNCATED] = "truncated",
	[FAULT_GARBAGE] = "garbage",
	[FAULT_HUGE] = "huge",
	[FAULT_HANG] = "hang",
	[FAULT_SLOW_DRIP] = "slow-drip",
	[FAULT_CLOSE] = "close",
	[FAULT_WRONG_LENGTH] = "wrong-length",
	[FAULT_WRONG_DATA] = "wrong-data",
};

bool fault_find(const char *name, enum fault *fault)
{
	for (size_t i = FAULT_ERROR; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*fault = (enum fault)i;
			return true;
		}
	}
	return false;
}

bool fault_strikes(enum fault fault, const char *path)
{
	const char *last = strrchr(path, '/');

	last = last ? last + 1 : path;
	return fault != FAULT_NONE && strcmp(last, "Version") != 0 &&
	       strcmp(last, "Tappd.Version") != 0;
}

static void set_garbage(struct reply *reply)
{
	uint8_t noise[4096];

	if (RAND_bytes(noise, sizeof(noise)) != 1)
		die("OpenSSL gives no random bytes");
	bytes_free(&reply->body);
	bytes_add(&reply->body, noise, sizeof(noise));
	reply->status = 200;
}

static void set_endless(struct reply *reply, enum delivery delivery)
{
	bytes_free(&reply->body);
	bytes_text(&reply->body, "{\"quote\":\"");
	reply->status = 200;
	reply->type = "application/json";
	reply->delivery = delivery;
}

void fault_spoil(enum fault fault, const char *error, struct reply *reply)
{
	switch (fault) {
	case FAULT_ERROR:
		reply_error(reply, 400, error);
		break;
	case FAULT_EMPTY:
		bytes_free(&reply->body);
		reply->status = 200;
		break;
	case FAULT_TRUNCATED:
		reply->body.len /= 2;
		break;
	case FAULT_GARBAGE:
		set_garbage(reply);
		break;
	case FAULT_HUGE:
		set_endless(reply, DELIVER_FLOOD);
		break;
	case FAULT_SLOW_DRIP:
		set_endless(reply, DELIVER_DRIP);
		break;
	case FAULT_HANG:
		reply->delivery = DELIVER_HANG;
		break;
	case FAULT_CLOSE:
		reply->delivery = DELIVER_CLOSE;
		break;
	case FAULT_WRONG_LENGTH:
		reply->delivery = DELIVER_SHORT;
		break;
	case FAULT_NONE:
	case FAULT_WRONG_DATA:
		break;
	}
}
