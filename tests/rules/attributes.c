/* SPDX-License-Identifier: Apache-2.0 */
/* What stat, access and statfs show. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rules.h"

static void got_stat(const struct stat *st)
{
	got("%o uid %u gid %u size %jd blksize %jd blocks %jd", st->st_mode, st->st_uid, st->st_gid,
	    (intmax_t)st->st_size, (intmax_t)st->st_blksize, (intmax_t)st->st_blocks);
}

static void run_stat(const struct rule *rule)
{
	struct stat st;

	if (got_call(stat(at(rule->a), &st)) == 0) {
		got_stat(&st);
		if (S_ISREG(st.st_mode))
			got("%ju links", (uintmax_t)st.st_nlink);
	}
}

static void run_fstat(const struct rule *rule)
{
	struct stat st;
	int fd = open(at(rule->a), (int)rule->n);

	if (got_call(fstat(fd, &st)) == 0) {
		got_stat(&st);
		if (S_ISREG(st.st_mode))
			got("%ju links", (uintmax_t)st.st_nlink);
	}
}

static void run_links(const struct rule *rule)
{
	struct stat before;
	struct stat after;

	(void)rule;
	got_call(stat(at("E"), &before));
	got("%ju", (uintmax_t)before.st_nlink);
	got_call(stat(at("R"), &before));
	mkdir(at("N"), 0700);
	got_call(stat(at("R"), &after));
	got("+%jd", (intmax_t)(after.st_nlink - before.st_nlink));
	rmdir(at("N"));
	got_call(stat(at("R"), &after));
	got("+%jd", (intmax_t)(after.st_nlink - before.st_nlink));
}

static void run_tsm_links(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_call(stat(at("T"), &st));
	got("%ju", (uintmax_t)st.st_nlink);
}

/* struct statx as linux/stat.h has it, which musl does not always bring along. */
struct statx_head {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare;
	uint64_t ino, size, blocks;
	uint64_t rest[25];
};
_Static_assert(sizeof(struct statx_head) == 256, "struct statx");

static void run_statx(const struct rule *rule)
{
	struct statx_head stx;
	int fd = rule->n ? open(at(rule->a), O_PATH) : AT_FDCWD;
	const char *path = rule->n ? "" : at(rule->a);

	if (got_call(syscall(SYS_statx, fd, path, rule->n ? AT_EMPTY_PATH : 0, 0xfff, &stx)) == 0)
		got("mask %x mode %o size %ju nlink %u uid %u", stx.mask, stx.mode,
		    (uintmax_t)stx.size, stx.nlink, stx.uid);
}

static void run_inode(const struct rule *rule)
{
	struct stat first;
	struct stat second;

	got_call(stat(at(rule->a), &first));
	got_call(stat(at(rule->a), &second));
	got("%s", first.st_ino == second.st_ino ? "the same" : "another");
}

static void run_access(const struct rule *rule)
{
	const char *path = at(rule->a);

	got_call(access(path, F_OK));
	got_call(access(path, R_OK));
	got_call(access(path, W_OK));
	got_call(access(path, R_OK | W_OK));
	got_call(access(path, X_OK));
}

static void run_eaccess(const struct rule *rule)
{
	got_call(faccessat(AT_FDCWD, at(rule->a), (int)rule->n, AT_EACCESS));
}

static void got_statfs(const struct statfs *fs)
{
	static const fsid_t none;

	got("type %lx bsize %ld frsize %ld blocks %ju files %ju namelen %ld fsid %s",
	    (unsigned long)fs->f_type, (long)fs->f_bsize, (long)fs->f_frsize,
	    (uintmax_t)fs->f_blocks, (uintmax_t)fs->f_files, (long)fs->f_namelen,
	    memcmp(&fs->f_fsid, &none, sizeof(none)) == 0 ? "0" : "set");
}

static void run_statfs(const struct rule *rule)
{
	struct statfs fs;

	if (got_call(statfs(at(rule->a), &fs)) == 0)
		got_statfs(&fs);
}

static void run_fstatfs(const struct rule *rule)
{
	struct statfs fs;
	int fd = open(at(rule->a), (int)rule->n);

	if (got_call(fstatfs(fd, &fs)) == 0)
		got_statfs(&fs);
}

static void got_statvfs(const struct statvfs *fs)
{
	got("type %x bsize %lu frsize %lu blocks %ju files %ju namemax %lu", statvfs_type(fs),
	    fs->f_bsize, fs->f_frsize, (uintmax_t)fs->f_blocks, (uintmax_t)fs->f_files,
	    fs->f_namemax);
}

static void run_statvfs(const struct rule *rule)
{
	struct statvfs fs;
	int fd;

	if (got_call(statvfs(at(rule->a), &fs)) == 0)
		got_statvfs(&fs);
	fd = open(at(rule->a), O_RDONLY);
	if (got_call(fstatvfs(fd, &fs)) == 0)
		got_statvfs(&fs);
	if (chdir(at(rule->a)) == 0 && got_call(statvfs(".", &fs)) == 0)
		got_statvfs(&fs);
}

