/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on descriptors that both kinds of attributes answer. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include "rules.h"

/* linux/fs.h and asm/ioctls.h, which clash with musl's headers */
enum { IOCTL_FICLONE = 0x40049409, IOCTL_FIOQSIZE = 0x5460, IOCTL_FIGETBSZ = 2 };

/* The descriptor a row is about; outblob holds a quote. */
static int open_rule(const struct rule *rule)
{
	if (strcmp(rule->a, "inblob") == 0)
		return open_attribute(rule->a, O_WRONLY);
	if (strcmp(rule->a, "outblob") == 0)
		write_inblob(1, INBLOB_SIZE);
	return open_attribute(rule->a, O_RDONLY);
}

static void run_poll(const struct rule *rule)
{
	struct pollfd poll_fd = {.fd = open_rule(rule), .events = POLLIN | POLLOUT};
	struct timeval none = {0};
	const size_t number = (size_t)poll_fd.fd;
	fd_set reading;
	fd_set writing;

	FD_ZERO(&reading);
	FD_ZERO(&writing);
	FD_SET(number, &reading);
	FD_SET(number, &writing);
	got_call(poll(&poll_fd, 1, 0));
	got("events %x", (unsigned)poll_fd.revents);
	got_call(select(poll_fd.fd + 1, &reading, &writing, NULL, &none));
}

static void run_epoll(const struct rule *rule)
{
	struct epoll_event event = {.events = EPOLLIN};

	got_call(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, open_rule(rule), &event));
}

static void run_mmap(const struct rule *rule)
{
	int fd = open_rule(rule);
	void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);

	got("%s", memory == MAP_FAILED ? errno_name(errno) : "mapped");
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	got("%s", memory == MAP_FAILED ? errno_name(errno) : "mapped");
}

static void run_sync(const struct rule *rule)
{
	int fd = open_rule(rule);

	got_call(fsync(fd));
	got_call(fdatasync(fd));
}

static void run_ftruncate(const struct rule *rule)
{
	got_call(ftruncate(open_rule(rule), 0));
}

static void run_fallocate(const struct rule *rule)
{
	int fd = open_rule(rule);

	got_call(fallocate(fd, 0, 0, INBLOB_SIZE));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_sendfile(const struct rule *rule)
{
	int fd = open_rule(rule);
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return;
	got("%s",
	    sendfile(open(at("F"), O_WRONLY), fd, NULL, 100) < 0 ? errno_name(errno) : "sent");
	got("%s", splice(fd, NULL, pipe_fds[1], NULL, 100, 0) < 0 ? errno_name(errno) : "spliced");
}

static void run_copy_range(const struct rule *rule)
{
	int fd = open_rule(rule);
	int target = open(at("F"), rule->n ? O_RDONLY : O_WRONLY);
	ssize_t ret = rule->n ? copy_file_range(target, NULL, fd, NULL, 10, 0)
			      : copy_file_range(fd, NULL, target, NULL, 10, 0);

	got("%s", ret < 0 ? errno_name(errno) : "copied");
}

static void run_advice(const struct rule *rule)
{
	int fd = open_rule(rule);

	got("%d", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	got_call(readahead(fd, 0, 100));
}

static void run_record_lock(const struct rule *rule)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = open_rule(rule);

	got_call(fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_WRLCK;
	got_call(fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_UNLCK;
	got_call(fcntl(fd, F_SETLK, &lock));
}

static void run_lease(const struct rule *rule)
{
	int fd = open_rule(rule);

	got_call(fcntl(fd, F_SETLEASE, F_RDLCK));
	got_call(fcntl(fd, F_SETLEASE, F_UNLCK));
}

static void run_tty(const struct rule *rule)
{
	struct termios settings;
	int fd = open_rule(rule);

	got_call(ioctl(fd, TCGETS, &settings));
	got("isatty %d", isatty(fd));
	got_call(ioctl(fd, 0x12345, 0));
}

static void run_fionread(const struct rule *rule)
{
	int fd = open_rule(rule);
	int value = -1;

	got_call(ioctl(fd, FIONREAD, &value));
	got("%d", value);
}

static void run_ioctls(const struct rule *rule)
{
	int fd = open_rule(rule);
	int on = 1;

	got_call(ioctl(fd, FIONBIO, &on));
	got("%s", fcntl(fd, F_GETFL) & O_NONBLOCK ? "O_NONBLOCK" : "not");
	got_call(ioctl(fd, FIOCLEX));
	got_call(fcntl(fd, F_GETFD));
	got_call(ioctl(fd, FIONCLEX));
	got_call(fcntl(fd, F_GETFD));
}

static void run_fioqsize(const struct rule *rule)
{
	long long size = -1;

	got_call(ioctl(open_rule(rule), IOCTL_FIOQSIZE, &size));
}

static void run_clone(const struct rule *rule)
{
	int target = open(at("F"), O_WRONLY);

	got_call(ioctl(target, IOCTL_FICLONE, open_rule(rule)));
}

static void run_setfl(const struct rule *rule)
{
	int fd = open_rule(rule);

	got_call(fcntl(fd, F_SETFL, O_NONBLOCK));
	got("F_GETFL %o", (unsigned)(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)));
	got_call(fcntl(fd, F_SETFL, O_DIRECT));
	got_call(fcntl(fd, F_SETFL, 0));
}

static void run_fxattr(const struct rule *rule)
{
	char value[8];
	int fd = open_rule(rule);

	got_call(fgetxattr(fd, "user.rules", value, sizeof(value)));
	got_call(flistxattr(fd, value, sizeof(value)));
}

static void run_fchdir(const struct rule *rule)
{
	char buffer[64];
	int fd = open_rule(rule);

	got_call(fchdir(fd));
	got_call(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)));
	got_open(openat(fd, "provider", O_RDONLY));
}

