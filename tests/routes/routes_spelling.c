/* SPDX-License-Identifier: Apache-2.0 */
/* Other spellings of a name of ours, each opened, asked for its stat and for its access. */
#include <stdarg.h>

#include "routes.h"

__attribute__((format(printf, 1, 2))) static char *format(const char *text, ...)
{
	va_list args;
	char *name;

	va_start(args, text);
	if (vasprintf(&name, text, args) < 0)
		abort();
	va_end(args);
	return name;
}

/* name_of() - the entry's own name, the last component of its path. */
static const char *name_of(const struct target *t)
{
	return strrchr(t->entry, '/') + 1;
}

static bool spelled_at(int dirfd, const char *path)
{
	struct stat st = {0};

	return check_provider(openat(dirfd, path, O_RDONLY)) &&
	       check_attribute(fstatat(dirfd, path, &st, 0), &st) &&
	       check_success(faccessat(dirfd, path, R_OK, 0));
}

static bool spelled(const char *path)
{
	struct stat st = {0};

	return check_provider(open(path, O_RDONLY)) && check_attribute(stat(path, &st), &st) &&
	       check_success(access(path, R_OK));
}

static int folder_fd(const struct target *t)
{
	return open(t->entry, O_RDONLY | O_DIRECTORY);
}

static int opath_fd(const struct target *t)
{
	return open(t->entry, O_PATH | O_DIRECTORY);
}

static bool inside(const struct target *t)
{
	return check_success(chdir(t->entry));
}

/* The user's own symbolic link to a target, in the test's folder. */
static char *link_to(const char *target)
{
	char *path = scratch("link");

	unlink(path);
	if (symlink(target, path))
		fprintf(stderr, "symlink: %s; ", strerror(errno));
	return path;
}

#define SPELLING(name, expression)                                                                 \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return expression;                                                                 \
	}

SPELLING(slashes, spelled(format("//sys///kernel/config//tsm/report/%s//provider", name_of(t))))
SPELLING(dots, spelled(format("/sys/./kernel/config/tsm/./report/%s/./provider", name_of(t))))
SPELLING(dotdot, spelled(format("/sys/kernel/config/tsm/../tsm/report/%s/../%s/provider",
				name_of(t), name_of(t))))
SPELLING(dotdot_above,
	 spelled(format("/proc/../sys/kernel/../kernel/config/tsm/report/%s/provider", name_of(t))))
SPELLING(dev_fd, spelled(format("/dev/fd/%d/provider", folder_fd(t))))
SPELLING(proc_fd, spelled(format("/proc/self/fd/%d/provider", folder_fd(t))))
SPELLING(proc_fd_opath, spelled(format("/proc/self/fd/%d/provider", opath_fd(t))))
SPELLING(proc_pid_fd, spelled(format("/proc/%d/fd/%d/provider", getpid(), folder_fd(t))))
SPELLING(thread_fd, spelled(format("/proc/thread-self/fd/%d/provider", folder_fd(t))))
SPELLING(proc_cwd, inside(t) && spelled("/proc/self/cwd/provider"))
SPELLING(proc_pid_cwd, inside(t) && spelled(format("/proc/%d/cwd/provider", getpid())))
SPELLING(proc_root, spelled(format("/proc/self/root%s/provider", t->entry)))
SPELLING(proc_pid_root, spelled(format("/proc/%d/root%s/provider", getpid(), t->entry)))
SPELLING(dot, inside(t) && spelled("./provider"))
SPELLING(sibling, inside(t) && spelled(format("../%s/provider", name_of(t))))
SPELLING(up, inside(t) && spelled(format("../../../tsm/report/%s/provider", name_of(t))))
SPELLING(cwd_report, check_success(chdir(REPORT)) && spelled(format("%s/provider", name_of(t))))
SPELLING(cwd_tsm, check_success(chdir("/sys/kernel/config/tsm")) &&
			  spelled(format("report/%s/provider", name_of(t))))
SPELLING(cwd_config, check_success(chdir("/sys/kernel/config")) &&
			     spelled(format("tsm/report/%s/provider", name_of(t))))
SPELLING(cwd_kernel, check_success(chdir("/sys/kernel")) &&
			     spelled(format("config/tsm/report/%s/provider", name_of(t))))
SPELLING(cwd_sys, check_success(chdir("/sys")) &&
			  spelled(format("kernel/config/tsm/report/%s/provider", name_of(t))))
SPELLING(cwd_root_name, check_success(chdir("/")) && spelled(format("%s/provider", t->entry + 1)))
SPELLING(fd_root,
	 spelled_at(open("/", O_RDONLY | O_DIRECTORY), format("%s/provider", t->entry + 1)))
SPELLING(fd_kernel, spelled_at(open("/sys/kernel", O_PATH | O_DIRECTORY),
			       format("config/tsm/report/%s/provider", name_of(t))))
SPELLING(fd_report,
	 spelled_at(open(REPORT, O_RDONLY | O_DIRECTORY), format("%s/provider", name_of(t))))
SPELLING(link_file, spelled(link_to(format("%s/provider", t->entry))))
SPELLING(link_folder, spelled(format("%s/provider", link_to(t->entry))))
/* From inside, the kernel's own tree leads back to the real one. */
SPELLING(above, inside(t) && check_success(access("../../../../../../proc/self/status", R_OK)))
SPELLING(above_kernel, inside(t) && check_success(access("../../../../mm", F_OK)))

