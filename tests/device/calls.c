/* SPDX-License-Identifier: Apache-2.0 */
/* What every misc device without file operations answers. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include "device/device.h"

/* linux/fs.h and asm/ioctls.h, which clash with musl's headers */
enum { IOCTL_FICLONE = 0x40049409, IOCTL_FIOQSIZE = 0x5460, IOCTL_FIGETBSZ = 2 };
#define IOCTL_GETFLAGS ((command)0x80086601)

static char byte[64];

static void run_read(const struct rule *rule)
{
	int fd = device_open((int)rule->n);

	got_call(read(fd, byte, sizeof(byte)));
	got_call(read(fd, byte, 0));
	got_call(pread(fd, byte, sizeof(byte), 0));
	got_call(pread(fd, byte, 0, 0));
}

static void run_write(const struct rule *rule)
{
	int fd = device_open((int)rule->n);

	got_call(write(fd, byte, sizeof(byte)));
	got_call(write(fd, byte, 0));
	got_call(pwrite(fd, byte, sizeof(byte), 0));
	got_call(pwrite(fd, byte, 0, 0));
}

static void run_vector(const struct rule *rule)
{
	struct iovec vector = {byte, sizeof(byte)};
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(readv(fd, &vector, 1));
	got_call(writev(fd, &vector, 1));
	got_call(preadv(fd, &vector, 1, 0));
	got_call(pwritev(fd, &vector, 1, 0));
}

static void run_read_syscall(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(syscall(SYS_read, fd, byte, sizeof(byte)));
	got_call(syscall(SYS_write, fd, byte, sizeof(byte)));
	got_call(syscall(SYS_lseek, fd, 0L, SEEK_SET));
}

static void run_read_copy(const struct rule *rule)
{
	int fd = dup(device_open(O_RDWR));

	(void)rule;
	got_call(read(fd, byte, 1));
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	got_call(read(fd, byte, 1));
	got_call(dup2(fd, 90));
	got_call(write(90, byte, 1));
}

/* The number of a closed device is a number like another. */
static void run_number_again(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	close(fd);
	if (open("/dev/null", O_RDWR) != fd)
		got("another number");
	got_call(read(fd, byte, 1));
	got_call(write(fd, byte, 1));
	got_call(lseek(fd, 0, SEEK_CUR));
	fd = device_open(O_RDWR);
	got_call(dup2(open("/dev/null", O_RDWR), fd) == fd ? 0 : -1);
	got_call(write(fd, byte, 1));
}

static void run_lseek(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(lseek(fd, 0, SEEK_SET));
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(lseek(fd, 0, SEEK_END));
	got_call(lseek(fd, 0, 77));
}

static void run_poll(const struct rule *rule)
{
	struct pollfd poll_fd = {.fd = device_open(O_RDWR), .events = POLLIN | POLLOUT | POLLPRI};
	struct timeval none = {0};
	const size_t number = (size_t)poll_fd.fd;
	fd_set reading;
	fd_set writing;

	(void)rule;
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

	(void)rule;
	got_call(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, device_open(O_RDWR), &event));
}

static void got_map(int fd, int protection, int flags)
{
	got("%s", mmap(NULL, 4096, protection, flags, fd, 0) == MAP_FAILED ? errno_name(errno)
									   : "mapped");
}

static void run_mmap(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_map(fd, PROT_READ, MAP_PRIVATE);
	got_map(fd, PROT_READ | PROT_WRITE, MAP_SHARED);
	got_map(fd, PROT_NONE, MAP_PRIVATE);
	got_map(device_open(O_WRONLY), PROT_READ, MAP_SHARED);
}

static void run_sync(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(fsync(fd));
	got_call(fdatasync(fd));
	got_call(sync_file_range(fd, 0, 0, 0));
	got_call(syncfs(fd));
}

