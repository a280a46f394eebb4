/* SPDX-License-Identifier: Apache-2.0 */
/* chmod, chown, utimes, extended attributes, links. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rules.h"

static void got_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		got("%s", errno_name(errno));
	else
		got("%o", st.st_mode);
}

static void run_chmod(const struct rule *rule)
{
	got_call(chmod(at(rule->a), (mode_t)rule->n));
	got_mode(at(rule->a));
}

static void run_fchmod(const struct rule *rule)
{
	int fd = open(at(rule->a), rule->b ? O_WRONLY : O_RDONLY);

	got_call(fchmod(fd, (mode_t)rule->n));
	got_mode(at(rule->a));
}

static void run_chmod_relative(const struct rule *rule)
{
	got_call(chdir(at("E")));
	got_call(chmod(rule->a, 0700));
	got_call(chdir("/"));
	got_mode(at("E/provider"));
	got("generation %s", generation());
}

static void run_chown(const struct rule *rule)
{
	struct stat st;

	got_call(chown(at(rule->a), 1, 1));
	got_call(stat(at(rule->a), &st));
	got("uid %u gid %u", st.st_uid, st.st_gid);
}

static void run_lchown(const struct rule *rule)
{
	got_call(lchown(at(rule->a), 0, 0));
	got_call(fchownat(AT_FDCWD, at(rule->a), (uid_t)-1, (gid_t)-1, AT_SYMLINK_NOFOLLOW));
}

static void run_utimes(const struct rule *rule)
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct stat st;
	int fd;

	fd = open(at(rule->a), O_PATH); /* the inode of an attribute lives while it is open */
	got_call(utimensat(AT_FDCWD, at(rule->a), times, 0));
	got_call(stat(at(rule->a), &st));
	got("%s", st.st_mtime == 1000 ? "changed" : "unchanged");
	close(fd);
}

static void run_touch(const struct rule *rule)
{
	got_call(utimensat(AT_FDCWD, at(rule->a), NULL, 0));
	got_call(utimes(at(rule->a), NULL));
}

static void run_getxattr(const struct rule *rule)
{
	char value[16];

	got_call(getxattr(at(rule->a), "user.rules", value, sizeof(value)));
	got_call(lgetxattr(at(rule->a), "security.selinux", NULL, 0));
}

static void run_setxattr(const struct rule *rule)
{
	got_call(setxattr(at(rule->a), "user.rules", "1", 1, 0));
	got_call(lsetxattr(at(rule->a), "user.rules", "1", 1, XATTR_CREATE));
	got_call(removexattr(at(rule->a), "user.rules"));
}

static void run_listxattr(const struct rule *rule)
{
	char list[64];

	got_call(listxattr(at(rule->a), list, sizeof(list)));
	got_call(llistxattr(at(rule->a), NULL, 0));
}

static void run_readlink(const struct rule *rule)
{
	char target[64];

	got_call(readlink(at(rule->a), target, sizeof(target)));
}

#define MODE_KEPT "D-changes-ignored: the modes of the files behind are teeshim's marks"

static const struct rule rules[] = {
	{"chmod 0666 inblob, stat", run_chmod, "0, 100666", "0, 100200", MODE_KEPT, .a = "E/inblob",
	 .n = 0666},
	{"chmod 0700 the entry, stat", run_chmod, "0, 40700", "0, 40755", MODE_KEPT, .a = "E",
	 .n = 0700},
	{"chmod report/absent, stat", run_chmod, "ENOENT, ENOENT", .a = "N", .n = 0700},
	{"chmod entry/inblob/, stat", run_chmod, "ENOTDIR, ENOTDIR", .a = "E/inblob/", .n = 0700},
	{"fchmod 0600 of generation, stat", run_fchmod, "0, 100600", "0, 100444", MODE_KEPT,
	 .a = "E/generation", .n = 0600},
	{"fchmod 0777 of the entry, stat", run_fchmod, "0, 40777", "0, 40755", MODE_KEPT, .a = "E",
	 .n = 0777},
	{"chdir entry, chmod 0700 provider by relative name; stat; generation", run_chmod_relative,
	 "0, 0, 0, 100700, generation 0", "0, 0, 0, 100444, generation 0", MODE_KEPT,
	 .a = "provider"},
	{"chdir entry, chmod 0700 \".\"; stat provider; generation", run_chmod_relative,
	 "0, 0, 0, 100444, generation 0", .a = "."},
	{"chown 1:1 provider, stat", run_chown, "0, 0, uid 1 gid 1", "0, 0, uid 0 gid 0",
	 "D-changes-ignored", .a = "E/provider"},
	{"chown 1:1 the entry, stat", run_chown, "0, 0, uid 1 gid 1", "0, 0, uid 0 gid 0",
	 "D-changes-ignored", .a = "E"},
	{"lchown, fchownat inblob", run_lchown, "0, 0", .a = "E/inblob"},
	{"lchown, fchownat report/absent", run_lchown, "ENOENT, ENOENT", .a = "N"},
	{"chmod by a user other than root", run_chmod, "EPERM, 100200", "0, 100200",
	 "D-every-user, D-changes-ignored", .a = "E/inblob", .n = 0600, .flags = RULE_USER},
	{"utimensat of the entry, stat", run_utimes, "0, 0, changed", "0, 0, unchanged",
	 "D-changes-ignored", .a = "E"},
	{"touch inblob (utimensat, utimes)", run_touch, "0, 0", .a = "E/inblob"},
	{"touch report/absent (utimensat, utimes)", run_touch, "ENOENT, ENOENT", .a = "N"},
	{"getxattr, lgetxattr inblob", run_getxattr, "EOPNOTSUPP, EOPNOTSUPP", .a = "E/inblob"},
	{"getxattr, lgetxattr the entry", run_getxattr, "EOPNOTSUPP, EOPNOTSUPP", .a = "E"},
	{"getxattr, lgetxattr report/absent", run_getxattr, "ENOENT, ENOENT", .a = "N"},
	{"setxattr, lsetxattr, removexattr inblob", run_setxattr,
	 "EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP", .a = "E/inblob"},
	{"listxattr, llistxattr outblob", run_listxattr, "0, 0", .a = "E/outblob"},
	{"listxattr, llistxattr the entry", run_listxattr, "0, 0", .a = "E"},
	{"readlink inblob", run_readlink, "EINVAL", .a = "E/inblob"},
	{"readlink the entry", run_readlink, "EINVAL", .a = "E"},
	{"readlink report/absent", run_readlink, "ENOENT", .a = "N"},
	{"readlink entry/inblob/x", run_readlink, "ENOTDIR", .a = "E/inblob/x"},
};
RULE_GROUP(group_modes, "Modes, owners, times, extended attributes", rules);