static bool try_trailing(const struct target *t)
{
	struct stat st = {0};

	return check_folder(stat(format("%s/", t->entry), &st), &st) &&
	       check_success(open(format("%s//", t->entry), O_RDONLY | O_DIRECTORY)) &&
	       check_refused(open(format("%s/provider/", t->entry), O_RDONLY), ENOTDIR);
}

/* mkdir -p goes down step by step, each relative to the one before. */
static bool try_walk(const struct target *t)
{
	static const char *const steps[] = {"/", "sys", "kernel", "config", "tsm", "report"};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (i > 2)
			mkdir(steps[i], 0700);
		if (!check_success(chdir(steps[i])))
			return false;
	}
	return check_made(t, NEW_ENTRY, mkdir(NEW_ENTRY, 0700));
}

/* reopen a descriptor of an attribute through /proc: Rust and systemd upgrade O_PATH that way */
static bool try_reopen(const struct target *t)
{
	int fd = open(format("%s/provider", t->entry), O_RDONLY);

	return check_success(fd) && check_provider(open(format("/proc/self/fd/%d", fd), O_RDONLY));
}

static bool try_reopen_opath(const struct target *t)
{
	int fd = open(format("%s/provider", t->entry), O_PATH);

	return check_success(fd) && check_provider(open(format("/proc/self/fd/%d", fd), O_RDONLY));
}

const struct route routes_spelling[] = {
	{"//sys///kernel/...", FORM_ALONE, "", IN_BOTH(try_slashes)},
	{"/sys/./kernel/...", FORM_ALONE, "", IN_BOTH(try_dots)},
	{".../tsm/../tsm/...", FORM_ALONE, "", IN_BOTH(try_dotdot)},
	{"/proc/../sys/kernel/../...", FORM_ALONE, "", IN_BOTH(try_dotdot_above)},
	{"a trailing slash", FORM_ALONE, "", IN_BOTH(try_trailing)},
	{"/dev/fd/N/NAME", FORM_ALONE, "", IN_BOTH(try_dev_fd)},
	{"/proc/self/fd/N/NAME", FORM_ALONE, "", IN_BOTH(try_proc_fd)},
	{"/proc/self/fd/N/NAME, N of O_PATH", FORM_ALONE, "", IN_BOTH(try_proc_fd_opath)},
	{"/proc/PID/fd/N/NAME", FORM_ALONE, "", IN_BOTH(try_proc_pid_fd)},
	{"/proc/thread-self/fd/N/NAME", FORM_ALONE, "", IN_BOTH(try_thread_fd)},
	{"/proc/self/fd/N of an attribute", FORM_ALONE, "", IN_BOTH(try_reopen)},
	{"/proc/self/fd/N of an attribute, N of O_PATH", FORM_ALONE, "", IN_BOTH(try_reopen_opath)},
	{"/proc/self/cwd/NAME", FORM_ALONE, "", IN_BOTH(try_proc_cwd)},
	{"/proc/PID/cwd/NAME", FORM_ALONE, "", IN_BOTH(try_proc_pid_cwd)},
	{"/proc/self/root/sys/...", FORM_ALONE, "", IN_BOTH(try_proc_root)},
	{"/proc/PID/root/sys/...", FORM_ALONE, "", IN_BOTH(try_proc_pid_root)},
	{"./NAME", FORM_ALONE, "", IN_BOTH(try_dot)},
	{"../ENTRY/NAME", FORM_ALONE, "", IN_BOTH(try_sibling)},
	{"../../../tsm/report/ENTRY/NAME", FORM_ALONE, "", IN_BOTH(try_up)},
	{"a relative name, in report", FORM_ALONE, "", IN_BOTH(try_cwd_report)},
	{"a relative name, in tsm", FORM_ALONE, "", IN_BOTH(try_cwd_tsm)},
	{"a relative name, in /sys/kernel/config", FORM_ALONE, "", IN_BOTH(try_cwd_config)},
	{"a relative name, in /sys/kernel", FORM_ALONE, "", IN_BOTH(try_cwd_kernel)},
	{"a relative name, in /sys", FORM_ALONE, "", IN_BOTH(try_cwd_sys)},
	{"a relative name, in /", FORM_ALONE, "", IN_BOTH(try_cwd_root_name)},
	{"a name relative to a descriptor of /", FORM_ALONE, "", IN_BOTH(try_fd_root)},
	{"a name relative to a descriptor of /sys/kernel", FORM_ALONE, "", IN_BOTH(try_fd_kernel)},
	{"a name relative to a descriptor of report", FORM_ALONE, "", IN_BOTH(try_fd_report)},
	{"mkdir step by step with chdir, as mkdir -p", FORM_ALONE, NEW_ENTRY, IN_BOTH(try_walk)},
	{"the user's symbolic link to an attribute", FORM_ALONE, "", IN_BOTH(try_link_file)},
	{"the user's symbolic link to an entry", FORM_ALONE, "", IN_BOTH(try_link_folder)},
	{".. from inside to /sys/kernel", FORM_ALONE, "", IN_BOTH(try_above_kernel)},
	{".. from inside to /", FORM_ALONE, "", IN_BOTH(try_above)},
	{0},
};
