/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extending registers under TEESHIM_RTMR=event, by their files and by EXTEND_RTMR.  On a TDX guest
 * (--native) these rows really extend RTMR2 and RTMR3 of the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/device.h"
#include "rules/run.h"

#define RTMR(n) REGISTERS "/rtmr" n ":sha384"
#define CLASS   "/sys/class/misc/tdx_guest"

enum { REGISTER_SIZE = 48, PAGE = 4096, LONG = 100000, THREADS = 8, SMALL_STACK = 65536 };

static const char digest[LONG] = "forty-eight bytes and more";

static int writer_open(const char *path, int flags)
{
	int fd;

	setenv("TEESHIM_RTMR", "event", 1);
	fd = open(path, flags, 0600);
	if (fd < 0) {
		got("open %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

static int rtmr3_open(void)
{
	return writer_open(RTMR("3"), O_WRONLY | O_CREAT | O_TRUNC);
}

/* "changed" where RTMR3 is another one than at the last call. */
static void got_change(void)
{
	static uint8_t last[REGISTER_SIZE];
	uint8_t now[REGISTER_SIZE];
	int fd = open(RTMR("3"), O_RDONLY);

	if (fd < 0 || read(fd, now, sizeof(now)) != REGISTER_SIZE) {
		got("RTMR3: %s", errno_name(errno));
		return;
	}
	close(fd);
	got("%s", memcmp(last, now, sizeof(now)) == 0 ? "same" : "changed");
	memcpy(last, now, sizeof(now));
}

/* By the policy that the row names. */
static void run_open(const struct rule *rule)
{
	setenv("TEESHIM_RTMR", rule->b, 1);
	got_open(open(rule->a, (int)rule->n, 0600));
}

#define WRITE_TRUNC (O_WRONLY | O_CREAT | O_TRUNC)

static const struct rule open_rules[] = {
	{"open rtmr3 O_WRONLY, deny", run_open, "open", "ENXIO", "D-register-write", RTMR("3"),
	 "deny", O_WRONLY},
	{"the same, the variable empty", run_open, "open", "ENXIO", "D-register-write", RTMR("3"),
	 "", WRITE_TRUNC},
	{"the same, the variable something else", run_open, "open", "ENXIO", "D-register-write",
	 RTMR("3"), "Event", O_WRONLY},
	{"open rtmr3 O_WRONLY", run_open, "open", .a = RTMR("3"), .b = "event", .n = O_WRONLY,
	 .flags = RULE_ASKS},
	{"open rtmr3 O_WRONLY O_CREAT O_TRUNC", run_open, "open", .a = RTMR("3"), .b = "event",
	 .n = WRITE_TRUNC},
	{"open rtmr3 below /sys/class", run_open, "open", .a = CLASS "/measurements/rtmr3:sha384",
	 .b = "event", .n = O_WRONLY},
	{"open rtmr3 O_WRONLY O_APPEND O_SYNC O_NONBLOCK O_NOATIME", run_open, "open",
	 .a = RTMR("3"), .b = "event", .n = O_WRONLY | O_APPEND | O_SYNC | O_NONBLOCK | O_NOATIME},
	{"open rtmr3 O_RDWR", run_open, "open", "ENXIO", "D-register-read-write", RTMR("3"),
	 "event", O_RDWR},
	{"open rtmr3 access mode 3", run_open, "open", "ENXIO", "D-register-read-write", RTMR("3"),
	 "event", ACCESS_MODE_3},
	{"open rtmr3 O_WRONLY O_DIRECT", run_open, "EINVAL", .a = RTMR("3"), .b = "event",
	 .n = O_WRONLY | O_DIRECT},
	{"open rtmr3 O_WRONLY O_CREAT O_EXCL", run_open, "EEXIST", .a = RTMR("3"), .b = "event",
	 .n = O_WRONLY | O_CREAT | O_EXCL},
	{"open rtmr3 O_WRONLY O_DIRECTORY", run_open, "ENOTDIR", .a = RTMR("3"), .b = "event",
	 .n = O_WRONLY | O_DIRECTORY},
	{"open rtmr3/ O_WRONLY", run_open, "ENOTDIR", .a = RTMR("3") "/", .b = "event",
	 .n = O_WRONLY},
	{"open rtmr0 O_WRONLY", run_open, "open", "ENXIO", "D-register-write", RTMR("0"), "event",
	 O_WRONLY},
	{"open rtmr1 O_WRONLY", run_open, "open", "ENXIO", "D-register-write", RTMR("1"), "event",
	 WRITE_TRUNC},
	{"open rtmr2 O_WRONLY", run_open, "open", "ENXIO", "D-register-write", RTMR("2"), "event",
	 O_WRONLY},
	{"open mrtd O_WRONLY", run_open, "EACCES", .a = REGISTERS "/mrtd:sha384", .b = "event",
	 .n = O_WRONLY},
};
RULE_GROUP(group_writer_open, "Opening registers to extend them", open_rules);

static void run_write(const struct rule *rule)
{
	int fd = rtmr3_open();

	got_change();
	got_call(write(fd, digest, (size_t)rule->n));
	got_change();
}

static void run_write_again(const struct rule *rule)
{
	int fd = rtmr3_open();

	(void)rule;
	got_call(write(fd, digest, REGISTER_SIZE));
	got_change();
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(write(fd, digest, 0));
	got_call(write(fd, digest, 1));
	got_change();
	got_call(write(rtmr3_open(), digest, REGISTER_SIZE));
	got_change();
}

/* A failed write leaves the offset where it was. */
static void run_write_after_failure(const struct rule *rule)
{
	int fd = rtmr3_open();

	(void)rule;
	got_call(write(fd, digest, 47));
	got_call(write(fd, page_none(), REGISTER_SIZE));
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(write(fd, digest, REGISTER_SIZE));
}

static void run_pwrite(const struct rule *rule)
{
	int fd = rtmr3_open();

	(void)rule;
	got_change();
	got_call(pwrite(fd, digest, REGISTER_SIZE, 1));
	got_call(pwrite(fd, digest, REGISTER_SIZE, 47));
	got_call(pwrite(fd, digest, REGISTER_SIZE, 48));
	got_call(pwrite(fd, digest, 0, 48));
	got_call(pwrite(fd, digest, REGISTER_SIZE, 1L << 40));
	got_call(pwrite(fd, digest, REGISTER_SIZE, -1));
	got_call(pwrite(fd, digest, 47, 0));
	got_call(pwrite(fd, digest, 0, 47));
	got_change();
	got_call(pwrite(fd, digest, REGISTER_SIZE, 0));
	got_change();
	got_call(pwrite(fd, digest, LONG, 0));
	got_change();
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(write(fd, digest, REGISTER_SIZE));
}

static void run_seek(const struct rule *rule)
{
	int fd = rtmr3_open();

	(void)rule;
	got_call(lseek(fd, 0, SEEK_END));
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(lseek(fd, 20, SEEK_SET));
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(lseek(fd, 1000, SEEK_SET));
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(lseek(fd, -1, SEEK_SET));
	got_call(lseek(fd, -49, SEEK_END));
	got_call(lseek(fd, -48, SEEK_END));
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(lseek(fd, -48, SEEK_CUR));
	got_call(write(fd, digest, REGISTER_SIZE));
}

static void run_tell(const struct rule *rule)
{
	int fd = rtmr3_open();

	(void)rule;
	got_call(lseek(fd, 20, SEEK_SET));
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(lseek(fd, 1000, SEEK_SET));
	got_call(lseek(fd, 0, SEEK_CUR));
}

static void run_append(const struct rule *rule)
{
	int fd = writer_open(RTMR("3"), O_WRONLY | O_APPEND);

	(void)rule;
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	got_call(write(fd, digest, REGISTER_SIZE));
}

/* n bytes in front of a page that may not be touched. */
static const char *bytes_cut(size_t n)
{
	char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) < 0) {
		got("mmap %s", errno_name(errno));
		run_finish();
	}
	return pages + PAGE - n;
}

static void run_bad_pointer(const struct rule *rule)
{
	int fd = rtmr3_open();

	(void)rule;
	got_change();
	got_call(write(fd, page_none(), REGISTER_SIZE));
	got_call(write(fd, page_closed(), REGISTER_SIZE));
	got_call(write(fd, (void *)-1L, REGISTER_SIZE));
	got_call(pwrite(fd, page_closed(), REGISTER_SIZE, 0));
	got_call(pwrite(fd, page_closed(), REGISTER_SIZE, 100));
	got_call(write(fd, page_closed(), 1));
	got_call(write(fd, bytes_cut(47), REGISTER_SIZE));
	got_call(write(fd, bytes_cut(48), 49));
	got_change();
	got_call(write(fd, bytes_cut(48), REGISTER_SIZE));
	got_call(pwrite(fd, page_readonly(), REGISTER_SIZE, 0));
	/* one write() takes a page, and looks at no more */
	got_call(pwrite(fd, bytes_cut(PAGE), PAGE + 1, 0));
}

static void run_other_calls(const struct rule *rule)
{
	int fd = rtmr3_open();
	char byte;

	(void)rule;
	got_call(read(fd, &byte, 1));
	got_call(pread(fd, &byte, 1, 0));
	got_call(read(fd, &byte, 0));
	got_call(ftruncate(fd, 0));
	got_call(ftruncate(fd, -1));
	got_call(fsync(fd));
	got_call(fdatasync(fd));
	got_call(fcntl(fd, F_SETFL, O_DIRECT));
	got_call(flock(fd, LOCK_EX));
	got_call(flock(fd, LOCK_UN));
	got("%s", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? errno_name(errno)
									       : "mapped");
	got_call(write(fd, digest, REGISTER_SIZE));
}

static void run_poll(const struct rule *rule)
{
	struct epoll_event event = {.events = EPOLLOUT};
	struct pollfd poll_fd = {.fd = rtmr3_open(), .events = POLLIN | POLLOUT};

	(void)rule;
	got_call(poll(&poll_fd, 1, 0));
	got("events %x", (unsigned)poll_fd.revents);
	got_call(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, poll_fd.fd, &event));
}

