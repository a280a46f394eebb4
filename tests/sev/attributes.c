/* SPDX-License-Identifier: Apache-2.0 */
/* Which attributes an entry has, and what stat and open say of those that are SEV-SNP's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sev/sev.h"

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_list(const struct rule *rule)
{
	DIR *dir = opendir(at("E"));
	char *names[16];
	size_t count = 0;
	struct dirent *entry;

	(void)rule;
	while (dir && count < 16 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			if (entry->d_type != DT_REG)
				got("%s is no file", entry->d_name);
			names[count++] = strdup(entry->d_name);
		}
	qsort(names, count, sizeof(names[0]), compare);
	for (size_t i = 0; i < count; i++)
		got("%s", names[i]);
}

static void run_stat(const struct rule *rule)
{
	struct stat st;

	if (got_call(stat(at(rule->a), &st)) == 0)
		got("%o links %lu size %ld owner %u:%u", st.st_mode, (unsigned long)st.st_nlink,
		    (long)st.st_size, st.st_uid, st.st_gid);
}

static void run_fstat(const struct rule *rule)
{
	struct stat st;

	if (got_call(fstat(open(at(rule->a), (int)rule->n), &st)) == 0)
		got("%o links %lu size %ld owner %u:%u", st.st_mode, (unsigned long)st.st_nlink,
		    (long)st.st_size, st.st_uid, st.st_gid);
}

static void run_open(const struct rule *rule)
{
	got_open(open(at(rule->a), (int)rule->n, 0600));
}

static void run_absent(const struct rule *rule)
{
	struct stat st;

	got_open(open(at(rule->a), O_RDONLY));
	got_open(open(at(rule->a), O_WRONLY));
	got_open(open(at(rule->a), O_WRONLY | O_CREAT, 0200));
	got_call(stat(at(rule->a), &st));
	got_call(access(at(rule->a), F_OK));
	got_call(unlink(at(rule->a)));
	got_call(mkdir(at(rule->a), 0700));
}

static void run_access(const struct rule *rule)
{
	got_call(access(at(rule->a), F_OK));
	got_call(access(at(rule->a), R_OK));
	got_call(access(at(rule->a), W_OK));
	got_call(access(at(rule->a), X_OK));
}

static void run_names(const struct rule *rule)
{
	got_call(unlink(at(rule->a)));
	got_call(rmdir(at(rule->a)));
	got_call(mkdir(at(rule->a), 0700));
	got_call(rename(at(rule->a), at("E/new")));
	got_call(chmod(at(rule->a), 0600));
	got_call(truncate(at(rule->a), 0));
}

/* By names relative to the entry, which the kernel finds first. */
static void run_relative(const struct rule *rule)
{
	(void)rule;
	got_call(chdir(at("E")));
	got_read(open("provider", O_RDONLY), TEXT_MAX);
	got_read(open("privlevel_floor", O_RDONLY), TEXT_MAX);
	got_open(open("privlevel", O_WRONLY));
	got_open(open("auxblob", O_RDONLY));
	got_open(open("manifestblob", O_RDONLY));
	got_open(open("service_guid", O_WRONLY | O_CREAT, 0200));
	got_call(unlink("privlevel"));
	got_call(unlink("auxblob"));
	got_open(open("auxblob", O_RDONLY));
}

static void run_read(const struct rule *rule)
{
	int fd = open_attribute(rule->a, O_RDONLY);

	got_read(fd, TEXT_MAX);
	got_read(fd, TEXT_MAX);
	got_call(lseek(fd, 0, SEEK_END));
	got_call(lseek(fd, 0, SEEK_SET));
	got_read(fd, 1);
	got_call(write(fd, "x", 1));
}

#define TEXT_STAT   "0, 100444 links 1 size 4096 owner 0:0"
#define OPTION_STAT "0, 100200 links 1 size 4096 owner 0:0"
#define BLOB_STAT   "0, 100444 links 1 size 0 owner 0:0"
#define ABSENT      "ENOENT, ENOENT, EACCES, ENOENT, ENOENT, ENOENT, EPERM"

