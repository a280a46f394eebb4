/* SPDX-License-Identifier: Apache-2.0 */
/* TDX_CMD_GET_QUOTE: of Intel's drivers, which libtdx_attest 1.18 to 1.20 needs; mainline has none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device/service.h"
#include "rules/run.h"

#define GET_QUOTE_IOR  ((command)0x80105404)
#define GET_QUOTE_IOWR ((command)0xc0105404)

enum { BUFFER_SIZE = 16384, HEADER_SIZE = 24, PAGE = 4096, UNTOUCHED = 0xa5 };

struct quote_req {
	uint64_t buf;
	uint64_t len;
};

struct quote_buffer {
	uint64_t version;
	uint64_t status;
	uint32_t in_len;
	uint32_t out_len;
	uint8_t data[BUFFER_SIZE - HEADER_SIZE];
};

_Static_assert(sizeof(struct quote_buffer) == BUFFER_SIZE, "struct tdx_quote_hdr");

static struct quote_buffer buffer;

static void buffer_make(uint8_t seed)
{
	memset(&buffer, 0, sizeof(buffer));
	buffer.version = 1;
	buffer.status = (uint64_t)-1;
	service_request(buffer.data, seed);
	buffer.in_len = FRAMED_SIZE;
}

static void got_status(void)
{
	if (buffer.status != 0)
		got("status %llx", (unsigned long long)buffer.status);
	else if (buffer.out_len > sizeof(buffer.data))
		got("out_len %u", buffer.out_len);
	else
		got("%s", service_reply(buffer.data, buffer.out_len));
}

/* The ioctl with that many bytes of the buffer. */
static void got_quote_of(command cmd, uint64_t len)
{
	const struct quote_req req = {(uintptr_t)&buffer, len};

	if (got_call(ioctl(device_open(O_RDWR), cmd, &req)) == 0)
		got_status();
}

static void run_quote(const struct rule *rule)
{
	buffer_make(1);
	got_quote_of((command)rule->n, sizeof(buffer));
}

static void run_syscall(const struct rule *rule)
{
	const struct quote_req req = {(uintptr_t)&buffer, sizeof(buffer)};

	buffer_make(2);
	if (got_call(syscall(SYS_ioctl, (long)device_open(O_RDONLY), rule->n, &req)) == 0)
		got_status();
}

static void run_bad_request(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(ioctl(fd, GET_QUOTE_IOR, page_none()));
	got_call(ioctl(fd, GET_QUOTE_IOR, (void *)1));
	got_call(ioctl(fd, GET_QUOTE_IOR, page_closed()));
	got_call(ioctl(fd, GET_QUOTE_IOR, (void *)-1L));
}

static void run_bad_buffer(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	struct quote_req req = {0, BUFFER_SIZE};

	(void)rule;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
	req.buf = (uintptr_t)page_closed();
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
	req.buf = 0xffff800000000000;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
	req.buf = (uint64_t)-8;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
}

static void run_lengths(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	struct quote_req req = {(uintptr_t)&buffer, 0};

	(void)rule;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
	req.len = (4 << 20) + 1;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
	req.len = (uint64_t)-1;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
	req.len = 1;
	got_call(ioctl(fd, GET_QUOTE_IOR, &req));
}

/* A buffer of two pages, the second of which may not be touched. */
static void run_cut(const struct rule *rule)
{
	uint8_t *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct quote_req req = {(uintptr_t)pages, 2 * PAGE};

	(void)rule;
	buffer_make(3);
	memcpy(pages, &buffer, PAGE);
	if (mprotect(pages + PAGE, PAGE, PROT_NONE) < 0)
		return;
	got_call(ioctl(device_open(O_RDWR), GET_QUOTE_IOR, &req));
	got("%s", memcmp(pages, &buffer, PAGE) == 0 ? "untouched" : "touched");
}

/* What cannot be written back is lost, and nobody is told. */
static void run_read_only(const struct rule *rule)
{
	const struct quote_req req = {(uintptr_t)page_readonly(), PAGE};

	(void)rule;
	got_call(ioctl(device_open(O_RDWR), GET_QUOTE_IOR, &req));
}

static void run_small(const struct rule *rule)
{
	buffer_make(4);
	got_quote_of(GET_QUOTE_IOR, (uint64_t)rule->n);
}

static void run_malformed(const struct rule *rule)
{
	buffer_make(5);
	buffer.version = 2;
	got_quote_of(GET_QUOTE_IOR, sizeof(buffer));
	buffer_make(5);
	buffer.in_len = 3;
	got_quote_of(GET_QUOTE_IOR, sizeof(buffer));
	buffer_make(5);
	buffer.in_len = (uint32_t)-1;
	got_quote_of(GET_QUOTE_IOR, sizeof(buffer));
	buffer_make(5);
	buffer.data[3]++;
	got_quote_of(GET_QUOTE_IOR, sizeof(buffer));
	buffer_make(5);
	buffer.data[FRAME_SIZE + 4] = 4;
	got_quote_of(GET_QUOTE_IOR, sizeof(buffer));
	(void)rule;
}

