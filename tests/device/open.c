/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the device, by each mode and name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "device/device.h"

/* Open the row's path, or the device, with the row's flags, and close it again. */
static void run_open(const struct rule *rule)
{
	int fd = got_open(open(rule->a ? device_path(rule->a) : DEVICE, (int)rule->n, 0600));

	if (fd >= 0)
		got_call(close(fd));
}

static void run_flags(const struct rule *rule)
{
	int fd = device_open((int)rule->n);

	got("F_GETFL %o", (unsigned)fcntl(fd, F_GETFL));
	got("F_GETFD %d", fcntl(fd, F_GETFD));
}

static void run_openat(const struct rule *rule)
{
	int dir = open("/dev", O_RDONLY | O_DIRECTORY);

	(void)rule;
	got_report(got_open(openat(dir, "tdx_guest", O_RDWR)), 1);
	got_call(chdir("/dev"));
	got_report(got_open(open("tdx_guest", O_RDONLY)), 2);
	got_report(got_open(openat(AT_FDCWD, "./tdx_guest", O_RDONLY)), 3);
}

static void run_openat2(const struct rule *rule)
{
	uint64_t how[3] = {(uint64_t)rule->n};

	got_report(got_open((int)syscall(SYS_openat2, AT_FDCWD, DEVICE, how, sizeof(how))), 1);
}

static void run_open_syscall(const struct rule *rule)
{
	(void)rule;
	got_report(got_open((int)syscall(SYS_open, DEVICE, O_RDWR)), 1);
	got_report(got_open((int)syscall(SYS_openat, AT_FDCWD, DEVICE, O_RDWR)), 2);
}

static void run_fopen(const struct rule *rule)
{
	FILE *file = fopen(DEVICE, rule->a);

	got("%s", file ? "open" : errno_name(errno));
	if (!file)
		return;
	got_report(fileno(file), 1);
	fclose(file);
}

static void run_creat(const struct rule *rule)
{
	(void)rule;
	got_report(got_open(creat(DEVICE, 0600)), 1);
}

static void run_access_mode_3(const struct rule *rule)
{
	int fd = device_open(ACCESS_MODE_3);
	char byte;

	(void)rule;
	got_call(read(fd, &byte, 1));
	got_call(write(fd, "x", 1));
}

/* With the permission that the device has: 0600, root's. */
static void run_other_user(const struct rule *rule)
{
	(void)rule;
	got_open(open(DEVICE, O_RDWR));
	got_call(access(DEVICE, R_OK));
}

static void run_many(const struct rule *rule)
{
	int first = device_open(O_RDWR);
	int second = device_open(O_RDWR);

	(void)rule;
	got_call(close(first));
	got_report(second, 1);
	got("%s", device_open(O_RDONLY) == first ? "lowest number" : "another number");
}

static void run_absent(const struct rule *rule)
{
	struct stat st;

	got_open(open(rule->a, O_RDWR));
	got_open(open(rule->a, O_RDONLY));
	got_call(access(rule->a, F_OK));
	got_call(stat(rule->a, &st));
	got_call(lstat(rule->a, &st));
}

#define ABSENT "ENOENT, ENOENT, ENOENT, ENOENT, ENOENT"

