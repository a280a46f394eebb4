/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on a descriptor.  The real file behind an attribute answers nearly all of them as the native
 * one does; these few differ.  A hint keeps the cost for everybody else at a load and a branch.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/front_socket.h"
#include "interpose/hint.h"
#include "interpose/own.h"
#include "interpose/wrap.h"
#include "tree/attribute.h"
#include "tree/descriptor.h"

enum { TEXT_SIZE = 4096 };

static ssize_t fail(int error)
{
	errno = error;
	return -1;
}

/* Is the file behind the descriptor to take a write?  Else *ret is the call's result. */
static bool write_may(int fd, const void *buf, size_t len, off_t at, ssize_t *ret)
{
	const int before = errno;
	struct node node;
	ssize_t result;

	if (!front_inblob_of(fd, &node))
		return true;
	if (node.attribute->store)
		result = descriptor_store(&own_process, &node, fd, (uint64_t)buf, len, at);
	else
		result = descriptor_write_check(fd, at, len);
	if (result == 0) {
		errno = before;
		return true;
	}
	*ret = front_end(result, before, before);
	return false;
}

static ssize_t written(ssize_t ret, int fd, off_t at, size_t len)
{
	const int error = errno;
	struct node node;

	if (ret < 0 && error == EFAULT && front_inblob_of(fd, &node))
		descriptor_write_failed(fd, at, len);
	errno = error;
	return ret;
}

#define WRAP_WRITE(name)                                                                           \
	EXPORT ssize_t name(int fd, const void *buf, size_t len);                                  \
	ssize_t name(int fd, const void *buf, size_t len)                                          \
	{                                                                                          \
		ssize_t ret;                                                                       \
                                                                                                   \
		if (!hint_get(fd))                                                                 \
			return NEXT(name)(fd, buf, len);                                           \
		if (front_is_device(fd))                                                           \
			return NEXT(name)(fd, buf, len) < 0 ? -1 : fail(EINVAL);                   \
		if (front_is_vsock(fd))                                                            \
			return front_send(fd, buf, len, 0);                                        \
		if (front_is_writer(fd))                                                           \
			return front_writer_write(fd, buf, len, -1);                               \
		if (!write_may(fd, buf, len, -1, &ret))                                            \
			return ret;                                                                \
		return written(NEXT(name)(fd, buf, len), fd, -1, len);                             \
	}

#define WRAP_PWRITE(name)                                                                          \
	EXPORT ssize_t name(int fd, const void *buf, size_t len, off_t at);                        \
	ssize_t name(int fd, const void *buf, size_t len, off_t at)                                \
	{                                                                                          \
		ssize_t ret;                                                                       \
                                                                                                   \
		if (!hint_get(fd) || at < 0)                                                       \
			return NEXT(name)(fd, buf, len, at);                                       \
		if (front_is_device(fd))                                                           \
			return NEXT(name)(fd, buf, len, at) < 0 ? -1 : fail(EINVAL);               \
		if (front_is_writer(fd))                                                           \
			return front_writer_write(fd, buf, len, at);                               \
		if (!write_may(fd, buf, len, at, &ret))                                            \
			return ret;                                                                \
		return written(NEXT(name)(fd, buf, len, at), fd, at, len);                         \
	}

/* Binary attributes do not seek; a text attribute ends at 4096 for SEEK_END. */
static bool seek_refused(int fd, off_t *offset, int *whence)
{
	struct node node;

	if (front_is_device(fd))
		return true;
	if (!front_attribute_of(fd, &node))
		return false;
	if (node.attribute->size == 0)
		return true;
	if (*whence == SEEK_END) {
		*whence = SEEK_SET;
		*offset += TEXT_SIZE;
	}
	return false;
}

#define WRAP_LSEEK(name)                                                                           \
	EXPORT off_t name(int fd, off_t offset, int whence);                                       \
	off_t name(int fd, off_t offset, int whence)                                               \
	{                                                                                          \
		if (front_is_hinted_writer(fd))                                                    \
			return front_writer_seek(fd, offset, whence);                              \
		if (hint_get(fd) && seek_refused(fd, &offset, &whence))                            \
			return fail(ESPIPE);                                                       \
		return NEXT(name)(fd, offset, whence);                                             \
	}

/* A close that may be the last one commits at once: two writers then commit in closing order. */
static int front_close(int fd, int (*next)(int))
{
	const int before = errno;
	struct node node;
	bool settle = front_inblob_of(fd, &node);
	int ret;

	errno = before;
	hint_clear(fd);
	ret = next(fd);
	if (settle && ret == 0) {
		descriptor_closed(&node);
		errno = before;
	}
	return ret;
}

#define WRAP_CLOSE(name)                                                                           \
	EXPORT int name(int fd);                                                                   \
	int name(int fd)                                                                           \
	{                                                                                          \
		return hint_get(fd) ? front_close(fd, NEXT(name)) : NEXT(name)(fd);                \
	}

/*
 * A copy is as much ours as the original.  The number that dup2() and dup3() replace is not looked
 * at: a description that ends there is committed by whoever looks next.
 */