static void run_change(const struct rule *rule)
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	int fd = open_rule(rule);

	got_call(fchmod(fd, 0600));
	got_call(fchown(fd, 0, 0));
	got_call(futimens(fd, times));
	got("generation %s", generation());
}

static void run_inotify(const struct rule *rule)
{
	got("%s", inotify_add_watch(inotify_init1(IN_NONBLOCK), at(rule->a), IN_MODIFY) < 0
			  ? errno_name(errno)
			  : "watched");
}

/* The number of an attribute's descriptor, closed out of sight, comes back as a plain file. */
static void run_reused(const struct rule *rule)
{
	char text[100] = "plain";
	FILE *stream;
	int fd;
	int plain;

	if (rule->n) {
		stream = fopen(at("E/inblob"), "w");
		fd = stream ? fileno(stream) : -1;
		if (stream)
			fclose(stream);
	} else {
		fd = open_rule(rule);
		syscall(SYS_close_range, (unsigned)fd, (unsigned)fd, 0);
	}
	plain = open(at("F"), O_RDWR | O_TRUNC);
	got("%s", plain == fd ? "the same number" : "another number");
	got_call(write(plain, text, sizeof(text)));
	got_call(write(plain, text, 0));
	got_call(lseek(plain, 0, SEEK_END));
	got_call(pread(plain, text, sizeof(text), 0));
	got_call(pread(plain, text, 0, 0));
	got_call(fsync(plain));
	got_call(ftruncate(plain, 10));
	got_call(lseek(plain, 0, SEEK_END));
	got_call(flock(plain, LOCK_EX));
	got_call(close(plain));
	got("generation %s", generation());
}

static void run_lock_pointers(const struct rule *rule)
{
	int fd = open_rule(rule);

	got_call(fcntl(fd, (int)rule->n, page_none()));
	got_call(fcntl(fd, (int)rule->n, (void *)1));
	got_call(fcntl(fd, (int)rule->n, page_closed()));
}

static void run_lock_readonly(const struct rule *rule)
{
	const struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct flock *page = page_closed();

	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	*page = asked;
	mprotect(page, 4096, PROT_READ);
	got_call(fcntl(open_rule(rule), F_GETLK, page));
}

static void run_close_range(const struct rule *rule)
{
	int fd = open_rule(rule);
	int copy = dup(fd);

	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(close(copy));
	got("generation %s", generation());
	got_call(syscall(SYS_close_range, (unsigned)fd, (unsigned)fd, 0));
	got("generation %s", generation());
}

#define IN   .a = "inblob"
#define OUT  .a = "outblob"
#define TEXT .a = "generation"

