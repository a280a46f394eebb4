/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors: many, none left, all closed, the lowest number, a data file where stderr was. */
#include "stranger.h"

#include <sys/resource.h>
#include <sys/syscall.h>

enum { MANY = 2000, HIGH = 66000, LIMITED = 64, SPARE_MAX = 16 };

/* limit_set() - as many descriptors as wanted, or as the hard limit allows; what came out. */
static int limit_set(rlim_t wanted)
{
	struct rlimit limit;

	CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	return (int)limit.rlim_cur;
}

/* A quote whose inblob and outblob have these numbers. */
static void quote_at(int number)
{
	uint8_t data[REPORT_DATA_SIZE] = {(uint8_t)number, (uint8_t)(number >> 8), 3};
	char entry[NAME_LEN];
	char path[NAME_LEN];
	int fd;
	int moved;

	if (!stranger_served())
		return;
	entry_name(entry);
	CHECK(mkdir(entry, 0700) == 0, "mkdir");
	fd = open(below(path, entry, "inblob"), O_WRONLY | O_CLOEXEC);
	moved = fcntl(fd, F_DUPFD_CLOEXEC, number);
	CHECK(moved >= number && close(fd) == 0, "inblob as descriptor %d", number);
	CHECK(write(moved, data, sizeof(data)) == sizeof(data), "write to descriptor %d", moved);
	CHECK(lseek(moved, 0, SEEK_CUR) < 0 && errno == ESPIPE, "descriptor %d seeks", moved);
	CHECK(close(moved) == 0, "close descriptor %d", moved);
	CHECK(quote_read(entry, data) == 0, "outblob, after inblob was descriptor %d", number);
	CHECK(rmdir(entry) == 0, "rmdir");
}

/* A table with a fixed number of descriptors overflows, or forgets which are ours. */
static void test_many(void)
{
	const int limit = limit_set(HIGH + 100);

	CHECK(limit > MANY + 50, "the limit of open files is %d: raise it", limit);
	for (int i = 0; i < MANY; i++)
		CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0, "open number %d", i);
	ordinary_expect("with 2000 descriptors");
	quote_expect("with 2000 descriptors");
	quote_at(1024 + MANY);
	if (limit > HIGH)
		quote_at(HIGH);
	else
		printf("SKIP descriptors above 65536: the limit here is %d\n", limit);
}

/*
 * With no descriptor left, and with one more each time: ordinary calls are answered as bare; ours
 * say EMFILE until there are enough.  An error path that forgets to close shows in the count.
 */
