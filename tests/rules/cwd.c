/* SPDX-License-Identifier: Apache-2.0 */
/* A current directory in the tree: it walks, it is shown, programs inherit it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"

static void got_cwd(void)
{
	char path[512];

	if (!getcwd(path, sizeof(path)))
		got("%s", errno_name(errno));
	else if (strcmp(path, at("E")) == 0)
		got("the entry");
	else if (strncmp(path, "/sys/kernel/", 12) == 0)
		got("%s", path + 12);
	else
		got("%s", path);
}

static void run_chdir(const struct rule *rule)
{
	got_call(chdir(at(rule->a)));
	got_cwd();
}

/* mkdir -p of coreutils and busybox walks: mkdir a component, chdir into it, the next one. */
static void run_walk(const struct rule *rule)
{
	static const char *const components[] = {"sys", "kernel", "config", "tsm", "report"};

	(void)rule;
	got_call(chdir("/"));
	for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
		if (mkdir(components[i], 0777) < 0 && errno != EEXIST)
			got("mkdir %s %s", components[i], errno_name(errno));
		if (chdir(components[i]) < 0)
			got("chdir %s %s", components[i], errno_name(errno));
	}
	got_cwd();
	got_call(mkdir("rules-walk", 0777));
	got_call(chdir("rules-walk"));
	got_cwd();
	got_call(chdir(".."));
	got_cwd();
	got_call(rmdir("rules-walk"));
}

static void run_up(const struct rule *rule)
{
	got_call(chdir(at("E")));
	for (long i = 0; i < rule->n; i++)
		got_call(chdir(".."));
	got_cwd();
}

static void run_up_out(const struct rule *rule)
{
	got_call(chdir(at("C")));
	got_call(chdir(".."));
	got_cwd();
	if (rule->a)
		got_call(access(rule->a, F_OK));
}

static void run_fchdir(const struct rule *rule)
{
	int dir = open(at("E"), (int)rule->n | O_DIRECTORY);
	int root = open("/", O_RDONLY | O_DIRECTORY);

	got_call(fchdir(dir));
	got_cwd();
	got_call(access("inblob", W_OK));
	got_call(fchdir(root));
	got_cwd();
}

static void run_getcwd_sizes(const struct rule *rule)
{
	char exact[512];
	char *made;
	const size_t len = strlen(at("E"));

	(void)rule;
	got_call(chdir(at("E")));
	got("%s", getcwd(exact, len + 1) ? "fits" : errno_name(errno));
	got("%s", getcwd(exact, len) ? "fits" : errno_name(errno));
	got("%s", getcwd(exact, 0) ? "fits" : errno_name(errno));
	made = getcwd(NULL, 0);
	got("%s", made && strcmp(made, at("E")) == 0 ? "the entry" : "?");
	made = get_current_dir_name();
	got("%s", made && strcmp(made, at("E")) == 0 ? "the entry" : "?");
	got("%ld", syscall(SYS_getcwd, exact, sizeof(exact)) - (long)len);
	got("%s", strcmp(exact, at("E")) == 0 ? "the entry" : exact);
}

static void run_dot_calls(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	got_call(chdir(at("E")));
	got_call(stat(".", &st));
	got("%o", st.st_mode);
	got_call(mkdir("new", 0700));
	got_call(mkdir("inblob", 0700));
	got_call(mkdir("inblob/new", 0700));
	got_call(rmdir("inblob"));
	got_call(rmdir("."));
	got_call(rmdir(".."));
	got_call(unlink("inblob"));
	got_call(unlink("absent"));
	got_call(unlink("."));
	got_call(rename("inblob", "new"));
	got_call(rename("inblob", "outblob"));
	got_call(link("inblob", "new"));
	got_call(symlink("x", "new"));
	got_call(mkfifo("new", 0600));
	got_call(mknod("new", S_IFREG | 0600, 0));
	got_open(open("new", O_WRONLY | O_CREAT, 0600));
	got_open(open("inblob", O_RDONLY));
	got_open(open("outblob", O_WRONLY));
	got_open(open("outblob", O_WRONLY | O_CREAT | O_EXCL, 0600));
	got_open(open(".", O_WRONLY));
	got_open(open(".", O_RDWR | O_TMPFILE, 0600));
}

