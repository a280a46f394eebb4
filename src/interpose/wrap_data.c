/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to move data that a configfs attribute refuses and the real file behind it would not: empty
 * reads, mapping, splicing, syncing, reserving space.  All by hint, for they never matter to others.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/sys.h"
#include "interpose/front.h"
#include "interpose/front_socket.h"
#include "interpose/hint.h"
#include "interpose/wrap.h"
#include "tree/attribute.h"

static bool is_attribute(int fd)
{
	struct node node;

	return hint_get(fd) && front_attribute_of(fd, &node);
}

static long refuse(int error)
{
	errno = error;
	return -1;
}

/*
 * A read of no bytes: fs/configfs/file.c hands out its buffer by a copy that takes an empty request for
 * a fault, as long as there is anything to copy.
 */
static ssize_t read_nothing(ssize_t ret, int fd, off_t at)
{
	const int before = errno;
	struct stat st;

	if (ret != 0 || !is_attribute(fd) || sys_fstat(fd, &st) < 0)
		return ret;
	if (at < 0)
		at = (off_t)sys_call(SYS_lseek, fd, 0, SEEK_CUR, 0, 0, 0);
	errno = before;
	return at < st.st_size ? refuse(EFAULT) : 0;
}

/* The device has no data; a descriptor that may not be read or written is refused for that first. */
static ssize_t device_refused(ssize_t ret)
{
	return ret < 0 ? ret : refuse(EINVAL);
}

/* Not inline, for the sake of everybody else's read(). */
static __attribute__((noinline)) ssize_t hinted_read(int fd, void *buf, size_t len,
						     ssize_t (*next)(int, void *, size_t))
{
	if (front_is_device(fd))
		return device_refused(next(fd, buf, len));
	if (!front_may_receive(fd, 0))
		return -1;
	return len == 0 ? read_nothing(next(fd, buf, len), fd, -1) : next(fd, buf, len);
}

#define WRAP_READ(name)                                                                            \
	EXPORT ssize_t name(int fd, void *buf, size_t len);                                        \
	ssize_t name(int fd, void *buf, size_t len)                                                \
	{                                                                                          \
		return hint_get(fd) ? hinted_read(fd, buf, len, NEXT(name))                        \
				    : NEXT(name)(fd, buf, len);                                    \
	}

#define WRAP_PREAD(name)                                                                           \
	EXPORT ssize_t name(int fd, void *buf, size_t len, off_t at);                              \
	ssize_t name(int fd, void *buf, size_t len, off_t at)                                      \
	{                                                                                          \
		if (front_is_hinted_device(fd))                                                    \
			return device_refused(NEXT(name)(fd, buf, len, at));                       \
		if (UNLIKELY(len == 0))                                                            \
			return read_nothing(NEXT(name)(fd, buf, len, at), fd, at);                 \
		return NEXT(name)(fd, buf, len, at);                                               \
	}

#define WRAP_SYNC(name)                                                                            \
	EXPORT int name(int fd);                                                                   \
	int name(int fd)                                                                           \
	{                                                                                          \
		if (front_is_hinted_writer(fd))                                                    \
			return 0;                                                                  \
		return is_attribute(fd) ? (int)refuse(EINVAL) : NEXT(name)(fd);                    \
	}

#define WRAP_FALLOCATE(name)                                                                       \
	EXPORT int name(int fd, int mode, off_t at, off_t len);                                    \
	int name(int fd, int mode, off_t at, off_t len)                                            \
	{                                                                                          \
		struct node node;                                                                  \
                                                                                                   \
		if (hint_get(fd) && front_inblob_of(fd, &node))                                    \
			return (int)refuse(EOPNOTSUPP);                                            \
		return NEXT(name)(fd, mode, at, len);                                              \
	}

/* Returns its error instead of setting errno; glibc would write zero bytes where the kernel refuses. */
#define WRAP_POSIX_FALLOCATE(name)                                                                 \
	EXPORT int name(int fd, off_t at, off_t len);                                              \
	int name(int fd, off_t at, off_t len)                                                      \
	{                                                                                          \
		struct node node;                                                                  \
                                                                                                   \
		if (hint_get(fd) && front_inblob_of(fd, &node))                                    \
			return EOPNOTSUPP;                                                         \
		return NEXT(name)(fd, at, len);                                                    \
	}

/* mm/mmap.c looks at the descriptor's mode before it asks the file, which has no mapping. */
static int map_refusal(int fd, int prot, int flags)
{
	const bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
	struct node node;

	if (!hint_get(fd) || !front_attribute_of(fd, &node))
		return 0;
	return node.attribute->written || (shared && (prot & PROT_WRITE)) ? EACCES : ENODEV;
}

#define WRAP_MMAP(name)                                                                            \
	EXPORT void *name(void *at, size_t len, int prot, int flags, int fd, off_t offset);        \
	void *name(void *at, size_t len, int prot, int flags, int fd, off_t offset)                \
	{                                                                                          \
		const int before = errno;                                                          \
		int refusal = flags & MAP_ANONYMOUS ? 0 : map_refusal(fd, prot, flags);            \
                                                                                                   \
		errno = refusal ? refusal : before;                                                \
		return refusal ? MAP_FAILED : NEXT(name)(at, len, prot, flags, fd, offset);        \
	}

#define WRAP_SENDFILE(name)                                                                        \
	EXPORT ssize_t name(int out, int in, off_t *at, size_t len);                               \
	ssize_t name(int out, int in, off_t *at, size_t len)                                       \
	{                                                                                          \
		if (is_attribute(in))                                                              \
			return refuse(EINVAL);                                                     \
		return NEXT(name)(out, in, at, len);                                               \
	}

#define WRAP_SPLICE(name)                                                                          \
	EXPORT ssize_t name(int in, off_t *in_at, int out, off_t *out_at, size_t len,              \
			    unsigned flags);                                                       \
	ssize_t name(int in, off_t *in_at, int out, off_t *out_at, size_t len, unsigned flags)     \
	{                                                                                          \
		if (is_attribute(in) || is_attribute(out))                                         \
			return refuse(EINVAL);                                                     \
		return NEXT(name)(in, in_at, out, out_at, len, flags);                             \
	}

/* Between file systems; programs then fall back to read() and write(). */
#define WRAP_COPY_RANGE(name)                                                                      \
	EXPORT ssize_t name(int in, off_t *in_at, int out, off_t *out_at, size_t len,              \
			    unsigned flags);                                                       \
	ssize_t name(int in, off_t *in_at, int out, off_t *out_at, size_t len, unsigned flags)     \
	{                                                                                          \
		if (is_attribute(in) || is_attribute(out))                                         \
			return refuse(EXDEV);                                                      \
		return NEXT(name)(in, in_at, out, out_at, len, flags);                             \
	}

#define FAMILY_DATA
#include "interpose/symbols.def"
