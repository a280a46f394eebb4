/* SPDX-License-Identifier: Apache-2.0 */
/* The measurement registers and the other files of the device in /sys. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "device/device.h"
#include "device/sysfs.h"
#include "rules/run.h"

#define RTMR2 REGISTERS "/rtmr2:sha384"
#define MRTD  REGISTERS "/mrtd:sha384"
#define NEW   REGISTERS "/new"
#define CLASS "/sys/class/misc/tdx_guest"

int register_open(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		got("open %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

void run_open(const struct rule *rule)
{
	int fd = got_open(open(rule->a, (int)rule->n, 0600));
	char value[100];

	if (fd >= 0 && (rule->n & (O_ACCMODE | O_PATH)) == O_RDONLY)
		got_call(read(fd, value, sizeof(value)));
}

static const struct rule open_rules[] = {
	{"open rtmr2 O_RDONLY", run_open, "open, 48", .a = RTMR2, .n = O_RDONLY},
	{"open rtmr2 O_WRONLY", run_open, "open", "ENXIO", "D-register-write", RTMR2, .n = O_WRONLY,
	 .flags = RULE_ASKS},
	{"open rtmr2 O_RDWR", run_open, "open", "ENXIO", "D-register-write", RTMR2, .n = O_RDWR,
	 .flags = RULE_ASKS},
	{"open mrtd O_WRONLY", run_open, "EACCES", .a = MRTD, .n = O_WRONLY},
	{"open mrtd O_RDWR", run_open, "EACCES", .a = MRTD, .n = O_RDWR},
	{"open mrtd O_RDONLY O_CREAT O_TRUNC", run_open, "open, 48", .a = MRTD,
	 .n = O_RDONLY | O_CREAT | O_TRUNC},
	{"open mrtd O_CREAT O_EXCL", run_open, "EEXIST", .a = MRTD, .n = O_CREAT | O_EXCL},
	{"open mrtd O_DIRECT", run_open, "EINVAL", .a = MRTD, .n = O_DIRECT},
	{"open mrtd O_DIRECTORY", run_open, "ENOTDIR", .a = MRTD, .n = O_DIRECTORY},
	{"open mrtd O_PATH", run_open, "open", .a = MRTD, .n = O_PATH, .flags = RULE_ASKS},
	{"open mrtd/x", run_open, "ENOTDIR", .a = MRTD "/x", .n = O_RDONLY},
	{"open an absent register", run_open, "ENOENT", .a = NEW, .n = O_RDONLY},
	{"open an absent register, O_CREAT", run_open, "EACCES", .a = NEW, .n = O_WRONLY | O_CREAT},
	{"open rtmr4", run_open, "ENOENT", .a = REGISTERS "/rtmr4:sha384", .n = O_RDONLY},
	{"open mrtd without its hash", run_open, "ENOENT", .a = REGISTERS "/mrtd", .n = O_RDONLY},
	{"open the folder O_WRONLY", run_open, "EISDIR", .a = REGISTERS, .n = O_WRONLY},
};
RULE_GROUP(group_registers_open, "Opening registers", open_rules);

static void run_read(const struct rule *rule)
{
	int fd = register_open(rule->a);
	uint8_t whole[100];
	uint8_t part[100];

	got_call(read(fd, whole, sizeof(whole)));
	got_call(read(fd, part, sizeof(part)));
	got_call(pread(fd, part, 20, 28));
	got("%s", memcmp(part, whole + 28, 20) == 0 ? "same" : "other");
	got_call(pread(fd, part, 20, 40));
	got("%s", memcmp(part, whole + 40, 8) == 0 ? "same" : "other");
	got_call(pread(fd, part, 1, 48));
	got_call(pread(fd, part, 1, 1000));
	got_call(pread(fd, part, 1, -1));
	got_call(read(fd, part, 0));
	got_call(lseek(fd, 47, SEEK_SET));
	got_call(read(fd, part, 10));
	got("%s", part[0] == whole[47] ? "same" : "other");
}

static void run_seek(const struct rule *rule)
{
	int fd = register_open(rule->a);
	char byte;

	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(lseek(fd, 0, SEEK_END));
	got_call(lseek(fd, -8, SEEK_END));
	got_call(lseek(fd, 100, SEEK_SET));
	got_call(read(fd, &byte, 1));
	got_call(lseek(fd, -1, SEEK_SET));
}

static void run_write(const struct rule *rule)
{
	int fd = register_open(rule->a);

	got_call(write(fd, "x", 1));
	got_call(ftruncate(fd, 0));
}

void run_map(const struct rule *rule)
{
	got("%s", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, register_open(rule->a), 0) == MAP_FAILED
			  ? errno_name(errno)
			  : "mapped");
}

void run_poll(const struct rule *rule)
{
	struct pollfd poll_fd = {.fd = register_open(rule->a), .events = POLLIN | POLLOUT};

	got_call(poll(&poll_fd, 1, 0));
	got("events %x", (unsigned)poll_fd.revents);
}

void run_epoll(const struct rule *rule)
{
	struct epoll_event event = {.events = EPOLLIN};

	got_call(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, register_open(rule->a), &event));
}

static void run_sendfile(const struct rule *rule)
{
	int file = open(at("F"), O_RDWR);

	got_call(sendfile(file, register_open(rule->a), NULL, 100));
	got_call(ftruncate(file, 0));
}

void run_sync(const struct rule *rule)
{
	got_call(fsync(register_open(rule->a)));
}

void run_bad_pointer(const struct rule *rule)
{
	int fd = register_open(rule->a);

	got_call(read(fd, page_none(), 48));
	got_call(read(fd, page_closed(), 48));
}

static void got_stat(const struct stat *st)
{
	got("%o links %lu owner %u:%u size %ld", st->st_mode, (unsigned long)st->st_nlink,
	    st->st_uid, st->st_gid, (long)st->st_size);
}

void run_stat(const struct rule *rule)
{
	struct stat st;

	got_call(stat(rule->a, &st));
	got_stat(&st);
}

void run_fstat(const struct rule *rule)
{
	struct stat by_path;
	struct stat st;

	got_call(fstat(register_open(rule->a), &st));
	got_stat(&st);
	got_call(stat(rule->a, &by_path));
	got("%s", st.st_ino == by_path.st_ino && st.st_dev == by_path.st_dev ? "same inode"
									     : "another inode");
}

void run_access(const struct rule *rule)
{
	got_call(access(rule->a, F_OK));
	got_call(access(rule->a, R_OK));
	got_call(access(rule->a, W_OK));
	got_call(access(rule->a, X_OK));
}

static void run_names(const struct rule *rule)
{
	got_call(unlink(rule->a));
	got_call(rmdir(rule->a));
	got_call(rename(rule->a, NEW));
	got_call(mkdir(NEW, 0700));
	got_call(symlink("x", NEW));
	got_call(link(rule->a, NEW));
	got_call(rmdir(REGISTERS));
	got_call(mkdir(REGISTERS, 0700));
}

static void run_chmod(const struct rule *rule)
{
	got_call(chmod(rule->a, 0644));
	got_call(chown(rule->a, 0, 0));
	got_call(truncate(RTMR2, 0));
}

void run_statfs(const struct rule *rule)
{
	struct statfs fs;
	struct statvfs vfs;

	got_call(statfs(rule->a, &fs));
	got("%lx", (unsigned long)fs.f_type);
	got_call(statvfs(rule->a, &vfs));
	got("%x", statvfs_type(&vfs));
	got_call(fstatvfs(open(rule->a, O_RDONLY), &vfs));
	got("%x", statvfs_type(&vfs));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The names in a folder, sorted, each with its type. */
