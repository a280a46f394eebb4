/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/tsm_provider.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "translate/snp_evidence.h"

/* drivers/virt/coco/tdx-guest/tdx-guest.c, tdx_report_new(): only full report data will do. */
static int tdx_report(const struct agent *agent, const uint8_t *inblob, size_t len,
		      int64_t deadline_ms, struct tsm_report *out)
{
	struct agent_quote quote = {0};
	int err;

	if (len != REPORT_DATA_SIZE)
		return -EINVAL;
	err = agent_get_quote(agent, inblob, deadline_ms, &quote);
	if (err < 0)
		return err;
	out->outblob = quote.quote;
	quote.quote = (struct buf){0};
	agent_quote_free(&quote);
	return 0;
}

/* drivers/virt/coco/sev-guest/sev-guest.c, sev_report_new(): likewise. */
static int sev_report(const struct agent *agent, const uint8_t *inblob, size_t len,
		      int64_t deadline_ms, struct tsm_report *out)
{
	struct snp_evidence evidence = {0};
	int err;

	if (len != REPORT_DATA_SIZE)
		return -EINVAL;
	err = snp_evidence_get(agent, inblob, deadline_ms, &evidence);
	if (err < 0)
		return err;
	out->outblob = evidence.report;
	out->auxblob = evidence.certs;
	return 0;
}

static const struct tsm_provider providers[] = {
	{TEE_TDX, "tdx_guest", tdx_report},
	{TEE_SEV_SNP, "sev_guest", sev_report},
};

enum { PROVIDERS = sizeof(providers) / sizeof(providers[0]) };

const struct tsm_provider *tsm_provider_of(enum tee tee)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		if (providers[i].tee == tee)
			return &providers[i];
	return NULL;
}

const struct tsm_provider *tsm_provider_named(const char *name, size_t len)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		if (strlen(providers[i].name) == len && memcmp(providers[i].name, name, len) == 0)
			return &providers[i];
	return NULL;
}

/* A digit's value in bases up to 16; 16 for what is none. */
static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* kstrtouint() of lib/kstrtox.c with base 0.  A text without a zero byte is read as if one followed. */
int tsm_privlevel_parse(const char *text, size_t len, unsigned *privlevel)
{
	const size_t end = strnlen(text, len);
	uint64_t value = 0;
	bool overflow = false;
	unsigned base = 10;
	size_t at = end > 0 && text[0] == '+';
	size_t start;

	if (at < end && text[at] == '0')
		base = 8;
	if (base == 8 && end - at > 2 && (text[at + 1] | 0x20) == 'x' &&
	    digit_of(text[at + 2]) < 16) {
		base = 16;
		at += 2;
	}
	for (start = at; at < end && digit_of(text[at]) < base; at++) {
		overflow |= __builtin_mul_overflow(value, base, &value);
		overflow |= __builtin_add_overflow(value, digit_of(text[at]), &value);
	}
	if (overflow)
		return -ERANGE;
	at += at < end && at > start && text[at] == '\n';
	if (at == start || at < end)
		return -EINVAL;
	if (value > UINT32_MAX)
		return -ERANGE;
	if (value > TSM_PRIVLEVEL_MAX)
		return -EINVAL;
	*privlevel = (unsigned)value;
	return 0;
}
