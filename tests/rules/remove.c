/* SPDX-License-Identifier: Apache-2.0 */
/* Taking names away: rmdir, unlink, remove, rename, and what descriptors answer afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rules.h"

enum { NOREPLACE = 1, EXCHANGE = 2 };

static void run_rmdir(const struct rule *rule)
{
	struct stat st;
	long ret = got_call(rmdir(at(rule->a)));

	if (ret == 0)
		got_call(stat(at("E"), &st));
}

static void run_rmdir_held(const struct rule *rule)
{
	int dir = open(at("E"), O_RDONLY | O_DIRECTORY);
	int in = open_attribute("inblob", O_WRONLY);
	int text = dup(open_attribute("generation", O_RDONLY));

	(void)rule;
	if (dir < 0 || in < 0 || text < 0 || chdir(at("E")) < 0)
		got("%s", errno_name(errno));
	got_call(rmdir(at("E")));
	got_call(access(at("E"), F_OK));
}

static void run_unlink(const struct rule *rule)
{
	got_call(unlink(at(rule->a)));
}

static void run_unlinkat(const struct rule *rule)
{
	got_call(unlinkat(AT_FDCWD, at(rule->a), (int)rule->n));
}

/* os.Remove of Go, Files.delete of Java: unlink first, then rmdir. */
static void run_os_remove(const struct rule *rule)
{
	got_call(unlink(at(rule->a)));
	got_call(rmdir(at(rule->a)));
}

static void run_remove(const struct rule *rule)
{
	got_call(remove(at(rule->a)));
}

static const struct rule remove_rules[] = {
	{"rmdir entry, then stat", run_rmdir, "0, ENOENT", .a = "E"},
	{"rmdir entry/, then stat", run_rmdir, "0, ENOENT", .a = "E/"},
	{"rmdir with descriptors, a dup and a current directory in it; access", run_rmdir_held,
	 "0, ENOENT"},
	{"rmdir tsm", run_rmdir, "EPERM", .a = "T"},
	{"rmdir report", run_rmdir, "EPERM", .a = "R"},
	{"rmdir report/absent", run_rmdir, "ENOENT", .a = "N"},
	{"rmdir entry/absent", run_rmdir, "ENOENT", .a = "E/absent"},
	{"rmdir of an attribute", run_rmdir, "ENOTDIR", .a = "E/inblob"},
	{"rmdir of an attribute, with a slash", run_rmdir, "ENOTDIR", .a = "E/inblob/"},
	{"rmdir entry/.", run_rmdir, "EINVAL", .a = "E/."},
	{"rmdir entry/..", run_rmdir, "ENOTEMPTY", .a = "E/.."},
	{"unlink entry/inblob", run_unlink, "EPERM", .a = "E/inblob"},
	{"unlink entry/outblob", run_unlink, "EPERM", .a = "E/outblob"},
	{"unlink entry/provider", run_unlink, "EPERM", .a = "E/provider"},
	{"unlink entry/generation", run_unlink, "EPERM", .a = "E/generation"},
	{"unlink entry/inblob/", run_unlink, "ENOTDIR", .a = "E/inblob/"},
	{"unlink entry/inblob/x", run_unlink, "ENOTDIR", .a = "E/inblob/x"},
	{"unlink of the entry", run_unlink, "EISDIR", .a = "E"},
	{"unlink of the entry, with a slash", run_unlink, "EISDIR", .a = "E/"},
	{"unlink entry/.", run_unlink, "EISDIR", .a = "E/."},
	{"unlink report", run_unlink, "EISDIR", .a = "R"},
	{"unlink tsm", run_unlink, "EISDIR", .a = "T"},
	{"unlink entry/absent", run_unlink, "ENOENT", .a = "E/absent"},
	{"unlink report/absent", run_unlink, "ENOENT", .a = "N"},
	{"unlink report/absent/inblob", run_unlink, "ENOENT", .a = "N/inblob"},
	{"unlinkat AT_REMOVEDIR of the entry", run_unlinkat, "0", .a = "E", .n = AT_REMOVEDIR},
	{"unlinkat AT_REMOVEDIR of an attribute", run_unlinkat, "ENOTDIR", .a = "E/outblob",
	 .n = AT_REMOVEDIR},
	{"unlinkat with an unknown flag", run_unlinkat, "EINVAL", .a = "E/outblob",
	 .n = AT_SYMLINK_FOLLOW},
	{"unlink, then rmdir of the entry (os.Remove)", run_os_remove, "EISDIR, 0", .a = "E"},
	{"unlink, then rmdir of an attribute (os.Remove)", run_os_remove, "EPERM, ENOTDIR",
	 .a = "E/inblob"},
	{"unlink, then rmdir of an absent name (os.Remove)", run_os_remove, "ENOENT, ENOENT",
	 .a = "N"},
	{"remove() of the entry", run_remove, "0", .a = "E"},
	{"remove() of an attribute", run_remove, "EPERM", .a = "E/inblob"},
	{"remove() of an absent name", run_remove, "ENOENT", .a = "N"},
};
RULE_GROUP(group_remove, "Removing names", remove_rules);

