/* SPDX-License-Identifier: Apache-2.0 */
/*
 * google/go-configfs-tsm as its system calls look, in libc calls: MkdirTemp, WriteFile, ReadFile
 * with growing reads under epoll, generation after every read, os.Remove in two steps.
 */
#ifndef TEESHIM_TESTS_FAKE_GO_H
#define TEESHIM_TESTS_FAKE_GO_H

#include "common.h"

#include <sys/epoll.h>

static int epoll_fd;

/* The runtime offers every file to its poller, and goes on blocking where that says EPERM. */
static inline int go_open(const char *path, int flags, mode_t mode)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	int fd = OK_INT(path, openat(AT_FDCWD, path, flags | O_CLOEXEC, mode));
	int status = OK_INT("F_GETFL", fcntl(fd, F_GETFL));

	OK("F_SETFL", fcntl(fd, F_SETFL, status | O_NONBLOCK));
	FAILS("epoll_ctl", epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), EPERM);
	OK("F_SETFL", fcntl(fd, F_SETFL, status & ~O_NONBLOCK));
	return fd;
}

/* os.ReadFile: the first buffer is the size and one more, at least 512, and grows until EOF. */
static inline size_t go_read_file(const char *path, uint8_t *out, size_t max)
{
	static const size_t capacities[] = {512,  896,  1408,  2048,  3072,  4096, 5376,
					    6912, 9472, 12288, 16384, 21760, 28672};
	struct stat st;
	size_t used = 0;
	size_t capacity;
	size_t step = 0;
	int fd = go_open(path, O_RDONLY, 0);

	OK("fstat", fstat(fd, &st));
	capacity = (size_t)st.st_size + 1 > 512 ? (size_t)st.st_size + 1 : 512;
	for (;;) {
		long got;

		if (capacity > max)
			fail(path, "more than %zu bytes", max);
		got = OK(path, read(fd, out + used, capacity - used));
		if (!got)
			break;
		used += (size_t)got;
		while (used == capacity) {
			if (step == sizeof(capacities) / sizeof(capacities[0]))
				fail(path, "more than %zu bytes", used);
			if (capacities[step] > capacity)
				capacity = capacities[step];
			step++;
		}
	}
	OK("close", close(fd));
	return used;
}

static inline void go_write_file(const char *path, const void *data, size_t size)
{
	int fd = go_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0220);

	write_once(path, fd, data, size);
	OK(path, close(fd));
}

static inline unsigned long generation_read(const char *entry)
{
	uint8_t text[4097];
	size_t size = go_read_file(PATH_OF(entry, "generation"), text, sizeof(text));

	return generation_parse((const char *)text, size);
}

static inline void entry_remove(const char *entry)
{
	FAILS2("unlink the entry", unlinkat(AT_FDCWD, entry, 0), EISDIR, EPERM);
	OK("rmdir the entry", unlinkat(AT_FDCWD, entry, AT_REMOVEDIR));
	FAILS("stat the removed entry", access(entry, F_OK), ENOENT);
}

/* The client's start: the report folder must be there. */
static inline void go_begin(void)
{
	struct stat st;

	epoll_fd = OK_INT("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
	OK("stat " REPORT_DIR, fstatat(AT_FDCWD, REPORT_DIR, &st, 0));
	if (!S_ISDIR(st.st_mode))
		fail("stat " REPORT_DIR, "mode %o is no directory", st.st_mode);
}

/* os.MkdirTemp */
static inline void go_entry_make(char entry[static 256])
{
	char random[7];
	char name[16];

	random_name(random);
	snprintf(name, sizeof(name), "entry%s", random);
	path_join(entry, 256, REPORT_DIR, name);
	OK("mkdir the entry", mkdirat(AT_FDCWD, entry, 0700));
}

static inline void go_provider_check(const char *entry, const char *expected)
{
	uint8_t provider[4097];
	size_t size = go_read_file(PATH_OF(entry, "provider"), provider, sizeof(provider));

	if (size != strlen(expected) || memcmp(provider, expected, size))
		fail("provider", "is not %s", expected);
}

/* A read of one attribute, which must not have met another generation. */
static inline size_t go_read_at(const char *entry, const char *name, unsigned long generation,
				uint8_t *out, size_t max)
{
	size_t size = go_read_file(PATH_OF(entry, name), out, max);

	if (generation_read(entry) != generation)
		fail("generation", "is not %lu after %s", generation, name);
	return size;
}

#endif
