/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/stub_agent.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	REQUEST_MAX = 4096,
	QUOTE_LEN = 636 + 4,
	REPORT_DATA_AT = 568,
	REPORT_LEN = 1184,
	SNP_REPORT_DATA_AT = 0x50,
};

/* Whether head and body are complete. */
static int request_complete(const char *request)
{
	const char *body = strstr(request, "\r\n\r\n");
	const char *length = strstr(request, "Content-Length: ");

	return body && length && strlen(body + 4) >= (size_t)atoi(length + 16);
}

static void serve(int listener, stub_answer *answer)
{
	static char request[REQUEST_MAX];

	for (;;) {
		int fd = accept(listener, NULL, NULL);
		size_t len = 0;

		memset(request, 0, sizeof(request));
		while (!request_complete(request) && len < sizeof(request) - 1) {
			ssize_t got = read(fd, request + len, sizeof(request) - 1 - len);

			if (got <= 0)
				break;
			len += (size_t)got;
		}
		answer(fd, request);
		close(fd);
	}
}

static int stub_listen(struct stub_agent *stub, const char *name, int backlog)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	memset(stub, 0, sizeof(*stub));
	snprintf(stub->folder, sizeof(stub->folder), "/tmp/teeshim-stub-XXXXXX");
	assert_non_null(mkdtemp(stub->folder));
	snprintf(stub->agent.path, sizeof(stub->agent.path), "%s/%s", stub->folder, name);
	stub->agent.named = true;
	stub->agent.tappd = strcmp(name, "tappd.sock") == 0;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", stub->agent.path);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, backlog), 0);
	assert_int_equal(stat(stub->agent.path, &st), 0);
	stub->agent.dev = st.st_dev;
	stub->agent.ino = st.st_ino;
	return listener;
}

void stub_start(struct stub_agent *stub, const char *name, stub_answer *answer)
{
	int listener = stub_listen(stub, name, answer ? 16 : 0);

	stub->pid = fork();
	assert_true(stub->pid >= 0);
	if (stub->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (answer)
			serve(listener, answer);
		for (;;)
			pause();
	}
	close(listener);
}

void stub_stop(struct stub_agent *stub)
{
	kill(stub->pid, SIGKILL);
	waitpid(stub->pid, NULL, 0);
}

void stub_remove(struct stub_agent *stub)
{
	unlink(stub->agent.path);
	rmdir(stub->folder);
}

void stub_reply(int fd, int status, const char *body)
{
	dprintf(fd,
		"HTTP/1.1 %d Status\r\nContent-Type: application/json\r\nContent-Length: "
		"%zu\r\n\r\n%s",
		status, strlen(body), body);
}

/* The request's report data at that place of the bytes whose digits these are. */
static void put_report_data(char *digits, size_t at, const char *request)
{
	const char *report_data = strstr(request, "\"report_data\":\"");

	if (report_data)
		memcpy(digits + 2 * at, report_data + 15, 2 * (size_t)REPORT_DATA_SIZE);
}

const char *stub_quote_hex(const char *request)
{
	/* version 4, key type 2, TEE type 0x81 */
	static const char head[] = "0400020081000000";
	static char digits[2 * QUOTE_LEN + 1];

	memset(digits, '0', sizeof(digits) - 1);
	memcpy(digits, head, strlen(head));
	put_report_data(digits, REPORT_DATA_AT, request);
	return digits;
}

const char *stub_attestation_hex(const char *request)
{
	/* V0, SEV-SNP, 1184 bytes, the report's version 3 */
	static const char head[] = "0003811203";
	/* one certificate of one byte, no mr_config, no events; report data and config stay zero */
	static const char certs[] = "040478";
	static char digits[2 * (4 + REPORT_LEN + 3 + 1 + 1 + REPORT_DATA_SIZE + 1) + 1];

	memset(digits, '0', sizeof(digits) - 1);
	memcpy(digits, head, strlen(head));
	put_report_data(digits, 4 + SNP_REPORT_DATA_AT, request);
	memcpy(digits + 2 * (4 + (size_t)REPORT_LEN), certs, strlen(certs));
	return digits;
}

bool stub_asks(const char *request, const char *route)
{
	char line[64];

	snprintf(line, sizeof(line), "POST %s HTTP/1.1\r\n", route);
	return strncmp(request, line, strlen(line)) == 0;
}

void stub_reply_unknown(int fd, int status)
{
	stub_reply(fd, status, "{\n  \"error\": \"Service not found: X\"\n}");
}
