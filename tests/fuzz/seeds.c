/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seeds FOLDER: write the inputs that the fuzz targets start from, FOLDER/TARGET/NUMBER.  What an
 * agent says is made by the simulator's code, so that the seeds reach deep into the parsers; the
 * paths and refusals are listed here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/attest.h"
#include "sim/rpc.h"

static const char *folder;

static void fail(const char *path)
{
	fprintf(stderr, "seeds: %s: %s\n", path, strerror(errno));
	exit(1);
}

static void seed_write(const char *target, const void *data, size_t len)
{
	static unsigned number;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, target);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		fail(path);
	snprintf(path, sizeof(path), "%s/%s/%u", folder, target, number++);
	file = fopen(path, "we");
	if (!file || fwrite(data, 1, len, file) != len || fclose(file) != 0)
		fail(path);
}

static void seed_text(const char *target, const char *text)
{
	seed_write(target, text, strlen(text));
}

/* An answer as fuzz/stub_http.h reads it: status, length, body. */
static void answer_add(struct bytes *out, uint8_t status, const void *body, size_t len)
{
	bytes_u8(out, status);
	bytes_le16(out, (uint16_t)len);
	bytes_add(out, body, len);
}

static void answer_text(struct bytes *out, uint8_t status, const char *body)
{
	answer_add(out, status, body, strlen(body));
}

/* The simulator's answer to a question over report data, as the body's JSON. */
static void body_make(struct sim *sim, enum surface surface, rpc_method *method,
		      const uint8_t report_data[static REPORT_DATA_LEN], struct bytes *out)
{
	char *hex = bytes_hex(report_data, REPORT_DATA_LEN);
	json_t *request = json_pack("{s:s}", "report_data", hex);
	const struct call call = {.sim = sim, .surface = surface, .request = request};
	struct reply reply = {0};

	method(&call, &reply);
	bytes_add(out, reply.body.data, reply.body.len);
	bytes_free(&reply.body);
	json_decref(request);
	free(hex);
}

static void seeds_quote(struct sim *sim, enum surface surface, rpc_method *method)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes input = {0};
	struct bytes body = {0};

	memset(report_data, 0x5a, sizeof(report_data));
	body_make(sim, surface, method, report_data, &body);
	bytes_u8(&input, surface == SURFACE_TAPPD);
	answer_add(&input, 0, body.data, body.len);
	seed_write("quote", input.data, input.len);
	bytes_free(&input);
	bytes_u8(&input, 0);
	bytes_add(&input, body.data, body.len);
	seed_write("body", input.data, input.len);
	bytes_free(&input);
	bytes_free(&body);
}

static void seeds_attestation(struct sim *sim)
{
	static const uint8_t zeros[REPORT_DATA_LEN];
	static const char version[] = "{\"version\":\"0.6.0\",\"rev\":\"0\"}";
	struct bytes body = {0};
	struct bytes out = {0};

	attest_v0(sim, zeros, &out);
	seed_write("scale", out.data + 1, out.len - 1);
	bytes_free(&out);
	attest_v1(sim, zeros, &out);
	seed_write("msgpack", out.data, out.len);
	bytes_free(&out);

	body_make(sim, SURFACE_V1, rpc_attest_v1, zeros, &body);
	answer_text(&out, 0, version);
	answer_add(&out, 0, body.data, body.len);
	seed_write("platform", out.data, out.len);
	bytes_free(&out);
	bytes_free(&body);

	body_make(sim, SURFACE_V0, rpc_attest, zeros, &body);
	answer_text(&out, 2, "<!DOCTYPE html>404");
	answer_text(&out, 0, version);
	answer_add(&out, 0, body.data, body.len);
	seed_write("platform", out.data, out.len);
	bytes_free(&out);
	bytes_free(&body);
}

