/* SPDX-License-Identifier: Apache-2.0 */
/* What the load, kill and stop tests' programs share: the steps of a client, and one-line failures. */
#ifndef TEESHIM_TESTS_LOAD_H
#define TEESHIM_TESTS_LOAD_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REPORT_DIR "/sys/kernel/config/tsm/report"

enum {
	REPORT_DATA_SIZE = 64,
	REPORT_DATA_AT = 568, /* in a quote of version 4: header 48, and 520 into the body */
	QUOTE_MAX = 32768,
	PATH_SIZE = 128, /* of an entry or an attribute */
};

/* die() - "NAME: text" on stderr and exit status 1; with errno's text: die_errno(). */
__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

__attribute__((noreturn)) static inline void die_errno(const char *what)
{
	die("%s: %s", what, strerror(errno));
}

static inline int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline void sleep_us(long us)
{
	const struct timespec pause = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&pause, NULL);
}

/* number_of() - a decimal argument; anything else ends the program. */
static inline long number_of(const char *text)
{
	char *end = NULL;
	long number;

	if (!text)
		die("an argument is missing");
	number = strtol(text, &end, 10);
	if (end == text || *end)
		die("\"%s\" is no number", text);
	return number;
}

/* report_data_make() - 64 bytes that no other pair of numbers has: which and round, hashed on. */
static inline void report_data_make(uint8_t data[static REPORT_DATA_SIZE], uint64_t which,
				    uint64_t round)
{
	uint64_t state = which * 0x9e3779b97f4a7c15u ^ (round + 1) * 0xd1b54a32d192ed03u;

	memcpy(data, &which, sizeof(which));
	memcpy(data + 8, &round, sizeof(round));
	for (size_t i = 16; i < REPORT_DATA_SIZE; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		data[i] = (uint8_t)(state >> 32);
	}
}

/*
 * The steps below return what the kernel's call would: 0 or more, or -errno.  They say nothing, for
 * callers differ in what they may meet.
 */

static inline int entry_path(char path[static PATH_SIZE], const char *entry, const char *attribute)
{
	return snprintf(path, PATH_SIZE, REPORT_DIR "/%s%s%s", entry, attribute ? "/" : "",
			attribute ? attribute : "");
}

static inline int entry_mkdir(const char *entry)
{
	char path[PATH_SIZE];

	entry_path(path, entry, NULL);
	return mkdir(path, 0755) < 0 ? -errno : 0;
}

static inline int entry_rmdir(const char *entry)
{
	char path[PATH_SIZE];

	entry_path(path, entry, NULL);
	return rmdir(path) < 0 ? -errno : 0;
}

/* attribute_read() - at most size bytes of an attribute, in one open. */
static inline ssize_t attribute_read(const char *entry, const char *attribute, uint8_t *data,
				     size_t size)
{
	char path[PATH_SIZE];
	size_t used = 0;
	ssize_t got = 0;
	int fd;

	entry_path(path, entry, attribute);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (used < size && (got = read(fd, data + used, size - used)) > 0)
		used += (size_t)got;
	if (got < 0)
		got = -errno;
	close(fd);
	return got < 0 ? got : (ssize_t)used;
}

/* generation_read() - the number; -EBADMSG where the text is torn. */
static inline long generation_read(const char *entry)
{
	uint8_t text[32];
	ssize_t len = attribute_read(entry, "generation", text, sizeof(text) - 1);
	char *end;
	long number;

	if (len < 0)
		return len;
	text[len] = '\0';
	number = strtol((char *)text, &end, 10);
	return len < 2 || *end != '\n' || end[1] ? -EBADMSG : number;
}

/* inblob_write() - open, one write of 64 bytes, close. */
static inline int inblob_write(const char *entry, const uint8_t data[static REPORT_DATA_SIZE])
{
	char path[PATH_SIZE];
	ssize_t put;
	int err = 0;
	int fd;

	entry_path(path, entry, "inblob");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	put = write(fd, data, REPORT_DATA_SIZE);
	if (put != REPORT_DATA_SIZE)
		err = put < 0 ? -errno : -EBADMSG;
	close(fd);
	return err;
}

/* outblob_read() - a quote's length; its report data is copied out. -EBADMSG where it is torn. */
static inline ssize_t outblob_read(const char *entry, uint8_t over[static REPORT_DATA_SIZE])
{
	uint8_t quote[QUOTE_MAX] = {0};
	ssize_t len = attribute_read(entry, "outblob", quote, sizeof(quote));

	if (len < 0)
		return len;
	if (len < REPORT_DATA_AT + REPORT_DATA_SIZE + 4 || quote[0] != 4)
		return -EBADMSG;
	memcpy(over, quote + REPORT_DATA_AT, REPORT_DATA_SIZE);
	return len;
}

#endif
