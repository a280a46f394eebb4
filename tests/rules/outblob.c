/* SPDX-License-Identifier: Apache-2.0 */
/* outblob: before an inblob, in any chunking, as a private snapshot, and what it asks. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"

static uint8_t quote[QUOTE_MAX];
static uint8_t other[QUOTE_MAX];

static int open_outblob(void)
{
	return open_attribute("outblob", O_RDONLY);
}

static int open_asked(void)
{
	write_inblob(1, INBLOB_SIZE);
	return open_outblob();
}

static void run_before(const struct rule *rule)
{
	int fd = open_outblob();
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN | POLLOUT};
	struct epoll_event event = {.events = EPOLLIN};
	struct stat st;

	(void)rule;
	got_call(read(fd, quote, sizeof(quote)));
	got_call(pread(fd, quote, 10, 0));
	got_call(lseek(fd, 0, SEEK_SET));
	got_call(poll(&poll_fd, 1, 0));
	got("events %x", (unsigned)poll_fd.revents);
	got_call(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, fd, &event));
	got_call(fstat(fd, &st));
	got("%o", st.st_mode);
	got_call(close(fd));
}

static void run_before_write(const struct rule *rule)
{
	int fd = open_outblob();

	(void)rule;
	got_call(write(fd, "x", 1));
	got_call(read(fd, page_none(), 10));
	got_call(read(fd, quote, 0));
	got_call(ftruncate(fd, 0));
}

static void run_retry(const struct rule *rule)
{
	int fd = open_outblob();

	if (rule->n)
		got_call(read(fd, quote, sizeof(quote)));
	write_inblob(1, INBLOB_SIZE);
	if (read_all(fd, quote, sizeof(quote), sizeof(quote)) < 0)
		got("%s", errno_name(errno));
	else
		got("quote %d", quote_seed(quote, sizeof(quote)));
}

static void run_chunks(const struct rule *rule)
{
	int fd = open_asked();
	ssize_t whole = read_all(fd, quote, sizeof(quote), sizeof(quote));
	ssize_t parts = read_all(open_outblob(), other, sizeof(other), (size_t)rule->n);

	got("quote %d", quote_seed(quote, whole));
	got("%s", whole == parts && memcmp(quote, other, (size_t)whole) == 0 ? "the same bytes"
									     : "others");
	got_call(read(fd, quote, 1));
}

static void run_positions(const struct rule *rule)
{
	int fd = open_asked();
	ssize_t len = read_all(fd, quote, sizeof(quote), sizeof(quote));
	int second = open_outblob();

	(void)rule;
	got_call(pread(second, other, 100, len - 50));
	got("%s", memcmp(other, quote + len - 50, 50) == 0 ? "the end" : "others");
	got_call(pread(second, other, INBLOB_SIZE, 568));
	got("%s", memcmp(other, report_data(1), INBLOB_SIZE) == 0 ? "report data" : "others");
	got_call(pread(second, other, 10, len));
	got_call(pread(second, other, 10, 1L << 30));
	got_call(pread(second, other, 10, -1));
	got("%s", read(second, other, 10) == 10 && memcmp(other, quote, 10) == 0 ? "the start"
										 : "others");
	got_call(lseek(second, 0, SEEK_SET));
	got_call(lseek(second, 0, SEEK_CUR));
	got_call(lseek(second, 0, SEEK_END));
}

static void run_vector(const struct rule *rule)
{
	struct iovec parts[2] = {{other, 500}, {other + 500, sizeof(other) - 500}};
	int fd = open_asked();
	ssize_t len = read_all(fd, quote, sizeof(quote), sizeof(quote));

	(void)rule;
	got("%s", readv(open_outblob(), parts, 2) == len ? "all" : "less");
	got("%s", memcmp(quote, other, (size_t)len) == 0 ? "the same bytes" : "others");
}

static void run_snapshot(const struct rule *rule)
{
	int fd = open_asked();
	ssize_t len = read_all(fd, quote, (size_t)rule->n, 1);

	write_inblob(2, INBLOB_SIZE);
	got_quote();
	len += read_all(fd, quote + len, sizeof(quote) - (size_t)len, 333);
	got("quote %d", quote_seed(quote, len));
	got_call(pread(fd, other, sizeof(other), 0) == len ? 0 : -1);
	got("%s", memcmp(quote, other, (size_t)len) == 0 ? "the same bytes" : "others");
}

static void run_unread_snapshot(const struct rule *rule)
{
	int fd = open_asked();
	ssize_t len;

	(void)rule;
	write_inblob(2, INBLOB_SIZE);
	len = read_all(fd, quote, sizeof(quote), sizeof(quote));
	got("quote %d", quote_seed(quote, len));
}

static void run_second(const struct rule *rule)
{
	ssize_t len = read_all(open_asked(), quote, sizeof(quote), sizeof(quote));

	for (long i = 0; i < rule->n; i++)
		if (read_all(open_outblob(), other, sizeof(other), 777) != len ||
		    memcmp(quote, other, (size_t)len) != 0)
			got("other bytes");
	got("quote %d", quote_seed(quote, len));
	got("generation %s", generation());
}

static void read_in_child(void *arg)
{
	const int *out = arg;
	ssize_t len = read_all(open_outblob(), quote, sizeof(quote), sizeof(quote));

	if (len < 0 || write(*out, quote, (size_t)len) != len)
		_exit(1);
}

static void run_process(const struct rule *rule)
{
	int fds[2];
	ssize_t len = read_all(open_asked(), quote, sizeof(quote), sizeof(quote));
	ssize_t have;
	pid_t pid;

	(void)rule;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	pid = spawn(read_in_child, &fds[1]);
	close(fds[1]);
	have = read_all(fds[0], other, sizeof(other), sizeof(other));
	child_end(pid);
	got("%s",
	    have == len && memcmp(quote, other, (size_t)len) == 0 ? "the same bytes" : "others");
}

static void run_exec(const struct rule *rule)
{
	int fds[2];
	int fd;
	ssize_t len;
	pid_t pid;

	if (rule->n)
		write_inblob(1, INBLOB_SIZE);
	fd = open_outblob();
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		dup2(fd, STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		close(STDERR_FILENO);
		execl("/bin/cat", "cat", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	len = read_all(fds[0], quote, sizeof(quote), sizeof(quote));
	{
		int status = 0;

		waitpid(pid, &status, 0);
		got("cat %d", WEXITSTATUS(status));
	}
	got("quote %d", quote_seed(quote, len));
}

static void run_unique(const struct rule *rule)
{
	ssize_t len = read_all(open_asked(), quote, sizeof(quote), sizeof(quote));

	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got("quote %d", quote_seed(quote, len));
	got_quote();
	got("generation %s", generation());
}

static void run_bad_pointer(const struct rule *rule)
{
	int fd = open_asked();

	(void)rule;
	got_call(read(fd, page_none(), 10));
	got_call(read(fd, page_closed(), 10));
	got_call(pread(fd, page_readonly(), 10, 0));
	got("quote %d", quote_seed(quote, read_all(fd, quote, sizeof(quote), sizeof(quote))));
}

static void run_zero(const struct rule *rule)
{
	got_call(read(open_asked(), quote, 0));
	(void)rule;
}

static void run_write(const struct rule *rule)
{
	int fd = open_asked();

	(void)rule;
	got_call(write(fd, "x", 1));
	got_call(ftruncate(fd, 0));
	got_call(truncate(at("E/outblob"), 0));
	got_quote();
}

static void run_fstat(const struct rule *rule)
{
	int fd = open_asked();
	struct stat st;

	(void)rule;
	read_all(fd, quote, sizeof(quote), sizeof(quote));
	got_call(fstat(fd, &st));
	got("size %jd", (intmax_t)st.st_size);
	got_call(stat(at("E/outblob"), &st));
	got("size %jd", (intmax_t)st.st_size);
}

static void run_stdio(const struct rule *rule)
{
	FILE *stream;

	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	stream = fopen(at("E/outblob"), "r");
	if (!stream) {
		got("%s", errno_name(errno));
		return;
	}
	got("quote %d", quote_seed(quote, (ssize_t)fread(quote, 1, sizeof(quote), stream)));
	got("%s", feof(stream) && !ferror(stream) ? "end" : "error");
	got_call(fseek(stream, 0, SEEK_SET));
}

static void run_no_question(const struct rule *rule)
{
	struct stat st;

	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got_call(stat(at("E/outblob"), &st));
	got_call(access(at("E/outblob"), R_OK));
	got("generation %s", generation());
	got_call(rmdir(at("E")));
}

#define ASKS(count) .flags = RULE_ASKS, .questions = count

static const struct rule rules[] = {
	{"before an inblob: read, pread, lseek, poll, epoll_ctl, fstat, close", run_before,
	 "EINVAL, EINVAL, ESPIPE, 1, events 5, EPERM, 0, 100444, 0", ASKS(0)},
	{"before an inblob: write, read into NULL, read of length 0, ftruncate", run_before_write,
	 "EBADF, EINVAL, EINVAL, EINVAL"},
	{"opened and read in vain; inblob; read on the same descriptor", run_retry,
	 "EINVAL, quote 1", "EINVAL, EINVAL", "D-einval-kept", .n = 1},
	{"opened; inblob; read", run_retry, "quote 1", "EINVAL", "D-einval-kept"},
	{"read whole, and one byte at a time; read at the end", run_chunks,
	 "quote 1, the same bytes, 0", .n = 1},
	{"read whole, and in chunks of 7", run_chunks, "quote 1, the same bytes, 0", .n = 7},
	{"read whole, and in chunks of 64", run_chunks, "quote 1, the same bytes, 0", .n = 64},
	{"read whole, and in chunks of 1000", run_chunks, "quote 1, the same bytes, 0", .n = 1000},
	{"read whole, and in chunks of 4096", run_chunks, "quote 1, the same bytes, 0", .n = 4096},
	{"pread before the end, at 568, at the end, at 2^30, at -1; read; lseek 0, current, end",
	 run_positions,
	 "50, the end, 64, report data, 0, 0, EINVAL, the start, ESPIPE, ESPIPE, ESPIPE"},
	{"readv", run_vector, "all, the same bytes"},
	{"read in part; another inblob and its quote; the rest, and pread", run_snapshot,
	 "quote 2, quote 1, 0, the same bytes", .n = 100},
	{"opened, not read; another inblob; read", run_unread_snapshot, "quote 2", "quote 1",
	 "D-snapshot-at-open"},
	{"opened 6 times in this process: identical, one question", run_second,
	 "quote 1, generation 1", .n = 5, ASKS(1)},
	{"read here and by another process: identical, one question", run_process, "the same bytes",
	 ASKS(1)},
	{"opened here, read by an exec'ed cat", run_exec, "cat 0, quote 1", .n = 1},
	{"opened here before an inblob, read by an exec'ed cat", run_exec, "cat 1, quote -1"},
	{"the same inblob again: a generation and a question more", run_unique,
	 "quote 1, quote 1, generation 2", ASKS(2)},
	{"inblob, stat, access, generation, rmdir: no question", run_no_question,
	 "0, 0, generation 1, 0", ASKS(0)},
	{"read into NULL, a closed page, a read-only page; read", run_bad_pointer,
	 "EFAULT, EFAULT, EFAULT, quote 1"},
	{"read of length 0", run_zero, "EFAULT"},
	{"write, ftruncate, truncate; a new open", run_write, "EBADF, EINVAL, 0, quote 1"},
	{"read, fstat, stat", run_fstat, "0, size 0, 0, size 0"},
	{"fopen, fread, fseek", run_stdio, "quote 1, end, ESPIPE", "quote 1, end, 0",
	 "D-stdio-seek: stdio seeks by calls inside libc"},
};
RULE_GROUP(group_outblob, "outblob", rules);
