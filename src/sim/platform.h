/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a simulated TEE has to offer.  A further one is one more file with one more constant of
 * this type, and its line in platform.c.  One thread at a time calls.
 */
#ifndef TEESHIM_SIM_PLATFORM_H
#define TEESHIM_SIM_PLATFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/bytes.h"
#include "sim/guest.h"
#include "sim/quote.h"

/* What an SEV-SNP guest's cert_chain carries: value of --certs. */
enum snp_certs {
	SNP_CERTS_NONE,
	SNP_CERTS_TABLE, /* VCEK, ASK and ARK as the host's certificate table, in one element */
	SNP_CERTS_PEM,   /* ASK and VCEK, an element each */
	SNP_CERTS_DER,   /* VCEK, ASK and ARK, an element each */
	SNP_CERTS_VLEK,  /* as TABLE, with a VLEK that signs the reports, and its ASVK */
};

/* What the options say about the evidence. */
struct platform_options {
	int quote_version; /* 4 or 5 */
	size_t pad;        /* zero bytes after each quote */
	bool full_log;     /* the agent returns its event log unshortened */
	bool snp_events;   /* attestations of SEV-SNP carry dstack's own events */
	enum snp_certs certs;
};

struct platform {
	const char *name;      /* value of --tee */
	const char *kind;      /* platform.kind of a V1 attestation */
	uint8_t scale_variant; /* second byte of a V0 attestation */
	bool quotes;           /* the evidence is a quote, which GetQuote and tappd give */

	/* Make keys and evidence templates; the guest outlives the result, which end() releases. */
	void *(*begin)(const struct platform_options *options, const struct guest *guest);
	void (*end)(void *tee);
	/* Append the root certificate in PEM. */
	void (*root)(const void *tee, struct bytes *out);
	/* Append a quote or report over report_data. */
	void (*evidence)(const void *tee, const uint8_t report_data[static REPORT_DATA_LEN],
			 struct bytes *out);
	/* Log a runtime event and extend RTMR3 by it; NULL where there are no RTMRs. */
	void (*emit)(void *tee, const char *name, const void *payload, size_t len);
	/* Append the platform's part of an attestation, V0 and V1, around that evidence. */
	void (*scale)(const void *tee, const struct bytes *evidence, struct bytes *out);
	void (*msgpack)(const void *tee, const struct bytes *evidence, struct bytes *out);
	/* dstack's events, for the attestation's second part; NULL where there are none. */
	const struct eventlog *(*events)(const void *tee);
	/* A new JSON array: the log that comes with a quote, or (full) the one in Info. */
	json_t *(*event_log)(const void *tee, bool full);
	/* Put mrtd, rtmr0..3 into the tcb_info object of Info; null where there are none. */
	void (*registers)(const void *tee, json_t *tcb_info);
	/* dstack's mr_aggregated: SHA-256 over what the guest is measured into. */
	void (*aggregate)(const void *tee, uint8_t digest[static 32]);
};

extern const struct platform platform_tdx, platform_sev_snp;

/* platform_find() - the platform that --tee names, or NULL. */
const struct platform *platform_find(const char *name);

#endif