static void got_stat(const struct stat *st)
{
	got("%o links %lu owner %u:%u size %ld", st->st_mode, (unsigned long)st->st_nlink,
	    st->st_uid, st->st_gid, (long)st->st_size);
}

static void run_fstat(const struct rule *rule)
{
	struct stat by_path = {0};
	struct stat st = {0};
	int fd = rtmr3_open();

	(void)rule;
	got_call(fstat(fd, &st));
	got_stat(&st);
	got_call(stat(RTMR("3"), &by_path));
	got("%s", st.st_ino == by_path.st_ino && st.st_dev == by_path.st_dev ? "same inode"
									     : "another inode");
	got_call(syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH));
	got_stat(&st);
}

static void run_statx(const struct rule *rule)
{
	/* mode, inode and size of struct statx in linux/stat.h, which not every libc has */
	uint8_t stx[256] = {0};
	uint16_t mode;
	uint64_t size;

	(void)rule;
	got_call(syscall(SYS_statx, rtmr3_open(), "", AT_EMPTY_PATH, 0x7ff, stx));
	memcpy(&mode, stx + 28, sizeof(mode));
	memcpy(&size, stx + 40, sizeof(size));
	got("%o size %lu", mode, (unsigned long)size);
}

/* Ways of writing that end in no write() of libc's. */
static void run_vector(const struct rule *rule)
{
	struct iovec vector = {(void *)(uintptr_t)digest, REGISTER_SIZE};

	(void)rule;
	got_call(writev(rtmr3_open(), &vector, 1));
	got_call(pwritev(rtmr3_open(), &vector, 1, 0));
}

