/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes              try every route; exit status 1 where one is not as expected.c says
 * routes --markdown   the table of docs/routes.md, without trying any
 * routes -v           the same as without, and a line for each route
 *
 * Each try is a process after exec, so that no route profits from what the process met before.
 */
#include <sys/wait.h>

#include "routes.h"

enum { TRY_SECONDS = 10, INHERITED_FD = 100, NO_FD = 999 };

static const struct form_name {
	int form;
	const char *name;
} form_names[] = {
	{FORM_ABSOLUTE, "absolute"},
	{FORM_CWD, "in cwd"},
	{FORM_CWD_INHERITED, "in cwd after exec"},
	{FORM_DIRFD, "dirfd"},
	{FORM_OPATH, "O_PATH dirfd"},
	{FORM_DIRFD_INHERITED, "dirfd after exec"},
	{FORM_ALONE, "-"},
};

enum { FORM_COUNT = sizeof(form_names) / sizeof(*form_names) };

static const struct group {
	const char *title;
	const struct route *routes;
} groups[] = {
	{"Opening", routes_open},
	{"Asking", routes_stat},
	{"Access, owners, modes, times, lengths, extended attributes", routes_meta},
	{"Names", routes_name},
	{"Listings", routes_dir},
	{"The current directory, and calls that tell names", routes_cwd},
	{"syscall() by number", routes_syscall},
	{"syscall() by number: names and listings", routes_syscall_name},
	{"Spellings: open, stat and access of each", routes_spelling},
	{"Other ways", routes_program},
};

enum { GROUP_COUNT = sizeof(groups) / sizeof(*groups) };

static char *join(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, *name ? "%s/%s" : "%s", folder, name) < 0)
		abort();
	return path;
}

static const struct route *find_route(const char *name)
{
	for (int i = 0; i < GROUP_COUNT; i++)
		for (const struct route *route = groups[i].routes; route->name; route++)
			if (strcmp(route->name, name) == 0)
				return route;
	fprintf(stderr, "routes: no route \"%s\"\n", name);
	exit(2);
}

/* The folder that the route's name is in: the entry, or report for an entry's own name. */
static const char *folder_of(const struct route *route, const char *entry)
{
	return *route->object && strcmp(route->object, NEW_ENTRY) != 0 ? entry : REPORT;
}

/* One try, after exec. */
static int try_route(const struct route *route, int form, const char *entry)
{
	const char *folder = folder_of(route, entry);
	const char *name = *route->object ? route->object : strrchr(entry, '/') + 1;
	struct target target = {
		.dirfd = AT_FDCWD,
		.path = name,
		.other = "routes-other",
		.entry = entry,
		.folder = folder,
	};

	alarm(TRY_SECONDS);
	/* whole at exit: the driver reads once */
	setvbuf(stderr, NULL, _IOFBF, 0);
	switch (form) {
	case FORM_ABSOLUTE:
		target.dirfd = NO_FD;
		target.path = join(folder, name);
		target.other = join(folder, target.other);
		break;
	case FORM_CWD:
		if (chdir(folder))
			return 2;
		break;
	case FORM_DIRFD:
		target.dirfd = open(folder, O_RDONLY | O_DIRECTORY);
		break;
	case FORM_OPATH:
		target.dirfd = open(folder, O_PATH | O_DIRECTORY);
		break;
	case FORM_DIRFD_INHERITED:
		target.dirfd = INHERITED_FD;
		break;
	default:
		break;
	}
	errno = 0;
	return route->attempt(&target) ? 0 : 1;
}

/* start_try() - exec with what the form says is there from before; does not return. */
__attribute__((noreturn)) static void start_try(const struct route *route, int form,
						const char *entry, int complaints)
{
	const char *folder = folder_of(route, entry);
	char number[16];
	int fd;

	dup2(complaints, 2);
	if (form == FORM_CWD_INHERITED && chdir(folder))
		_exit(2);
	if (form == FORM_DIRFD_INHERITED) {
		fd = open(folder, O_RDONLY | O_DIRECTORY);
		if (fd < 0 || dup2(fd, INHERITED_FD) < 0)
			_exit(2);
	}
	snprintf(number, sizeof(number), "%d", form);
	execl("/proc/self/exe", "routes", "--try", route->name, number, entry, (char *)NULL);
	_exit(2);
}

/* run_try() - 0 for served, else how the try ended; what it complained about in text. */
static int run_try(const struct route *route, int form, const char *entry, char text[static 256])
{
	int ends[2], status = 0;
	ssize_t len;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		exit(2);
	pid = fork();
	if (pid == 0)
		start_try(route, form, entry, ends[1]);
	close(ends[1]);
	len = read(ends[0], text, 255);
	text[len > 0 ? len : 0] = '\0';
	waitpid(pid, &status, 0);
	close(ends[0]);
	if (WIFSIGNALED(status))
		snprintf(text, 256, "killed by signal %d", WTERMSIG(status));
	return status;
}

static const char *form_name(int form)
{
	for (int i = 0; i < FORM_COUNT; i++)
		if (form_names[i].form == form)
			return form_names[i].name;
	return "?";
}