static void run_size(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(ftruncate(fd, 0));
	got_call(fallocate(fd, 0, 0, 64));
	got("%d", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	got_call(readahead(fd, 0, 100));
}

static void run_copy(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	int file = open(at("F"), O_RDWR);
	int pipe_fds[2];

	(void)rule;
	if (pipe(pipe_fds) < 0)
		return;
	got_call(sendfile(file, fd, NULL, 64));
	got_call(splice(fd, NULL, pipe_fds[1], NULL, 64, SPLICE_F_NONBLOCK));
	got_call(copy_file_range(fd, NULL, file, NULL, 64, 0));
}

static void run_copy_to(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	int file = open(at("F"), O_RDWR);
	int pipe_fds[2];

	(void)rule;
	if (pipe(pipe_fds) < 0 || write(pipe_fds[1], byte, 64) != 64 || write(file, byte, 64) != 64)
		return;
	got_call(lseek(file, 0, SEEK_SET));
	got_call(sendfile(fd, file, NULL, 64));
	got_call(splice(pipe_fds[0], NULL, fd, NULL, 64, SPLICE_F_NONBLOCK));
	got_call(copy_file_range(file, NULL, fd, NULL, 64, 0));
	got_call(ftruncate(file, 0));
}

static void run_flock(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	int other = device_open(O_RDONLY);

	(void)rule;
	got_call(flock(fd, LOCK_EX | LOCK_NB));
	got_call(flock(other, LOCK_SH | LOCK_NB));
	got_call(flock(fd, LOCK_UN));
	got_call(flock(other, LOCK_SH | LOCK_NB));
}

/* None of them excludes what the same process has. */
static void run_record_lock(const struct rule *rule)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_WRLCK;
	got_call(fcntl(fd, F_SETLK, &lock));
	lock.l_type = F_UNLCK;
	got_call(fcntl(fd, F_SETLK, &lock));
}

static void run_lease(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(fcntl(fd, F_SETLEASE, F_RDLCK));
	got_call(fcntl(fd, F_SETLEASE, F_WRLCK));
}

static void run_setfl(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(fcntl(fd, F_SETFL, O_NONBLOCK));
	got_call(fcntl(fd, F_SETFL, O_APPEND));
	got("F_GETFL %o", (unsigned)fcntl(fd, F_GETFL));
	got_call(fcntl(fd, F_SETFL, O_ASYNC));
	got_call(fcntl(fd, F_SETFL, O_DIRECT));
	got_call(fcntl(fd, F_SETFL, 0));
	got_report(fd, 1);
}

/* The file's owner and signal, for which nobody asks. */
static void run_owner(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(fcntl(fd, F_GETOWN));
	got_call(fcntl(fd, F_GETSIG));
}

static void run_tty(const struct rule *rule)
{
	struct termios settings;
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(ioctl(fd, TCGETS, &settings));
	got("isatty %d", isatty(fd));
	got_call(tcgetattr(fd, &settings));
	got("%s", ttyname(fd) ? "a name" : errno_name(errno));
}

static void run_ioctls(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	int on = 1;

	(void)rule;
	got_call(ioctl(fd, FIONBIO, &on));
	got("%s", fcntl(fd, F_GETFL) & O_NONBLOCK ? "O_NONBLOCK" : "not");
	got_call(ioctl(fd, FIOCLEX));
	got_call(fcntl(fd, F_GETFD));
	got_call(ioctl(fd, FIONCLEX));
	got_call(fcntl(fd, F_GETFD));
	got_call(ioctl(fd, IOCTL_FIGETBSZ, &on));
	got("%d", on);
}

static void run_ioctls_refused(const struct rule *rule)
{
	int fd = device_open(O_RDWR);
	long long value = -1;

	(void)rule;
	got_call(ioctl(fd, FIONREAD, &value));
	got_call(ioctl(fd, IOCTL_FIOQSIZE, &value));
	got_call(ioctl(fd, IOCTL_GETFLAGS, &value));
	got_call(ioctl(fd, IOCTL_FICLONE, fd));
}

static void run_directory(const struct rule *rule)
{
	int fd = device_open(O_RDONLY);

	(void)rule;
	got_call(fchdir(fd));
	got_call(syscall(SYS_getdents64, fd, byte, sizeof(byte)));
	got("%s", fdopendir(fd) ? "a folder" : errno_name(errno));
	got_open(openat(fd, "x", O_RDONLY));
}

static void run_fxattr(const struct rule *rule)
{
	int fd = device_open(O_RDWR);

	(void)rule;
	got_call(fgetxattr(fd, "user.x", byte, sizeof(byte)));
	got_call(fsetxattr(fd, "user.x", "1", 1, 0));
	got_call(flistxattr(fd, byte, sizeof(byte)));
}

static void run_stdio(const struct rule *rule)
{
	FILE *file = fdopen(device_open(O_RDONLY), "r");

	(void)rule;
	got("%d", fgetc(file));
	got("%s", ferror(file) ? errno_name(errno) : feof(file) ? "end of file" : "no end");
}

static void run_fstatfs(const struct rule *rule)
{
	struct statfs fs;

	(void)rule;
	got_call(fstatfs(device_open(O_RDWR), &fs));
	got("%lx", (unsigned long)fs.f_type);
}

