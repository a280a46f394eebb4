/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "base/config.h"
#include "base/sys.h"

enum { LOG_LINE = 512 };

static enum log_level log_wanted(const char *setting)
{
	if (setting && strncmp(setting, "debug", 5) == 0)
		return LOG_LEVEL_DEBUG;
	if (setting && strncmp(setting, "info", 4) == 0)
		return LOG_LEVEL_INFO;
	return LOG_LEVEL_ERROR;
}

static bool stderr_may_be_written(void)
{
	struct termios terminal;
	struct stat st;

	if (sys_fstat(2, &st) < 0)
		return false;
	if (S_ISFIFO(st.st_mode))
		return true;
	if (sys_call(SYS_ioctl, 2, TCGETS, (long)&terminal, 0, 0, 0) == 0)
		return true;
	return sys_fcntl(2, F_GETFL, NULL) & O_APPEND;
}

static void signals_change(int how, uint64_t set, uint64_t *before)
{
	sys_call(SYS_rt_sigprocmask, how, (long)&set, (long)before, sizeof(set), 0, 0);
}

/*
 * Write a line where it can be written at once: a line is not worth the program's life.  A full pipe
 * would hold it up, one without reader would kill it by SIGPIPE, a terminal might stop it (SIGTTOU).
 * A line is shorter than PIPE_BUF, so a pipe that poll() calls writable takes it whole.
 */
static void line_put(int fd, const char *line, size_t len)
{
	const uint64_t pipe = 1ULL << (SIGPIPE - 1);
	const struct timespec now = {0};
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	uint64_t pending = 0;
	uint64_t before;

	if (sys_call(SYS_poll, (long)&ready, 1, 0, 0, 0, 0) != 1 || ready.revents != POLLOUT)
		return;
	signals_change(SIG_BLOCK, pipe | 1ULL << (SIGTTOU - 1), &before);
	sys_call(SYS_rt_sigpending, (long)&pending, sizeof(pending), 0, 0, 0, 0);
	if (sys_write(fd, line, len) == -EPIPE && !(pending & pipe))
		sys_call(SYS_rt_sigtimedwait, (long)&pipe, 0, (long)&now, sizeof(pipe), 0, 0);
	signals_change(SIG_SETMASK, before, NULL);
}

static void log_write(const char *setting, const char *line, size_t len)
{
	const char *file = setting ? strchr(setting, ':') : NULL;
	int fd;

	if (!file || file[1] == '\0') {
		if (stderr_may_be_written())
			line_put(2, line, len);
		return;
	}
	fd = sys_openat(AT_FDCWD, file + 1,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return;
	line_put(fd, line, len);
	sys_close(fd);
}

void log_at(enum log_level level, const char *format, ...)
{
	const char *setting = config_string("TEESHIM_LOG");
	char line[LOG_LINE];
	va_list args;
	int saved = errno;
	int head;
	int body;
	size_t len;

	if (level > log_wanted(setting))
		return;
	head = snprintf(line, sizeof(line), "teeshim[%d]: ", (int)sys_getpid());
	va_start(args, format);
	body = vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
	va_end(args);
	errno = saved;
	if (body < 0)
		return;
	len = (size_t)head + (size_t)body;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len] = '\n'; /* in place of the terminating zero */
	log_write(setting, line, len + 1);
}

const char *log_errno(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{EACCES, "permission denied"},
		{ECONNREFUSED, "connection refused"},
		{ECONNRESET, "connection reset"},
		{EFBIG, "too large"},
		{EINVAL, "invalid"},
		{EIO, "input/output error"},
		{ELOOP, "a symbolic link"},
		{EMFILE, "too many open files"},
		{ENAMETOOLONG, "name too long"},
		{ENOENT, "no such file"},
		{ENOMEM, "out of memory"},
		{ENOSPC, "no space left"},
		{ENOTDIR, "not a directory"},
		{EPERM, "not permitted"},
		{EROFS, "read-only file system"},
		{ETIMEDOUT, "timed out"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return "unexpected error";
}