static void run_rename(const struct rule *rule)
{
	got_call(rename(at(rule->a), at(rule->b)));
}

static void run_renameat2(const struct rule *rule)
{
	got_call(syscall(SYS_renameat2, AT_FDCWD, at(rule->a), AT_FDCWD, at(rule->b),
			 (unsigned)rule->n));
}

static const struct rule move_rules[] = {
	{"rename the entry to report/new", run_rename, "EPERM", .a = "E", .b = "N"},
	{"rename the entry to tsm/new", run_rename, "EPERM", .a = "E", .b = "T/new"},
	{"rename report to tsm/new", run_rename, "EPERM", .a = "R", .b = "T/new"},
	{"rename entry/inblob to entry/new", run_rename, "EPERM", .a = "E/inblob", .b = "E/new"},
	{"rename entry/inblob over entry/outblob", run_rename, "EPERM", .a = "E/inblob",
	 .b = "E/outblob"},
	{"rename entry/absent to entry/new", run_rename, "ENOENT", .a = "E/absent", .b = "E/new"},
	{"rename report/absent to report/absent2", run_rename, "ENOENT", .a = "N", .b = "N2"},
	{"rename entry/inblob to another file system", run_rename, "EXDEV", .a = "E/inblob",
	 .b = "X"},
	{"rename the entry to another file system", run_rename, "EXDEV", .a = "E", .b = "X"},
	{"rename a file of another file system to entry/new", run_rename, "EXDEV", .a = "F",
	 .b = "E/new"},
	{"rename a file of another file system over entry/inblob", run_rename, "EXDEV", .a = "F",
	 .b = "E/inblob"},
	{"rename a file of another file system to report/new", run_rename, "EXDEV", .a = "F",
	 .b = "N"},
	{"rename to report/absent/new", run_rename, "ENOENT", .a = "E/inblob", .b = "N/new"},
	{"renameat2 RENAME_NOREPLACE, the entry to report/new", run_renameat2, "EPERM", .a = "E",
	 .b = "N", .n = NOREPLACE},
	{"renameat2 RENAME_NOREPLACE over an attribute", run_renameat2, "EEXIST", .a = "E/inblob",
	 .b = "E/outblob", .n = NOREPLACE},
	{"renameat2 RENAME_EXCHANGE of two attributes", run_renameat2, "EPERM", .a = "E/inblob",
	 .b = "E/outblob", .n = EXCHANGE},
};
RULE_GROUP(group_move, "Renaming", move_rules);

static void run_gone_text(const struct rule *rule)
{
	char text[TEXT_MAX];
	int fd = open_attribute("generation", O_RDONLY);

	if (rule->n)
		got_call(read(fd, text, sizeof(text)));
	got_call(rmdir(at("E")));
	got_call(pread(fd, text, sizeof(text), 0));
}

static void run_gone_outblob(const struct rule *rule)
{
	static uint8_t quote[QUOTE_MAX];
	ssize_t len;
	int fd;

	write_inblob(1, INBLOB_SIZE);
	fd = open_attribute("outblob", O_RDONLY);
	if (rule->n)
		got_call(read(fd, quote, 1));
	got_call(rmdir(at("E")));
	len = pread(fd, quote, sizeof(quote), 0);
	if (len < 0)
		got("%s", errno_name(errno));
	else
		got("quote %d", quote_seed(quote, len));
}

