/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated TDX guest: its registers, its quotes, and how they stand in attestations. */
#include "sim/platform.h"

#include <stdlib.h>

#include "sim/cert.h"
#include "sim/crypto.h"
#include "sim/die.h"
#include "sim/eventlog.h"
#include "sim/msgpack.h"
#include "sim/pki.h"
#include "sim/scale.h"

struct tdx {
	struct td_registers registers;
	struct eventlog log;
	bool full_log; /* the agent gives it out with a quote as it was measured */
	struct pki pki;
	struct quote_maker maker;
};

static void *tdx_begin(const struct platform_options *options, const struct guest *guest)
{
	struct tdx *tdx = calloc(1, sizeof(*tdx));

	if (!tdx)
		die("out of memory");
	crypto_stable("MRTD", tdx->registers.mrtd, sizeof(tdx->registers.mrtd));
	eventlog_make(&tdx->log, guest);
	eventlog_replay(&tdx->log, tdx->registers.rtmr);
	tdx->full_log = options->full_log;
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
	eventlog_free(&tdx->log);
	free(tdx);
}

static void tdx_root(const void *tee, struct bytes *out)
{
	const struct tdx *tdx = tee;

	cert_add_pem(out, tdx->pki.root);
}

static void tdx_evidence(const void *tee, const uint8_t report_data[static REPORT_DATA_LEN],
			 struct bytes *out)
{
	const struct tdx *tdx = tee;

	quote_make(&tdx->maker, report_data, out);
}

static void tdx_emit(void *tee, const char *name, const void *payload, size_t len)
{
	struct tdx *tdx = tee;

	eventlog_emit(&tdx->log, name, payload, len);
	event_extend(&tdx->log.event[tdx->log.count - 1], tdx->registers.rtmr[3]);
	quote_set_rtmrs(&tdx->maker, &tdx->registers);
}

/* An event as it stands in an attestation. */
static struct event tdx_shown(const struct tdx *tdx, size_t index)
{
	const struct event *event = &tdx->log.event[index];

	return tdx->full_log ? *event : event_shortened(event);
}

static void tdx_scale(const void *tee, const struct bytes *evidence, struct bytes *out)
{
	const struct tdx *tdx = tee;

	scale_put_bytes(out, evidence->data, evidence->len);
	scale_put_count(out, (uint32_t)tdx->log.count);
	for (size_t i = 0; i < tdx->log.count; i++) {
		const struct event event = tdx_shown(tdx, i);

		bytes_le32(out, event.imr);
		bytes_le32(out, event.type);
		scale_put_bytes(out, event.digest, event.digest_len);
		scale_put_text(out, event.name);
		scale_put_bytes(out, event.payload, event.payload_len);
	}
}

static void tdx_msgpack(const void *tee, const struct bytes *evidence, struct bytes *out)
{
	const struct tdx *tdx = tee;

	msgpack_put_map(out, 2);
	msgpack_put_text(out, "quote");
	msgpack_put_int_array(out, evidence->data, evidence->len);
	msgpack_put_text(out, "event_log");
	msgpack_put_array(out, tdx->log.count);
	for (size_t i = 0; i < tdx->log.count; i++) {
		const struct event event = tdx_shown(tdx, i);

		msgpack_put_map(out, 5);
		msgpack_put_text(out, "imr");
		msgpack_put_uint(out, event.imr);
		msgpack_put_text(out, "event_type");
		msgpack_put_uint(out, event.type);
		msgpack_put_text(out, "digest");
		msgpack_put_bin(out, event.digest, event.digest_len);
		msgpack_put_text(out, "event");
		msgpack_put_text(out, event.name);
		msgpack_put_text(out, "event_payload");
		msgpack_put_bin(out, event.payload, event.payload_len);
	}
}

static const struct eventlog *tdx_events(const void *tee)
{
	const struct tdx *tdx = tee;

	return &tdx->log;
}

static json_t *tdx_event_log(const void *tee, bool full)
{
	const struct tdx *tdx = tee;

	return eventlog_json(&tdx->log, full || tdx->full_log);
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
	.quotes = true,
	.begin = tdx_begin,
	.end = tdx_end,
	.root = tdx_root,
	.evidence = tdx_evidence,
	.emit = tdx_emit,
	.scale = tdx_scale,
	.msgpack = tdx_msgpack,
	.events = tdx_events,
	.event_log = tdx_event_log,
	.registers = tdx_registers,
	.aggregate = tdx_aggregate,
};
