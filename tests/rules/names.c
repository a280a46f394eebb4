/* SPDX-License-Identifier: Apache-2.0 */
/* The same things by every kind of name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules.h"

/* Open and read provider by a name; where it begins with a place, that is filled in. */
static void got_provider(int dirfd, const char *path)
{
	char text[TEXT_MAX];
	int fd = openat(dirfd, path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (len < 0)
		got("%s", errno_name(errno));
	else
		got("%s", len == 10 && memcmp(text + 3, "_guest\n", 7) == 0 ? "provider" : "?");
	close(fd);
}

static void run_path(const struct rule *rule)
{
	char path[300];

	snprintf(path, sizeof(path), rule->a, entry_name());
	got_provider(AT_FDCWD, at(path));
}

/* rule->a with the entry's name in place of %s, from the folder rule->b as dirfd. */
static void run_dirfd(const struct rule *rule)
{
	char path[300];
	int dir = open(at(rule->b), (int)rule->n | O_DIRECTORY);

	snprintf(path, sizeof(path), rule->a, entry_name());
	got_provider(dir, path);
}

static void run_cwd(const struct rule *rule)
{
	char path[300];

	snprintf(path, sizeof(path), rule->a, entry_name());
	got_call(chdir(at(rule->b)));
	got_provider(AT_FDCWD, path);
}

static void run_stat_path(const struct rule *rule)
{
	struct stat st;

	if (got_call(stat(at(rule->a), &st)) == 0)
		got("%o", st.st_mode);
}

static void run_dirfd_calls(const struct rule *rule)
{
	int dir = open(at("R"), (int)rule->n | O_DIRECTORY);
	char inside[300];
	struct stat st;

	got_call(mkdirat(dir, "rules-dirfd", 0700));
	got_call(fstatat(dir, "rules-dirfd", &st, 0));
	got("%o", st.st_mode);
	got_call(faccessat(dir, "rules-dirfd/inblob", W_OK, 0));
	got_open(openat(dir, "rules-dirfd/inblob", O_WRONLY | O_CREAT | O_TRUNC, 0600));
	got_open(openat(dir, "rules-dirfd/new", O_WRONLY | O_CREAT, 0600));
	got_call(mkdirat(dir, "rules-dirfd/new", 0700));
	got_call(unlinkat(dir, "rules-dirfd/inblob", 0));
	got_call(unlinkat(dir, "rules-dirfd", 0));
	got_call(renameat(dir, "rules-dirfd", dir, "rules-dirfd2"));
	got_call(symlinkat("x", dir, "rules-link"));
	got_call(linkat(dir, "rules-dirfd/inblob", dir, "rules-link", 0));
	got_call(mkfifoat(dir, "rules-fifo", 0600));
	got_call(mknodat(dir, "rules-node", S_IFREG | 0600, 0));
	got_call(fchmodat(dir, "rules-dirfd", 0700, 0));
	got_call(unlinkat(dir, "rules-dirfd", AT_REMOVEDIR));
	snprintf(inside, sizeof(inside), "%s/generation", entry_name());
	got_call(faccessat(dir, inside, R_OK, 0));
	got_call(faccessat(dir, "rules-dirfd", F_OK, 0));
}

static void run_dirfd_ignored(const struct rule *rule)
{
	got_provider((int)rule->n, at("E/provider"));
}

static void run_dirfd_bad(const struct rule *rule)
{
	int file = open(at("E/provider"), O_RDONLY);
	char path[300];

	(void)rule;
	snprintf(path, sizeof(path), "%s/provider", entry_name());
	got_provider(987, path);
	got_provider(file, "x");
	got_call(mkdirat(987, "x", 0700));
}

static void run_realpath(const struct rule *rule)
{
	char path[300];
	char *result;

	snprintf(path, sizeof(path), rule->a, entry_name());
	if (rule->b)
		got_call(chdir(at(rule->b)));
	result = realpath(path, NULL);
	if (!result)
		got("%s", errno_name(errno));
	else if (strcmp(result, at("E")) == 0)
		got("the entry");
	else if (strcmp(result, at("E/inblob")) == 0)
		got("inblob");
	else
		got("%s", result);
}

static void got_link(int fd, const char *expected)
{
	char link[64];
	char target[512];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	got("%s", len < 0                         ? errno_name(errno)
		  : strcmp(target, expected) == 0 ? "its path"
						  : target);
}

static void run_fd_link(const struct rule *rule)
{
	int fd = open(at(rule->a), (int)rule->n);

	got_link(fd, at(rule->a));
	got_link(dup(fd), at(rule->a));
}

static void run_outblob_link(const struct rule *rule)
{
	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got_link(open(at("E/outblob"), O_RDONLY), at("E/outblob"));
}

static void run_short_link(const struct rule *rule)
{
	char link[64];
	char target[64];
	int fd = open(at("E"), O_RDONLY | O_DIRECTORY);
	ssize_t len;

	memset(target, '#', sizeof(target));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, (size_t)rule->n);
	got("%zd", len);
	got_bytes(target, len > 0 ? (size_t)len : 0);
	got("%s", target[rule->n] == '#' ? "no more" : "more");
}

