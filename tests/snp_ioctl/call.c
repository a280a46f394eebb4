/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows share: calls made, and their outcome in words. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "rules/run.h"
#include "snp_ioctl/snp.h"

/* In the response, the report's offset added. */
enum { VMPL_AT = REPORT_AT + 0x30, REPORT_DATA_AT = REPORT_AT + 0x50 };

/* What programs were seen to leave there. */
#define PRESET 0x1122334455667788ULL

int snp_open(int flags)
{
	int fd = open(DEVICE, flags);

	if (fd < 0) {
		got("open %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

void call_make(struct call *call, uint8_t seed)
{
	memset(call, 0, sizeof(*call));
	call->argument = (struct argument){
		.msg_version = 1,
		.req_data = (uintptr_t)&call->req,
		.resp_data = (uintptr_t)call->response,
		.exitinfo2 = PRESET,
	};
	memcpy(call->req.data.user_data, report_data(seed), DATA_SIZE);
	memset(call->response, UNTOUCHED, sizeof(call->response));
}

long got_ioctl(int fd, command cmd, struct argument *argument)
{
	const struct argument before = *argument;
	long ret;

	errno = 0;
	ret = got_call(ioctl(fd, cmd, argument));
	if (ret == 0 && errno)
		got("errno changed");
	if (memcmp(argument, &before, offsetof(struct argument, exitinfo2)) != 0)
		got("argument changed");
	if (argument->exitinfo2 != before.exitinfo2)
		got("exitinfo2 %llx", (unsigned long long)argument->exitinfo2);
	return ret;
}

size_t touched(const uint8_t *bytes, size_t len)
{
	while (len > 0 && bytes[len - 1] == UNTOUCHED)
		len--;
	return len;
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

bool is_zero(const uint8_t *bytes, size_t len)
{
	while (len > 0 && bytes[len - 1] == 0)
		len--;
	return len == 0;
}

void got_response(const struct call *call, uint8_t seed)
{
	const uint8_t *response = call->response;
	const size_t end = REPORT_AT + REPORT_SIZE;

	if (touched(response, RESPONSE_SIZE + 1) == 0)
		got("nothing");
	else if (response[RESPONSE_SIZE] != UNTOUCHED)
		got("more than the response");
	else if (get32(response) != 0 && is_zero(response + 4, RESPONSE_SIZE - 4))
		got("status %x", get32(response));
	else if (get32(response) != 0 || get32(response + 4) != REPORT_SIZE ||
		 !is_zero(response + 8, REPORT_AT - 8) ||
		 !is_zero(response + end, RESPONSE_SIZE - end))
		got("a bad response");
	else if (memcmp(response + REPORT_DATA_AT, report_data(seed), DATA_SIZE) != 0)
		got("over other report data");
	else
		got("report %u of VMPL %u", seed, get32(response + VMPL_AT));
}

void got_report(int fd, uint8_t seed)
{
	struct call call;

	call_make(&call, seed);
	got_ioctl(fd, GET_REPORT, &call.argument);
	got_response(&call, seed);
}

uint8_t *pages_make(int second)
{
	uint8_t *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED) {
		got("mmap %s", errno_name(errno));
		run_finish();
	}
	memset(pages, UNTOUCHED, 2 * PAGE);
	if (mprotect(pages + PAGE, PAGE, second) < 0) {
		got("mprotect %s", errno_name(errno));
		run_finish();
	}
	return pages;
}
