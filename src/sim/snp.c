/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated SEV-SNP guest: its reports, its certificates, and how they stand in attestations. */
#include "sim/platform.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cert.h"
#include "sim/crypto.h"
#include "sim/die.h"
#include "sim/eventlog.h"
#include "sim/msgpack.h"
#include "sim/scale.h"
#include "sim/snp_pki.h"
#include "sim/snp_report.h"

enum { CHAIN_MAX = 3, TABLE_HEAD = 24 };

struct snp {
	uint8_t measurement[48];
	uint8_t host_data[32]; /* SHA-256 of mr_config */
	char *mr_config;
	struct snp_pki pki;
	EVP_PKEY *key;                  /* of the VCEK or VLEK that signs */
	uint8_t report[SNP_REPORT_LEN]; /* but for report data and signature */
	struct eventlog *log;           /* NULL where events are not given out */
	struct bytes chain[CHAIN_MAX];  /* cert_chain */
	uint32_t chain_count;
};

/* What dstack measures into HOST_DATA of an SEV-SNP guest: JSON with sorted keys and no blanks. */
static char *mr_config_make(const struct guest *guest)
{
	char *app_id = bytes_hex(guest->app_id, sizeof(guest->app_id));
	char *compose_hash = bytes_hex(guest->compose_hash, sizeof(guest->compose_hash));
	char *instance_id = bytes_hex(guest->instance_id, sizeof(guest->instance_id));
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "app_id", app_id, "compose_hash",
				 compose_hash, "instance_id", instance_id, "key_provider", "none",
				 "key_provider_id", "", "version", 3);
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	if (!text)
		die("out of memory");
	json_decref(json);
	free(app_id);
	free(compose_hash);
	free(instance_id);
	return text;
}

/* Of a table under construction. */
struct row {
	uint8_t guid[16];
	X509 *cert;
};

static void table_make(struct bytes *out, const struct row *rows, size_t count)
{
	struct bytes certs = {0};

	for (size_t i = 0; i < count; i++) {
		size_t start = certs.len;

		cert_add_der(&certs, rows[i].cert);
		bytes_add(out, rows[i].guid, sizeof(rows[i].guid));
		bytes_le32(out, (uint32_t)((count + 1) * TABLE_HEAD + start));
		bytes_le32(out, (uint32_t)(certs.len - start));
	}
	bytes_zero(out, TABLE_HEAD);
	bytes_add(out, certs.data, certs.len);
	bytes_free(&certs);
}

/* GUIDs: AMD's sev-guest tools; the bytes in the order of the text. */
#define GUID_VCEK                                                                                  \
	{                                                                                          \
		0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b,      \
			0xe8, 0xac, 0xcd                                                           \
	}
#define GUID_VLEK                                                                                  \
	{                                                                                          \
		0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45,      \
			0xa0, 0xb8, 0xa1                                                           \
	}
#define GUID_ASK                                                                                   \
	{                                                                                          \
		0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3,      \
			0x27, 0xc7, 0x82                                                           \
	}
#define GUID_ARK                                                                                   \
	{                                                                                          \
		0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01,      \
			0x4c, 0xd0, 0xae                                                           \
	}

/* The forms that agents were seen to give, or may give by their code. */
static void chain_make(struct snp *snp, enum snp_certs certs)
{
	const struct snp_pki *pki = &snp->pki;
	const struct row vcek[] = {
		{GUID_VCEK, pki->vcek}, {GUID_ASK, pki->ask}, {GUID_ARK, pki->ark}};
	const struct row vlek[] = {
		{GUID_VLEK, pki->vlek}, {GUID_ASK, pki->asvk}, {GUID_ARK, pki->ark}};

	switch (certs) {
	case SNP_CERTS_NONE:
		break;
	case SNP_CERTS_TABLE:
		table_make(&snp->chain[snp->chain_count++], vcek, 3);
		break;
	case SNP_CERTS_VLEK:
		table_make(&snp->chain[snp->chain_count++], vlek, 3);
		break;
	case SNP_CERTS_PEM:
		cert_add_pem(&snp->chain[snp->chain_count++], pki->ask);
		cert_add_pem(&snp->chain[snp->chain_count++], pki->vcek);
		break;
	case SNP_CERTS_DER:
		for (size_t i = 0; i < 3; i++)
			cert_add_der(&snp->chain[snp->chain_count++], vcek[i].cert);
		break;
	}
}

