/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated TDX guest: its registers, its quotes, and how they stand in attestations. */
#include "sim/platform.h"

#include <stdlib.h>

#include "sim/crypto.h"
#include "sim/die.h"
#include "sim/eventlog.h"
#include "sim/msgpack.h"
#include "sim/pki.h"
#include "sim/scale.h"

struct tdx {
	struct td_registers registers;
	struct eventlog full;  /* as it was measured */
	struct eventlog shown; /* as the agent gives it out with a quote */
	struct pki pki;
	struct quote_maker maker;
};

static void *tdx_begin(const struct platform_options *options, const struct guest *guest)
{
	struct tdx *tdx = calloc(1, sizeof(*tdx));

	if (!tdx)
		die("out of memory");
	crypto_stable("MRTD", tdx->registers.mrtd, sizeof(tdx->registers.mrtd));
	eventlog_make(&tdx->full, guest);
	eventlog_replay(&tdx->full, tdx->registers.rtmr);
	tdx->shown = tdx->full;
	if (!options->full_log)
		eventlog_shorten(&tdx->shown);
	pki_make(&tdx->pki);
	quote_prepare(&tdx->maker, options->quote_version, options->pad, &tdx->registers,
		      &tdx->pki);
	return tdx;
}

static void tdx_end(void *tee)
{
	struct tdx *tdx = tee;

	quote_release(&tdx->maker);
	pki_free(&tdx->pki);
	free(tdx);
}

static void tdx_root(const void *tee, struct bytes *out)
{
	const struct tdx *tdx = tee;

	pki_add_pem(out, tdx->pki.root);
}

static void tdx_evidence(const void *tee, const uint8_t report_data[static REPORT_DATA_LEN],
			 struct bytes *out)
{
	const struct tdx *tdx = tee;

	quote_make(&tdx->maker, report_data, out);
}

static void tdx_scale(const void *tee, const struct bytes *evidence, struct bytes *out)
{
	const struct tdx *tdx = tee;

	scale_put_bytes(out, evidence->data, evidence->len);
	scale_put_count(out, EVENT_COUNT);
	for (size_t i = 0; i < EVENT_COUNT; i++) {
		const struct event *event = &tdx->shown.event[i];

		bytes_le32(out, event->imr);
		bytes_le32(out, event->type);
		scale_put_bytes(out, event->digest, event->digest_len);
		scale_put_text(out, event->name);
		scale_put_bytes(out, event->payload, event->payload_len);
	}
}

static void tdx_msgpack(const void *tee, const struct bytes *evidence, struct bytes *out)
{
	const struct tdx *tdx = tee;

	msgpack_put_map(out, 2);
	msgpack_put_text(out, "quote");
	msgpack_put_int_array(out, evidence->data, evidence->len);
	msgpack_put_text(out, "event_log");
	msgpack_put_array(out, EVENT_COUNT);
	for (size_t i = 0; i < EVENT_COUNT; i++) {
		const struct event *event = &tdx->shown.event[i];

		msgpack_put_map(out, 5);
		msgpack_put_text(out, "imr");
		msgpack_put_uint(out, event->imr);
		msgpack_put_text(out, "event_type");
		msgpack_put_uint(out, event->type);
		msgpack_put_text(out, "digest");
		msgpack_put_bin(out, event->digest, event->digest_len);
		msgpack_put_text(out, "event");
		msgpack_put_text(out, event->name);
		msgpack_put_text(out, "event_payload");
		msgpack_put_bin(out, event->payload, event->payload_len);
	}
}

static const struct eventlog *tdx_events(const void *tee)
{
	const struct tdx *tdx = tee;

	return &tdx->full;
}

static json_t *tdx_event_log(const void *tee, bool full)
{
	const struct tdx *tdx = tee;

	return eventlog_json(full ? &tdx->full : &tdx->shown);
}

static void set_register(json_t *object, const char *key, const uint8_t value[static RTMR_SIZE])
{
	char *hex = bytes_hex(value, RTMR_SIZE);

	if (json_object_set_new(object, key, json_string(hex)))
		die("out of memory");
	free(hex);
}

static void tdx_registers(const void *tee, json_t *tcb_info)
{
	const struct tdx *tdx = tee;

	set_register(tcb_info, "mrtd", tdx->registers.mrtd);
	for (unsigned int i = 0; i < RTMR_COUNT; i++) {
		char key[] = "rtmr0";

		key[4] = (char)('0' + i);
		set_register(tcb_info, key, tdx->registers.rtmr[i]);
	}
}

static void tdx_aggregate(const void *tee, uint8_t digest[static 32])
{
	const struct tdx *tdx = tee;

	/* MRCONFIGID, MROWNER and MROWNERCONFIG count only where one of them is not zero. */
	_Static_assert(sizeof(tdx->registers) == 5 * RTMR_SIZE, "MRTD and RTMR0-3 lie in a row");
	crypto_hash("SHA256", &tdx->registers, sizeof(tdx->registers), digest);
}

const struct platform platform_tdx = {
	.name = "tdx",
	.kind = "tdx",
	.scale_variant = 0,
	.begin = tdx_begin,
	.end = tdx_end,
	.root = tdx_root,
	.evidence = tdx_evidence,
	.scale = tdx_scale,
	.msgpack = tdx_msgpack,
	.events = tdx_events,
	.event_log = tdx_event_log,
	.registers = tdx_registers,
	.aggregate = tdx_aggregate,
};
