/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which TEE the agent stands on.
 *
 * Asking costs a quote on agents since 0.6 (nothing cheaper names the TEE), so the answer is
 * remembered in the state folder, for the socket it came from: a thousand processes ask once.
 */
#include "agent/agent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/answer.h"
#include "agent/ask.h"
#include "agent/attestation.h"
#include "agent/failure.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/dir.h"
#include "base/sys.h"

enum {
	FILE_NAME_SIZE = 64,
	FILE_LINE_SIZE = 8 + sizeof(((struct agent *)0)->path) + 2,
	HINT_COUNT = 2,
	LOOK_EVERY_MS = 50,
};

static const char *const tee_names[] = {
	[TEE_NONE] = "none",
	[TEE_TDX] = "tdx",
	[TEE_SEV_SNP] = "sev-snp",
};

/* TEESHIM_TEE.  Return: whether it decides. */
static bool tee_from_variable(enum tee *tee)
{
	const char *value = config_string("TEESHIM_TEE");

	if (!value || strcmp(value, "auto") == 0)
		return false;
	if (strcmp(value, "tdx") == 0)
		*tee = TEE_TDX;
	else if (strcmp(value, "sev-snp") == 0)
		*tee = TEE_SEV_SNP;
	else if (strcmp(value, "off") == 0)
		*tee = TEE_NONE;
	else {
		log_error("TEESHIM_TEE: none of auto, tdx, sev-snp, off; taken as auto");
		return false;
	}
	return true;
}

static void file_name(const struct agent *agent, char name[static FILE_NAME_SIZE])
{
	snprintf(name, FILE_NAME_SIZE, "platform-%llx-%llx", (unsigned long long)agent->dev,
		 (unsigned long long)agent->ino);
}

static size_t file_line(const struct agent *agent, enum tee tee, char line[static FILE_LINE_SIZE])
{
	return (size_t)snprintf(line, FILE_LINE_SIZE, "%s %s\n", tee_names[tee], agent->path);
}

/*
 * What is remembered for this socket.  A file with any other content counts as none.
 * Return: 0; -ENOENT; -EMFILE, -ENFILE, for a TEE must not vanish for want of descriptors.
 */
