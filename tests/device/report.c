/* SPDX-License-Identifier: Apache-2.0 */
/* ioctl(): TDX_CMD_GET_REPORT0, commands that are none of the device's, bad pointers. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device/device.h"
#include "rules/run.h"

/* Offsets in TDREPORT_STRUCT, Intel TDX Module ABI specification. */
enum { REPORT_TYPE = 0, REPORT_DATA = 128, TYPE_TDX = 0x81, UNTOUCHED = 0xa5, PAGE = 4096 };

const char *device_name = "tdx_guest";

const char *device_path(const char *path)
{
	static _Thread_local char text[128];

	snprintf(text, sizeof(text), path, device_name);
	return text;
}

int device_open(int flags)
{
	int fd = open(DEVICE, flags);

	if (fd < 0) {
		got("open %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

void request_make(struct request *request, uint8_t seed)
{
	memcpy(request->reportdata, report_data(seed), REPORTDATA_SIZE);
	memset(request->tdreport, UNTOUCHED, REPORT_SIZE);
}

const char *report_of(const struct request *request, uint8_t seed)
{
	static _Thread_local char text[32];
	const uint8_t *report = request->tdreport;

	if (memcmp(request->reportdata, report_data(seed), REPORTDATA_SIZE) != 0)
		return "report data written to";
	if (report[REPORT_TYPE] != TYPE_TDX)
		return "no TDREPORT";
	if (memcmp(report + REPORT_DATA, report_data(seed), REPORTDATA_SIZE) != 0)
		return "over other report data";
	if (memchr(report, UNTOUCHED, 16) || report[REPORT_SIZE - 1] == UNTOUCHED)
		return "not filled";
	snprintf(text, sizeof(text), "report %u", seed);
	return text;
}

void got_report(int fd, uint8_t seed)
{
	struct request request;

	request_make(&request, seed);
	errno = 0;
	if (ioctl(fd, GET_REPORT0, &request) < 0)
		got("%s", errno_name(errno));
	else
		got("%s", errno ? "errno changed" : report_of(&request, seed));
}

/* On a descriptor opened with the flags of the row. */
static void run_report(const struct rule *rule)
{
	int fd = device_open((int)rule->n);

	got_report(fd, 1);
	got_report(fd, 2);
}

/* The same over the same report data: natively two measurements, here two questions. */
static void run_twice(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_report(fd, 1);
	got_report(fd, 1);
}

static void run_syscall(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	struct request request;

	request_make(&request, 3);
	got_call(syscall(SYS_ioctl, (long)fd, rule->n, &request));
	got("%s", report_of(&request, 3));
}

static void run_unknown(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	got_call(syscall(SYS_ioctl, (long)fd, rule->n, 0L));
	got_call(syscall(SYS_ioctl, (long)fd, rule->n, -1L));
	got_call(ioctl(fd, (command)rule->n, NULL));
}

static void run_elsewhere(const struct rule *rule)
{
	int ours = device_open(O_RDWR);
	int fd = open(at(rule->a), (int)rule->n);

	(void)ours;
	if (fd < 0)
		got("open %s", errno_name(errno));
	got_report(fd, 1);
}

static void run_not_open(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(close(fd));
	got_report(fd, 1);
	got_report(-1, 1);
}

static void run_bad_pointer(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	struct request *request = page_closed();

	(void)rule;
	got_call(ioctl(fd, GET_REPORT0, page_none()));
	got_call(ioctl(fd, GET_REPORT0, (void *)1));
	got_call(ioctl(fd, GET_REPORT0, request));
	got_call(ioctl(fd, GET_REPORT0, (void *)0xffff800000000000));
	got_call(ioctl(fd, GET_REPORT0, (void *)-1L));
}

/* Two pages, the second of which may be used so; a request may lie across. */
static uint8_t *pages_make(int second)
{
	uint8_t *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, second) < 0) {
		got("mmap %s", errno_name(errno));
		run_finish();
	}
	memset(pages, UNTOUCHED, PAGE);
	return pages;
}

static void run_data_cut(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_NONE);

	(void)rule;
	got_call(ioctl(device_open(O_RDWR), GET_REPORT0, pages + PAGE - REPORTDATA_SIZE + 1));
	got("%s", pages[PAGE - 1] == UNTOUCHED ? "untouched" : "touched");
}

static void run_read_only(const struct rule *rule)
{
	(void)rule;
	got_call(ioctl(device_open(O_RDWR), GET_REPORT0, page_readonly()));
}

