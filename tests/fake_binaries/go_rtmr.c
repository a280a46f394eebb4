/* SPDX-License-Identifier: Apache-2.0 */
/*
 * google/go-configfs-tsm's registers in sysfs, as go-tpm-tools uses them, in libc calls: all of it below
 * /sys/class/misc, every file offered to epoll, which may say EPERM.
 */
#include "common.h"

#include <sys/epoll.h>

#define REGISTERS "/sys/class/misc/tdx_guest/measurements"

static int epoll_fd;

static int go_open(const char *path, int flags, mode_t mode)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	int fd = openat(AT_FDCWD, path, flags | O_CLOEXEC, mode);
	int status;

	if (fd < 0)
		return fd;
	status = OK_INT("F_GETFL", fcntl(fd, F_GETFL));
	OK("F_SETFL", fcntl(fd, F_SETFL, status | O_NONBLOCK));
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		if (errno != EPERM)
			fail_errno("epoll_ctl");
		OK("F_SETFL", fcntl(fd, F_SETFL, status & ~O_NONBLOCK));
	}
	return fd;
}

/* os.ReadFile */
static void register_read(const char *name, uint8_t value[static REGISTER_SIZE])
{
	int fd = OK_INT(name, go_open(PATH_OF(REGISTERS, name), O_RDONLY, 0));
	uint8_t data[512];
	struct stat st;
	long got;

	OK("fstat", fstat(fd, &st));
	got = OK(name, read(fd, data, sizeof(data)));
	if (got != REGISTER_SIZE || st.st_size != REGISTER_SIZE ||
	    OK(name, read(fd, data + got, sizeof(data) - REGISTER_SIZE)) != 0)
		fail(name, "%ld of %ld bytes", got, (long)st.st_size);
	memcpy(value, data, REGISTER_SIZE);
	OK("close", close(fd));
}

/* os.WriteFile */
static bool extend(const uint8_t data[static REGISTER_SIZE])
{
	int fd = go_open(REGISTERS "/" RTMR3, O_WRONLY | O_CREAT | O_TRUNC, 0220);
	bool good;

	if (!extend_taken("open to extend", fd >= 0))
		return false;
	good = write(fd, data, REGISTER_SIZE) == REGISTER_SIZE;
	OK("close", close(fd));
	return extend_taken("write", good);
}

/* os.ReadDir, which is how it learns of the registers. */
static void registers_list(void)
{
	int fd = OK_INT("open " REGISTERS, openat(AT_FDCWD, REGISTERS, O_RDONLY | O_CLOEXEC));
	struct dirent *entry;
	bool found = false;
	DIR *dir = fdopendir(fd);

	if (!dir)
		fail_errno("fdopendir");
	while ((entry = readdir(dir)))
		found |= strcmp(entry->d_name, RTMR3) == 0 && entry->d_type == DT_REG;
	closedir(dir);
	if (!found)
		fail(REGISTERS, "lists no file " RTMR3);
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t before[REGISTER_SIZE];
	uint8_t after[REGISTER_SIZE];
	bool taken;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	epoll_fd = OK_INT("epoll_create1", epoll_create1(EPOLL_CLOEXEC));
	registers_list();
	register_read(RTMR3, before);
	taken = extend(report_data);
	register_read(RTMR3, after);
	registers_print(before, after, taken);
	return 0;
}