static int tee_recall(const struct agent *agent, int state_fd, enum tee *tee)
{
	char name[FILE_NAME_SIZE];
	char line[FILE_LINE_SIZE];
	char seen[FILE_LINE_SIZE + 1];
	ssize_t len;
	int fd;

	if (state_fd < 0)
		return -ENOENT;
	file_name(agent, name);
	fd = sys_openat(state_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE ? fd : -ENOENT;
	len = sys_read(fd, seen, sizeof(seen));
	sys_close(fd);
	for (unsigned i = 0; i < sizeof(tee_names) / sizeof(tee_names[0]); i++) {
		size_t want = file_line(agent, (enum tee)i, line);

		if (len >= 0 && (size_t)len == want && memcmp(seen, line, want) == 0) {
			*tee = (enum tee)i;
			return 0;
		}
	}
	return -ENOENT;
}

/* Forget a socket of this path that is no more: each new one has another inode number. */
static int tee_forget(int state_fd, const char *name, void *arg)
{
	const struct agent *agent = arg;
	char own[FILE_NAME_SIZE];
	char line[FILE_LINE_SIZE];
	const char *path;
	ssize_t len;
	int fd;

	file_name(agent, own);
	if (strncmp(name, "platform-", 9) != 0 || strcmp(name, own) == 0)
		return 0;
	fd = sys_openat(state_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	len = sys_read(fd, line, sizeof(line) - 1);
	sys_close(fd);
	line[len > 0 ? len : 0] = '\0';
	path = strchr(line, ' ');
	if (path && strncmp(path + 1, agent->path, strlen(agent->path)) == 0 &&
	    path[1 + strlen(agent->path)] == '\n')
		sys_unlinkat(state_fd, name, 0);
	return 0;
}

/*
 * Under the lock, so the temporary name needs no number of its own.  Failing is harmless: the next
 * process asks again.
 */
static void tee_remember(const struct agent *agent, int state_fd, enum tee tee)
{
	char name[FILE_NAME_SIZE];
	char line[FILE_LINE_SIZE];
	size_t len = file_line(agent, tee, line);
	bool written;
	int fd;

	file_name(agent, name);
	sys_unlinkat(state_fd, "platform.new", 0);
	fd = sys_openat(state_fd, "platform.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	sys_fchmod(fd, 0600); /* whatever the umask made of it */
	written = sys_write(fd, line, len) == (ssize_t)len;
	sys_close(fd);
	if (!written || sys_renameat2(state_fd, "platform.new", state_fd, name, 0) < 0)
		sys_unlinkat(state_fd, "platform.new", 0);
	dir_each(state_fd, tee_forget, (void *)agent);
}

/* The guest driver's sysfs entry is visible in a container even where its device node is not. */
static bool tee_from_sysfs(enum tee *tee)
{
	static const struct {
		const char *path;
		enum tee tee;
	} hints[HINT_COUNT] = {
		{"/sys/class/misc/tdx_guest", TEE_TDX},
		{"/sys/class/misc/sev-guest", TEE_SEV_SNP},
	};
	struct stat st;

	for (unsigned i = 0; i < HINT_COUNT; i++) {
		if (sys_fstatat(AT_FDCWD, hints[i].path, &st, 0) == 0) {
			*tee = hints[i].tee;
			return true;
		}
	}
	return false;
}

/* The kind of an attestation over 64 zero bytes. */
static int tee_from_attestation(const struct agent *agent, const char *route, int64_t deadline_ms,
				enum tee *tee)
{
	static const uint8_t zeros[REPORT_DATA_SIZE];
	struct attestation attestation;
	struct buf bytes = {0};
	json_t *answer = NULL;
	int err = ask_over(agent, route, zeros, deadline_ms, &answer);

	if (err < 0)
		return err;
	err = answer_hex(answer, "attestation", &bytes);
	if (err == 0)
		err = attestation_parse(bytes.data, bytes.len, &attestation);
	json_decref(answer);
	buf_free(&bytes);
	if (err < 0)
		return ask_field_bad(agent, route, "attestation", err);
	if (attestation.kind == ATTESTATION_TDX || attestation.kind == ATTESTATION_GCP_TDX)
		*tee = TEE_TDX;
	else
		*tee = attestation.kind == ATTESTATION_SEV_SNP ? TEE_SEV_SNP : TEE_NONE;
	attestation_free(&attestation);
	return 0;
}

/* 0.3, 0.4 and 0.5 know TDX only. */
static bool version_before_0_6(const char *version)
{
	return strncmp(version, "0.", 2) == 0 && version[2] >= '0' && version[2] <= '5' &&
	       (version[3] < '0' || version[3] > '9');
}

/* An agent without /v1: its version tells, where it has a method for that. */
static int tee_from_version(const struct agent *agent, int64_t deadline_ms, enum tee *tee)
{
	struct http_answer reply = {0};
	const char *version = NULL;
	json_t *answer = NULL;
	bool before = false;
	int err = http_post(agent, "/Version", "{}", deadline_ms, &reply);

	if (err < 0)
		return err;
	err = answer_unknown_method(&reply);
	if (err > 0) {
		before = true; /* Version came with 0.5.7 */
	} else if (reply.status != 200) {
		err = err < 0 ? err : ask_refused(agent, "/Version", &reply);
	} else {
		err = answer_object(&reply.body, &answer);
		version = err == 0 ? json_string_value(json_object_get(answer, "version")) : NULL;
		if (version)
			before = version_before_0_6(version);
		else
			err = ask_field_bad(agent, "/Version", "version", err);
		json_decref(answer);
	}
	http_answer_free(&reply);
	if (err < 0)
		return err;
	if (!before)
		return tee_from_attestation(agent, "/Attest", deadline_ms, tee);
	*tee = TEE_TDX;
	return 0;
}

static int tee_from_agent(const struct agent *agent, int64_t deadline_ms, enum tee *tee)
{
	struct http_answer reply = {0};
	int err;

	if (agent->tappd) {
		*tee = TEE_TDX; /* no tappd serves anything else */
		return 0;
	}
	err = http_post(agent, "/v1/Version", "{}", deadline_ms, &reply);
	if (err < 0)
		return err;
	err = reply.status == 404 ? 1 : answer_unknown_method(&reply);
	if (err > 0)
		err = tee_from_version(agent, deadline_ms, tee);
	else if (reply.status == 200)
		err = tee_from_attestation(agent, "/v1/Attest", deadline_ms, tee);
	else if (err == 0)
		err = ask_refused(agent, "/v1/Version", &reply);
	http_answer_free(&reply);
	return err;
}

/*
 * Become the one who asks.  A crowd that waits for the lock need not pass through it one by one once the
 * answer is there.
 * Return: 0 with the lock held; 1 where another has learned the TEE meanwhile; as lock_take().
 */
static int asker_wait(const struct agent *agent, int state_fd, int64_t deadline_ms,
		      struct lock *lock, enum tee *tee)
{
	for (;;) {
		int64_t until = clock_now_ms() + LOOK_EVERY_MS;
		int err;

		if (until > deadline_ms)
			until = deadline_ms;
		err = lock_take(lock, state_fd, "platform.lock", until, LOCK_LONG);
		if (err != -ETIMEDOUT || until == deadline_ms)
			return err;
		if (tee_recall(agent, state_fd, tee) == 0)
			return 1;
	}
}

int agent_platform(const struct agent *agent, int state_fd, int64_t deadline_ms, enum tee *tee)
{
	enum tee found = TEE_NONE;
	struct lock lock;
	bool locked;
	int err;

	if (tee_from_variable(tee))
		return 0;
	err = tee_recall(agent, state_fd, tee);
	if (err != -ENOENT)
		return err;
	if (!agent->named && tee_from_sysfs(tee))
		return 0;
	if (state_fd < 0)
		return tee_from_agent(agent, deadline_ms, tee);
	err = asker_wait(agent, state_fd, deadline_ms, &lock, tee);
	if (err > 0)
		return 0;
	if (err == -ETIMEDOUT)
		return agent_fail(agent, "/platform", "another process asked until the deadline",
				  "restart the agent, or set TEESHIM_TEE");
	if (err == -EMFILE || err == -ENFILE)
		return err;
	locked = err == 0; /* a full or read-only state folder only forgets */
	err = tee_recall(agent, state_fd, &found);
	if (err == -ENOENT)
		err = tee_from_agent(agent, deadline_ms, &found);
	if (err == 0) {
		if (locked)
			tee_remember(agent, state_fd, found);
		*tee = found;
	}
	if (locked)
		lock_drop(&lock);
	return err;
}