void run_list(const struct rule *rule)
{
	char names[16][272];
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = opendir(rule->a);

	if (!dir) {
		got("%s", errno_name(errno));
		return;
	}
	while ((entry = readdir(dir)) && count < 16) {
		if (entry->d_name[0] != '.')
			snprintf(names[count++], sizeof(names[0]), "%s %d", entry->d_name,
				 entry->d_type);
	}
	closedir(dir);
	qsort(names, count, sizeof(names[0]), by_text);
	for (size_t i = 0; i < count; i++)
		got("%s", names[i]);
}

/* Everything relative to the folder. */
static void run_relative(const struct rule *rule)
{
	int dir = open(rule->a, O_RDONLY | O_DIRECTORY);
	char value[100];
	char cwd[100];

	got_call(read(openat(dir, "mrtd:sha384", O_RDONLY), value, sizeof(value)));
	got_call(fchdir(dir));
	got_call(read(open("rtmr0:sha384", O_RDONLY), value, sizeof(value)));
	got("%s", getcwd(cwd, sizeof(cwd)) ? cwd : errno_name(errno));
	got_call(read(open("../dev", O_RDONLY), value, sizeof(value)));
}

#define READS "48, 0, 20, same, 8, same, 0, 0, EINVAL, 0, 47, 1, same"