static void run_gone_inblob(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	if (rule->n == 0)
		got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(rmdir(at("E")));
	if (rule->n == 1)
		got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(mkdir(at("E"), 0700));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_gone_fstat(const struct rule *rule)
{
	int fd = open(at(rule->a), (int)rule->n);
	struct stat st;

	got_call(rmdir(at("E")));
	got_call(fstat(fd, &st));
	got("%o", st.st_mode);
	got("%ju links", (uintmax_t)st.st_nlink);
}

static void run_gone_link(const struct rule *rule)
{
	int fd = open(at(rule->a), (int)rule->n);
	char link[64];
	char target[512];
	ssize_t len;

	got_call(rmdir(at("E")));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	if (strncmp(target, at(rule->a), strlen(at(rule->a))) == 0)
		got("name%s", target + strlen(at(rule->a)));
	else
		got("%s", target);
}

static void run_gone_dir(const struct rule *rule)
{
	int dir = open(at("E"), O_RDONLY | O_DIRECTORY);
	char buffer[1024];
	struct stat st;

	got_call(rmdir(at("E")));
	if (rule->n)
		got_call(mkdir(at("E"), 0700));
	got_open(openat(dir, "generation", O_RDONLY));
	got_open(openat(dir, "new", O_WRONLY | O_CREAT, 0600));
	got_call(fstatat(dir, "inblob", &st, 0));
	got_call(faccessat(dir, "inblob", F_OK, 0));
	got_call(mkdirat(dir, "new", 0700));
	got_call(unlinkat(dir, "inblob", 0));
	got_call(syscall(SYS_getdents64, dir, buffer, sizeof(buffer)));
}

static void run_gone_cwd(const struct rule *rule)
{
	char path[512];
	struct stat st;

	(void)rule;
	got_call(chdir(at("E")));
	got_call(rmdir(at("E")));
	got("%s", getcwd(path, sizeof(path)) ? path : errno_name(errno));
	got_call(stat(".", &st));
	got("%ju links", (uintmax_t)st.st_nlink);
	got_open(open("generation", O_RDONLY));
	got_call(rename(".", at("N")));
	got_call(rename(at("R"), "."));
	got_call(link(".", at("N")));
	got_call(link(at("R"), "."));
	got_call(chdir(".."));
	got("%s", getcwd(path, sizeof(path)) ? path : errno_name(errno));
}

#define READ_AT_OPEN "D-removed-reads: what an attribute gives is settled when it is opened"

static const struct rule gone_rules[] = {
	{"generation opened, not read; rmdir; read", run_gone_text, "0, ENOENT", "0, 2",
	 READ_AT_OPEN, .n = 0},
	{"generation opened and read; rmdir; read again", run_gone_text, "2, 0, 2", .n = 1},
	{"outblob opened, not read; rmdir; read", run_gone_outblob, "0, ENOENT", "0, quote 1",
	 READ_AT_OPEN, .n = 0},
	{"outblob read in part; rmdir; read all", run_gone_outblob, "1, 0, quote 1", .n = 1},
	{"inblob written; rmdir; mkdir the same name; close; generation", run_gone_inblob,
	 "64, 0, 0, 0, generation 0", .n = 0},
	{"inblob opened; rmdir; write; mkdir the same name; close", run_gone_inblob,
	 "0, 64, 0, 0, generation 0", .n = 1},
	{"fstat of a folder after rmdir", run_gone_fstat, "0, 0, 40755, 0 links", .a = "E",
	 .n = O_RDONLY | O_DIRECTORY},
	{"fstat of generation after rmdir", run_gone_fstat, "0, 0, 100444, 0 links",
	 .a = "E/generation", .n = O_RDONLY},
	{"fstat of inblob after rmdir", run_gone_fstat, "0, 0, 100200, 0 links", .a = "E/inblob",
	 .n = O_WRONLY},
	{"/proc/self/fd of a folder after rmdir", run_gone_link, "0, name (deleted)", .a = "E",
	 .n = O_RDONLY | O_DIRECTORY},
	{"/proc/self/fd of generation after rmdir", run_gone_link, "0, name (deleted)", "0, name",
	 "D-deleted-link", .a = "E/generation", .n = O_RDONLY},
	{"after rmdir, by the folder's descriptor: openat generation, creat, fstatat, faccessat, "
	 "mkdirat, unlinkat, getdents64",
	 run_gone_dir, "0, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT", .n = 0},
	{"the same after the name was made again", run_gone_dir,
	 "0, 0, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT", .n = 1},
	{"rmdir of the current directory: getcwd, stat ., open generation, rename from ., to ., "
	 "link "
	 "from ., to ., chdir .., getcwd",
	 run_gone_cwd,
	 "0, 0, ENOENT, 0, 0 links, ENOENT, EBUSY, EBUSY, EPERM, EEXIST, 0, "
	 "/sys/kernel/config/tsm/report"},
};
RULE_GROUP(group_gone, "After rmdir", gone_rules);