/* n bytes of the report are in front of a page that may not be touched. */
static void run_report_cut(const struct rule *rule)
{
	const size_t room = (size_t)rule->n;
	uint8_t *pages = pages_make(PROT_NONE);
	uint8_t *request = pages + PAGE - room - REPORTDATA_SIZE;
	size_t filled = 0;

	memcpy(request, report_data(4), REPORTDATA_SIZE);
	got_call(ioctl(device_open(O_RDWR), GET_REPORT0, request));
	for (size_t i = 0; i < room; i++)
		if (request[REPORTDATA_SIZE + i] != UNTOUCHED)
			filled = i + 1;
	got("%zu of %zu filled", filled, room);
	got("%s", request[-1] == UNTOUCHED && memcmp(request, report_data(4), REPORTDATA_SIZE) == 0
			  ? "nothing before"
			  : "overwritten before");
}

/* A page may be mapped anywhere: a request at an odd address, across two good pages. */
static void run_odd(const struct rule *rule)
{
	uint8_t *pages = pages_make(PROT_READ | PROT_WRITE);
	uint8_t *request = pages + PAGE - 501;

	(void)rule;
	memcpy(request, report_data(5), REPORTDATA_SIZE);
	got_call(ioctl(device_open(O_RDWR), GET_REPORT0, request));
	got("%s", report_of((const struct request *)(const void *)request, 5));
}

static const struct rule rules[] = {
	{"GET_REPORT0, O_RDWR, twice", run_report, "report 1, report 2", .n = O_RDWR,
	 .flags = RULE_ASKS, .questions = 2},
	{"GET_REPORT0 over the same report data again", run_twice, "report 1, report 1",
	 .flags = RULE_ASKS, .questions = 2},
	{"GET_REPORT0, O_RDONLY", run_report, "report 1, report 2", .n = O_RDONLY},
	{"GET_REPORT0, O_WRONLY", run_report, "report 1, report 2", .n = O_WRONLY},
	{"GET_REPORT0, access mode 3", run_report, "report 1, report 2", .n = ACCESS_MODE_3},
	{"GET_REPORT0, O_RDWR O_SYNC", run_report, "report 1, report 2", .n = O_RDWR | O_SYNC},
	{"GET_REPORT0, O_PATH", run_report, "EBADF, EBADF", .n = O_PATH, .flags = RULE_ASKS},
	{"GET_REPORT0 by syscall()", run_syscall, "0, report 3", .n = 0xc4405401},
	{"GET_REPORT0 with a bit above the lower 32", run_syscall, "0, report 3", .n = 0x1c4405401},
	{"GET_REPORT0 with all bits above the lower 32", run_syscall, "0, report 3",
	 .n = (long)0xffffffffc4405401},
	{"command 0", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0},
	{"command -1", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = -1},
	{"TCGETS, of the same lower 16 bits", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0x5401},
	{"TIOCGWINSZ", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0x5413},
	{"the same with another direction", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0x84405401},
	{"the same with another size", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0xc4485401},
	{"GET_TDREPORT of older drivers", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0xc0085401},
	{"EXTEND_RTMR of other drivers, reading", run_unknown, "ENOTTY, ENOTTY, ENOTTY",
	 .n = 0x80315403},
	{"EXTEND_RTMR of other drivers, writing", run_unknown, "ENOTTY, ENOTTY, ENOTTY",
	 .n = 0x40315403},
	{"VERIFY_REPORT of other drivers", run_unknown, "ENOTTY, ENOTTY, ENOTTY", .n = 0xc1085402},
	{"GET_REPORT0 on /dev/null, the device open", run_elsewhere, "ENOTTY", .a = "/dev/null",
	 .n = O_RDWR},
	{"GET_REPORT0 on a file", run_elsewhere, "ENOTTY", .a = "F", .n = O_RDWR},
	{"GET_REPORT0 on a folder", run_elsewhere, "ENOTTY", .a = "/", .n = O_RDONLY},
	{"GET_REPORT0 after close", run_not_open, "0, EBADF, EBADF"},
	{"GET_REPORT0 at NULL, 1, a closed page, a kernel address, -1", run_bad_pointer,
	 "EFAULT, EFAULT, EFAULT, EFAULT, EFAULT", .flags = RULE_ASKS},
	{"GET_REPORT0, a closed page after 63 bytes", run_data_cut, "EFAULT, untouched",
	 .flags = RULE_ASKS},
	{"GET_REPORT0 on a read-only page", run_read_only, "EFAULT"},
	{"GET_REPORT0, a closed page after the report data", run_report_cut,
	 "EFAULT, 0 of 0 filled, nothing before", .n = 0},
	{"GET_REPORT0, a closed page after 512 bytes of the report", run_report_cut,
	 "EFAULT, 512 of 512 filled, nothing before", .n = 512},
	{"GET_REPORT0, a closed page after all but one byte of it", run_report_cut,
	 "EFAULT, 1023 of 1023 filled, nothing before", .n = 1023},
	{"GET_REPORT0, nothing cut", run_report_cut, "0, 1024 of 1024 filled, nothing before",
	 .n = 1024},
	{"GET_REPORT0 at an odd address across two pages", run_odd, "0, report 5"},
};
RULE_GROUP(group_device_ioctl, "ioctl", rules);
