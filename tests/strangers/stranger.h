/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the strangers share: programs that have nothing to do with a TEE, each built so that one
 * carelessness of a preloaded library breaks it.  All must pass bare as well, where a quote is
 * refused (STRANGER_SERVED unset): then only the care for ordinary files is tested.
 */
#ifndef TEESHIM_TESTS_STRANGER_H
#define TEESHIM_TESTS_STRANGER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_DIR "/sys/kernel/config/tsm/report"
#define ORDINARY   "/etc/passwd"
#define ABSENT     "/etc/there-is-no-such-file"

enum {
	REPORT_DATA_SIZE = 64,
	QUOTE_MAX = 32768,
	/* of a version 4 quote: header, then the TD report body (Intel TDX DCAP quote library API) */
	QUOTE_REPORT_DATA = 48 + 520,
	NAME_LEN = 128,
};

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail(__LINE__, __VA_ARGS__);                                               \
	} while (0)

/* Where messages go; tests that close descriptor 2 keep a copy. */
static int stranger_messages = 2;

/* fail() - one line with errno's text, exit status 1.  Async-signal-safe but for snprintf(). */
__attribute__((noreturn, format(printf, 2, 3))) static inline void fail(int line,
									const char *format, ...)
{
	const int error = errno;
	char text[512];
	va_list args;
	int len =
		snprintf(text, sizeof(text), "%s: line %d: ", program_invocation_short_name, line);

	va_start(args, format);
	len += vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);
	va_end(args);
	if (len < (int)sizeof(text))
		len += snprintf(text + len, sizeof(text) - (size_t)len, " (errno: %s)\n",
				strerror(error));
	len = len < (int)sizeof(text) ? len : (int)sizeof(text) - 1;
	if (write(stranger_messages, text, (size_t)len) < 0)
		_exit(2);
	_exit(1);
}

static inline bool stranger_served(void)
{
	return getenv("STRANGER_SERVED") != NULL;
}

/* An entry's name that no other thread or process has. */
static inline void entry_name(char name[static NAME_LEN])
{
	static unsigned count;

	snprintf(name, NAME_LEN, REPORT_DIR "/stranger-%d-%u", (int)getpid(),
		 __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED));
}

static inline const char *below(char path[static NAME_LEN], const char *entry, const char *name)
{
	int len = snprintf(path, NAME_LEN, "%s/%s", entry, name);

	CHECK(len > 0 && len < NAME_LEN, "%s/%s is too long", entry, name);
	return path;
}

/* quote_write() - one inblob; 0 or -errno. */
static inline int quote_write(const char *entry, const uint8_t data[static REPORT_DATA_SIZE])
{
	char path[NAME_LEN];
	int fd = open(below(path, entry, "inblob"), O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, data, REPORT_DATA_SIZE) != REPORT_DATA_SIZE)
		error = errno ? errno : EIO;
	close(fd);
	return -error;
}

static inline void descriptor_close(void *fd)
{
	close(*(int *)fd);
}

/* quote_read() - the outblob, which must be over these bytes; 0 or -errno. */
static inline int quote_read(const char *entry, const uint8_t data[static REPORT_DATA_SIZE])
{
	uint8_t *quote = malloc(QUOTE_MAX);
	char path[NAME_LEN];
	ssize_t got = 0;
	size_t len = 0;
	int error = 0;
	int fd = quote ? open(below(path, entry, "outblob"), O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0) {
		error = errno;
		free(quote);
		return -error;
	}
	do {
		got = read(fd, quote + len, QUOTE_MAX - len);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	error = got < 0 ? errno : 0;
	close(fd);
	CHECK(error || (len > QUOTE_REPORT_DATA + REPORT_DATA_SIZE &&
			memcmp(quote + QUOTE_REPORT_DATA, data, REPORT_DATA_SIZE) == 0),
	      "a quote of %zu bytes, and not over our report data", len);
	free(quote);
	return -error;
}

/* quote_try() - a whole quote from a new entry; 0 or -errno of what failed first. */
static inline int quote_try(void)
{
	uint8_t data[REPORT_DATA_SIZE];
	char entry[NAME_LEN];
	int ret;

	CHECK(getrandom(data, sizeof(data), 0) == sizeof(data), "getrandom");
	entry_name(entry);
	if (mkdir(entry, 0700) < 0)
		return -errno;
	ret = quote_write(entry, data);
	if (ret == 0)
		ret = quote_read(entry, data);
	if (rmdir(entry) < 0 && ret == 0)
		ret = -errno;
	return ret;
}

static inline bool is_refusal(int error)
{
	return error == ENOENT || error == EACCES || error == EPERM || error == EROFS;
}

/* quote_expect() - a quote where there is an agent, the kernel's refusal where there is none. */
static inline void quote_expect(const char *when)
{
	int ret = quote_try();

	errno = -ret;
	if (stranger_served())
		CHECK(ret == 0, "%s: no quote", when);
	else
		CHECK(is_refusal(-ret), "%s: not refused as bare: %d", when, ret);
}

/* ordinary_expect() - the calls of a program that minds its own business. */
static inline void ordinary_expect(const char *when)
{
	struct stat st;
	char byte;
	int fd = open(ORDINARY, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0, "%s: open " ORDINARY, when);
	CHECK(read(fd, &byte, 1) == 1, "%s: read", when);
	CHECK(fstat(fd, &st) == 0 && S_ISREG(st.st_mode), "%s: fstat", when);
	CHECK(close(fd) == 0, "%s: close", when);
	CHECK(stat(ORDINARY, &st) == 0 && S_ISREG(st.st_mode), "%s: stat", when);
	CHECK(open(ABSENT, O_RDONLY) < 0 && errno == ENOENT, "%s: open of an absent file", when);
	CHECK(stat("no-such-name", &st) < 0 && errno == ENOENT, "%s: stat of an absent name", when);
	CHECK(access(ORDINARY, R_OK) == 0, "%s: access", when);
}

/* descriptors_open() - how many descriptors this process has, by asking for each. */
static inline int descriptors_open(void)
{
	int count = 0;

	for (int fd = 0; fd < 4096; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* child_expect() - wait for a child, which must exit with 0. */
static inline void child_expect(pid_t pid, const char *when)
{
	int status = 0;

	CHECK(pid > 0, "%s: no child", when);
	CHECK(waitpid(pid, &status, 0) == pid, "%s: waitpid", when);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: wait status %#x", when,
	      (unsigned)status);
}

struct stranger {
	const char *name;
	void (*run)(void);
};

/* stranger_main() - run the test that argv[1] names.  A hang ends in SIGALRM. */
static inline int stranger_main(int argc, char **argv, const struct stranger *tests, size_t count)
{
	for (size_t i = 0; argc > 1 && i < count; i++) {
		if (strcmp(argv[1], tests[i].name) != 0)
			continue;
		alarm(60);
		tests[i].run();
		return 0;
	}
	fprintf(stderr, "%s: no test %s\n", argv[0], argc > 1 ? argv[1] : "");
	return 2;
}

#define STRANGER_MAIN(...)                                                                         \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		static const struct stranger tests[] = {__VA_ARGS__};                              \
		return stranger_main(argc, argv, tests, sizeof(tests) / sizeof(tests[0]));         \
	}

#endif
