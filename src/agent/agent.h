/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dstack guest agent as the rest of teeshim sees it: find it, learn which TEE it stands on,
 * get a quote, a report, the event log or a key, emit an event.  The only room that knows HTTP, JSON,
 * SCALE and MessagePack; the wire is hidden behind these calls and every failure is one errno and one
 * log line.
 *
 * All calls are thread-safe and keep nothing between calls but what platform_* writes into the
 * state folder.  They allocate, so they are not for signal handlers.
 */
#ifndef TEESHIM_AGENT_AGENT_H
#define TEESHIM_AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sha384.h"

enum { REPORT_DATA_SIZE = 64, EVENT_RTMR_COUNT = 4 };

/* The type of the events that dstack itself measures; the others are TCG's. */
enum { EVENT_TYPE_DSTACK = 0x08000001 };

/* The TEE an agent stands on.  TEE_NONE: another one (Nitro, ...), or switched off. */
enum tee { TEE_NONE, TEE_TDX, TEE_SEV_SNP };

/* An agent's socket. */
struct agent {
	char path[108]; /* of the socket; fits sockaddr_un.sun_path, zero terminated */
	bool tappd;     /* speaks the older tappd API (the name ends in tappd.sock) */
	bool named;     /* a variable names it, so native hints about the machine do not count */
	uint64_t
		dev; /* of the socket, as stat gives them: what a remembered platform is bound to */
	uint64_t ino;
};

/*
 * agent_find() - choose the agent's socket: TEESHIM_SOCKET, else DSTACK_SIMULATOR_ENDPOINT, else the
 * first of the fixed places that is a socket.  No connection is made.
 *
 * Return: 0; -ENOENT where there is none (no log line: then teeshim is inert); -EINVAL where a
 * variable holds a URL or a path too long for a socket (one log line).
 */
int agent_find(struct agent *agent);

/* What came with a quote, for people and tools.  Strings are NULL where the agent gave none. */
struct agent_quote {
	struct buf quote; /* exactly as the agent returned it, padding included */
	char *event_log;  /* JSON array */
	char *vm_config;  /* JSON object */
};

/*
 * agent_get_quote() - a TDX quote over report_data: GetQuote, or RawQuote of tappd.
 * @deadline_ms: point of clock_now_ms() by which the whole answer must be here
 * @out: owned by the caller afterwards; agent_quote_free() releases it
 *
 * The quote is parsed as far as its report data, which must be the 64 bytes asked for.
 *
 * Return: 0; -ENOMEM; -EMFILE, -ENFILE where there is no descriptor left to ask with; -EIO for
 * everything else (one log line).
 */
int agent_get_quote(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		    int64_t deadline_ms, struct agent_quote *out);

void agent_quote_free(struct agent_quote *quote);

/* One event of the guest's log. */
struct agent_event {
	uint32_t imr; /* number of the RTMR that it extended, below EVENT_RTMR_COUNT */
	uint32_t type;
	uint8_t digest[SHA384_SIZE];
	bool data_given; /* else the agent has left them out, and data are empty */
	struct buf data;
};

/* The log, and the registers that came with it, which replaying it should give. */
struct agent_event_log {
	struct agent_event *event;
	size_t count;
	uint8_t rtmr[EVENT_RTMR_COUNT][SHA384_SIZE];
};

/*
 * agent_get_event_log() - the guest's event log, of boot and of dstack's own events.
 * @out: owned by the caller afterwards; agent_event_log_free() releases it
 *
 * Taken from Info, where it is complete; where Info has none, from a quote's answer, in which agents
 * since 0.5.6 leave out the data of boot events.  The data of dstack's own events are the bytes whose
 * hash the digest is, or absent.
 *
 * Return: as agent_get_quote().
 */
int agent_get_event_log(const struct agent *agent, int64_t deadline_ms,
			struct agent_event_log *out);

void agent_event_log_free(struct agent_event_log *log);

/*
 * agent_emit_event() - log an event and extend RTMR3 by it: EmitEvent.
 * @name: of the event, without characters that JSON would escape
 * @payload, @len: any bytes
 * @deadline_ms: as above
 *
 * RTMR3 becomes SHA384(RTMR3 || SHA384(le32(0x08000001) ":" name ":" payload)), or takes the hash of a
 * JSON form of the same, as the guest's image says.  Asked once and never again; after a failure
 * whose log line does not say that the agent has refused, the event may have been taken all the same.
 *
 * Return: 0; -ENOMEM; -EMFILE, -ENFILE; -EIO for everything else (one log line), also from tappd and
 * from agents after 0.5.11, which emit no event for programs.
 */
int agent_emit_event(const struct agent *agent, const char *name, const uint8_t *payload,
		     size_t len, int64_t deadline_ms);

enum { AGENT_CERTS_MAX = 16 };

/* An SEV-SNP report with the certificates that came with it. */
struct agent_report {
	struct buf report;                 /* SNP_REPORT_SIZE bytes */
	struct buf certs[AGENT_CERTS_MAX]; /* as the agent gives them: see cert_table_make() */
	size_t cert_count;                 /* often 0 */
};

/*
 * agent_get_report() - an SEV-SNP report over report_data: /v1/Attest, or Attest of an agent without
 *                      /v1.  The agent asks for VMPL 0.
 * @deadline_ms, @out: as for a quote; agent_report_free() releases it
 *
 * The report's own report data must be the 64 bytes asked for.  Its signature is not checked.
 *
 * Return: 0; -ENOMEM; -EMFILE, -ENFILE; -EIO for everything else, another TEE among it (one log line).
 */
int agent_get_report(const struct agent *agent, const uint8_t report_data[static REPORT_DATA_SIZE],
		     int64_t deadline_ms, struct agent_report *out);

void agent_report_free(struct agent_report *report);

enum { AGENT_KEY_SIZE = 32 };

/*
 * agent_get_key() - the application's key for a path: GetKey of dstack.sock without a version.
 * @path: what the key depends on; everybody with the socket gets the same key for the same path
 * @purpose, @algorithm: go into the signature over the key, not into the key; "" where of no interest
 * @key: not touched on failure
 *
 * The three texts are printable ASCII without quotation marks and backslashes, 400 characters at most.
 * What this client has allocated for the key is wiped after use, and the key is never logged.
 *
 * Return: 0; -EINVAL for another text; -ENOMEM; -EMFILE, -ENFILE; -EIO for everything else (one log
 * line).
 */
int agent_get_key(const struct agent *agent, const char *path, const char *purpose,
		  const char *algorithm, int64_t deadline_ms, uint8_t key[static AGENT_KEY_SIZE]);

/*
 * agent_platform() - which TEE the agent stands on.
 * @state_fd: the state folder, where the answer is remembered under the socket's path, device and
 *            inode; -1 remembers nothing
 * @tee: set on success
 *
 * In this order: TEESHIM_TEE (auto, tdx, sev-snp, off); what is remembered; a native hint
 * (/sys/class/misc/tdx_guest or sev-guest; only for a socket that no variable names); the agent
 * itself, asked by one process at a time while others wait, all until deadline_ms.
 *
 * Return: 0; -ENOMEM; -EMFILE, -ENFILE; -EIO where the agent does not tell (one log line; nothing is
 * remembered).
 */
int agent_platform(const struct agent *agent, int state_fd, int64_t deadline_ms, enum tee *tee);

#endif