static void run_stdio(const struct rule *rule)
{
	FILE *file;

	(void)rule;
	setenv("TEESHIM_RTMR", "event", 1);
	file = fopen(RTMR("3"), "w");
	if (!file) {
		got("%s", errno_name(errno));
		return;
	}
	got("%zu", fwrite(digest, 1, REGISTER_SIZE, file));
	got("%s", fclose(file) == 0 ? "written" : errno_name(errno));
}

static void run_copy(const struct rule *rule)
{
	int file = open(at("F"), O_RDWR);
	int pipe_fds[2];

	(void)rule;
	if (pipe(pipe_fds) < 0 || write(pipe_fds[1], digest, REGISTER_SIZE) != REGISTER_SIZE ||
	    write(file, digest, REGISTER_SIZE) != REGISTER_SIZE)
		return;
	got_call(lseek(file, 0, SEEK_SET));
	got_call(sendfile(rtmr3_open(), file, NULL, REGISTER_SIZE));
	got_call(splice(pipe_fds[0], NULL, rtmr3_open(), NULL, REGISTER_SIZE, SPLICE_F_NONBLOCK));
	got_call(ftruncate(file, 0));
}

static void run_dup(const struct rule *rule)
{
	int fd = rtmr3_open();
	int copy = dup(fd);

	(void)rule;
	got_call(write(copy, digest, REGISTER_SIZE));
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(lseek(copy, 0, SEEK_SET));
	got_call(dup2(fd, 90));
	close(fd);
	got_call(write(90, digest, REGISTER_SIZE));
	got_call(write(fcntl(copy, F_DUPFD_CLOEXEC, 100), digest, REGISTER_SIZE));
}