static void *snp_begin(const struct platform_options *options, const struct guest *guest)
{
	struct snp_machine machine = {.boot_loader = 4, .snp = 23, .microcode = 213};
	const bool by_vlek = options->certs == SNP_CERTS_VLEK;
	struct snp *snp = calloc(1, sizeof(*snp));

	if (!snp)
		die("out of memory");
	crypto_stable("SNP chip id", machine.chip_id, sizeof(machine.chip_id));
	crypto_stable("SNP measurement", snp->measurement, sizeof(snp->measurement));
	snp->mr_config = mr_config_make(guest);
	crypto_hash("SHA256", snp->mr_config, strlen(snp->mr_config), snp->host_data);
	snp_pki_make(&snp->pki, &machine);
	snp->key = by_vlek ? snp->pki.vlek_key : snp->pki.vcek_key;
	snp_report_prepare(snp->report, &machine, snp->measurement, snp->host_data, by_vlek);
	chain_make(snp, options->certs);
	if (options->snp_events) {
		snp->log = calloc(1, sizeof(*snp->log));
		if (!snp->log)
			die("out of memory");
		eventlog_make(snp->log, guest);
	}
	return snp;
}

static void snp_end(void *tee)
{
	struct snp *snp = tee;

	for (uint32_t i = 0; i < snp->chain_count; i++)
		bytes_free(&snp->chain[i]);
	if (snp->log)
		eventlog_free(snp->log);
	free(snp->log);
	snp_pki_free(&snp->pki);
	free(snp->mr_config);
	free(snp);
}

static void snp_root(const void *tee, struct bytes *out)
{
	const struct snp *snp = tee;

	cert_add_pem(out, snp->pki.ark);
}

static void snp_evidence(const void *tee, const uint8_t report_data[static REPORT_DATA_LEN],
			 struct bytes *out)
{
	const struct snp *snp = tee;
	size_t start = out->len;

	bytes_add(out, snp->report, sizeof(snp->report));
	snp_report_sign(out->data + start, report_data, snp->key);
}

static void snp_scale(const void *tee, const struct bytes *evidence, struct bytes *out)
{
	const struct snp *snp = tee;

	scale_put_bytes(out, evidence->data, evidence->len);
	scale_put_count(out, snp->chain_count);
	for (uint32_t i = 0; i < snp->chain_count; i++)
		scale_put_bytes(out, snp->chain[i].data, snp->chain[i].len);
	scale_put_text(out, snp->mr_config);
}

static void snp_msgpack(const void *tee, const struct bytes *evidence, struct bytes *out)
{
	const struct snp *snp = tee;

	msgpack_put_map(out, 3);
	msgpack_put_text(out, "report");
	msgpack_put_int_array(out, evidence->data, evidence->len);
	msgpack_put_text(out, "cert_chain");
	msgpack_put_array(out, snp->chain_count);
	for (uint32_t i = 0; i < snp->chain_count; i++)
		msgpack_put_int_array(out, snp->chain[i].data, snp->chain[i].len);
	msgpack_put_text(out, "mr_config");
	msgpack_put_text(out, snp->mr_config);
}

/* There is no register to extend at run time; the alphas logged their events all the same. */
static const struct eventlog *snp_events(const void *tee)
{
	const struct snp *snp = tee;

	return snp->log;
}

static json_t *snp_event_log(const void *tee, bool full)
{
	(void)tee;
	(void)full;
	return json_array();
}

static void snp_registers(const void *tee, json_t *tcb_info)
{
	static const char *const keys[] = {"mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"};

	(void)tee;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_set_new(tcb_info, keys[i], json_null()))
			die("out of memory");
}

static void snp_aggregate(const void *tee, uint8_t digest[static 32])
{
	const struct snp *snp = tee;

	_Static_assert(offsetof(struct snp, host_data) == sizeof(snp->measurement),
		       "measurement and host data lie in a row");
	crypto_hash("SHA256", snp, sizeof(snp->measurement) + sizeof(snp->host_data), digest);
}

const struct platform platform_sev_snp = {
	.name = "sev-snp",
	.kind = "sev-snp",
	.scale_variant = 3,
	.quotes = false,
	.begin = snp_begin,
	.end = snp_end,
	.root = snp_root,
	.evidence = snp_evidence,
	.scale = snp_scale,
	.msgpack = snp_msgpack,
	.events = snp_events,
	.event_log = snp_event_log,
	.registers = snp_registers,
	.aggregate = snp_aggregate,
};
