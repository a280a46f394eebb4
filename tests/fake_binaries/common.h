/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every fake client shares: the report data of argv[1], one-line failures, the quote on
 * stdout.  Checked calls look at errno after success too, because real clients do.
 */
#ifndef TEESHIM_TESTS_FAKE_COMMON_H
#define TEESHIM_TESTS_FAKE_COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* musl from 1.2.4 on gives the names that end in 64 only on this request. */
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE
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
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_DIR "/sys/kernel/config/tsm/report"

enum {
	REPORT_DATA_SIZE = 64,
	QUOTE_MAX = 32768, /* TSM_REPORT_OUTBLOB_MAX of linux/tsm.h before 7.0 */
	FAKE_STATX_ALL = 0xfff,
	FAKE_AT_EMPTY_PATH = 0x1000,
};

/* fail() - "NAME: step: text" on stderr and exit status 1. */
__attribute__((noreturn, format(printf, 2, 3))) static inline void fail(const char *step,
									const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: %s: ", program_invocation_short_name, step);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* fail_errno() - the same with errno's text. */
__attribute__((noreturn)) static inline void fail_errno(const char *step)
{
	fail(step, "%s", strerror(errno));
}

/* must_succeed() - passes a call's value on; it must not be negative, and errno must be 0 still. */
static inline long must_succeed(const char *step, long value)
{
	if (value < 0)
		fail_errno(step);
	if (errno)
		fail(step, "succeeded, but left errno %d (%s)", errno, strerror(errno));
	return value;
}

/* must_fail() - the call must have failed with one of two errnos (the same twice for one). */
static inline void must_fail(const char *step, long value, int error, int other)
{
	if (value >= 0)
		fail(step, "succeeded, expected: %s", strerror(error));
	if (errno != error && errno != other)
		fail(step, "%s, expected: %s", strerror(errno), strerror(error));
}

#define OK(step, call)                (errno = 0, must_succeed((step), (long)(call)))
#define OK_INT(step, call)            ((int)OK(step, call))
#define FAILS(step, call, error)      FAILS2(step, call, error, error)
#define FAILS2(step, call, error, or) (errno = 0, must_fail((step), (long)(call), (error), (or)))

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* report_data_parse() - 128 lower-case hex digits into 64 bytes. */
static inline void report_data_parse(const char *hex, uint8_t report_data[static REPORT_DATA_SIZE])
{
	if (!hex || strlen(hex) != 2 * REPORT_DATA_SIZE)
		fail("arguments", "expected 128 hex digits of report data");
	for (size_t i = 0; i < REPORT_DATA_SIZE; i++) {
		int high = hex_digit(hex[2 * i]);
		int low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			fail("arguments", "report data is no lower-case hex");
		report_data[i] = (uint8_t)(high << 4 | low);
	}
}

/* path_join() - BASE/NAME into a buffer that must hold it. */
static inline const char *path_join(char *path, size_t size, const char *base, const char *name)
{
	int length = snprintf(path, size, "%s/%s", base, name);

	if (length < 0 || (size_t)length >= size)
		fail("path", "too long: %s/%s", base, name);
	return path;
}

#define PATH_OF(base, name) path_join((char[256]){0}, 256, (base), (name))

/* random_name() - six letters of the kind mkdtemp() makes, for clients that make their own. */
static inline void random_name(char name[static 7])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	uint8_t random[6];
	int source = OK_INT("open /dev/urandom", open("/dev/urandom", O_RDONLY | O_CLOEXEC));

	if (OK("read /dev/urandom", read(source, random, sizeof(random))) != sizeof(random))
		fail("read /dev/urandom", "short");
	close(source);
	for (size_t i = 0; i < sizeof(random); i++)
		name[i] = letters[random[i] % 32];
	name[sizeof(random)] = '\0';
}

/* write_once() - one write() that must take everything. */
static inline void write_once(const char *step, int fd, const void *data, size_t size)
{
	long written = OK(step, write(fd, data, size));

	if ((size_t)written != size)
		fail(step, "took %ld of %zu bytes", written, size);
}

/* generation_parse() - the text of a generation attribute: digits and one newline. */
static inline unsigned long generation_parse(const char *text, size_t size)
{
	char copy[32];
	char *end;
	unsigned long value;

	if (size < 2 || size >= sizeof(copy) || text[size - 1] != '\n')
		fail("generation", "%zu bytes are no number with a newline", size);
	memcpy(copy, text, size);
	copy[size] = '\0';
	value = strtoul(copy, &end, 10);
	if (end != copy + size - 1)
		fail("generation", "not a number");
	return value;
}

/* quote_print() - the quote's bytes on stdout, nothing else goes there. */
static inline void quote_print(const void *quote, size_t size)
{
	if (!size)
		fail("outblob", "is empty");
	if (fwrite(quote, 1, size, stdout) != size || fflush(stdout))
		fail_errno("stdout");
}

/* include/uapi/linux/tdx-guest.h; musl's ioctl() takes the command as an int. */
#define DEVICE "/dev/tdx_guest"

enum { REPORT_SIZE = 1024 };

struct report_request {
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t report[REPORT_SIZE];
};

#ifdef __GLIBC__
#define GET_REPORT0 0xc4405401UL
#else
#define GET_REPORT0 ((int)0xc4405401)
#endif

/* Measurement registers, Linux 6.16 and later. */
#define SYSFS_REGISTERS "/sys/devices/virtual/misc/tdx_guest/measurements"
#define RTMR3           "rtmr3:sha384"

enum { REGISTER_SIZE = 48 };

/*
 * extend_taken() - did the register take it?  False for ENXIO alone, by which a TDX module refuses; any
 * other errno is one that a client would take for something else.
 */
static inline bool extend_taken(const char *step, bool good)
{
	if (!good && errno != ENXIO)
		fail_errno(step);
	return good;
}

/* registers_print() - a register before and after an extend, on stdout. */
static inline void registers_print(const uint8_t before[static REGISTER_SIZE],
				   const uint8_t after[static REGISTER_SIZE], bool taken)
{
	if (taken != (memcmp(before, after, REGISTER_SIZE) != 0))
		fail(RTMR3, "%s", taken ? "extended, and the same" : "refused, and another");
	if (fwrite(before, 1, REGISTER_SIZE, stdout) != REGISTER_SIZE ||
	    fwrite(after, 1, REGISTER_SIZE, stdout) != REGISTER_SIZE || fflush(stdout))
		fail_errno("stdout");
}

/* The head of struct statx (linux/stat.h); musl before 1.2.5 has neither it nor statx(). */
struct statx_head {
	uint32_t mask;
	uint32_t blksize;
	uint64_t attributes;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint16_t mode;
	uint16_t spare;
	uint64_t ino;
	uint64_t size;
	uint8_t rest[208];
};

_Static_assert(sizeof(struct statx_head) == 256, "struct statx");

static inline int fake_statx(int dirfd, const char *path, int flags, struct statx_head *out)
{
#ifdef __GLIBC__
	/* Rust's probe passes NULL on purpose. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	return statx(dirfd, path, flags, FAKE_STATX_ALL, (struct statx *)out);
#else
	return (int)syscall(SYS_statx, dirfd, path, flags, FAKE_STATX_ALL, out);
#endif
}

#endif