static void run_reopen(const struct rule *rule)
{
	char link[64];
	int fd = open(at("E"), (int)rule->n | O_DIRECTORY);

	snprintf(link, sizeof(link), rule->a, fd);
	got_provider(AT_FDCWD, link);
}

static void run_fd_reopen(const struct rule *rule)
{
	char link[64];
	char text[TEXT_MAX];
	int fd = open(at("E/provider"), O_RDONLY);
	int again;

	(void)rule;
	snprintf(link, sizeof(link), "/dev/fd/%d", fd);
	again = got_open(open(link, O_RDONLY));
	got_call(read(again, text, sizeof(text)));
	got_open(open(link, O_WRONLY));
}

static void run_inblob_reopen(const struct rule *rule)
{
	char link[64];
	int fd = open(at("E/inblob"), O_WRONLY);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got_open(open(link, (int)rule->n));
}

static void run_symlink(const struct rule *rule)
{
	(void)rule;
	got_call(symlink(at("E"), at("X")));
	got_provider(AT_FDCWD, at("X/provider"));
	unlink(at("X"));
}

static const struct rule rules[] = {
	{"/sys/kernel/config//tsm///report/entry/provider", run_path, "provider",
	 .a = "C//tsm///report/%s/provider"},
	{"//sys/kernel/config/tsm/report/entry/provider", run_path, "provider",
	 .a = "//sys/kernel/config/tsm/report/%s/provider"},
	{"entry/./provider", run_path, "provider", .a = "E/./provider"},
	{"entry/../entry/provider", run_path, "provider", .a = "E/../%s/provider"},
	{"tsm/./../tsm/report/entry/provider", run_path, "provider",
	 .a = "T/./../tsm/report/%s/provider"},
	{"/proc/../sys/kernel/config/tsm/report/entry/provider", run_path, "provider",
	 .a = "/proc/../sys/kernel/config/tsm/report/%s/provider"},
	{"report/absent/../entry/provider", run_path, "ENOENT", .a = "R/absent/../%s/provider"},
	{"entry/provider/", run_path, "ENOTDIR", .a = "E/provider/"},
	{"entry/provider/.", run_path, "ENOTDIR", .a = "E/provider/."},
	{"entry/provider/..", run_path, "ENOTDIR", .a = "E/provider/.."},
	{"entry/Provider", run_path, "ENOENT", .a = "E/Provider"},
	{"entry/provider.0", run_path, "ENOENT", .a = "E/provider.0"},
	{"stat entry/", run_stat_path, "0, 40755", .a = "E/"},
	{"stat entry/.", run_stat_path, "0, 40755", .a = "E/."},
	{"stat entry/..", run_stat_path, "0, 40755", .a = "E/.."},
	{"stat report/../..", run_stat_path, "0, 40755", .a = "R/../.."},
	{"stat report/ABSENT/..", run_stat_path, "ENOENT", .a = "R/ABSENT/.."},
	{"openat report's descriptor, entry/provider", run_dirfd, "provider", .a = "%s/provider",
	 .b = "R", .n = O_RDONLY},
	{"openat entry's descriptor, provider", run_dirfd, "provider", .a = "provider", .b = "E",
	 .n = O_RDONLY},
	{"openat entry's descriptor, ./provider", run_dirfd, "provider", .a = "./provider",
	 .b = "E", .n = O_RDONLY},
	{"openat entry's descriptor, ../entry/provider", run_dirfd, "provider",
	 .a = "../%s/provider", .b = "E", .n = O_RDONLY},
	{"openat tsm's descriptor, report//entry/provider", run_dirfd, "provider",
	 .a = "report//%s/provider", .b = "T", .n = O_RDONLY},
	{"openat /sys/kernel/config's descriptor, tsm/report/entry/provider", run_dirfd, "provider",
	 .a = "tsm/report/%s/provider", .b = "C", .n = O_RDONLY},
	{"openat /'s descriptor, sys/kernel/config/tsm/report/entry/provider", run_dirfd,
	 "provider", .a = "sys/kernel/config/tsm/report/%s/provider", .b = "/", .n = O_RDONLY},
	{"openat /sys/kernel's descriptor, config/tsm/report/entry/provider", run_dirfd, "provider",
	 .a = "config/tsm/report/%s/provider", .b = "/sys/kernel", .n = O_RDONLY},
	{"openat report's O_PATH descriptor, entry/provider", run_dirfd, "provider",
	 .a = "%s/provider", .b = "R", .n = O_PATH},
	{"openat entry's O_PATH descriptor, provider", run_dirfd, "provider", .a = "provider",
	 .b = "E", .n = O_PATH},
	{"openat entry's descriptor, absent", run_dirfd, "ENOENT", .a = "absent", .b = "E",
	 .n = O_RDONLY},
	{"openat entry's descriptor, provider/x", run_dirfd, "ENOTDIR", .a = "provider/x", .b = "E",
	 .n = O_RDONLY},
	{"openat with AT_FDCWD and an absolute path", run_dirfd_ignored, "provider", .n = AT_FDCWD},
	{"openat with dirfd -1 and an absolute path", run_dirfd_ignored, "provider", .n = -1},
	{"openat with a closed dirfd; an attribute as dirfd; mkdirat with a closed one",
	 run_dirfd_bad, "EBADF, ENOTDIR, EBADF"},
	{"all *at calls from report's descriptor", run_dirfd_calls,
	 "0, 0, 40755, 0, open, EACCES, EPERM, EPERM, EISDIR, EPERM, EPERM, EPERM, EPERM, EACCES, "
	 "0, 0, 0, ENOENT",
	 .n = O_RDONLY},
	{"all *at calls from report's O_PATH descriptor", run_dirfd_calls,
	 "0, 0, 40755, 0, open, EACCES, EPERM, EPERM, EISDIR, EPERM, EPERM, EPERM, EPERM, EACCES, "
	 "0, 0, 0, ENOENT",
	 .n = O_PATH},
	{"chdir entry, open provider", run_cwd, "0, provider", .a = "provider", .b = "E"},
	{"chdir entry, open ../entry/./provider", run_cwd, "0, provider", .a = "../%s/./provider",
	 .b = "E"},
	{"chdir report, open entry/provider", run_cwd, "0, provider", .a = "%s/provider", .b = "R"},
	{"chdir tsm, open report/entry/provider", run_cwd, "0, provider", .a = "report/%s/provider",
	 .b = "T"},
	{"chdir /sys/kernel/config, open tsm/report/entry/provider", run_cwd, "0, provider",
	 .a = "tsm/report/%s/provider", .b = "C"},
	{"chdir /sys/kernel, open config/tsm/report/entry/provider", run_cwd, "0, provider",
	 .a = "config/tsm/report/%s/provider", .b = "/sys/kernel"},
	{"chdir /sys, open kernel/config/tsm/report/entry/provider", run_cwd, "0, provider",
	 .a = "kernel/config/tsm/report/%s/provider", .b = "/sys"},
	{"chdir /proc, open ../sys/kernel/config/tsm/report/entry/provider", run_cwd, "0, provider",
	 .a = "../sys/kernel/config/tsm/report/%s/provider", .b = "/proc"},
	{"chdir entry, open /proc/self/cwd/provider", run_cwd, "0, provider",
	 .a = "/proc/self/cwd/provider", .b = "E"},
	{"chdir entry, open /proc/self/cwd/../entry/provider", run_cwd, "0, provider",
	 .a = "/proc/self/cwd/../%s/provider", .b = "E"},
	{"chdir entry, open an absolute path", run_cwd, "0, provider",
	 .a = "/sys/kernel/config/tsm/report/%s/provider", .b = "E"},
	{"open /proc/self/fd/N/provider of entry's descriptor", run_reopen, "provider",
	 .a = "/proc/self/fd/%d/provider", .n = O_RDONLY},
	{"open /dev/fd/N/provider of entry's O_PATH descriptor", run_reopen, "provider",
	 .a = "/dev/fd/%d/provider", .n = O_PATH},
	{"open /dev/fd/N of provider again: read; for writing", run_fd_reopen, "open, 10, EACCES"},
	{"open /proc/self/fd/N of inblob again, for writing", run_inblob_reopen, "open",
	 .n = O_WRONLY},
	{"open /proc/self/fd/N of inblob again, for reading", run_inblob_reopen, "EACCES", "open",
	 "D-reopened", .n = O_RDONLY},
	{"a symbolic link of another file system to the entry, open LINK/provider", run_symlink,
	 "0, provider", "0, ENOENT", "D-symlink"},
	{"realpath of the entry", run_realpath, "the entry",
	 .a = "/sys/kernel/config/tsm/report/%s"},
	{"realpath with //, . and ..", run_realpath, "the entry",
	 .a = "/sys/kernel//config/./tsm/report/../report/%s/"},
	{"realpath of inblob", run_realpath, "inblob",
	 .a = "/sys/kernel/config/tsm/report/%s/inblob"},
	{"realpath of inblob/", run_realpath, "ENOTDIR",
	 .a = "/sys/kernel/config/tsm/report/%s/inblob/"},
	{"realpath of report/absent", run_realpath, "ENOENT",
	 .a = "/sys/kernel/config/tsm/report/%s-absent"},
	{"chdir entry, realpath .", run_realpath, "0, the entry", .a = ".", .b = "E"},
	{"chdir entry, realpath inblob", run_realpath, "0, inblob", .a = "inblob", .b = "E"},
	{"chdir report, realpath ENTRY/inblob", run_realpath, "0, inblob", .a = "%s/inblob",
	 .b = "R"},
	{"readlink /proc/self/fd of the entry, and of a dup", run_fd_link, "its path, its path",
	 .a = "E", .n = O_RDONLY | O_DIRECTORY},
	{"readlink /proc/self/fd of report, and of a dup", run_fd_link, "its path, its path",
	 .a = "R", .n = O_RDONLY | O_DIRECTORY},
	{"readlink /proc/self/fd of tsm, and of a dup", run_fd_link, "its path, its path", .a = "T",
	 .n = O_RDONLY | O_DIRECTORY},
	{"readlink /proc/self/fd of /sys/kernel/config, and of a dup", run_fd_link,
	 "its path, its path", .a = "C", .n = O_RDONLY | O_DIRECTORY},
	{"readlink /proc/self/fd of provider, and of a dup", run_fd_link, "its path, its path",
	 .a = "E/provider", .n = O_RDONLY},
	{"readlink /proc/self/fd of generation, and of a dup", run_fd_link, "its path, its path",
	 .a = "E/generation", .n = O_RDONLY},
	{"readlink /proc/self/fd of inblob, and of a dup", run_fd_link, "its path, its path",
	 .a = "E/inblob", .n = O_WRONLY},
	{"readlink /proc/self/fd of an O_PATH descriptor of inblob", run_fd_link,
	 "its path, its path", .a = "E/inblob", .n = O_PATH},
	{"readlink /proc/self/fd of outblob with a quote", run_outblob_link, "its path"},
	{"readlink /proc/self/fd of the entry into 11 bytes", run_short_link,
	 "11, \"/sys/kernel\", no more", .n = 11},
};
RULE_GROUP(group_names, "Names", rules);