static const struct rule call_rules[] = {
	{"read rtmr2: whole, at the end, parts, beyond it", run_read, READS, .a = RTMR2},
	{"read mrtd likewise", run_read, READS, .a = MRTD},
	{"read mrconfigid likewise", run_read, READS, .a = REGISTERS "/mrconfigid"},
	{"lseek", run_seek, "0, 48, 40, 100, 0, EINVAL", .a = RTMR2},
	{"write and ftruncate of a reader", run_write, "EBADF, EINVAL", .a = RTMR2},
	{"mmap", run_map, "ENODEV", "mapped", "D-register-file: a real file", MRTD},
	{"poll", run_poll, "1, events 5", .a = MRTD},
	{"epoll_ctl", run_epoll, "0", "EPERM", "D-register-file: a real file", MRTD},
	{"sendfile", run_sendfile, "48, 0", .a = MRTD},
	{"fsync", run_sync, "0", .a = MRTD},
	{"read to NULL, to a closed page", run_bad_pointer, "EFAULT, EFAULT", .a = MRTD},
	{"stat rtmr2", run_stat, "0, 100644 links 1 owner 0:0 size 48", .a = RTMR2,
	 .flags = RULE_ASKS},
	{"stat mrtd", run_stat, "0, 100444 links 1 owner 0:0 size 48", .a = MRTD},
	{"fstat rtmr2", run_fstat, "0, 100644 links 1 owner 0:0 size 48, 0, same inode",
	 .a = RTMR2},
	{"access mrtd: F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES", .a = MRTD},
	{"access rtmr2: F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES", .a = RTMR2},
	{"unlink, rmdir, rename; mkdir, symlink, link of a new name; rmdir, mkdir of the folder",
	 run_names, "EPERM, ENOTDIR, EPERM, EPERM, EPERM, EPERM, EPERM, EEXIST", .a = RTMR2},
	{"chmod, chown, truncate", run_chmod, "0, 0, 0", .a = RTMR2},
	{"statfs, statvfs, fstatvfs (f_type)", run_statfs, "0, 62656572, 0, 62656572, 0, 62656572",
	 .a = MRTD},
	{"the folder's listing", run_list,
	 "mrconfigid 8, mrowner 8, mrownerconfig 8, mrtd:sha384 8, "
	 "rtmr0:sha384 8, rtmr1:sha384 8, rtmr2:sha384 8, rtmr3:sha384 8",
	 .a = REGISTERS, .flags = RULE_ASKS},
	{"relative names", run_relative, "48, 0, 48, " REGISTERS ", 7", .a = REGISTERS},
};
RULE_GROUP(group_registers_calls, "Registers", call_rules);