/* From Info; and from a quote's answer, by an agent whose Info has no log, or that has no Info. */
static void seeds_event_log(struct sim *sim, enum surface surface, rpc_method *info,
			    rpc_method *quote)
{
	static const char *const without[] = {
		"{\"error\":\"Service not found: Info\"}",
		"{\"app_id\":\"\",\"tcb_info\":\"\"}",
		"{\"tcb_info\":\"{\\\"rootfs_hash\\\":\\\"00\\\"}\"}",
	};
	static const uint8_t zeros[REPORT_DATA_LEN];
	struct bytes body = {0};
	struct bytes out = {0};

	body_make(sim, surface, info, zeros, &body);
	bytes_u8(&out, surface == SURFACE_TAPPD);
	answer_add(&out, 0, body.data, body.len);
	seed_write("event_log", out.data, out.len);
	bytes_free(&out);
	bytes_free(&body);
	body_make(sim, surface, quote, zeros, &body);
	for (uint8_t i = 0; i < 3; i++) {
		bytes_u8(&out, surface == SURFACE_TAPPD);
		answer_text(&out, i == 0 ? 2 : 0, without[i]);
		answer_add(&out, 0, body.data, body.len);
		seed_write("event_log", out.data, out.len);
		bytes_free(&out);
	}
	bytes_free(&body);
}

static void seeds_tdx_quote(struct sim *sim)
{
	uint8_t report_data[REPORT_DATA_LEN] = {1};
	struct bytes out = {0};

	sim_evidence(sim, report_data, &out);
	seed_write("tdx_quote", out.data, out.len);
	bytes_free(&out);
}

static void seeds_of_agent(enum agent agent, int version, size_t pad)
{
	struct sim sim = {.agent = agent, .log_fd = -1, .stop_fd = -1, .platform = &platform_tdx};

	sim_begin(&sim, version, pad);
	seeds_quote(&sim, SURFACE_V0, rpc_get_quote);
	if (agent == AGENT_0_3_6) {
		seeds_quote(&sim, SURFACE_TAPPD, rpc_raw_quote);
		seeds_event_log(&sim, SURFACE_TAPPD, rpc_info_old, rpc_raw_quote);
	} else {
		seeds_attestation(&sim);
		seeds_event_log(&sim, SURFACE_V0, rpc_info, rpc_get_quote);
	}
	seeds_tdx_quote(&sim);
	sim_end(&sim);
}

/* An SEV-SNP guest: attestations of both codecs, the answers around them, and their cert_chain. */
static void seeds_report(struct sim *sim)
{
	uint8_t report_data[REPORT_DATA_LEN];
	struct bytes body = {0};
	struct bytes out = {0};

	memset(report_data, 0x5a, sizeof(report_data));
	if (sim->agent >= AGENT_0_6_0) {
		body_make(sim, SURFACE_V1, rpc_attest_v1, report_data, &body);
		answer_add(&out, 0, body.data, body.len);
	} else {
		body_make(sim, SURFACE_V0, rpc_attest, report_data, &body);
		answer_text(&out, 2, "<!DOCTYPE html>404");
		answer_add(&out, 0, body.data, body.len);
	}
	seed_write("report", out.data, out.len);
	bytes_free(&out);
	bytes_free(&body);
}

/* The cert_chain is taken out of an attestation of V0: it stands behind 1184 bytes of report. */
static void seeds_cert_table(struct sim *sim)
{
	static const uint8_t zeros[REPORT_DATA_LEN];
	const size_t chain_at = 4 + 1184;
	struct bytes attestation = {0};
	struct bytes out = {0};
	size_t at, count;

	attest_v0(sim, zeros, &attestation);
	count = attestation.data[chain_at] / 4;
	at = chain_at + 1;
	bytes_u8(&out, (uint8_t)(count ? count - 1 : 0));
	for (size_t i = 0; i < count; i++) {
		/* all of them have compact lengths of two bytes */
		size_t len = (attestation.data[at] | (size_t)attestation.data[at + 1] << 8) / 4;

		if (i + 1 < count)
			bytes_le16(&out, (uint16_t)len);
		bytes_add(&out, attestation.data + at + 2, len);
		at += 2 + len;
	}
	seed_write("cert_table", out.data, out.len);
	bytes_free(&out);
	bytes_free(&attestation);
}

static void seeds_of_snp(enum agent agent, enum snp_certs certs)
{
	struct sim sim = {.agent = agent,
			  .log_fd = -1,
			  .stop_fd = -1,
			  .platform = &platform_sev_snp,
			  .certs = certs};

	sim_begin(&sim, 4, 0);
	seeds_attestation(&sim);
	seeds_report(&sim);
	seeds_cert_table(&sim);
	sim_end(&sim);
}