struct counts {
	unsigned served;
	unsigned not_served;
	unsigned unexpected;
};

static void judge(const struct route *route, int form, const char *entry, bool verbose,
		  struct counts *counts)
{
	const char *reason = expected_reason(route->name, form, HAVE_LIBC);
	char text[256];
	bool served;

	if (mkdir(entry, 0700)) {
		fprintf(stderr, "routes: mkdir %s: %s\n", entry, strerror(errno));
		exit(2);
	}
	served = run_try(route, form, entry, text) == 0;
	rmdir(entry);
	counts->served += served;
	counts->not_served += !served;
	counts->unexpected += served != !reason;
	if (served != !reason)
		printf("UNEXPECTED %s: %s (%s)%s%s\n", served ? "served" : "not served",
		       route->name, form_name(form), served ? "" : ": ", served ? "" : text);
	else if (verbose)
		printf("%s: %s (%s)%s%s\n", served ? "served" : "not served", route->name,
		       form_name(form), served ? "" : ": ", served ? "" : reason);
}

static int try_all(bool verbose)
{
	struct counts counts = {0};
	char *entry;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct unserved *row = expected_unserved; row->name; row++)
		find_route(row->name); /* no row for a route that is not there */
	if (asprintf(&entry, REPORT "/routes-%d", getpid()) < 0)
		abort();
	for (int i = 0; i < GROUP_COUNT; i++)
		for (const struct route *route = groups[i].routes; route->name; route++)
			for (int f = 0; f < FORM_COUNT; f++)
				if (route->attempt && route->forms & form_names[f].form)
					judge(route, form_names[f].form, entry, verbose, &counts);
	printf("%u served, %u not served, %u unexpected\n", counts.served, counts.not_served,
	       counts.unexpected);
	return counts.unexpected || !counts.served;
}

/* print_row() - the forms of a route that have the same answers share a line. */
static void print_row(const struct route *route, int forms, const char *glibc, const char *musl,
		      const char *reason)
{
	const char *comma = "";

	printf("| `%s` | ", route->name);
	if (forms == FORMS_AT || forms == FORMS_PATH) {
		printf("absolute, relative%s", forms == FORMS_AT ? ", dirfd" : "");
		forms = 0;
	}
	for (int i = 0; i < FORM_COUNT; i++) {
		if (!(forms & form_names[i].form))
			continue;
		printf("%s%s", comma, form_names[i].name);
		comma = ", ";
	}
	printf(" | %s | %s | %s |\n", glibc, musl, reason ? reason : "");
}

static void print_route(const struct route *route)
{
	int left = route->forms;

	while (left) {
		const int first = left & -left;
		const char *glibc = expected_reason(route->name, first, LIBC_GLIBC);
		const char *musl = expected_reason(route->name, first, LIBC_MUSL);
		int same = 0;

		for (int form = first; form <= left; form <<= 1)
			if (left & form &&
			    expected_reason(route->name, form, LIBC_GLIBC) == glibc &&
			    expected_reason(route->name, form, LIBC_MUSL) == musl)
				same |= form;
		print_row(route, same, glibc ? "**not served**" : "served",
			  route->glibc_only ? "-"
			  : musl            ? "**not served**"
					    : "served",
			  glibc ? glibc : musl);
		left &= ~same;
	}
}

static const char markdown_head[] =
	"# Ways in\n"
	"\n"
	"Each way that libc and the kernel have of reaching a path, and whether it leads to "
	"teeshim under\n"
	"LD_PRELOAD. The table is the output of `build/tests/routes.glibc --markdown`;\n"
	"`tests/system/routes.sh -v` tries every line, on glibc and on musl, as an ordinary user "
	"and as root,\n"
	"and fails where one is not as it stands here. \"-\" under musl: it has no such function.\n"
	"\n"
	"Under *name*: how the object is named. *absolute*: by an absolute path (calls that take a "
	"dirfd get\n"
	"one that is not open). *relative*: *in cwd*, the process has gone there, and *in cwd "
	"after exec*,\n"
	"another program had gone there before. *dirfd*: relative to a folder that the process has "
	"open,\n"
	"*O_PATH dirfd* and *dirfd after exec*, opened by another program. A folder of ours that a "
	"program is\n"
	"in, or has open, is a real one: what libc does inside itself works there.\n";

static int print_markdown(void)
{
	fputs(markdown_head, stdout);
	for (int i = 0; i < GROUP_COUNT; i++) {
		printf("\n## %s\n\n| way | name | glibc | musl | why not "
		       "|\n|---|---|---|---|---|\n",
		       groups[i].title);
		for (const struct route *route = groups[i].routes; route->name; route++)
			print_route(route);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "--try") == 0)
		return try_route(find_route(argv[2]), atoi(argv[3]), argv[4]);
	if (argc == 2 && strcmp(argv[1], "--markdown") == 0)
		return print_markdown();
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "-v") == 0))
		return try_all(argc == 2);
	fprintf(stderr, "usage: routes [-v | --markdown]\n");
	return 2;
}