#define TEXT_STAT "0, 100444 uid 0 gid 0 size 4096 blksize 4096 blocks 0, 1 links"
#define OUT_STAT  "0, 100444 uid 0 gid 0 size 0 blksize 4096 blocks 0, 1 links"
#define IN_STAT   "0, 100200 uid 0 gid 0 size 0 blksize 4096 blocks 0, 1 links"
#define DIR_STAT  "0, 40755 uid 0 gid 0 size 0 blksize 4096 blocks 0"
#define CONFIG_STATFS                                                                              \
	"0, type 62656570 bsize 4096 frsize 4096 blocks 0 files 0 namelen 255 fsid set"
#define CONFIG_STATVFS "type 62656570 bsize 4096 frsize 4096 blocks 0 files 0 namemax 255"

static const struct rule attribute_rules[] = {
	{"stat generation", run_stat, TEXT_STAT, .a = "E/generation"},
	{"stat provider", run_stat, TEXT_STAT, .a = "E/provider"},
	{"stat inblob", run_stat, IN_STAT, .a = "E/inblob"},
	{"stat outblob", run_stat, OUT_STAT, .a = "E/outblob"},
	{"stat the entry", run_stat, DIR_STAT, .a = "E"},
	{"stat report", run_stat, DIR_STAT, .a = "R"},
	{"stat tsm", run_stat, DIR_STAT, .a = "T"},
	{"stat an attribute of SEV-SNP (auxblob)", run_stat, "ENOENT", .a = "E/auxblob"},
	{"stat an attribute of SEV-SNP (privlevel)", run_stat, "ENOENT", .a = "E/privlevel"},
	{"stat entry/inblob/", run_stat, "ENOTDIR", .a = "E/inblob/"},
	{"stat entry/inblob/x", run_stat, "ENOTDIR", .a = "E/inblob/x"},
	{"stat entry/inblob/..", run_stat, "ENOTDIR", .a = "E/inblob/.."},
	{"stat report/absent", run_stat, "ENOENT", .a = "N"},
	{"fstat generation", run_fstat, TEXT_STAT, .a = "E/generation", .n = O_RDONLY},
	{"fstat generation opened with O_TRUNC", run_fstat,
	 "0, 100444 uid 0 gid 0 size 0 blksize 4096 blocks 0, 1 links", TEXT_STAT,
	 "D-truncated-size", .a = "E/generation", .n = O_RDONLY | O_TRUNC},
	{"fstat inblob", run_fstat, IN_STAT, .a = "E/inblob", .n = O_WRONLY},
	{"fstat outblob, no inblob yet", run_fstat, OUT_STAT, .a = "E/outblob", .n = O_RDONLY},
	{"fstat the entry", run_fstat, DIR_STAT, .a = "E", .n = O_RDONLY | O_DIRECTORY},
	{"links: of an entry; of report with one entry more; after its rmdir", run_links,
	 "0, 2, 0, 0, +1, 0, +0"},
	{"links of tsm", run_tsm_links, "0, 3"},
	{"statx inblob: no birth time", run_statx, "0, mask 17ff mode 100200 size 0 nlink 1 uid 0",
	 .a = "E/inblob"},
	{"statx AT_EMPTY_PATH of an O_PATH descriptor of provider", run_statx,
	 "0, mask 17ff mode 100444 size 4096 nlink 1 uid 0", .a = "E/provider", .n = 1},
	{"stat an attribute twice: inode number", run_inode, "0, 0, another", "0, 0, the same",
	 "D-stable-inodes", .a = "E/provider"},
	{"stat the entry twice: inode number", run_inode, "0, 0, the same", .a = "E"},
	{"access inblob F, R, W, R|W, X", run_access, "0, 0, 0, 0, EACCES", .a = "E/inblob"},
	{"access outblob F, R, W, R|W, X", run_access, "0, 0, 0, 0, EACCES", .a = "E/outblob"},
	{"access the entry F, R, W, R|W, X", run_access, "0, 0, 0, 0, 0", .a = "E"},
	{"access report F, R, W, R|W, X", run_access, "0, 0, 0, 0, 0", .a = "R"},
	{"access report/absent F, R, W, R|W, X", run_access,
	 "ENOENT, ENOENT, ENOENT, ENOENT, ENOENT", .a = "N"},
	{"faccessat AT_EACCESS inblob W", run_eaccess, "0", .a = "E/inblob", .n = W_OK},
	{"faccessat AT_EACCESS inblob X", run_eaccess, "EACCES", .a = "E/inblob", .n = X_OK},
	{"statfs the entry", run_statfs, CONFIG_STATFS, .a = "E"},
	{"statfs /sys/kernel/config", run_statfs, CONFIG_STATFS, .a = "C"},
	{"statfs inblob", run_statfs, CONFIG_STATFS, .a = "E/inblob"},
	{"statfs report/absent", run_statfs, "ENOENT", .a = "N"},
	{"fstatfs the entry", run_fstatfs, CONFIG_STATFS, .a = "E", .n = O_RDONLY},
	{"fstatfs inblob", run_fstatfs, CONFIG_STATFS, .a = "E/inblob", .n = O_WRONLY},
	{"statvfs report, fstatvfs, statvfs there (f_type: glibc 2.41)", run_statvfs,
	 "0, " CONFIG_STATVFS ", 0, " CONFIG_STATVFS ", 0, " CONFIG_STATVFS, .a = "R"},
};
RULE_GROUP(group_attributes, "Attributes", attribute_rules);
