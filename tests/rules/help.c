/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules share: paths, the outcome, the everyday steps, bad pointers. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"
#include "run.h"

#define CONFIG "/sys/kernel/config"

struct run run;

const char *entry_name(void)
{
	return run.name;
}

const char *at(const char *notation)
{
	static char slots[8][1024];
	static unsigned next;
	char *slot = slots[next++ % 8];
	const char *rest = notation + (notation[0] != '\0');
	const size_t size = sizeof(slots[0]);

	switch (notation[0]) {
	case 'C':
		snprintf(slot, size, CONFIG "%s", rest);
		break;
	case 'T':
		snprintf(slot, size, CONFIG "/tsm%s", rest);
		break;
	case 'R':
		snprintf(slot, size, CONFIG "/tsm/report%s", rest);
		break;
	case 'E':
		snprintf(slot, size, CONFIG "/tsm/report/%s%s", run.name, rest);
		break;
	case 'N':
		snprintf(slot, size, CONFIG "/tsm/report/%s-new%s", run.name, rest);
		break;
	case 'F':
		snprintf(slot, size, "%s/file%s", run.scratch, rest);
		break;
	case 'X':
		snprintf(slot, size, "%s/absent%s", run.scratch, rest);
		break;
	default:
		snprintf(slot, size, "%s", notation);
	}
	return slot;
}

void got(const char *format, ...)
{
	const size_t len = strlen(run.outcome);
	char *end = run.outcome + len;
	const size_t room = sizeof(run.outcome) - len;
	va_list args;

	if (len > 0 && room > 2) {
		memcpy(end, ", ", 3);
		end += 2;
	}
	va_start(args, format);
	vsnprintf(end, room > 2 ? room - 2 : 0, format, args);
	va_end(args);
}

const char *errno_name(int error)
{
	static char number[32];
	static const struct {
		int error;
		const char *name;
	} names[] = {
#define NAME(error) {error, #error}
		NAME(EPERM),      NAME(ENOENT),      NAME(EINTR),        NAME(EIO),
		NAME(ENXIO),      NAME(EBADF),       NAME(EAGAIN),       NAME(ENOMEM),
		NAME(EACCES),     NAME(EFAULT),      NAME(EBUSY),        NAME(EEXIST),
		NAME(EXDEV),      NAME(ENODEV),      NAME(ENOTDIR),      NAME(EISDIR),
		NAME(EINVAL),     NAME(EMFILE),      NAME(ENOTTY),       NAME(EFBIG),
		NAME(ENOSPC),     NAME(ESPIPE),      NAME(EROFS),        NAME(EMLINK),
		NAME(EPIPE),      NAME(ERANGE),      NAME(ENAMETOOLONG), NAME(ENOSYS),
		NAME(ENOTEMPTY),  NAME(ELOOP),       NAME(ENODATA),      NAME(EOVERFLOW),
		NAME(EOPNOTSUPP), NAME(ESTALE),      NAME(EISCONN),      NAME(ENOTCONN),
		NAME(ECONNRESET), NAME(EINPROGRESS),
#undef NAME
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(number, sizeof(number), "errno %d", error);
	return number;
}

long got_call(long result)
{
	if (result == -1)
		got("%s", errno_name(errno));
	else
		got("%ld", result);
	return result;
}

int got_open(int fd)
{
	got("%s", fd < 0 ? errno_name(errno) : "open");
	return fd;
}

void got_read(int fd, size_t len)
{
	char text[TEXT_MAX];
	ssize_t have = read(fd, text, len < sizeof(text) ? len : sizeof(text));

	if (have < 0)
		got("%s", errno_name(errno));
	else
		got_bytes(text, (size_t)have);
}

void got_bytes(const char *bytes, size_t len)
{
	char text[512];
	size_t end = 0;

	for (size_t i = 0; i < len && end < sizeof(text) - 5; i++) {
		const unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\n') {
			text[end++] = '\\';
			text[end++] = 'n';
		} else if (isprint(byte)) {
			text[end++] = (char)byte;
		} else {
			end += (size_t)snprintf(text + end, 5, "\\x%02x", byte);
		}
	}
	got("\"%.*s\"", (int)end, text);
}