static void run_behind(const struct rule *rule)
{
	(void)rule;
	buffer_make(6);
	memset(buffer.data + FRAMED_SIZE, UNTOUCHED, sizeof(buffer.data) - FRAMED_SIZE);
	got_quote_of(GET_QUOTE_IOWR, sizeof(buffer));
	got("%s", buffer.data[sizeof(buffer.data) - 1] == UNTOUCHED ? "the rest as before"
								    : "the rest overwritten");
}

static void run_elsewhere(const struct rule *rule)
{
	const struct quote_req req = {(uintptr_t)&buffer, sizeof(buffer)};
	int ours = device_open(O_RDWR);

	(void)ours;
	(void)rule;
	got_call(ioctl(open("/dev/null", O_RDWR), GET_QUOTE_IOR, &req));
	got_call(ioctl(-1, GET_QUOTE_IOR, &req));
}

#define STATUS "status 8000000000000000"

static const struct rule rules[] = {
	{"GET_QUOTE, number 4, _IOR", run_quote, "ENOTTY", "0, quote 1", "D-get-quote",
	 .n = 0x80105404, .flags = RULE_ASKS, .questions = 1},
	{"GET_QUOTE, number 4, _IOWR", run_quote, "ENOTTY", "0, quote 1", "D-get-quote",
	 .n = 0xc0105404, .flags = RULE_ASKS, .questions = 1},
	{"GET_QUOTE, number 2, _IOR", run_quote, "ENOTTY", .n = 0x80105402},
	{"GET_QUOTE, number 2, _IOWR", run_quote, "ENOTTY", .n = 0xc0105402},
	{"GET_QUOTE of 2021, number 2", run_quote, "ENOTTY", .n = 0x80085402},
	{"GET_QUOTE of another direction", run_quote, "ENOTTY", .n = 0x40105404},
	{"GET_QUOTE by syscall(), O_RDONLY, a bit above the lower 32", run_syscall, "ENOTTY",
	 "0, quote 2", "D-get-quote", .n = 0x180105404},
	{"GET_QUOTE, its request at NULL, 1, a closed page, -1", run_bad_request,
	 "ENOTTY, ENOTTY, ENOTTY, ENOTTY", "EFAULT, EFAULT, EFAULT, EFAULT", "D-get-quote",
	 .flags = RULE_ASKS},
	{"GET_QUOTE, its buffer at NULL, a closed page, a kernel address, -8", run_bad_buffer,
	 "ENOTTY, ENOTTY, ENOTTY, ENOTTY", "EFAULT, EFAULT, EFAULT, EFAULT", "D-get-quote",
	 .flags = RULE_ASKS},
	{"GET_QUOTE, lengths 0, 4 MiB and one, the largest, 1", run_lengths,
	 "ENOTTY, ENOTTY, ENOTTY, ENOTTY", "EINVAL, ENOMEM, ENOMEM, 0", "D-get-quote",
	 .flags = RULE_ASKS},
	{"GET_QUOTE, the second page of its buffer closed", run_cut, "ENOTTY, untouched",
	 "EFAULT, untouched", "D-get-quote"},
	{"GET_QUOTE on a read-only page", run_read_only, "ENOTTY", "0", "D-get-quote"},
	{"GET_QUOTE, a buffer for the request alone", run_small, "ENOTTY", "0, " STATUS,
	 "D-get-quote", .n = HEADER_SIZE + FRAMED_SIZE},
	{"GET_QUOTE, a buffer one byte short of the request", run_small, "ENOTTY", "0, " STATUS,
	 "D-get-quote", .n = HEADER_SIZE + FRAMED_SIZE - 1},
	{"GET_QUOTE, a buffer for the header alone", run_small, "ENOTTY", "0, " STATUS,
	 "D-get-quote", .n = HEADER_SIZE},
	{"GET_QUOTE: version 2, in_len 3 and too large, another frame, another type", run_malformed,
	 "ENOTTY, ENOTTY, ENOTTY, ENOTTY, ENOTTY",
	 "0, " STATUS ", 0, " STATUS ", 0, " STATUS ", 0, " STATUS ", 0, " STATUS, "D-get-quote"},
	{"GET_QUOTE, what follows the request in the buffer", run_behind,
	 "ENOTTY, the rest as before", "0, quote 6, the rest as before", "D-get-quote"},
	{"GET_QUOTE on /dev/null, the device open; on -1", run_elsewhere, "ENOTTY, EBADF"},
};
RULE_GROUP(group_device_quote, "GET_QUOTE", rules);