static const struct rule rules[] = {
	{"read, pread, of 64 and 0 bytes", run_read, "EINVAL, EINVAL, EINVAL, EINVAL", .n = O_RDWR},
	{"the same, O_RDONLY", run_read, "EINVAL, EINVAL, EINVAL, EINVAL", .n = O_RDONLY},
	{"the same, O_WRONLY", run_read, "EBADF, EBADF, EBADF, EBADF", .n = O_WRONLY},
	{"the same, O_PATH", run_read, "EBADF, EBADF, EBADF, EBADF", .n = O_PATH},
	{"write, pwrite, of 64 and 0 bytes", run_write, "EINVAL, EINVAL, EINVAL, EINVAL",
	 .n = O_RDWR},
	{"the same, O_WRONLY", run_write, "EINVAL, EINVAL, EINVAL, EINVAL", .n = O_WRONLY},
	{"the same, O_RDONLY", run_write, "EBADF, EBADF, EBADF, EBADF", .n = O_RDONLY},
	{"readv, writev, preadv, pwritev", run_vector, "EINVAL, EINVAL, EINVAL, EINVAL",
	 "0, 64, 0, 64", "D-device-vectors: only read() and write() are wrapped"},
	{"syscall read, write, lseek", run_read_syscall, "EINVAL, EINVAL, ESPIPE"},
	{"read and write of copies", run_read_copy, "EINVAL, EINVAL, 90, EINVAL"},
	{"the number of a closed device used again", run_number_again, "0, 1, 0, 0, 1"},
	{"fgetc", run_stdio, "-1, EINVAL", "-1, end of file",
	 "D-device-vectors: stdio calls no function of ours"},
	{"lseek: SEEK_SET, SEEK_CUR, SEEK_END, 77", run_lseek, "ESPIPE, ESPIPE, ESPIPE, ESPIPE"},
	{"poll, select", run_poll, "1, events 5, 2"},
	{"epoll_ctl", run_epoll, "EPERM"},
	{"mmap: private, shared, PROT_NONE, shared and write-only", run_mmap,
	 "ENODEV, ENODEV, ENODEV, EACCES"},
	{"fsync, fdatasync, sync_file_range, syncfs", run_sync, "EINVAL, EINVAL, ESPIPE, 0"},
	{"ftruncate, fallocate, posix_fadvise, readahead", run_size, "EINVAL, ENODEV, 0, EINVAL"},
	{"sendfile, splice, copy_file_range from it", run_copy, "EINVAL, EINVAL, EINVAL"},
	{"sendfile, splice, copy_file_range to it", run_copy_to, "0, EINVAL, EINVAL, EINVAL, 0",
	 "0, 64, 64, EINVAL, 0", "D-device-vectors: /dev/null takes them"},
	{"flock: held, refused, given up, held", run_flock, "0, EAGAIN, 0, 0"},
	{"record locks: reading, writing, none", run_record_lock, "0, 0, 0", "0, EAGAIN, 0",
	 "D-device-null: where somebody locks /dev/null", .flags = RULE_EITHER},
	{"leases, of a user who is not root", run_lease, "EACCES, EACCES", .flags = RULE_USER},
	{"F_SETFL: O_NONBLOCK, O_APPEND, O_ASYNC, O_DIRECT, 0; GET_REPORT0", run_setfl,
	 "0, 0, F_GETFL 102002, 0, EINVAL, 0, report 1", .flags = RULE_TDX},
	{"F_GETOWN, F_GETSIG", run_owner, "0, 0", "0, 61", "D-device-null: the mark",
	 .flags = RULE_TDX},
	{"TCGETS, isatty, tcgetattr, ttyname", run_tty, "ENOTTY, isatty 0, ENOTTY, ENOTTY"},
	{"FIONBIO, FIOCLEX, FIONCLEX, FIGETBSZ", run_ioctls, "0, O_NONBLOCK, 0, 1, 0, 0, 0, 4096"},
	{"FIONREAD, FIOQSIZE, FS_IOC_GETFLAGS, FICLONE of itself", run_ioctls_refused,
	 "ENOTTY, ENOTTY, ENOTTY, EINVAL"},
	{"fchdir, getdents64, fdopendir, openat below it", run_directory,
	 "ENOTDIR, ENOTDIR, ENOTDIR, ENOTDIR"},
	{"fgetxattr, fsetxattr, flistxattr", run_fxattr, "ENODATA, EPERM, 0"},
	{"fstatfs", run_fstatfs, "0, 1021994"},
};
RULE_GROUP(group_device_calls, "Calls on a descriptor of the device", rules);