static void test_limit(void)
{
	int fds[LIMITED];
	int used = 0;
	int enough = -1;
	struct stat st;

	quote_expect("before the limit");
	limit_set(LIMITED);
	while ((fds[used] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		used++;
	CHECK(errno == EMFILE, "open without end");
	CHECK(open(ORDINARY, O_RDONLY) < 0 && errno == EMFILE, "open over the limit");
	CHECK(open(ABSENT, O_RDONLY) < 0 && errno == EMFILE, "open of nothing over the limit");
	CHECK(stat(ORDINARY, &st) == 0 && access(ORDINARY, R_OK) == 0, "stat over the limit");
	CHECK(stat(ABSENT, &st) < 0 && errno == ENOENT, "stat of nothing over the limit");
	for (int spare = 0; spare <= SPARE_MAX; spare++) {
		const int before = descriptors_open();
		int ret = quote_try();

		CHECK(descriptors_open() == before, "with %d to spare: %d descriptors, before: %d",
		      spare, descriptors_open(), before);
		errno = -ret;
		if (!stranger_served())
			CHECK(is_refusal(-ret), "with %d to spare, without an agent", spare);
		else if (ret == 0 && enough < 0)
			enough = spare;
		else
			CHECK(ret == 0 || ret == -EMFILE, "with %d to spare", spare);
		CHECK(used > 0, "no descriptor to give up");
		close(fds[--used]);
	}
	if (stranger_served())
		CHECK(enough >= 0, "no quote with %d descriptors to spare", SPARE_MAX);
	ordinary_expect("after the limit");
	quote_expect("after the limit");
}

/* A library that keeps a descriptor of its own loses it here, or closes somebody else's later. */
static void test_close_range(void)
{
	static const uint8_t data[REPORT_DATA_SIZE] = {7};
	char entry[NAME_LEN];
	char path[NAME_LEN];
	int fd;

	quote_expect("before close_range");
	CHECK(syscall(SYS_close_range, 3U, ~0U, 0) == 0, "close_range");
	CHECK(open(ORDINARY, O_RDONLY | O_CLOEXEC) == 3, "open after close_range");
	quote_expect("after close_range");
	CHECK(fcntl(3, F_GETFD) >= 0, "descriptor 3 was closed");
	if (!stranger_served())
		return;
	/* the last close of an inblob may be this one */
	entry_name(entry);
	CHECK(mkdir(entry, 0700) == 0, "mkdir");
	fd = open(below(path, entry, "inblob"), O_WRONLY | O_CLOEXEC);
	CHECK(write(fd, data, sizeof(data)) == sizeof(data), "write");
	CHECK(syscall(SYS_close_range, 3U, ~0U, 0) == 0, "close_range");
	CHECK(quote_read(entry, data) == 0, "outblob after close_range");
	CHECK(rmdir(entry) == 0, "rmdir");
	/* what an ordinary file with the number of one of ours is not mistaken for */
	CHECK(open(ORDINARY, O_RDONLY | O_CLOEXEC) == 3, "open");
	CHECK(lseek(3, 0, SEEK_SET) == 0, "an ordinary file does not seek");
}

/* lowest_expect() - with 0, 1 and 2 closed: every open gives the lowest free number. */
static void lowest_expect(const char *path)
{
	for (int i = 0; i < 3; i++)
		close(i);
	for (int i = 0; i < 3; i++) {
		int fd = open(path, O_RDONLY);

		CHECK(fd == i, "%s: descriptor %d, expected %d", path, fd, i);
	}
	close(1);
	CHECK(openat(AT_FDCWD, path, O_RDONLY) == 1, "%s: openat", path);
}

static void test_lowest(void)
{
	char entry[NAME_LEN];
	char path[NAME_LEN];
	const int before = descriptors_open();

	stranger_messages = fcntl(2, F_DUPFD_CLOEXEC, 10);
	lowest_expect(ORDINARY);
	/* descriptor 2 is an ordinary file now, open for reading: nothing may be closed or moved */
	quote_expect("with files on 0, 1 and 2");
	for (int i = 0; i < 3; i++)
		close(i);
	quote_expect("with 0, 1 and 2 closed");
	CHECK(descriptors_open() == before - 2, "%d descriptors, before: %d", descriptors_open(),
	      before - 2);
	if (!stranger_served())
		return;
	entry_name(entry);
	CHECK(mkdir(entry, 0700) == 0, "mkdir");
	lowest_expect(entry);
	lowest_expect(below(path, entry, "provider"));
	CHECK(rmdir(entry) == 0, "rmdir");
}

/* Run with an agent that fails: what the library has to say must not end in the program's data. */
static void test_data(void)
{
	struct stat st;
	int fd;

	stranger_messages = fcntl(2, F_DUPFD_CLOEXEC, 10);
	close(2);
	fd = open("data-on-2", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd == 2, "the data file is descriptor %d", fd);
	CHECK(quote_try() < 0, "a quote from an agent that fails");
	CHECK(fstat(2, &st) == 0 && st.st_size == 0, "%d bytes were written to the data file",
	      (int)st.st_size);
	/* the same to a pipe, which shows that there was something to say */
	CHECK(dup2(stranger_messages, 2) == 2, "dup2");
	CHECK(quote_try() < 0, "a quote from an agent that fails");
	CHECK(unlink("data-on-2") == 0, "unlink");
}

STRANGER_MAIN({"many", test_many}, {"limit", test_limit}, {"close_range", test_close_range},
	      {"lowest", test_lowest}, {"data", test_data})