/* Refusals, and what else is said in plain text. */
static void seeds_refusal(void)
{
	static const char *const bodies[] = {
		"{\"error\":\"Service not found: GetQuote\"}",
		"{\"error\":{\"code\":404,\"reason\":\"Not Found\",\"description\":\"gone\"}}",
		"{\"version\":\"0.5.11\",\"rev\":\"0\"}",
		"{\"quote\":\"0x00\",\"event_log\":\"[]\",\"vm_config\":\"{}\"}",
		"{\"attestation\":\"000300000000\"}",
		"<!DOCTYPE html>\r\n\tnot \x1b[31mfound",
		"[[[[{\"quote\":\"\\ud83d\\ude00\"}]]]]",
		"{\"quote\":\"\",\"quote\":\"\"}",
	};
	struct bytes out = {0};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		for (uint8_t status = 0; status < 4; status++) {
			bytes_u8(&out, status);
			bytes_text(&out, bodies[i]);
			seed_write("body", out.data, out.len);
			bytes_free(&out);
		}
		bytes_u8(&out, 0);
		answer_text(&out, 0, bodies[i]);
		seed_write("quote", out.data, out.len);
		bytes_free(&out);
		answer_text(&out, 1, bodies[0]);
		answer_text(&out, 0, bodies[i]);
		answer_text(&out, 0, bodies[4]);
		seed_write("platform", out.data, out.len);
		bytes_free(&out);
	}
}

/* Whole answers as they stand on the wire, good and bad; the first byte is for fuzz/http.c. */
static void seeds_wire(void)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\n{\"e\"",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
		"HTTP/1.0 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>",
		"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/2 200\r\n\r\n",
		"200 OK\n\n{}",
		"",
	};
	struct bytes out = {0};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		for (uint8_t piece = 0; piece < 16; piece += 7) {
			bytes_u8(&out, piece);
			bytes_text(&out, answers[i]);
			seed_write("http", out.data, out.len);
			bytes_free(&out);
		}
	}
}

/* V1 documents of every kind, smaller than the simulator's, and V0 of an empty SNP machine. */
static void seeds_small(void)
{
	static const char *const kinds[] = {"\xa3tdx", "\xa7gcp-tdx", "\xa7sev-snp",
					    "\xadnitro-enclave", "\xa5other"};
	static const char quotes[][8] = {"\x91\x01", "\xc4\x01\x01", "\xdc\x00\x01\xcc", "\xc6"};
	struct bytes out = {0};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (size_t j = 0; j < sizeof(quotes) / sizeof(quotes[0]); j++) {
			bytes_text(&out, "\x82\xa7version\x01\xa8platform\x82\xa4kind");
			bytes_text(&out, kinds[i]);
			bytes_text(&out, "\xa4"
					 "data\x81\xa5quote");
			bytes_add(&out, quotes[j], sizeof(quotes[j]));
			seed_write("msgpack", out.data, out.len);
			bytes_free(&out);
		}
	}
	for (uint8_t variant = 0; variant < 6; variant++) {
		bytes_u8(&out, variant);
		bytes_zero(&out, 4 + REPORT_DATA_LEN + 1);
		seed_write("scale", out.data, out.len);
		bytes_free(&out);
	}
}

#define REPORT "/sys/kernel/config/tsm/report"
#define STATE  "/dev/shm/teeshim-0-v1/teeshim.native."

static void seeds_path(void)
{
	static const char *const paths[] = {
		REPORT,
		REPORT "/e",
		REPORT "/e/inblob",
		REPORT "/e/outblob/",
		REPORT "/e/../f/./generation",
		REPORT "/e/inblob/../provider",
		REPORT "/e/x",
		REPORT "/e/inblob/x",
		"//sys/./kernel//config/tsm/x",
		"/proc/../sys/kernel/config/",
		STATE "names/sys/kernel/config/tsm/report/e",
		STATE "store/sys/kernel/config/tsm/report/e/outblob.12 (deleted)",
		STATE "store",
		"/sys/firmware/acpi/tables/data/CCEL",
		STATE "store/sys/firmware/acpi/tables/data/CCEL.1 (deleted)",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		seed_text("path", paths[i]);
		seed_text("mend", paths[i]);
	}
	seed_write("path", "/sys/kernel\0config/tsm/report/e", 31);
	seed_write("path", REPORT "/e\0../f/inblob", sizeof(REPORT) + 14);
	seed_write("path", STATE "names" REPORT "/e\0../..", sizeof(STATE) + sizeof(REPORT) + 12);
}