static const struct rule rules[] = {
	{"the entry's listing", run_list,
	 "auxblob, generation, inblob, outblob, privlevel, privlevel_floor, provider"},
	{"provider", run_read, "\"sev_guest\\n\", \"\", 4096, 0, \"s\", EBADF", .a = "provider"},
	{"privlevel_floor", run_read, "\"0\\n\", \"\", 4096, 0, \"0\", EBADF",
	 .a = "privlevel_floor"},
	{"stat privlevel", run_stat, OPTION_STAT, .a = "E/privlevel"},
	{"stat privlevel_floor", run_stat, TEXT_STAT, .a = "E/privlevel_floor"},
	{"stat auxblob", run_stat, BLOB_STAT, .a = "E/auxblob"},
	{"fstat privlevel", run_fstat, OPTION_STAT, .a = "E/privlevel", .n = O_WRONLY},
	{"fstat privlevel_floor", run_fstat, TEXT_STAT, .a = "E/privlevel_floor", .n = O_RDONLY},
	{"fstat auxblob, no inblob yet", run_fstat, BLOB_STAT, .a = "E/auxblob", .n = O_RDONLY},
	{"access privlevel F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES",
	 .a = "E/privlevel"},
	{"access auxblob F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES", .a = "E/auxblob"},
	{"open privlevel O_RDONLY", run_open, "EACCES", .a = "E/privlevel", .n = O_RDONLY},
	{"open privlevel O_RDWR", run_open, "EACCES", .a = "E/privlevel", .n = O_RDWR},
	{"open privlevel O_WRONLY O_CREAT O_TRUNC O_APPEND", run_open, "open", .a = "E/privlevel",
	 .n = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND},
	{"open privlevel O_CREAT O_EXCL", run_open, "EEXIST", .a = "E/privlevel",
	 .n = O_WRONLY | O_CREAT | O_EXCL},
	{"open privlevel O_DIRECT", run_open, "EINVAL", .a = "E/privlevel",
	 .n = O_WRONLY | O_DIRECT},
	{"open privlevel access mode 3", run_open, "open", .a = "E/privlevel", .n = 3},
	{"open privlevel_floor O_WRONLY", run_open, "EACCES", .a = "E/privlevel_floor",
	 .n = O_WRONLY},
	{"open auxblob O_WRONLY", run_open, "EACCES", .a = "E/auxblob", .n = O_WRONLY},
	{"open auxblob/x", run_open, "ENOTDIR", .a = "E/auxblob/x", .n = O_RDONLY},
	{"open manifestblob/x", run_open, "ENOENT", .a = "E/manifestblob/x", .n = O_RDONLY},
	{"service_provider: open, with O_CREAT, stat, access, unlink, mkdir", run_absent, ABSENT,
	 .a = "E/service_provider"},
	{"service_guid", run_absent, ABSENT, .a = "E/service_guid"},
	{"service_manifest_version", run_absent, ABSENT, .a = "E/service_manifest_version"},
	{"manifestblob", run_absent, ABSENT, .a = "E/manifestblob"},
	{"auxblob: unlink, rmdir, mkdir, rename, chmod, truncate", run_names,
	 "EPERM, ENOTDIR, EEXIST, EPERM, 0, 0", .a = "E/auxblob"},
	{"privlevel: unlink, rmdir, mkdir, rename, chmod, truncate", run_names,
	 "EPERM, ENOTDIR, EEXIST, EPERM, 0, 0", .a = "E/privlevel"},
	{"relative names: provider, privlevel_floor, privlevel, auxblob, manifestblob, "
	 "service_guid "
	 "O_CREAT; unlink privlevel, auxblob; open auxblob",
	 run_relative,
	 "0, \"sev_guest\\n\", \"0\\n\", open, open, ENOENT, EACCES, EPERM, EPERM, open"},
};
RULE_GROUP(group_sev_attributes, "Attributes of sev_guest", rules);
