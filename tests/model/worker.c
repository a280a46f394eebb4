/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that performs operations by plain libc calls.  It knows nothing of the rules, nor who
 * answers: the kernel or a library in front of it.
 */
#include "model/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int own_number;

static void answer(const struct result *result)
{
	size_t len = offsetof(struct result, bytes) + result->len;

	if (send(WORKER_CHANNEL + own_number, result, len, MSG_NOSIGNAL) != (ssize_t)len)
		_exit(1);
}

static int dirfd_of(const struct op *op)
{
	return op->dirfd == OP_NO_DIRFD ? AT_FDCWD : op->dirfd;
}

static int64_t file_open(const struct op *op)
{
	if (op->dirfd != OP_NO_DIRFD)
		return openat(op->dirfd, op->path, op->flags, 0666);
	return open(op->path, op->flags, 0666);
}

static int64_t name_make(const struct op *op)
{
	return op->dirfd != OP_NO_DIRFD ? mkdirat(op->dirfd, op->path, 0700)
					: mkdir(op->path, 0700);
}

static int64_t name_remove(const struct op *op)
{
	if (op->dirfd != OP_NO_DIRFD)
		return unlinkat(op->dirfd, op->path, op->kind == OP_RMDIR ? AT_REMOVEDIR : 0);
	return op->kind == OP_RMDIR ? rmdir(op->path) : unlink(op->path);
}

static int64_t stat_get(const struct op *op, struct result *result)
{
	struct stat st;
	int ret;

	if (op->kind == OP_FSTAT)
		ret = fstat(op->fd, &st);
	else if (op->dirfd != OP_NO_DIRFD)
		ret = fstatat(op->dirfd, op->path, &st, op->flags);
	else
		ret = op->flags ? lstat(op->path, &st) : stat(op->path, &st);
	if (ret < 0)
		return ret;
	result->st = (struct op_stat){.mode = st.st_mode,
				      .uid = st.st_uid,
				      .gid = st.st_gid,
				      .blksize = (uint32_t)st.st_blksize,
				      .nlink = st.st_nlink,
				      .size = (uint64_t)st.st_size,
				      .blocks = (uint64_t)st.st_blocks};
	result->len = sizeof(result->st);
	return 0;
}

static char type_letter(unsigned char type)
{
	return type == DT_DIR ? 'd' : type == DT_REG ? 'f' : type == DT_UNKNOWN ? '?' : 's';
}

static int64_t list_read(DIR *dir, struct result *result)
{
	struct dirent *entry;
	char *text = (char *)result->bytes;

	if (!dir)
		return -1;
	while (errno = 0, (entry = readdir(dir)))
		result->len += (uint32_t)snprintf(
			text + result->len, sizeof(result->bytes) - result->len, "%s%s %c",
			result->len ? ", " : "", entry->d_name, type_letter(entry->d_type));
	if (errno) {
		int error = errno;

		closedir(dir);
		errno = error;
		result->len = 0;
		return -1;
	}
	closedir(dir);
	return 0;
}

static int64_t fd_list(const struct op *op, struct result *result)
{
	int copy = dup(op->fd);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	int error = errno;

	if (dir)
		rewinddir(dir);
	else if (copy >= 0)
		close(copy);
	errno = error;
	return list_read(dir, result);
}

static int64_t data_read(const struct op *op, struct result *result)
{
	void *buffer = op->null ? NULL : result->bytes;
	ssize_t ret = op->kind == OP_READ ? read(op->fd, buffer, op->size)
					  : pread(op->fd, buffer, op->size, op->at);

	result->len = ret > 0 ? (uint32_t)ret : 0;
	return ret;
}

static int64_t data_write(const struct op *op)
{
	uint8_t bytes[256];
	const void *buffer = op->null ? NULL : bytes;

	op_bytes(op, bytes, sizeof(bytes));
	return op->kind == OP_WRITE ? write(op->fd, buffer, op->size)
				    : pwrite(op->fd, buffer, op->size, op->at);
}

static int64_t cwd_get(struct result *result)
{
	if (!getcwd((char *)result->bytes, sizeof(result->bytes)))
		return -1;
	result->len = (uint32_t)strlen((char *)result->bytes);
	return 0;
}

static int64_t self_fork(const struct op *op)
{
	pid_t pid = fork();

	if (pid == 0)
		worker_run(op->fd);
	return pid;
}

static int64_t self_exec(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", own_number);
	return execl("/proc/self/exe", "model", "--worker", number, (char *)NULL);
}

static int64_t perform(const struct op *op, struct result *result)
{
	switch (op->kind) {
	case OP_MKDIR:
		return name_make(op);
	case OP_RMDIR:
	case OP_UNLINK:
		return name_remove(op);
	case OP_RENAME:
		if (op->dirfd == OP_NO_DIRFD)
			return rename(op->path, op->path2);
		return renameat(op->dirfd, op->path, op->dirfd, op->path2);
	case OP_OPEN:
		return file_open(op);
	case OP_CLOSE:
		return close(op->fd);
	case OP_READ:
	case OP_PREAD:
		return data_read(op, result);
	case OP_WRITE:
	case OP_PWRITE:
		return data_write(op);
	case OP_LSEEK:
		return lseek(op->fd, op->at, op->flags);
	case OP_DUP:
		return dup(op->fd);
	case OP_DUP2:
		return dup2(op->fd, op->fd2);
	case OP_FORK:
		return self_fork(op);
	case OP_EXEC:
		return self_exec();
	case OP_STAT:
	case OP_FSTAT:
		return stat_get(op, result);
	case OP_ACCESS:
		return op->dirfd == OP_NO_DIRFD ? access(op->path, op->flags)
						: faccessat(op->dirfd, op->path, op->flags, 0);
	case OP_LIST:
		return list_read(opendir(op->path), result);
	case OP_FLIST:
		return fd_list(op, result);
	case OP_CHDIR:
		return chdir(op->path);
	case OP_FCHDIR:
		return fchdir(op->fd);
	case OP_GETCWD:
		return cwd_get(result);
	case OP_FLOCK:
		return flock(op->fd, op->flags);
	case OP_TRUNCATE:
		return truncate(op->path, op->at);
	case OP_FTRUNCATE:
		return ftruncate(op->fd, op->at);
	case OP_CHMOD:
		return fchmodat(dirfd_of(op), op->path, (mode_t)op->flags, 0);
	default:
		errno = ENOSYS;
		return -1;
	}
}

_Noreturn void worker_run(int number)
{
	static struct result result;
	struct op op;

	own_number = number;
	result.ret = 0;
	result.len = 0;
	answer(&result);
	while (recv(WORKER_CHANNEL + own_number, &op, sizeof(op), 0) == (ssize_t)sizeof(op)) {
		if (op.kind == OP_EXIT)
			break;
		result.len = 0;
		result.ret = perform(&op, &result);
		if (result.ret < 0)
			result.ret = -errno;
		answer(&result);
	}
	_exit(0);
}