static void run_fork(const struct rule *rule)
{
	int fd = rtmr3_open();
	int status = 0;
	pid_t pid;

	(void)rule;
	got_change();
	pid = fork();
	if (pid == 0)
		_exit(write(fd, digest, REGISTER_SIZE) == REGISTER_SIZE ? 0 : errno);
	waitpid(pid, &status, 0);
	got("%s", status ? errno_name(WEXITSTATUS(status)) : "written by the child");
	got_change();
	got_call(write(fd, digest, REGISTER_SIZE));
}

static void run_syscall(const struct rule *rule)
{
	int fd;

	(void)rule;
	setenv("TEESHIM_RTMR", "event", 1);
	fd = got_open((int)syscall(SYS_openat, AT_FDCWD, RTMR("3"), O_WRONLY));
	got_call(syscall(SYS_pwrite64, fd, digest, REGISTER_SIZE, 1L));
	got_call(syscall(SYS_write, fd, digest, REGISTER_SIZE));
	got_call(syscall(SYS_lseek, fd, 0L, SEEK_CUR));
}

/* Neither a /dev/full of the program's own nor the number of a closed register is one of ours. */
static void run_full(const struct rule *rule)
{
	int fd = rtmr3_open();
	struct stat st;

	(void)rule;
	got_change();
	got_call(write(open("/dev/full", O_WRONLY), digest, REGISTER_SIZE));
	close(fd);
	if (open("/dev/full", O_RDWR) != fd)
		got("another number");
	got_call(write(fd, digest, REGISTER_SIZE));
	got_call(lseek(fd, 10, SEEK_SET));
	got_call(fstat(fd, &st));
	got("%o", st.st_mode & S_IFMT);
	got_change();
}

static void run_change(const struct rule *rule)
{
	int fd = rtmr3_open();
	struct stat before;
	struct stat after;

	(void)rule;
	got_call(stat("/dev/full", &before));
	got_call(fchmod(fd, 0600));
	got_call(fchown(fd, 12345, 12345));
	got_call(stat("/dev/full", &after));
	if (after.st_mode != before.st_mode && chmod("/dev/full", before.st_mode & 07777) == 0)
		got("/dev/full has changed its mode");
	if (after.st_uid != before.st_uid && chown("/dev/full", before.st_uid, before.st_gid) == 0)
		got("/dev/full has changed its owner");
}

static void run_link_in_proc(const struct rule *rule)
{
	char path[64];
	char text[100];
	ssize_t len;

	(void)rule;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", rtmr3_open());
	len = readlink(path, text, sizeof(text));
	got_bytes(text, len < 0 ? 0 : (size_t)len);
	got_call(write(open(path, O_WRONLY), digest, REGISTER_SIZE));
}

static int shared_fd; /* -1: each thread opens one of its own */
static int threads_written;
static int threads_late; /* refused with EFBIG */

static void *thread_write(void *arg)
{
	const int fd = shared_fd < 0 ? open(RTMR("3"), O_WRONLY) : shared_fd;

	(void)arg;
	if (write(fd, digest, REGISTER_SIZE) == REGISTER_SIZE)
		__atomic_fetch_add(&threads_written, 1, __ATOMIC_RELAXED);
	else if (errno == EFBIG)
		__atomic_fetch_add(&threads_late, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void threads_run(size_t count, size_t stack)
{
	pthread_t threads[THREADS];
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	got("%d", stack ? pthread_attr_setstacksize(&attr, stack) : 0);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], &attr, thread_write, NULL) != 0) {
			got("no thread");
			run_finish();
		}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	got("%d written, %d EFBIG", threads_written, threads_late);
}

