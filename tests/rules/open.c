/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: the direction of each attribute, and every flag. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rules.h"

static void run_directions(const struct rule *rule)
{
	if (rule->n)
		chmod(at(rule->a), (mode_t)rule->n);
	got_open(open(at(rule->a), O_RDONLY));
	got_open(open(at(rule->a), O_WRONLY));
	got_open(open(at(rule->a), O_RDWR));
}

static void run_stdio(const struct rule *rule)
{
	static const char *const modes[] = {"r", "w", "a", "r+", "w+", "a+"};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		FILE *stream = fopen(at(rule->a), modes[i]);

		got("%s", stream ? "open" : errno_name(errno));
		if (stream)
			fclose(stream);
	}
}

static void run_cleared(const struct rule *rule)
{
	chmod(at(rule->a), 0);
	got_open(open(at(rule->a), (int)rule->n));
}

static const struct rule direction_rules[] = {
	{"open inblob O_RDONLY, O_WRONLY, O_RDWR", run_directions, "EACCES, open, EACCES",
	 .a = "E/inblob"},
	{"open outblob O_RDONLY, O_WRONLY, O_RDWR", run_directions, "open, EACCES, EACCES",
	 .a = "E/outblob"},
	{"open provider O_RDONLY, O_WRONLY, O_RDWR", run_directions, "open, EACCES, EACCES",
	 .a = "E/provider"},
	{"open generation O_RDONLY, O_WRONLY, O_RDWR", run_directions, "open, EACCES, EACCES",
	 .a = "E/generation"},
	{"the same for inblob after chmod 0666", run_directions, "EACCES, open, EACCES",
	 .a = "E/inblob", .n = 0666},
	{"the same for outblob after chmod 0666", run_directions, "open, EACCES, EACCES",
	 .a = "E/outblob", .n = 0666},
	{"the same for generation after chmod 0666", run_directions, "open, EACCES, EACCES",
	 .a = "E/generation", .n = 0666},
	{"chmod 0 inblob, open O_WRONLY", run_cleared, "EACCES", "open", "D-changes-ignored",
	 .a = "E/inblob", .n = O_WRONLY},
	{"chmod 0 provider, open O_RDONLY", run_cleared, "EACCES", "open", "D-changes-ignored",
	 .a = "E/provider", .n = O_RDONLY},
	{"fopen inblob r, w, a, r+, w+, a+", run_stdio,
	 "EACCES, open, open, EACCES, EACCES, EACCES", .a = "E/inblob"},
	{"fopen provider r, w, a, r+, w+, a+", run_stdio,
	 "open, EACCES, EACCES, EACCES, EACCES, EACCES", .a = "E/provider"},
	{"fopen the entry r, w, a, r+, w+, a+", run_stdio,
	 "open, EISDIR, EISDIR, EISDIR, EISDIR, EISDIR", .a = "E"},
	{"open the entry O_RDONLY, O_WRONLY, O_RDWR", run_directions, "open, EISDIR, EISDIR",
	 .a = "E"},
	{"open report O_RDONLY, O_WRONLY, O_RDWR", run_directions, "open, EISDIR, EISDIR",
	 .a = "R"},
	{"open tsm O_RDONLY, O_WRONLY, O_RDWR", run_directions, "open, EISDIR, EISDIR", .a = "T"},
	{"open report/absent O_RDONLY, O_WRONLY, O_RDWR", run_directions, "ENOENT, ENOENT, ENOENT",
	 .a = "N"},
	{"open entry/auxblob (SEV-SNP only) O_RDONLY, O_WRONLY, O_RDWR", run_directions,
	 "ENOENT, ENOENT, ENOENT", .a = "E/auxblob", .flags = RULE_TDX},
	{"open inblob/ O_RDONLY, O_WRONLY, O_RDWR", run_directions, "ENOTDIR, ENOTDIR, ENOTDIR",
	 .a = "E/inblob/"},
	{"open inblob/x O_RDONLY, O_WRONLY, O_RDWR", run_directions, "ENOTDIR, ENOTDIR, ENOTDIR",
	 .a = "E/inblob/x"},
};
RULE_GROUP(group_open, "Opening: directions", direction_rules);