/* A request to the quoting service, with that many ids. */
static void request_add(struct bytes *out, uint32_t ids)
{
	const size_t start = out->len;

	bytes_le16(out, 1);
	bytes_le16(out, 1);
	bytes_le32(out, 0);
	bytes_le32(out, 1048 + 16 * ids);
	bytes_le32(out, 0);
	bytes_le32(out, 1024);
	bytes_le32(out, 16 * ids);
	bytes_u8(out, 0x81);
	bytes_zero(out, 1048 + 16 * ids - (out->len - start));
}

static void seeds_qgs(void)
{
	enum { BASE = 0x10000, REQUEST = 16, FRAME = 4, MESSAGE = 1048, BUFFER = 2000 };
	struct bytes out = {0};

	for (uint32_t ids = 0; ids < 3; ids++) {
		request_add(&out, ids);
		seed_write("qgs", out.data, out.len);
		bytes_free(&out);
	}
	for (size_t at = 0; at < 28; at += 4) {
		request_add(&out, 0);
		out.data[at] ^= 1;
		seed_write("qgs", out.data, out.len);
		bytes_free(&out);
	}
	/* the ioctl's argument, of 64-bit integers, and the buffer right behind it */
	bytes_le32(&out, BASE + REQUEST);
	bytes_zero(&out, 4);
	bytes_le32(&out, BUFFER);
	bytes_zero(&out, 4);
	bytes_le32(&out, 1);
	bytes_zero(&out, 4);
	bytes_le32(&out, 0);
	bytes_zero(&out, 4);
	bytes_le32(&out, FRAME + MESSAGE);
	bytes_le32(&out, 0);
	bytes_add(&out, "\x00\x00\x04\x18", FRAME);
	request_add(&out, 0);
	bytes_zero(&out, REQUEST + BUFFER - out.len);
	bytes_u8(&out, 50);
	seed_write("quote_ioctl", out.data, out.len);
	bytes_free(&out);
}

static void le64(struct bytes *out, uint32_t value)
{
	bytes_le32(out, value);
	bytes_zero(out, 4);
}

/* The argument, a request behind it, then room for response and certificates; see snp_ioctl.c. */
static void snp_ioctl_add(uint8_t command, uint32_t room, uint8_t certs, uint8_t keys)
{
	enum { BASE = 0x10000, REQUEST_AT = 32, RESPONSE_AT = 160, CERTS_AT = 4160 };
	struct bytes out = {0};

	le64(&out, 1);
	le64(&out, BASE + REQUEST_AT);
	le64(&out, BASE + RESPONSE_AT);
	le64(&out, 0);
	if (command == 1) { /* a derived key of three fields, one of which is an SVN */
		le64(&out, 0);
		le64(&out, 0x19);
		bytes_le32(&out, 1);
		bytes_le32(&out, 5);
		le64(&out, 0);
	} else {
		bytes_zero(&out, 96);
		le64(&out, room ? BASE + CERTS_AT : 0);
		le64(&out, room);
	}
	bytes_zero(&out, CERTS_AT + room - out.len);
	bytes_u8(&out, command);
	bytes_u8(&out, certs);
	bytes_u8(&out, keys);
	bytes_u8(&out, 0);
	seed_write("snp_ioctl", out.data, out.len);
	bytes_free(&out);
}

static void seeds_snp_ioctl(void)
{
	snp_ioctl_add(0, 0, 0, 0);
	snp_ioctl_add(1, 0, 0, 0);
	snp_ioctl_add(1, 0, 0, 1);
	snp_ioctl_add(2, 0, 0, 0);
	snp_ioctl_add(2, 0, 100, 0);
	snp_ioctl_add(2, 4096, 100, 0);
	snp_ioctl_add(2, 8192, 100, 0);
}

int main(int argc, char **argv)
{
	folder = argc == 2 ? argv[1] : "";
	if (!*folder) {
		fputs("seeds: one argument, the folder to write to\n", stderr);
		return 2;
	}
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		fail(folder);
	seeds_of_agent(AGENT_0_6_0, 4, 0);
	seeds_of_agent(AGENT_0_6_0, 5, 64);
	seeds_of_agent(AGENT_0_3_6, 4, 0);
	for (unsigned certs = SNP_CERTS_NONE; certs <= SNP_CERTS_VLEK; certs++) {
		seeds_of_snp(AGENT_0_6_0, (enum snp_certs)certs);
		seeds_of_snp(AGENT_0_6_0_ALPHA, (enum snp_certs)certs);
	}
	seeds_refusal();
	seeds_wire();
	seeds_small();
	seeds_path();
	seeds_qgs();
	seeds_snp_ioctl();
	return 0;
}