static void run_threads(const struct rule *rule)
{
	setenv("TEESHIM_RTMR", "event", 1);
	shared_fd = rule->n ? rtmr3_open() : -1;
	threads_run(THREADS, 0);
}

static void run_small_stack(const struct rule *rule)
{
	(void)rule;
	shared_fd = rtmr3_open();
	threads_run(1, SMALL_STACK);
}

static const struct rule write_rules[] = {
	{"write of 48 bytes", run_write, "changed, 48, changed", .n = 48, .flags = RULE_ASKS,
	 .questions = 2},
	{"write of nothing", run_write, "changed, 0, same", .n = 0},
	{"write of 1 byte", run_write, "changed, EINVAL, same", .n = 1},
	{"write of 47 bytes", run_write, "changed, EINVAL, same", .n = 47},
	{"write of 49 bytes", run_write, "changed, 48, changed", .n = 49},
	{"write of 4097 bytes", run_write, "changed, 48, changed", .n = 4097},
	{"write of 100000 bytes", run_write, "changed, 48, changed", .n = LONG},
	{"write again on the same descriptor: 48, 0, 1 bytes; on a new one", run_write_again,
	 "48, changed, EFBIG, EFBIG, EFBIG, same, 48, changed"},
	{"write after failed ones", run_write_after_failure, "EINVAL, EFAULT, 0, 48"},
	{"pwrite, with the descriptor's offset left alone", run_pwrite,
	 "changed, EINVAL, EINVAL, EFBIG, EFBIG, EFBIG, EINVAL, EINVAL, 0, same, 48, changed, 48, "
	 "changed, 0, 48"},
	{"lseek, then write", run_seek,
	 "48, EFBIG, 20, EINVAL, 1000, EFBIG, EINVAL, EINVAL, 0, 48, 48, 0, 48"},
	{"lseek to 20 and 1000, SEEK_CUR", run_tell, "20, 20, 1000, 1000", "20, 1, 1000, 48",
	 "D-register-offset: the mark says inside, or behind"},
	{"O_APPEND", run_append, "48, 0, EFBIG"},
	{"write from NULL, closed pages, -1, cut bytes, a read-only page", run_bad_pointer,
	 "changed, EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, same, 48, 48, "
	 "48"},
	{"read, pread, ftruncate, fsync, fdatasync, O_DIRECT, flock, mmap, then write",
	 run_other_calls, "EBADF, EBADF, EBADF, 0, EINVAL, 0, 0, EINVAL, 0, 0, EACCES, 48"},
	{"poll, epoll_ctl", run_poll, "1, events 5, 0", "1, events 5, EPERM",
	 "D-register-file: a real device"},
	{"fstat", run_fstat,
	 "0, 100644 links 1 owner 0:0 size 48, 0, same inode, "
	 "0, 100644 links 1 owner 0:0 size 48"},
	{"syscall statx of the descriptor", run_statx, "0, 100644 size 48"},
	{"writev, pwritev", run_vector, "48, 48", "ENOSPC, ENOSPC",
	 "D-register-vectors: only write() and pwrite() are wrapped"},
	{"fopen, fwrite, fclose", run_stdio, "48, written", "48, ENOSPC",
	 "D-register-vectors: stdio calls no function of ours"},
	{"sendfile, splice", run_copy, "0, 48, 48, 0", "0, EINVAL, EINVAL, 0",
	 "D-register-vectors: /dev/full takes neither"},
	{"write by dup, dup2, F_DUPFD, which share the offset", run_dup,
	 "48, EFBIG, 0, 90, 48, EFBIG"},
	{"fork: by the child, then by the parent", run_fork,
	 "changed, written by the child, changed, EFBIG"},
	{"syscall openat, pwrite64, write, lseek", run_syscall, "open, EINVAL, 48, 48"},
	{"/dev/full of the program's own, and by the number of a closed register", run_full,
	 "changed, ENOSPC, ENOSPC, 0, 0, 20000, same"},
	{"fchmod, fchown of the descriptor", run_change, "0, 0, 0, 0"},
	{"/proc/self/fd: its name, and opened anew", run_link_in_proc, "\"" RTMR("3") "\", 48",
	 "\"/dev/full\", ENOSPC", "D-register-full: the kernel opens what is behind"},
	{"eight threads on one descriptor", run_threads, "0, 1 written, 7 EFBIG", .n = 1},
	{"eight threads, a descriptor each", run_threads, "0, 8 written, 0 EFBIG"},
	{"a thread with a stack of 64 KB", run_small_stack, "0, 1 written, 0 EFBIG"},
};
RULE_GROUP(group_writer, "Extending RTMR3 by its file", write_rules);

