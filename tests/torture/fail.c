/* SPDX-License-Identifier: Apache-2.0 */
#include "torture/fail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static enum fail_kind armed_kind;
static unsigned armed_left; /* 0: nothing fails */
static unsigned armed_variant;
static struct fail_result result;

void fail_arm(enum fail_kind kind, unsigned nth, unsigned variant)
{
	armed_kind = kind;
	armed_variant = variant;
	armed_left = nth;
	result = (struct fail_result){0};
}

struct fail_result fail_met(void)
{
	return result;
}

struct fail_result fail_disarm(void)
{
	armed_left = 0;
	return result;
}

/* Whether this call is the one. */
static bool is_due(enum fail_kind kind)
{
	if (armed_left == 0 || armed_kind != kind || --armed_left > 0)
		return false;
	result.failed = true;
	return true;
}

static bool allocation_fails(void)
{
	if (!is_due(FAIL_ALLOCATION))
		return false;
	result.error = errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return allocation_fails() ? NULL : __real_strdup(text);
}

/* What each system call may fail with for want of something, as its manual page says. */
static const struct {
	long number;
	int errors[FAIL_VARIANTS];
} failures[] = {
	{SYS_openat, {EMFILE, ENFILE, EIO, ENOMEM}},
	{SYS_mkdirat, {ENOSPC, EIO, ENOMEM}},
	{SYS_mknodat, {ENOSPC, EIO}},
	{SYS_symlinkat, {ENOSPC, EIO}},
	{SYS_renameat2, {ENOSPC, EIO}},
	{SYS_unlinkat, {EIO, ENOMEM}},
	{SYS_write, {ENOSPC, EIO}},
	{SYS_fallocate, {ENOSPC, EIO, EOPNOTSUPP}},
	{SYS_read, {EIO}},
	{SYS_pread64, {EIO}},
	{SYS_newfstatat, {EIO, ENOMEM}},
	{SYS_fstat, {EIO}},
	{SYS_fchmod, {EIO}},
	{SYS_fchmodat, {EIO}},
	{SYS_getdents64, {EIO}},
	{SYS_readlinkat, {EIO}},
	{SYS_faccessat, {EIO}},
	{SYS_ftruncate, {EIO}},
	{SYS_fcntl, {ENOLCK}},
	{SYS_socket, {EMFILE, ENOMEM}},
	{SYS_socketpair, {EMFILE, ENFILE, ENOMEM}},
	{SYS_sendmsg, {ENOBUFS, ENOMEM, ETOOMANYREFS}},
	{SYS_recvmsg, {ENOMEM}},
	{SYS_recvfrom, {ENOMEM}},
	{SYS_dup3, {EBUSY}},
	{SYS_getpeername, {ENOBUFS}},
	{SYS_close, {EIO}},
};

/* The errno with which this call fails in the armed variant, or 0 where it has no such. */
static int failure_of(long number, long second, long third)
{
	int error = 0;

	/* the kernel needs nothing to answer that */
	if (number == SYS_fcntl &&
	    (second == F_OFD_GETLK || second == F_GETSIG || second == F_GETFL || second == F_GETFD))
		return 0;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].number == number)
			error = failures[i].errors[armed_variant];
	return error == ENFILE && (third & O_CREAT) ? ENOSPC : error;
}

long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
	const int saved = errno;
	const int error = failure_of(number, b, c);
	const bool fails = error && is_due(FAIL_SYS_CALL);
	long ret;

	if (fails) {
		result.number = number;
		result.error = error;
	}
	/* close() takes the descriptor away even where it fails */
	if (fails && number != SYS_close)
		return -error;
	ret = syscall(number, a, b, c, d, e, f);
	if (ret == -1)
		ret = -errno;
	errno = saved;
	return fails ? -error : ret;
}