const uint8_t *report_data(uint8_t seed)
{
	static uint8_t data[2 * INBLOB_SIZE];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(seed * 37U + i * 11U + 1U);
	return data;
}

int open_attribute(const char *name, int flags)
{
	char path[TEXT_MAX];
	int fd;

	snprintf(path, sizeof(path), "E/%s", name);
	fd = open(at(path), flags);
	if (fd < 0) {
		got("open %s %s", name, errno_name(errno));
		run_finish();
	}
	return fd;
}

void write_inblob(uint8_t seed, size_t len)
{
	int fd = open_attribute("inblob", O_WRONLY | O_CLOEXEC);

	if (write(fd, report_data(seed), len) != (ssize_t)len)
		got("write inblob %s", errno_name(errno));
	close(fd);
}

const char *generation(void)
{
	static char text[TEXT_MAX];
	int fd = open_attribute("generation", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	close(fd);
	if (len < 1 || text[len - 1] != '\n')
		return len < 0 ? errno_name(errno) : "no text";
	text[len - 1] = '\0';
	return text;
}

ssize_t read_all(int fd, uint8_t *data, size_t size, size_t step)
{
	size_t have = 0;

	while (have < size) {
		size_t ask = size - have < step ? size - have : step;
		ssize_t len = read(fd, data + have, ask);

		if (len < 0)
			return -1;
		if (len == 0)
			break;
		have += (size_t)len;
	}
	return (ssize_t)have;
}

const uint8_t *quoted_data(const uint8_t *quote, ssize_t len)
{
	/* in the body of a version 4 quote: header 48, report data at 520; in an SEV-SNP report at 80 */
	const ssize_t at = len == SNP_REPORT_SIZE ? 0x50 : 48 + 520;

	return len < at + INBLOB_SIZE ? NULL : quote + at;
}

int quote_seed(const uint8_t *quote, ssize_t len)
{
	const uint8_t *data = quoted_data(quote, len);

	for (int seed = 0; data && seed < 256; seed++)
		if (memcmp(data, report_data((uint8_t)seed), INBLOB_SIZE) == 0)
			return seed;
	return -1;
}

void got_quote(void)
{
	static uint8_t quote[QUOTE_MAX];
	int fd = open_attribute("outblob", O_RDONLY | O_CLOEXEC);
	ssize_t len = read_all(fd, quote, sizeof(quote), sizeof(quote));
	const int error = errno;
	const int seed = quote_seed(quote, len);

	close(fd);
	if (len < 0)
		got("%s", errno_name(error));
	else if (seed < 0)
		got("%zd bytes", len);
	else
		got("quote %d", seed);
}

void got_state(void)
{
	got("generation %s", generation());
	got_quote();
}

int open_written(uint8_t seed)
{
	int fd = open_attribute("inblob", O_WRONLY);

	if (write(fd, report_data(seed), INBLOB_SIZE) != INBLOB_SIZE)
		got("write %s", errno_name(errno));
	return fd;
}

pid_t spawn(void (*child)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		child(arg);
		_exit(0);
	}
	return pid;
}

void child_end(pid_t pid)
{
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void *page_map(int protection)
{
	void *page = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		got("mmap %s", errno_name(errno));
		run_finish();
	}
	return page;
}

void *page_none(void)
{
	return NULL;
}

void *page_closed(void)
{
	return page_map(PROT_NONE);
}

void *page_readonly(void)
{
	return page_map(PROT_READ);
}

const char *text_unterminated(void)
{
	static const char text[] = "/sys/kernel/config/tsm/report/entry";
	const size_t len = sizeof(text) - 1;
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + 4096, 4096, PROT_NONE) < 0) {
		got("mmap %s", errno_name(errno));
		run_finish();
	}
	memcpy(pages + 4096 - len, text, len);
	return pages + 4096 - len;
}

unsigned statvfs_type(const struct statvfs *fs)
{
	unsigned type;

	memcpy(&type, (const char *)&fs->f_namemax + sizeof(fs->f_namemax), sizeof(type));
	return type;
}