/* The dstack module's argument; its index lies at an address of no alignment. */
struct extend {
	char data[REGISTER_SIZE];
	uint8_t index;
};

_Static_assert(sizeof(struct extend) == 49, "EXTEND_RTMR");

static void run_extend(const struct rule *rule)
{
	struct extend extend = {.index = 3};
	int fd = device_open(O_RDONLY);

	setenv("TEESHIM_RTMR", rule->b, 1);
	got_change();
	got_call(ioctl(fd, (command)rule->n, &extend));
	got_change();
	got_call(syscall(SYS_ioctl, fd, rule->n | 1L << 32, &extend));
	got_change();
}

static void run_extend_index(const struct rule *rule)
{
	static const uint8_t indexes[] = {0, 1, 2, 4, 255};
	struct extend extend = {.index = 0};
	int fd = device_open(O_RDWR);

	setenv("TEESHIM_RTMR", "event", 1);
	got_change();
	for (size_t i = 0; i < sizeof(indexes); i++) {
		extend.index = indexes[i];
		got_call(ioctl(fd, (command)rule->n, &extend));
	}
	got_change();
}

static void run_extend_pointer(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	setenv("TEESHIM_RTMR", rule->b, 1);
	got_change();
	got_call(ioctl(fd, (command)rule->n, page_none()));
	got_call(ioctl(fd, (command)rule->n, page_closed()));
	got_call(ioctl(fd, (command)rule->n, bytes_cut(47)));
	got_call(ioctl(fd, (command)rule->n, bytes_cut(48)));
	got_call(ioctl(fd, (command)rule->n, (void *)-1L));
	got_change();
	got_call(ioctl(fd, (command)rule->n, page_readonly()));
}

#define EXTEND       0x80315403
#define EXTEND_WRITE 0x40315403
#define REFUSED      "changed, ENOTTY, same, ENOTTY, same"
#define EXTENDED     "changed, 0, changed, 0, changed"
#define NOTTY_5      "ENOTTY, ENOTTY, ENOTTY, ENOTTY, ENOTTY"
#define WHY          "D-register-ioctl"

static const struct rule extend_rules[] = {
	{"EXTEND_RTMR, deny", run_extend, REFUSED, .b = "deny", .n = EXTEND},
	{"EXTEND_RTMR, reading", run_extend, REFUSED, EXTENDED, WHY, .b = "event", .n = EXTEND},
	{"EXTEND_RTMR, writing", run_extend, REFUSED, EXTENDED, WHY, .b = "event",
	 .n = EXTEND_WRITE},
	{"EXTEND_RTMR of register 0, 1, 2, 4, 255", run_extend_index, "changed, " NOTTY_5 ", same",
	 "changed, ENOTTY, ENOTTY, ENOTTY, EINVAL, EINVAL, same", WHY, .n = EXTEND},
	{"EXTEND_RTMR at NULL, closed pages, cut before the data's end and the index, -1",
	 run_extend_pointer, "changed, " NOTTY_5 ", same, ENOTTY",
	 "changed, EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, same, ENOTTY", WHY, .b = "event",
	 .n = EXTEND},
	{"the same, deny", run_extend_pointer, "changed, " NOTTY_5 ", same, ENOTTY", .b = "deny",
	 .n = EXTEND_WRITE},
};
RULE_GROUP(group_extend, "Extending RTMR3 by ioctl", extend_rules);
