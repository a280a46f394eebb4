/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The preload front: what a libc wrapper does once the kernel has answered.
 *
 * A wrapper calls the next function first.  It comes here only with an answer that an absent or
 * forbidden TEE interface gives (front_refused), or with a result that carries our mark.  So calls
 * that succeed cost a few instructions, no pointer is read that the kernel has not accepted, and a
 * process that never touches a TEE makes no system call more than without us.
 *
 * The front_* calls below take errno as the kernel left it, and the errno from before the call; they
 * return what the program must see, with errno set on failure and as before on success.  They may be
 * called wherever the wrapped function may, but those that reach the agent allocate.
 */
#ifndef TEESHIM_INTERPOSE_FRONT_H
#define TEESHIM_INTERPOSE_FRONT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "agent/agent.h"
#include "interpose/hint.h"
#include "tree/layout.h"
#include "tree/node.h"

struct statfs;
struct sys_statx;

/* The process runs as root: the kernel then does what our folders' modes refuse to others. */
extern bool front_is_root;

/* The process has met our tree: now even calls that the kernel would grant are looked at. */
extern bool front_met;

/*
 * Names of ours are taken before the kernel is asked: TEESHIM_PREFER=agent, or a native interface is
 * there that this user may not use, parts of which would answer.
 */
extern bool front_agent_first;

/* front_claims() - is this path ours and served, and its pointer good?  errno is ENOENT then. */
bool front_claims(int dirfd, const char *path);

/*
 * front_disowns() - the kernel has granted a call on this path: is it a native TEE interface that the
 * user may only half use?  Native or agent is decided once per interface, or a client would see one
 * entry in two places.  The program then goes on with front_agent_first, and errno is ENOENT.
 */
bool front_native_disowned(const char *path);

/* front_may_disown() - the cheap part, for this stands behind every open(): "/sys/k" or "/sys/f". */
static inline __attribute__((always_inline)) bool front_may_disown(const char *path)
{
	return path && path[0] == '/' && path[1] == 's' && path[2] == 'y' && path[3] == 's' &&
	       path[4] == '/' && (path[5] == 'k' || path[5] == 'f');
}

static inline __attribute__((always_inline)) bool front_disowns(const char *path)
{
	return front_may_disown(path) && front_native_disowned(path);
}

/* is_null() - also for parameters that libc's headers promise are not: programs break promises. */
static inline bool is_null(const void *pointer)
{
	__asm__("" : "+r"(pointer));
	return !pointer;
}

/* front_by_descriptor() - does this absolute path lead through a descriptor, as /proc/self/fd/3? */
static inline bool front_by_descriptor(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/dev/", 5) == 0;
}

/* front_refused() - did the call fail in a way that a missing interface of ours makes it fail? */
static inline __attribute__((always_inline)) bool front_refused(long ret)
{
	const uint64_t errors = 1ULL << ENOENT | 1ULL << EACCES | 1ULL << EPERM | 1ULL << EROFS |
				1ULL << ENOTDIR | 1ULL << ENXIO | 1ULL << ENODEV |
				1ULL << ENOTEMPTY;

	if (__builtin_expect(ret >= 0, 1))
		return false;
	return errno < 64 && (errors >> errno & 1);
}

/*
 * front_find() - the node of a path that the kernel refused with this errno (0: accepted).  False in
 * set-user-ID programs, where the library is inert.
 */
bool front_find(int dirfd, const char *path, int error, struct node *node);

/* front_find_descriptor() - the node of a descriptor; false in set-user-ID programs as above. */
bool front_find_descriptor(int fd, struct node *node);

/*
 * front_attribute_of() - the attribute that an open descriptor reads or writes; front_inblob_of() only
 * if that is one that is written.  From the kernel object alone; errno is kept.
 */
bool front_attribute_of(int fd, struct node *node);
bool front_inblob_of(int fd, struct node *node);

/*
 * front_is_device() - is this descriptor a device of ours?  One fcntl() for everybody; errno is kept.
 * front_is_hinted_device() - the same, and free, for descriptors that carry no hint.
 * front_device_tee() - whose device it is, TEE_NONE where it is none.
 */
bool front_is_device(int fd);
enum tee front_device_tee(int fd);
static inline __attribute__((always_inline)) bool front_is_hinted_device(int fd)
{
	return hint_get(fd) && front_is_device(fd);
}