static void run_report_calls(const struct rule *rule)
{
	(void)rule;
	got_call(chdir(at("R")));
	got_call(mkdir(entry_name(), 0700));
	got_call(mkdir("rules-cwd", 0));
	got_call(mkdir("rules-cwd/new", 0));
	got_call(access("rules-cwd/outblob", R_OK));
	got_call(unlink("rules-cwd"));
	got_call(unlink("rules-cwd/provider"));
	got_call(rename("rules-cwd", "rules-cwd2"));
	got_call(symlink("x", "rules-link"));
	got_open(open("rules-file", O_RDWR | O_CREAT, 0600));
	got_call(rmdir("rules-cwd/provider"));
	got_call(rmdir("rules-cwd"));
	got_call(rmdir("rules-cwd"));
	got_call(rmdir("../report"));
}

static void run_upper_calls(const struct rule *rule)
{
	got_call(chdir(at(rule->a)));
	got_call(mkdir("new", 0700));
	got_call(rmdir(rule->b));
	got_call(unlink(rule->b));
	got_call(rename(rule->b, "new"));
	got_call(symlink("x", "new"));
	got_open(open("new", O_WRONLY | O_CREAT, 0600));
}

static void run_names_untouched(const struct rule *rule)
{
	struct stat before;
	struct stat after;

	(void)rule;
	got_call(stat(at("E"), &before));
	if (chdir(at("E")) < 0)
		got("%s", errno_name(errno));
	unlink("inblob");
	rename("outblob", "new");
	symlink("x", "new");
	got_call(stat(at("E"), &after));
	got_call(access("inblob", F_OK));
	got_call(access("outblob", F_OK));
	got_call(access("new", F_OK));
	write_inblob(1, INBLOB_SIZE);
	got_quote();
}

/* Runs a shell with the entry as its current directory. */
static void run_shell(const struct rule *rule)
{
	char output[300];
	size_t len;
	FILE *stream;

	got_call(chdir(at(rule->b)));
	stream = popen(rule->a, "r");
	len = stream ? fread(output, 1, sizeof(output), stream) : 0;
	if (stream)
		got("status %d", WEXITSTATUS(pclose(stream)));
	if (len > 0 && output[len - 1] == '\n')
		len--;
	output[len] = '\0';
	got("%s", strcmp(output, at("E")) == 0 ? "the entry" : output);
}

