/* SPDX-License-Identifier: Apache-2.0 */
/* Listings: names, types and order. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rules.h"

static const char *type_mark(const struct dirent *entry)
{
	if (entry->d_type == DT_DIR)
		return "/";
	return entry->d_type == DT_REG ? "" : "?";
}

static void run_list(const struct rule *rule)
{
	DIR *dir = opendir(at(rule->a));
	struct dirent *entry;

	if (!dir)
		got("%s", errno_name(errno));
	while (dir && (entry = readdir(dir)))
		got("%s%s", entry->d_name, type_mark(entry));
}

static void run_list_report(const struct rule *rule)
{
	const size_t len = strlen(entry_name());
	struct dirent *entry;
	unsigned found = 0;
	bool newer = false;
	bool newest_first = false;
	DIR *dir;

	(void)rule;
	mkdir(at("N"), 0700);
	dir = opendir(at("R"));
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, entry_name(), len) != 0)
			continue;
		found += entry->d_type == DT_DIR;
		newer = newer || entry->d_name[len];
		if (!entry->d_name[len])
			newest_first = newer;
	}
	got("%u folders", found);
	got("%s", newest_first ? "newest first" : "another order");
}

static void run_list_upper(const struct rule *rule)
{
	DIR *dir = opendir(at(rule->a));
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, rule->b) == 0)
			got("%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "?");
}

static void run_list_order(const struct rule *rule)
{
	DIR *dir = opendir(at("E"));
	struct dirent *entry;
	char names[300] = "";

	(void)rule;
	while (dir && (entry = readdir(dir)))
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ",
			 entry->d_name);
	got("%s", strcmp(names, ". .. outblob inblob provider generation ") == 0 ? "newest first"
										 : "another order");
}

static void run_list_offsets(const struct rule *rule)
{
	DIR *dir = opendir(at("E"));
	bool counted = true;
	long number = 0;

	(void)rule;
	while (dir && readdir(dir))
		counted = telldir(dir) == ++number && counted;
	got("%s", counted ? "1, 2, 3, ..." : "others");
}

static const char *next_name(DIR *dir)
{
	const struct dirent *entry = readdir(dir);

	return entry ? entry->d_name : "the end";
}

static void run_list_seek(const struct rule *rule)
{
	DIR *dir = opendir(at("E"));
	char names[4][256];
	long place = 0;

	(void)rule;
	for (size_t i = 0; i < 4; i++) {
		if (i == 2)
			place = telldir(dir);
		snprintf(names[i], sizeof(names[i]), "%s", next_name(dir));
	}
	seekdir(dir, place);
	got("%s", strcmp(next_name(dir), names[2]) == 0 ? "the third" : "another");
	rewinddir(dir);
	got("%s", strcmp(next_name(dir), names[0]) == 0 ? "the first" : "another");
}

static void run_list_descriptor(const struct rule *rule)
{
	DIR *dir = fdopendir(openat(open(at("R"), O_PATH), entry_name(), O_RDONLY | O_DIRECTORY));
	struct dirent *entry;
	unsigned files = 0;
	unsigned folders = 0;

	(void)rule;
	while (dir && (entry = readdir(dir))) {
		files += entry->d_type == DT_REG;
		folders += entry->d_type == DT_DIR;
	}
	got("%u files", files);
	got("%u folders", folders);
}

/* struct linux_dirent64: inode, offset, length, type, name */
static void run_list_number(const struct rule *rule)
{
	int fd = open(at("E"), O_RDONLY | O_DIRECTORY);
	unsigned char buffer[1024];
	long len = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
	unsigned files = 0;
	unsigned folders = 0;

	(void)rule;
	for (long i = 0; i + 19 < len; i += buffer[i + 16] + 256 * buffer[i + 17]) {
		files += buffer[i + 18] == DT_REG;
		folders += buffer[i + 18] == DT_DIR;
	}
	got("%u files", files);
	got("%u folders", folders);
	got_call(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)));
}

static void run_scandir(const struct rule *rule)
{
	struct dirent **list = NULL;
	int count = scandir(at(rule->a), &list, NULL, alphasort);

	got("%d", count);
	for (int i = 0; i < count; i++)
		got("%s%s", list[i]->d_name, type_mark(list[i]));
}

static void run_dir_lseek(const struct rule *rule)
{
	int fd = open(at("E"), O_RDONLY | O_DIRECTORY);
	char buffer[1024];

	(void)rule;
	got("%s", lseek(fd, 0, SEEK_END) < 0 ? errno_name(errno) : "an offset");
	got_call(lseek(fd, 0, SEEK_SET));
	got_call(read(fd, buffer, sizeof(buffer)));
}

#define ORDER "D-listing-order"

static const struct rule listing_rules[] = {
	{"readdir of the entry: order", run_list_order, "newest first", "another order", ORDER,
	 .flags = RULE_EITHER},
	{"readdir of report with one entry more: order", run_list_report, "2 folders, newest first",
	 "2 folders, another order", ORDER, .flags = RULE_EITHER},
	{"telldir after each name of the entry", run_list_offsets, "1, 2, 3, ...", "others", ORDER,
	 .flags = RULE_EITHER},
	{"lseek SEEK_END, lseek 0, read on a folder's descriptor", run_dir_lseek,
	 "EINVAL, 0, EISDIR", "an offset, 0, EISDIR", ORDER, .flags = RULE_EITHER},
	{"openat, fdopendir, readdir: types", run_list_descriptor, "4 files, 2 folders"},
	{"syscall getdents64 of the entry: types; again", run_list_number, "4 files, 2 folders, 0"},
	{"seekdir back to the third name, rewinddir", run_list_seek, "the third, the first"},
	{"readdir of tsm shows report", run_list_upper, "report/", .a = "T", .b = "report"},
	{"readdir of /sys/kernel/config shows tsm", run_list_upper, "tsm/", .a = "C", .b = "tsm"},
	{"opendir of an attribute", run_list, "ENOTDIR", .a = "E/inblob"},
	{"opendir report/absent", run_list, "ENOENT", .a = "N"},
	{"scandir of the entry, sorted: names and types", run_scandir,
	 "6, ./, ../, generation, inblob, outblob, provider", .a = "E"},
	{"scandir report/absent", run_scandir, "-1", .a = "N"},
};
RULE_GROUP(group_listing, "Listings", listing_rules);