void run_text(const struct rule *rule)
{
	int fd = register_open(rule->a);

	got_read(fd, TEXT_MAX);
	got_read(fd, TEXT_MAX);
}

static void run_class_link(const struct rule *rule)
{
	char text[64];
	struct stat st;

	got("%o", lstat(rule->a, &st) == 0 ? st.st_mode : 0);
	got_call(readlink(rule->a, text, sizeof(text)));
	got_open(open(rule->a, O_RDONLY | O_NOFOLLOW));
	got_call(unlink(rule->a));
}

void run_write_uevent(const struct rule *rule)
{
	int fd = got_open(open(rule->a, O_WRONLY));

	got_call(write(fd, "change", 6));
}

static const struct rule companion_rules[] = {
	{"dev", run_text, "\"10:256\\n\", \"\"", .a = SYSFS "/dev", .flags = RULE_ASKS},
	{"uevent", run_text, "\"MAJOR=10\\nMINOR=256\\nDEVNAME=tdx_guest\\n\", \"\"",
	 .a = SYSFS "/uevent"},
	{"stat dev", run_stat, "0, 100444 links 1 owner 0:0 size 4096", .a = SYSFS "/dev"},
	{"stat uevent", run_stat, "0, 100644 links 1 owner 0:0 size 4096", .a = SYSFS "/uevent"},
	{"fstat dev", run_fstat, "0, 100444 links 1 owner 0:0 size 4096, 0, same inode",
	 .a = SYSFS "/dev"},
	{"stat measurements", run_stat, "0, 40755 links 2 owner 0:0 size 0", .a = REGISTERS},
	{"open dev O_WRONLY", run_open, "EACCES", .a = SYSFS "/dev", .n = O_WRONLY},
	{"write to uevent", run_write_uevent, "open, 6", "open, EBADF",
	 "D-device-uevent: there is no device to tell of", SYSFS "/uevent"},
	{"access dev: F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES", .a = SYSFS "/dev"},
	{"statfs, statvfs, fstatvfs of the device's folder", run_statfs,
	 "0, 62656572, 0, 62656572, 0, 62656572", .a = SYSFS},
	{"listing of the device's folder", run_list,
	 "dev 8, measurements 4, power 4, subsystem 10, uevent 8",
	 "dev 8, measurements 4, uevent 8", "D-device-folder: nobody asks for the rest", SYSFS},
	{"read /sys/class/misc/tdx_guest/dev", run_text, "\"10:256\\n\", \"\"", .a = CLASS "/dev",
	 .flags = RULE_ASKS},
	{"listing of /sys/class/misc/tdx_guest/measurements", run_list,
	 "mrconfigid 8, mrowner 8, mrownerconfig 8, mrtd:sha384 8, "
	 "rtmr0:sha384 8, rtmr1:sha384 8, rtmr2:sha384 8, rtmr3:sha384 8",
	 .a = CLASS "/measurements"},
	{"names relative to /sys/class/misc/tdx_guest/measurements", run_relative,
	 "48, 0, 48, " REGISTERS ", 7", .a = CLASS "/measurements"},
	{"a way out of /sys/class/misc/tdx_guest and back", run_text, "\"10:256\\n\", \"\"",
	 .a = CLASS "/../../misc/tdx_guest/dev"},
	{"stat /sys/class/misc/tdx_guest", run_stat, "0, 40755 links 4 owner 0:0 size 0",
	 "0, 40755 links 3 owner 0:0 size 0", "D-device-folder: no power/ to count", CLASS},
	{"/sys/class/misc/tdx_guest itself: lstat, readlink, O_NOFOLLOW, unlink", run_class_link,
	 "120777, 38, ELOOP, EPERM", "40755, EINVAL, open, EISDIR",
	 "D-device-class: served as the folder", CLASS},
};
RULE_GROUP(group_companions, "The device in /sys", companion_rules);
