/* SPDX-License-Identifier: Apache-2.0 */
/* Making names: mkdir and everything else that would. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rules.h"

static void run_mkdir(const struct rule *rule)
{
	got_call(mkdir(at(rule->a), 0770));
}

/* The new folder is seen by stat, and its attributes are there at once. */
static void run_mkdir_seen(const struct rule *rule)
{
	char attribute[1100];
	struct stat st;

	got_call(mkdir(at(rule->a), 0770));
	got_call(stat(at(rule->a), &st));
	snprintf(attribute, sizeof(attribute), "%s/provider", at(rule->a));
	got_call(access(attribute, R_OK));
	got_call(rmdir(at(rule->a)));
}

static void run_mkdir_long(const struct rule *rule)
{
	char path[400] = "R/";

	memset(path + 2, 'n', (size_t)rule->n);
	got_call(mkdir(at(path), 0770));
	if (errno != ENAMETOOLONG)
		got_call(rmdir(at(path)));
}

static void run_mkdir_modes(const struct rule *rule)
{
	struct stat st;

	umask((mode_t)rule->n);
	got_call(mkdir(at("N"), 0));
	got_call(stat(at("N"), &st));
	got("%o", st.st_mode);
	got_call(rmdir(at("N")));
}

static void run_mkdtemp(const struct rule *rule)
{
	char path[100];

	snprintf(path, sizeof(path), "%s", at(rule->a));
	got("%s", mkdtemp(path) ? "made" : errno_name(errno));
	if (strstr(path, "XXXXXX") == NULL)
		got_call(rmdir(path));
}

static void run_many(const struct rule *rule)
{
	char path[100];
	long made = 0;
	long gone = 0;

	for (long i = 0; i < rule->n; i++) {
		snprintf(path, sizeof(path), "N-%ld", i);
		made += mkdir(at(path), 0700) == 0;
	}
	for (long i = 0; i < rule->n; i++) {
		snprintf(path, sizeof(path), "N-%ld", i);
		gone += rmdir(at(path)) == 0;
	}
	got("%ld made", made);
	got("%ld removed", gone);
}

static void make_and_write(void *arg)
{
	(void)arg;
	mkdir(at("N"), 0700);
}

static void run_outlives(const struct rule *rule)
{
	(void)rule;
	child_end(spawn(make_and_write, NULL));
	got_call(access(at("N/generation"), F_OK));
	got_call(rmdir(at("N")));
}

static void run_symlink(const struct rule *rule)
{
	got_call(symlink("target", at(rule->a)));
}

static void run_link(const struct rule *rule)
{
	got_call(link(at(rule->a), at(rule->b)));
}

static void run_mknod(const struct rule *rule)
{
	got_call(mknod(at(rule->a), (mode_t)rule->n, makedev(1, 3)));
}

static void run_mkfifo(const struct rule *rule)
{
	got_call(mkfifo(at(rule->a), 0600));
}

static void run_creat(const struct rule *rule)
{
	got_open(creat(at(rule->a), 0600));
}

static void run_open(const struct rule *rule)
{
	got_open(open(at(rule->a), (int)rule->n, 0600));
}

static void run_mkstemp(const struct rule *rule)
{
	char path[200];

	snprintf(path, sizeof(path), "%s", at(rule->a));
	got_open(mkstemp(path));
}

static void run_fopen(const struct rule *rule)
{
	FILE *stream = fopen(at(rule->a), "w");

	got("%s", stream ? "open" : errno_name(errno));
}