static const struct rule rules[] = {
	{"inblob: poll; select", run_poll, "1, events 5, 2", IN},
	{"outblob: poll; select", run_poll, "1, events 5, 2", OUT},
	{"generation: poll; select", run_poll, "1, events 5, 2", TEXT},
	{"inblob: epoll_ctl ADD", run_epoll, "EPERM", IN},
	{"outblob: epoll_ctl ADD", run_epoll, "EPERM", OUT},
	{"generation: epoll_ctl ADD", run_epoll, "EPERM", TEXT},
	{"inblob: mmap for reading; shared for writing", run_mmap, "EACCES, EACCES", IN},
	{"outblob: mmap for reading; shared for writing", run_mmap, "ENODEV, EACCES", OUT},
	{"generation: mmap for reading; shared for writing", run_mmap, "ENODEV, EACCES", TEXT},
	{"inblob: fsync, fdatasync", run_sync, "EINVAL, EINVAL", IN},
	{"outblob: fsync, fdatasync", run_sync, "EINVAL, EINVAL", OUT},
	{"inblob: ftruncate", run_ftruncate, "0", IN},
	{"outblob: ftruncate", run_ftruncate, "EINVAL", OUT},
	{"generation: ftruncate", run_ftruncate, "EINVAL", TEXT},
	{"inblob: fallocate; close; generation", run_fallocate, "EOPNOTSUPP, 0, generation 0", IN},
	{"outblob: fallocate; close; generation", run_fallocate, "EBADF, 0, generation 1", OUT},
	{"outblob: sendfile and splice from", run_sendfile, "EINVAL, EINVAL", OUT},
	{"generation: sendfile and splice from", run_sendfile, "EINVAL, EINVAL", TEXT},
	{"outblob: copy_file_range to another file system", run_copy_range, "EXDEV", OUT},
	{"inblob: copy_file_range from another file system", run_copy_range, "EXDEV", IN, .n = 1},
	{"inblob: posix_fadvise; readahead", run_advice, "0, EBADF", IN},
	{"outblob: posix_fadvise; readahead", run_advice, "0, 0", OUT},
	{"inblob: F_SETLK for reading, for writing, unlock", run_record_lock, "EBADF, 0, 0",
	 "0, 0, 0", "D-record-locks", IN},
	{"outblob: F_SETLK for reading, for writing, unlock", run_record_lock, "0, EBADF, 0", OUT},
	{"generation: F_SETLK for reading, for writing, unlock", run_record_lock, "0, EBADF, 0",
	 TEXT},
	{"inblob: F_SETLK with NULL, 1, a closed page", run_lock_pointers, "EFAULT, EFAULT, EFAULT",
	 IN, .n = F_SETLK},
	{"inblob: F_GETLK with NULL, 1, a closed page", run_lock_pointers, "EFAULT, EFAULT, EFAULT",
	 IN, .n = F_GETLK},
	{"inblob: F_GETLK into a read-only page", run_lock_readonly, "EFAULT", IN},
	{"inblob: written; dup closed; generation; close_range; generation", run_close_range,
	 "64, 0, generation 0, 0, generation 1", IN},
	{"inblob closed by close_range, the number a plain file's: write 100, 0, lseek end, pread "
	 "100, 0, fsync, ftruncate 10, lseek end, flock, close; generation",
	 run_reused, "the same number, 100, 0, 100, 100, 0, 0, 0, 10, 0, 0, generation 0", IN},
	{"outblob closed by close_range, the same", run_reused,
	 "the same number, 100, 0, 100, 100, 0, 0, 0, 10, 0, 0, generation 1", OUT},
	{"inblob closed by fclose, the same", run_reused,
	 "the same number, 100, 0, 100, 100, 0, 0, 0, 10, 0, 0, generation 0", IN, .n = 1},
	{"outblob: F_SETLEASE for reading, unlock", run_lease, "0, 0", OUT},
	{"inblob: TCGETS, isatty, an unknown ioctl", run_tty, "ENOTTY, isatty 0, ENOTTY", IN},
	{"outblob: TCGETS, isatty, an unknown ioctl", run_tty, "ENOTTY, isatty 0, ENOTTY", OUT},
	{"generation: TCGETS, isatty, an unknown ioctl", run_tty, "ENOTTY, isatty 0, ENOTTY", TEXT},
	{"inblob: FIONREAD", run_fionread, "0, 0", IN},
	{"generation: FIONREAD", run_fionread, "0, 4096", "0, 2", "D-fionread", TEXT},
	{"inblob: FIONBIO, FIOCLEX, FIONCLEX", run_ioctls, "0, O_NONBLOCK, 0, 1, 0, 0", IN},
	{"outblob: FIONBIO, FIOCLEX, FIONCLEX", run_ioctls, "0, O_NONBLOCK, 0, 1, 0, 0", OUT},
	{"outblob: FIOQSIZE", run_fioqsize, "0", OUT},
	{"inblob: F_SETFL O_NONBLOCK, O_DIRECT, 0", run_setfl, "0, F_GETFL 4001, EINVAL, 0", IN},
	{"outblob: F_SETFL O_NONBLOCK, O_DIRECT, 0", run_setfl, "0, F_GETFL 4000, EINVAL, 0", OUT},
	{"outblob: FICLONE to another file system", run_clone, "EXDEV", OUT},
	{"inblob: fgetxattr, flistxattr", run_fxattr, "EOPNOTSUPP, 0", "ENODATA, 0",
	 "D-descriptor-xattr: the state folder's file system answers", IN, .flags = RULE_EITHER},
	{"outblob: fgetxattr, flistxattr", run_fxattr, "EOPNOTSUPP, 0", "ENODATA, 0",
	 "D-descriptor-xattr: the state folder's file system answers", OUT, .flags = RULE_EITHER},
	{"inblob: fchdir, getdents64, openat from it", run_fchdir, "ENOTDIR, ENOTDIR, ENOTDIR", IN},
	{"outblob: fchdir, getdents64, openat from it", run_fchdir, "ENOTDIR, ENOTDIR, ENOTDIR",
	 OUT},
	{"inblob: fchmod, fchown, futimens; generation", run_change, "0, 0, 0, generation 0", IN},
	{"outblob: fchmod, fchown, futimens; generation", run_change, "0, 0, 0, generation 1", OUT},
	{"inotify_add_watch of the entry", run_inotify, "watched", .a = "E"},
	{"inotify_add_watch of outblob", run_inotify, "watched", .a = "E/outblob"},
	{"inotify_add_watch of report/absent", run_inotify, "ENOENT", .a = "N"},
};
RULE_GROUP(group_fd, "Descriptors of attributes", rules);