static int copied(int ret, int fd)
{
	if (ret >= 0) {
		if (hint_get(fd))
			hint_set(ret);
		else if (hint_get(ret))
			hint_clear(ret);
	}
	return ret;
}

#define WRAP_DUP(name)                                                                             \
	EXPORT int name(int fd);                                                                   \
	int name(int fd)                                                                           \
	{                                                                                          \
		return copied(NEXT(name)(fd), fd);                                                 \
	}

#define WRAP_DUP2(name)                                                                            \
	EXPORT int name(int fd, int target);                                                       \
	int name(int fd, int target)                                                               \
	{                                                                                          \
		return copied(NEXT(name)(fd, target), fd);                                         \
	}

#define WRAP_DUP3(name)                                                                            \
	EXPORT int name(int fd, int target, int flags);                                            \
	int name(int fd, int target, int flags)                                                    \
	{                                                                                          \
		return copied(NEXT(name)(fd, target, flags), fd);                                  \
	}

/* Can these eight bytes be read?  The kernel says so without doing anything with them. */
static bool is_readable(const void *memory)
{
	return memory &&
	       sys_call(SYS_rt_sigprocmask, -1, (long)memory, 0, sizeof(uint64_t), 0, 0) != -EFAULT;
}

/* Both ends: it is shorter than a page, so nothing unreadable fits between them. */
static bool flock_is_readable(const struct flock *arg)
{
	return is_readable(arg) && is_readable((const char *)(arg + 1) - sizeof(uint64_t));
}

/* F_GETLK: nothing is ever locked.  The kernel is asked all the same, for what it thinks of arg. */
static int record_lock_query(int fd, int cmd, struct flock *arg)
{
	struct flock asked;
	int err;

	if (!flock_is_readable(arg))
		return (int)fail(EFAULT);
	asked = *arg;
	err = sys_fcntl(fd, cmd, arg);
	if (err < 0)
		return (int)fail(-err);
	*arg = asked;
	arg->l_type = F_UNLCK;
	return 0;
}

/*
 * Record locks on inblob.  Natively they exclude across all its descriptions and are nobody's habit;
 * here they would meet the byte by which a description tells that it is open, and wait for ever for
 * themselves, so they do nothing.  As this would hit a program that inherited the descriptor too, the
 * object is looked at without a hint.
 */
static bool fcntl_answered(int fd, int cmd, void *arg, int *ret)
{
	const int before = errno;
	struct node node;

	switch (cmd) {
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		if (!front_inblob_of(fd, &node))
			break;
		*ret = flock_is_readable(arg) ? 0 : (int)fail(EFAULT);
		return true;
	case F_GETLK:
	case F_OFD_GETLK:
		if (!front_inblob_of(fd, &node))
			break;
		*ret = record_lock_query(fd, cmd, arg);
		return true;
	case F_SETFL:
		if (!((long)arg & O_DIRECT) || !hint_get(fd) || !front_attribute_of(fd, &node))
			break;
		*ret = (int)fail(EINVAL);
		return true;
	default:
		break;
	}
	errno = before;
	return false;
}

/* The third argument is an int, a pointer or absent: libc itself takes it as a pointer. */
#define WRAP_FCNTL(name)                                                                           \
	EXPORT int name(int fd, int cmd, ...);                                                     \
	int name(int fd, int cmd, ...)                                                             \
	{                                                                                          \
		va_list list;                                                                      \
		void *arg;                                                                         \
		int ret;                                                                           \
                                                                                                   \
		va_start(list, cmd);                                                               \
		arg = va_arg(list, void *);                                                        \
		va_end(list);                                                                      \
		if (fcntl_answered(fd, cmd, arg, &ret))                                            \
			return ret;                                                                \
		ret = NEXT(name)(fd, cmd, arg);                                                    \
		if ((cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) && hint_get(fd) && ret >= 0)        \
			hint_set(ret);                                                             \
		return ret;                                                                        \
	}

/* Hints do not survive exec, and losing the inblob of a program that inherited it would be worse
 * than one fstat() before a call as rare as this. */
#define WRAP_FTRUNCATE(name)                                                                       \
	EXPORT int name(int fd, off_t len);                                                        \
	int name(int fd, off_t len)                                                                \
	{                                                                                          \
		struct node node;                                                                  \
                                                                                                   \
		if (len >= 0 && (front_inblob_of(fd, &node) || front_is_hinted_writer(fd)))        \
			return 0;                                                                  \
		return NEXT(name)(fd, len);                                                        \
	}

#define WRAP_FLOCK(name)                                                                           \
	EXPORT int name(int fd, int operation);                                                    \
	int name(int fd, int operation)                                                            \
	{                                                                                          \
		const int before = errno;                                                          \
		struct node node;                                                                  \
		int err;                                                                           \
                                                                                                   \
		if (!front_inblob_of(fd, &node))                                                   \
			return NEXT(name)(fd, operation);                                          \
		err = descriptor_flock(&node, fd, operation);                                      \
		errno = err < 0 ? -err : before;                                                   \
		return err < 0 ? -1 : 0;                                                           \
	}

#define FAMILY_FD
#include "interpose/symbols.def"