/* Opened, and the flags that F_GETFL then shows of those that may be seen. */
static void run_open(const struct rule *rule)
{
	const int seen = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC;
	int fd = got_open(open(at(rule->a), (int)rule->n, 0600));

	if (fd >= 0 && rule->b)
		got("F_GETFL %o", (unsigned)(fcntl(fd, F_GETFL) & seen));
}

static void run_cloexec(const struct rule *rule)
{
	got_call(fcntl(open(at(rule->a), (int)rule->n), F_GETFD));
	got_call(fcntl(open(at(rule->a), (int)rule->n | O_CLOEXEC), F_GETFD));
}

static void run_mode_three(const struct rule *rule)
{
	int fd = got_open(open(at(rule->a), 3 /* neither reading nor writing */));
	char byte = 0;

	got_call(read(fd, &byte, 1));
	got_call(write(fd, &byte, 1));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_path_only(const struct rule *rule)
{
	int fd = got_open(open(at(rule->a), O_PATH));
	struct stat st;
	char byte = 0;

	got_call(read(fd, &byte, 1));
	got_call(write(fd, &byte, 1));
	got_call(lseek(fd, 0, SEEK_SET));
	got_call(fstat(fd, &st));
	got("%o size %jd", st.st_mode, (intmax_t)st.st_size);
	got_call(fstatat(fd, "", &st, AT_EMPTY_PATH));
	got("%o", st.st_mode);
	got("%s", (fcntl(fd, F_GETFL) & O_PATH) ? "O_PATH" : "no O_PATH");
	/* musl's own fchmod() would go by /proc */
	got_call(syscall(SYS_fchmod, fd, 0600));
	got_call(close(fd));
}

static void run_path_reopen(const struct rule *rule)
{
	int fd = open(at("E/provider"), O_PATH);
	char path[64];
	int text_fd;

	(void)rule;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	text_fd = got_open(open(path, O_RDONLY));
	got_read(text_fd, TEXT_MAX);
	got_open(open(path, O_WRONLY));
}

static void run_path_dir(const struct rule *rule)
{
	int dir = got_open(open(at("E"), O_PATH | O_DIRECTORY));
	char buffer[512];
	int fd;

	(void)rule;
	got_call(syscall(SYS_getdents64, dir, buffer, sizeof(buffer)));
	fd = got_open(openat(dir, "provider", O_RDONLY));
	got_read(fd, TEXT_MAX);
	got_call(fchdir(dir));
	got_call(access("inblob", W_OK));
}

/* struct open_how of openat2(2). */
struct how {
	uint64_t flags, mode, resolve;
};

static void run_openat2(const struct rule *rule)
{
	struct how how = {.flags = (uint64_t)rule->n};

	how.resolve = rule->b ? 0x04 /* RESOLVE_NO_SYMLINKS */ : 0;
	got_open((int)syscall(SYS_openat2, AT_FDCWD, at(rule->a), &how, sizeof(how)));
}

static void run_openat2_beneath(const struct rule *rule)
{
	struct how how = {.flags = O_RDONLY, .resolve = 0x08 /* RESOLVE_BENEATH */};
	int dir = open(at("E"), O_RDONLY | O_DIRECTORY);

	got_open((int)syscall(SYS_openat2, dir, rule->a, &how, sizeof(how)));
}

static void run_file_handle(const struct rule *rule)
{
	struct {
		unsigned bytes;
		int type;
		unsigned char handle[128];
	} handle = {.bytes = 128};
	int mount;

	got_call(syscall(SYS_name_to_handle_at, AT_FDCWD, at(rule->a), &handle, &mount, 0));
}

#define INBLOB  .a = "E/inblob"
#define OUTBLOB .a = "E/outblob"
#define TEXT    .a = "E/provider"

static const struct rule flag_rules[] = {
	{"inblob O_WRONLY|O_TRUNC", run_open, "open", INBLOB, .n = O_WRONLY | O_TRUNC},
	{"inblob O_WRONLY|O_CREAT|O_TRUNC", run_open, "open", INBLOB,
	 .n = O_WRONLY | O_CREAT | O_TRUNC},
	{"inblob O_WRONLY|O_CREAT|O_EXCL", run_open, "EEXIST", INBLOB,
	 .n = O_WRONLY | O_CREAT | O_EXCL},
	{"inblob O_RDONLY|O_CREAT", run_open, "EACCES", INBLOB, .n = O_CREAT},
	{"inblob O_WRONLY, F_GETFL", run_open, "open, F_GETFL 1", INBLOB, .b = "", .n = O_WRONLY},
	{"inblob O_WRONLY|O_APPEND, F_GETFL", run_open, "open, F_GETFL 2001", "open, F_GETFL 1",
	 "D-append-flag", INBLOB, .b = "", .n = O_WRONLY | O_APPEND},
	{"inblob O_WRONLY|O_NONBLOCK, F_GETFL", run_open, "open, F_GETFL 4001", INBLOB, .b = "",
	 .n = O_WRONLY | O_NONBLOCK},
	{"inblob O_WRONLY|O_SYNC, F_GETFL", run_open, "open, F_GETFL 4010001", INBLOB, .b = "",
	 .n = O_WRONLY | O_SYNC},
	{"inblob O_WRONLY|O_NOFOLLOW", run_open, "open", INBLOB, .n = O_WRONLY | O_NOFOLLOW},
	{"inblob O_WRONLY|O_NOATIME", run_open, "open", INBLOB, .n = O_WRONLY | O_NOATIME},
	{"inblob O_WRONLY|O_NOCTTY", run_open, "open", INBLOB, .n = O_WRONLY | O_NOCTTY},
	{"inblob O_WRONLY|O_DIRECT", run_open, "EINVAL", INBLOB, .n = O_WRONLY | O_DIRECT},
	{"inblob O_WRONLY|O_DIRECTORY", run_open, "ENOTDIR", INBLOB, .n = O_WRONLY | O_DIRECTORY},
	{"inblob F_GETFD, and with O_CLOEXEC", run_cloexec, "0, 1", INBLOB, .n = O_WRONLY},
	{"inblob access mode 3; read, write, close, generation", run_mode_three,
	 "open, EBADF, EBADF, 0, generation 0", INBLOB},
	{"outblob access mode 3; read, write, close, generation", run_mode_three,
	 "open, EBADF, EBADF, 0, generation 0", OUTBLOB},
	{"provider access mode 3; read, write, close, generation", run_mode_three,
	 "open, EBADF, EBADF, 0, generation 0", TEXT},
	{"outblob O_RDONLY|O_TRUNC", run_open, "open", OUTBLOB, .n = O_RDONLY | O_TRUNC},
	{"outblob O_RDONLY|O_CREAT", run_open, "open", OUTBLOB, .n = O_RDONLY | O_CREAT},
	{"outblob O_RDONLY|O_CREAT|O_EXCL", run_open, "EEXIST", OUTBLOB, .n = O_CREAT | O_EXCL},
	{"outblob O_RDONLY|O_NONBLOCK, F_GETFL", run_open, "open, F_GETFL 4000", OUTBLOB, .b = "",
	 .n = O_NONBLOCK},
	{"outblob O_RDONLY|O_DIRECT", run_open, "EINVAL", OUTBLOB, .n = O_DIRECT},
	{"outblob O_RDONLY|O_DIRECTORY", run_open, "ENOTDIR", OUTBLOB, .n = O_DIRECTORY},
	{"outblob F_GETFD, and with O_CLOEXEC", run_cloexec, "0, 1", OUTBLOB, .n = O_RDONLY},
	{"provider O_RDONLY|O_TRUNC", run_open, "open", TEXT, .n = O_TRUNC},
	{"provider O_RDONLY|O_CREAT", run_open, "open", TEXT, .n = O_CREAT},
	{"provider O_RDONLY|O_APPEND, F_GETFL", run_open, "open, F_GETFL 2000", "open, F_GETFL 0",
	 "D-append-flag", TEXT, .b = "", .n = O_APPEND},
	{"provider O_RDONLY|O_NOFOLLOW", run_open, "open", TEXT, .n = O_NOFOLLOW},
	{"provider O_RDONLY|O_DIRECT", run_open, "EINVAL", TEXT, .n = O_DIRECT},
	{"provider O_RDONLY|O_DIRECTORY", run_open, "ENOTDIR", TEXT, .n = O_DIRECTORY},
	{"provider O_WRONLY|O_DIRECT", run_open, "EACCES", TEXT, .n = O_WRONLY | O_DIRECT},
	{"the entry O_RDONLY|O_DIRECTORY", run_open, "open", .a = "E", .n = O_DIRECTORY},
	{"the entry O_RDONLY|O_NOFOLLOW", run_open, "open", .a = "E", .n = O_NOFOLLOW},
	{"the entry O_RDONLY|O_CREAT", run_open, "EISDIR", .a = "E", .n = O_CREAT},
	{"the entry O_RDONLY|O_CREAT|O_EXCL", run_open, "EEXIST", .a = "E", .n = O_CREAT | O_EXCL},
	{"report O_WRONLY|O_CREAT", run_open, "EISDIR", .a = "R", .n = O_WRONLY | O_CREAT},
	{"inblob O_PATH: read, write, lseek, fstat, fstatat, F_GETFL, fchmod, close", run_path_only,
	 "open, EBADF, EBADF, EBADF, 0, 100200 size 0, 0, 100200, O_PATH, EBADF, 0", INBLOB},
	{"provider O_PATH: read, write, lseek, fstat, fstatat, F_GETFL, fchmod, close",
	 run_path_only,
	 "open, EBADF, EBADF, EBADF, 0, 100444 size 4096, 0, 100444, O_PATH, EBADF, 0", TEXT},
	{"provider O_PATH, opened again through /proc/self/fd: read; for writing", run_path_reopen,
	 "open, \"tdx_guest\\n\", EACCES", .flags = RULE_TDX},
	{"the entry O_PATH: getdents64, openat provider, fchdir, access inblob", run_path_dir,
	 "open, EBADF, open, \"tdx_guest\\n\", 0, 0", .flags = RULE_TDX},
	{"inblob O_PATH|O_DIRECTORY", run_open, "ENOTDIR", INBLOB, .n = O_PATH | O_DIRECTORY},
	{"report/absent O_PATH", run_open, "ENOENT", .a = "N", .n = O_PATH},
	{"openat2 provider O_RDONLY", run_openat2, "open", TEXT, .n = O_RDONLY},
	{"openat2 provider, RESOLVE_NO_SYMLINKS", run_openat2, "open", TEXT, .b = "",
	 .n = O_RDONLY},
	{"openat2 inblob O_RDONLY", run_openat2, "EACCES", INBLOB, .n = O_RDONLY},
	{"openat2 the folder's descriptor, provider, RESOLVE_BENEATH", run_openat2_beneath, "open",
	 .a = "provider"},
	{"openat2 the folder's descriptor, ../NAME, RESOLVE_BENEATH", run_openat2_beneath, "EXDEV",
	 .a = "../x"},
	{"name_to_handle_at provider", run_file_handle, "EOPNOTSUPP", TEXT},
	{"name_to_handle_at the entry", run_file_handle, "EOPNOTSUPP", .a = "E"},
	{"name_to_handle_at report/absent", run_file_handle, "ENOENT", .a = "N"},
};
RULE_GROUP(group_open_flags, "Opening: flags", flag_rules);