/*
 * front_is_writer(), front_is_hinted_writer() - the same for a register that is open for writing.
 * front_writer_write(), front_writer_seek() - write(2), pwrite(2) (at: -1 for write) and lseek(2) on it.
 */
bool front_is_writer(int fd);
static inline __attribute__((always_inline)) bool front_is_hinted_writer(int fd)
{
	return hint_get(fd) && front_is_writer(fd);
}
ssize_t front_writer_write(int fd, const void *buf, size_t len, off_t at);
off_t front_writer_seek(int fd, off_t offset, int whence);

/* front_find_marked() - the node of a name whose stat result is marked; an empty path is dirfd. */
bool front_find_marked(int dirfd, const char *path, struct node *node);

/*
 * front_look() - the node of what the kernel has at this name, which it has read; an empty path is
 * dirfd.  One stat for everybody, as for the two below.
 */
bool front_look(int dirfd, const char *path, struct node *node);

/*
 * front_is_ours(), front_owns() - is what the kernel has at this name, or behind this descriptor, an
 * object of ours?  One stat for everybody, so only for calls that are rare.
 */
bool front_owns(int fd);
bool front_is_ours(int dirfd, const char *path, int flags);

/* front_end() - turn a result of the tree into libc's: errno of before, or what went wrong. */
long front_end(long ret, int refused, int before);

int front_open(int dirfd, const char *path, int flags, int before);
int front_stat(int dirfd, const char *path, struct stat *st, int before);
int front_statx(int dirfd, const char *path, int flags, unsigned mask, struct sys_statx *stx,
		int before);
int front_access(int dirfd, const char *path, int mode, int before);
int front_mkdir(int dirfd, const char *path, int before);
int front_rmdir(int dirfd, const char *path, int before);
int front_unlink(int dirfd, const char *path, int before);
int front_remove(int dirfd, const char *path, int before);
int front_rename(int fromfd, const char *from, int tofd, const char *to, unsigned flags,
		 int before);
int front_link(int fromfd, const char *from, int tofd, const char *to, int before);
int front_inotify(int inotify, const char *path, uint32_t mask, int before);
int front_chdir(const char *path, int before);
int front_truncate(int dirfd, const char *path, off_t len, int before);
int front_unsupported(int dirfd, const char *path, int before);
int front_statfs(int dirfd, const char *path, struct statfs *fs, int before);
int front_create(int dirfd, const char *path, int before);
int front_create_file(int dirfd, const char *path, int before);
int front_check(int dirfd, const char *path, int before);
ssize_t front_readlink(int dirfd, const char *path, int before);

/*
 * front_mended_*() - the kernel succeeded and the result carries our mark: show the native object
 * instead, if the path agrees that it is ours.  An empty path means dirfd itself.
 */
void front_mended_stat(int dirfd, const char *path, struct stat *st);
void front_mended_statx(int dirfd, const char *path, struct sys_statx *stx);

/*
 * front_show_device() - the stat result is of a character device behind a descriptor with a hint: show
 * the native object if it is ours.
 */
void front_show_device(int fd, struct stat *st);
void front_show_device_statx(int fd, struct sys_statx *stx);

/* front_mended_statfs() - the same for statfs(2), which shows no mark: one stat of the object. */
void front_mended_statfs(int dirfd, const char *path, struct statfs *fs);

/* front_mended_listing() - the same for what getdents64(2) returned: sockets that are attributes. */
void front_mended_listing(int dirfd, void *entries, size_t len);

/* front_parent() - stat of the folder that holds a name; 0, or -errno. */
int front_parent(int dirfd, const char *path, struct stat *st);

/*
 * front_undo_*() - root's call created or removed something and has succeeded.  Where that was a name
 * of ours, undo it and answer as the kernel would have; else the success stands.
 * front_done_is_ours() only asks that.
 */
bool front_done_is_ours(int dirfd, const char *path);
int front_undo_open(int fd, int dirfd, const char *path, int flags, int before);
int front_undo_mkdir(int dirfd, const char *path, int before);
int front_undo_file(int dirfd, const char *path, int before);
int front_undo_create(int dirfd, const char *path, int before);
int front_undo_unlink(int dirfd, const char *path, int before);
int front_undo_rename(int fromfd, const char *from, int tofd, const char *to, int before);

/* front_is_marked() - inline part of the question above. */
static inline __attribute__((always_inline)) bool front_is_marked(mode_t mode)
{
	return __builtin_expect((mode & S_ISVTX) != 0, 0) && layout_is_marked(mode);
}

#endif