static const struct rule rules[] = {
	{"chdir entry, getcwd", run_chdir, "0, the entry", .a = "E"},
	{"chdir entry/, getcwd", run_chdir, "0, the entry", .a = "E/"},
	{"chdir entry/../../report, getcwd", run_chdir, "0, config/tsm/report",
	 .a = "E/../../report"},
	{"chdir report, getcwd", run_chdir, "0, config/tsm/report", .a = "R"},
	{"chdir tsm, getcwd", run_chdir, "0, config/tsm", .a = "T"},
	{"chdir /sys/kernel/config, getcwd", run_chdir, "0, config", .a = "C"},
	{"chdir of an attribute, getcwd", run_chdir, "ENOTDIR, /", .a = "E/inblob"},
	{"chdir report/absent, getcwd", run_chdir, "ENOENT, /", .a = "N"},
	{"mkdir and chdir component by component, getcwd, and back", run_walk,
	 "0, config/tsm/report, 0, 0, config/tsm/report/rules-walk, 0, config/tsm/report, 0"},
	{"chdir entry, chdir .., getcwd", run_up, "0, 0, config/tsm/report", .n = 1},
	{"chdir entry, chdir .. three times, getcwd", run_up, "0, 0, 0, 0, config", .n = 3},
	{"chdir /sys/kernel/config, chdir .., getcwd", run_up_out, "0, 0, /sys/kernel"},
	{"chdir /sys/kernel/config, chdir .., getcwd, access mm", run_up_out,
	 "0, 0, /sys/kernel, 0", "0, 0, /sys/kernel, ENOENT", "D-dotdot", .a = "mm"},
	{"fchdir of entry's descriptor, getcwd, access inblob, fchdir back", run_fchdir,
	 "0, the entry, 0, 0, /", .n = O_RDONLY},
	{"fchdir of entry's O_PATH descriptor, getcwd, access inblob, fchdir back", run_fchdir,
	 "0, the entry, 0, 0, /", .n = O_PATH},
	{"getcwd in the entry into its length + 1, its length, 0; made; by number",
	 run_getcwd_sizes, "0, fits, ERANGE, EINVAL, the entry, the entry, 1, the entry"},
	{"in the entry: stat ., mkdir new, inblob, inblob/new, rmdir inblob, ., .., unlink inblob, "
	 "absent, ., rename inblob new, inblob outblob, link, symlink, mkfifo, mknod, creat, open "
	 "inblob O_RDONLY, outblob O_WRONLY, O_EXCL, . O_WRONLY, O_TMPFILE",
	 run_dot_calls,
	 "0, 0, 40755, EPERM, EEXIST, ENOTDIR, ENOTDIR, EINVAL, ENOTEMPTY, EPERM, ENOENT, EISDIR, "
	 "EPERM, EPERM, EPERM, EPERM, EPERM, EACCES, EACCES, EACCES, EACCES, EEXIST, EISDIR, "
	 "EOPNOTSUPP"},
	{"in report: mkdir entry, new, new/x, access, unlink new, its provider, rename, symlink, "
	 "creat, rmdir of its provider, new, new again, ../report",
	 run_report_calls,
	 "0, EEXIST, 0, EPERM, 0, EISDIR, EPERM, EPERM, EPERM, EACCES, ENOTDIR, 0, ENOENT, EPERM"},
	{"in tsm: mkdir, rmdir report, unlink report, rename, symlink, creat", run_upper_calls,
	 "0, EPERM, EPERM, EISDIR, EPERM, EPERM, EACCES", .a = "T", .b = "report"},
	{"in /sys/kernel/config: mkdir, rmdir tsm, unlink tsm, rename, symlink, creat",
	 run_upper_calls, "0, EPERM, EPERM, EISDIR, EPERM, EPERM, EACCES", .a = "C", .b = "tsm"},
	{"in the entry: unlink, rename, symlink refused; the names are there; a quote",
	 run_names_untouched, "0, 0, 0, 0, ENOENT, quote 1"},
	{"an exec'ed pwd -P in the entry", run_shell, "0, status 0, the entry", .b = "E",
	 .a = "exec /bin/pwd -P"},
	{"an exec'ed ls in the entry", run_shell, "0, status 0, generation inblob outblob provider",
	 .b = "E", .a = "echo $(ls)", .flags = RULE_TDX},
	{"a shell's glob in the entry", run_shell,
	 "0, status 0, generation inblob outblob provider", .b = "E", .a = "echo *",
	 .flags = RULE_TDX},
	{"an exec'ed cat provider in the entry", run_shell, "0, status 0, tdx_guest", .b = "E",
	 .a = "exec cat provider", .flags = RULE_TDX},
	{"an exec'ed rmdir of the own folder by ../NAME", run_shell, "0, status 0, done", .b = "E",
	 .a = "rmdir \"../$(basename \"$(pwd)\")\" && echo done"},
	{"an exec'ed mkdir -p report/x/ from /, then rmdir", run_shell, "0, status 0, made",
	 .b = "/",
	 .a = "mkdir -p sys/kernel/config/tsm/report/rules-p/ && "
	      "rmdir /sys/kernel/config/tsm/report/rules-p && echo made"},
	{"an exec'ed rm -rf of the entry: refused, the entry stays", run_shell,
	 "0, status 0, 1 generation inblob outblob provider", .b = "E",
	 .a = "rm -rf \"$(pwd)\" 2>/dev/null; echo $? $(ls)", .flags = RULE_TDX},
	{"an exec'ed find in the entry", run_shell,
	 "0, status 0, . ./generation ./inblob ./outblob ./provider", .b = "E",
	 .a = "echo $(find . | sort)", .flags = RULE_TDX},
	{"an exec'ed find -type f -size 0 in the entry", run_shell,
	 "0, status 0, ./inblob ./outblob", .b = "E", .a = "echo $(find . -type f -size 0 | sort)",
	 .flags = RULE_TDX},
};
RULE_GROUP(group_cwd, "The current directory", rules);
