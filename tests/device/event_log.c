/* SPDX-License-Identifier: Apache-2.0 */
/* The event log and the table that announces it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/device.h"
#include "device/sysfs.h"

#define ACPI_TABLES "/sys/firmware/acpi/tables"
#define CCEL        ACPI_TABLES "/CCEL"
#define LOG         ACPI_TABLES "/data/CCEL"

/* To the end, in pieces; from the middle; and from the end. */
static void run_read_file(const struct rule *rule)
{
	static char whole[1 << 20];
	int fd = register_open(rule->a);
	size_t len = 0;
	char part[20];
	ssize_t got_now;

	while ((got_now = read(fd, whole + len, 7000)) > 0)
		len += (size_t)got_now;
	got("%ld of %zu", (long)got_now, len);
	got_call(pread(fd, part, sizeof(part), 20));
	got("%s", memcmp(part, whole + 20, sizeof(part)) == 0 ? "same" : "other");
	got_call(lseek(fd, 0, SEEK_END));
	got_call(pread(fd, part, sizeof(part), (off_t)len - 3));
	got_call(pread(fd, part, sizeof(part), (off_t)len));
	got_call(write(fd, "x", 1));
	got_call(ftruncate(fd, 0));
}

static void run_refused_names(const struct rule *rule)
{
	got_call(unlink(rule->a));
	got_call(rmdir(rule->a));
	got_call(mkdir(rule->a, 0700));
	got_call(symlink("x", rule->a));
	got_call(rename(CCEL, LOG));
}

static void run_modes(const struct rule *rule)
{
	got_call(chmod(rule->a, 0644));
	got_call(chown(rule->a, 0, 0));
	got_call(truncate(rule->a, 0));
}

static void run_relative_log(const struct rule *rule)
{
	int dir = open(rule->a, O_RDONLY | O_DIRECTORY);
	char value[100];
	char cwd[100];

	got_call(read(openat(dir, "data/CCEL", O_RDONLY), value, sizeof(value)));
	got_call(fchdir(dir));
	got_call(read(open("CCEL", O_RDONLY), value, sizeof(value)));
	got("%s", getcwd(cwd, sizeof(cwd)) ? cwd : errno_name(errno));
	got_call(read(open("./data/../CCEL", O_RDONLY), value, sizeof(value)));
	got_call(chdir("data"));
	got_call(read(open("CCEL", O_RDONLY), value, sizeof(value)));
	got_call(read(open("../CCEL", O_RDONLY), value, sizeof(value)));
}

/* Each open() is a question; of one descriptor, none more. */
static const struct rule event_log_rules[] = {
	{"open CCEL", run_open, "open, 56", .a = CCEL, .n = O_RDONLY, .flags = RULE_ASKS},
	{"open the log", run_open, "open, 100", .a = LOG, .n = O_RDONLY, .flags = RULE_ASKS,
	 .questions = 1},
	{"open CCEL O_WRONLY", run_open, "EACCES", .a = CCEL, .n = O_WRONLY},
	{"open the log O_RDWR", run_open, "EACCES", .a = LOG, .n = O_RDWR, .flags = RULE_ASKS},
	{"open the log O_CREAT O_TRUNC", run_open, "open, 100", .a = LOG, .n = O_CREAT | O_TRUNC},
	{"open the log O_CREAT O_EXCL", run_open, "EEXIST", .a = LOG, .n = O_CREAT | O_EXCL},
	{"open the log O_DIRECT", run_open, "EINVAL", .a = LOG, .n = O_DIRECT, .flags = RULE_ASKS},
	{"open the log O_DIRECTORY", run_open, "ENOTDIR", .a = LOG, .n = O_DIRECTORY},
	{"open the log O_PATH", run_open, "open", .a = LOG, .n = O_PATH, .flags = RULE_ASKS},
	{"open CCEL/x", run_open, "ENOTDIR", .a = CCEL "/x", .n = O_RDONLY},
	{"open another table", run_open, "ENOENT", .a = ACPI_TABLES "/CCEM", .n = O_RDONLY},
	{"open another table, O_CREAT", run_open, "EACCES", .a = ACPI_TABLES "/CCEM",
	 .n = O_WRONLY | O_CREAT},
	{"open the folder O_WRONLY", run_open, "EISDIR", .a = ACPI_TABLES, .n = O_WRONLY},
	{"read CCEL: whole, parts, at the end, write, ftruncate", run_read_file,
	 "0 of 56, 20, same, 56, 3, 0, EBADF, EINVAL", .a = CCEL},
	{"read the log likewise", run_read_file, "0 of 65536, 20, same, 65536, 3, 0, EBADF, EINVAL",
	 .a = LOG, .flags = RULE_ASKS, .questions = 1},
	{"mmap", run_map, "ENODEV", "mapped", "D-register-file: a real file", LOG},
	{"poll", run_poll, "1, events 5", .a = LOG},
	{"epoll_ctl", run_epoll, "0", "EPERM", "D-register-file: a real file", LOG},
	{"fsync", run_sync, "0", .a = LOG},
	{"read to NULL, to a closed page", run_bad_pointer, "EFAULT, EFAULT", .a = LOG},
	{"stat CCEL", run_stat, "0, 100400 links 1 owner 0:0 size 56", .a = CCEL},
	{"stat the log", run_stat, "0, 100400 links 1 owner 0:0 size 65536", .a = LOG,
	 .flags = RULE_ASKS},
	{"fstat CCEL", run_fstat, "0, 100400 links 1 owner 0:0 size 56, 0, same inode", .a = CCEL},
	{"fstat the log", run_fstat, "0, 100400 links 1 owner 0:0 size 65536, 0, same inode",
	 .a = LOG},
	{"access: F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES", .a = LOG,
	 .flags = RULE_ASKS},
	{"unlink, rmdir, mkdir, symlink, rename over it", run_refused_names,
	 "EPERM, ENOTDIR, EEXIST, EEXIST, EPERM", .a = LOG},
	{"chmod, chown, truncate", run_modes, "0, 0, 0", .a = LOG},
	{"statfs, statvfs, fstatvfs (f_type)", run_statfs, "0, 62656572, 0, 62656572, 0, 62656572",
	 .a = LOG},
	{"relative names", run_relative_log, "100, 0, 56, " ACPI_TABLES ", 56, 0, 100, 56",
	 .a = ACPI_TABLES, .flags = RULE_ASKS, .questions = 2},
};
RULE_GROUP(group_event_log, "The event log", event_log_rules);