static const struct rule rules[] = {
	{"mkdir report/new, then stat, provider readable, rmdir", run_mkdir_seen, "0, 0, 0, 0",
	 .a = "N"},
	{"mkdir report/new/", run_mkdir_seen, "0, 0, 0, 0", .a = "N/"},
	{"mkdir of a name like an attribute's (report/provider)", run_mkdir_seen, "0, 0, 0, 0",
	 .a = "R/provider"},
	{"mkdir of a name of odd bytes", run_mkdir_seen, "0, 0, 0, 0", .a = "N a\n\\\x01\xff*"},
	{"mkdir of a name that begins with a dot", run_mkdir_seen, "0, 0, 0, 0", .a = "R/.rules"},
	{"mkdir, a name of 255 bytes, and rmdir", run_mkdir_long, "0, 0", .n = 255},
	{"mkdir, a name of 256 bytes", run_mkdir_long, "ENAMETOOLONG", .n = 256},
	{"mkdir with mode 0 under umask 0, stat, rmdir", run_mkdir_modes, "0, 0, 40755, 0", .n = 0},
	{"mkdir with mode 0 under umask 0777, stat, rmdir", run_mkdir_modes, "0, 0, 40755, 0",
	 .n = 0777},
	{"mkdtemp report/entryXXXXXX, rmdir", run_mkdtemp, "made, 0", .a = "R/entryXXXXXX"},
	{"mkdtemp in the entry", run_mkdtemp, "EPERM", .a = "E/dirXXXXXX"},
	{"mkdir of 300 entries, rmdir of all", run_many, "300 made, 300 removed", .n = 300},
	{"mkdir by another process, which ends: access, rmdir", run_outlives, "0, 0"},
	{"mkdir by a user other than root", run_mkdir, "EACCES", "0", "D-every-user", .a = "N",
	 .flags = RULE_USER},
	{"mkdir of the entry that is there", run_mkdir, "EEXIST", .a = "E"},
	{"mkdir of the entry that is there, with a slash", run_mkdir, "EEXIST", .a = "E/"},
	{"mkdir entry/.", run_mkdir, "EEXIST", .a = "E/."},
	{"mkdir entry/..", run_mkdir, "EEXIST", .a = "E/.."},
	{"mkdir over an attribute", run_mkdir, "EEXIST", .a = "E/inblob"},
	{"mkdir over an attribute, with a slash", run_mkdir, "EEXIST", .a = "E/inblob/"},
	{"mkdir report", run_mkdir, "EEXIST", .a = "R"},
	{"mkdir tsm", run_mkdir, "EEXIST", .a = "T"},
	{"mkdir /sys/kernel/config", run_mkdir, "EEXIST", .a = "C"},
	{"mkdir config/new", run_mkdir, "EPERM", .a = "C/new"},
	{"mkdir tsm/new", run_mkdir, "EPERM", .a = "T/new"},
	{"mkdir entry/new", run_mkdir, "EPERM", .a = "E/new"},
	{"mkdir entry/new/", run_mkdir, "EPERM", .a = "E/new/"},
	{"mkdir entry/absent/new", run_mkdir, "ENOENT", .a = "E/absent/new"},
	{"mkdir report/absent/new", run_mkdir, "ENOENT", .a = "N/new"},
	{"mkdir entry/inblob/new", run_mkdir, "ENOTDIR", .a = "E/inblob/new"},
	{"creat entry/new", run_creat, "EACCES", .a = "E/new"},
	{"creat report/new", run_creat, "EACCES", .a = "N"},
	{"creat tsm/new", run_creat, "EACCES", .a = "T/new"},
	{"creat config/new", run_creat, "EACCES", .a = "C/new"},
	{"creat report/absent/new", run_creat, "ENOENT", .a = "N/new"},
	{"creat entry/new/", run_creat, "EISDIR", .a = "E/new/"},
	{"creat entry/inblob/new", run_creat, "ENOTDIR", .a = "E/inblob/new"},
	{"open entry/new O_RDONLY|O_CREAT", run_open, "EACCES", .a = "E/new", .n = O_CREAT},
	{"open report/new O_RDWR|O_CREAT|O_EXCL", run_open, "EACCES", .a = "N",
	 .n = O_RDWR | O_CREAT | O_EXCL},
	{"open entry O_TMPFILE|O_WRONLY", run_open, "EOPNOTSUPP", .a = "E",
	 .n = O_TMPFILE | O_WRONLY},
	{"open report O_TMPFILE|O_RDWR", run_open, "EOPNOTSUPP", .a = "R", .n = O_TMPFILE | O_RDWR},
	{"fopen entry/new \"w\"", run_fopen, "EACCES", .a = "E/new"},
	{"mkstemp in the entry", run_mkstemp, "EACCES", .a = "E/fileXXXXXX"},
	{"mkstemp in report", run_mkstemp, "EACCES", .a = "R/fileXXXXXX"},
	{"symlink entry/new", run_symlink, "EPERM", .a = "E/new"},
	{"symlink report/new", run_symlink, "EPERM", .a = "N"},
	{"symlink tsm/new", run_symlink, "EPERM", .a = "T/new"},
	{"symlink config/new", run_symlink, "EPERM", .a = "C/new"},
	{"symlink over an attribute", run_symlink, "EEXIST", .a = "E/inblob"},
	{"symlink report/absent/new", run_symlink, "ENOENT", .a = "N/new"},
	{"link entry/inblob entry/new", run_link, "EPERM", .a = "E/inblob", .b = "E/new"},
	{"link entry/inblob report/new", run_link, "EPERM", .a = "E/inblob", .b = "N"},
	{"link entry/inblob entry/outblob", run_link, "EEXIST", .a = "E/inblob", .b = "E/outblob"},
	{"link the entry (a folder) report/new", run_link, "EPERM", .a = "E", .b = "N"},
	{"link entry/absent entry/new", run_link, "ENOENT", .a = "E/absent", .b = "E/new"},
	{"link entry/inblob to another file system", run_link, "EXDEV", .a = "E/inblob", .b = "X"},
	{"link a file of another file system to entry/new", run_link, "EXDEV", .a = "F",
	 .b = "E/new"},
	{"link a file of another file system to entry/inblob", run_link, "EEXIST", .a = "F",
	 .b = "E/inblob"},
	{"mknod entry/new, a FIFO", run_mknod, "EPERM", .a = "E/new", .n = S_IFIFO | 0600},
	{"mknod report/new, a FIFO", run_mknod, "EPERM", .a = "N", .n = S_IFIFO | 0600},
	{"mknod entry/new, a regular file", run_mknod, "EACCES", .a = "E/new", .n = S_IFREG | 0600},
	{"mknod report/new, a regular file", run_mknod, "EACCES", .a = "N", .n = S_IFREG | 0600},
	{"mknod entry/new, a socket", run_mknod, "EPERM", .a = "E/new", .n = S_IFSOCK | 0600},
	{"mknod entry/new, a character device", run_mknod, "EPERM", .a = "E/new",
	 .n = S_IFCHR | 0600},
	{"mknod over an attribute", run_mknod, "EEXIST", .a = "E/outblob", .n = S_IFIFO | 0600},
	{"mkfifo entry/new", run_mkfifo, "EPERM", .a = "E/new"},
	{"mkfifo tsm/new", run_mkfifo, "EPERM", .a = "T/new"},
	{"mkfifo report/absent/new", run_mkfifo, "ENOENT", .a = "N/new"},
};
RULE_GROUP(group_make, "Making names", rules);