static const struct rule rules[] = {
	{"open O_RDONLY", run_open, "open, 0", .n = O_RDONLY, .flags = RULE_ASKS},
	{"open O_WRONLY", run_open, "open, 0", .n = O_WRONLY, .flags = RULE_ASKS},
	{"open O_RDWR", run_open, "open, 0", .n = O_RDWR, .flags = RULE_ASKS},
	{"open access mode 3", run_open, "open, 0", .n = ACCESS_MODE_3},
	{"open O_PATH", run_open, "open, 0", .n = O_PATH},
	{"open O_SYNC", run_open, "open, 0", .n = O_RDWR | O_SYNC},
	{"open O_NONBLOCK", run_open, "open, 0", .n = O_RDWR | O_NONBLOCK},
	{"open O_APPEND", run_open, "open, 0", .n = O_RDWR | O_APPEND},
	{"open O_TRUNC", run_open, "open, 0", .n = O_RDWR | O_TRUNC},
	{"open O_RDONLY O_TRUNC", run_open, "open, 0", .n = O_RDONLY | O_TRUNC},
	{"open O_CREAT", run_open, "open, 0", .n = O_RDWR | O_CREAT},
	{"open O_CREAT O_TRUNC", run_open, "open, 0", .n = O_WRONLY | O_CREAT | O_TRUNC},
	{"open O_NOFOLLOW", run_open, "open, 0", .n = O_RDWR | O_NOFOLLOW},
	{"open O_NOATIME", run_open, "open, 0", .n = O_RDWR | O_NOATIME},
	{"open O_NOCTTY", run_open, "open, 0", .n = O_RDWR | O_NOCTTY},
	{"open O_DIRECT", run_open, "EINVAL", .n = O_RDWR | O_DIRECT},
	{"open O_CREAT O_EXCL", run_open, "EEXIST", .n = O_RDWR | O_CREAT | O_EXCL},
	{"open O_EXCL alone", run_open, "open, 0", .n = O_RDWR | O_EXCL},
	{"open O_DIRECTORY", run_open, "ENOTDIR", .n = O_RDONLY | O_DIRECTORY},
	{"open O_PATH O_DIRECTORY", run_open, "ENOTDIR", .n = O_PATH | O_DIRECTORY},
	{"open O_TMPFILE", run_open, "ENOTDIR", .n = O_RDWR | O_TMPFILE},
	{"open node/x", run_open, "ENOTDIR", .a = "/dev/%s/x", .n = O_RDWR},
	{"open node/x, O_CREAT", run_open, "ENOTDIR", .a = "/dev/%s/x", .n = O_RDWR | O_CREAT},
	{"open node/", run_open, "ENOTDIR", .a = "/dev/%s/", .n = O_RDWR},
	{"open node/.", run_open, "ENOTDIR", .a = "/dev/%s/.", .n = O_RDWR},
	{"open node/..", run_open, "ENOTDIR", "ENOENT", "D-lexical", .a = "/dev/%s/..",
	 .n = O_RDONLY},
	{"open //dev/.//node", run_open, "open, 0", .a = "//dev/.//%s", .n = O_RDWR},
	{"open /dev/../dev/node", run_open, "open, 0", .a = "/dev/../dev/%s", .n = O_RDWR},
	{"flags of O_RDWR", run_flags, "F_GETFL 100002, F_GETFD 0", .n = O_RDWR},
	{"flags of O_RDONLY O_CLOEXEC", run_flags, "F_GETFL 100000, F_GETFD 1",
	 .n = O_RDONLY | O_CLOEXEC},
	{"flags of O_RDWR O_SYNC", run_flags, "F_GETFL 4110002, F_GETFD 0", .n = O_RDWR | O_SYNC},
	{"flags of O_RDWR O_DSYNC", run_flags, "F_GETFL 110002, F_GETFD 0", .n = O_RDWR | O_DSYNC},
	{"flags of O_WRONLY O_NONBLOCK O_APPEND", run_flags, "F_GETFL 106001, F_GETFD 0",
	 .n = O_WRONLY | O_NONBLOCK | O_APPEND},
	{"flags of O_CREAT O_TRUNC O_EXCL's absence", run_flags, "F_GETFL 100001, F_GETFD 0",
	 .n = O_WRONLY | O_CREAT | O_TRUNC},
	{"flags of O_NOFOLLOW", run_flags, "F_GETFL 500000, F_GETFD 0", .n = O_NOFOLLOW},
	{"openat of /dev, relative names", run_openat,
	 "open, report 1, 0, open, report 2, open, report 3", .flags = RULE_TDX},
	{"openat2", run_openat2, "open, report 1", .n = O_RDWR, .flags = RULE_TDX},
	{"syscall open, openat", run_open_syscall, "open, report 1, open, report 2",
	 .flags = RULE_TDX},
	{"fopen r", run_fopen, "open, report 1", .a = "r", .flags = RULE_TDX},
	{"fopen w", run_fopen, "open, report 1", .a = "w", .flags = RULE_TDX},
	{"fopen r+", run_fopen, "open, report 1", .a = "r+", .flags = RULE_TDX},
	{"creat", run_creat, "open, report 1", .flags = RULE_TDX},
	{"read and write in access mode 3", run_access_mode_3, "EBADF, EBADF"},
	{"open and access by another user", run_other_user, "EACCES, EACCES", "open, 0",
	 "D-every-user", .flags = RULE_USER},
	{"two descriptors", run_many, "0, report 1, lowest number", .flags = RULE_TDX},
	{"/dev/sev-guest", run_absent, ABSENT, .a = "/dev/sev-guest",
	 .flags = RULE_ASKS | RULE_TDX},
	{"/dev/sev", run_absent, ABSENT, .a = "/dev/sev"},
	{"/dev/tdx-guest", run_absent, ABSENT, .a = "/dev/tdx-guest"},
	{"/dev/tdx-attest", run_absent, ABSENT, .a = "/dev/tdx-attest"},
	{"/dev/tdx_attest", run_absent, ABSENT, .a = "/dev/tdx_attest"},
	{"/dev/tdx_guest0", run_absent, ABSENT, .a = "/dev/tdx_guest0"},
	{"/dev/tdx_gues", run_absent, ABSENT, .a = "/dev/tdx_gues"},
};
RULE_GROUP(group_device_open, "Opening the device", rules);
