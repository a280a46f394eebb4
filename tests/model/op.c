/* SPDX-License-Identifier: Apache-2.0 */
/* Operations and results as text, for the report of a failure. */
#include "model/op.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char *const names[OP_KINDS] = {
	[OP_MKDIR] = "mkdir",
	[OP_RMDIR] = "rmdir",
	[OP_UNLINK] = "unlink",
	[OP_RENAME] = "rename",
	[OP_OPEN] = "open",
	[OP_CLOSE] = "close",
	[OP_READ] = "read",
	[OP_PREAD] = "pread",
	[OP_WRITE] = "write",
	[OP_PWRITE] = "pwrite",
	[OP_LSEEK] = "lseek",
	[OP_DUP] = "dup",
	[OP_DUP2] = "dup2",
	[OP_FORK] = "fork",
	[OP_EXEC] = "exec",
	[OP_EXIT] = "_exit",
	[OP_KILL] = "is killed",
	[OP_STAT] = "stat",
	[OP_FSTAT] = "fstat",
	[OP_ACCESS] = "access",
	[OP_LIST] = "opendir, readdir",
	[OP_FLIST] = "fdopendir of a dup, readdir",
	[OP_CHDIR] = "chdir",
	[OP_FCHDIR] = "fchdir",
	[OP_GETCWD] = "getcwd",
	[OP_FLOCK] = "flock",
	[OP_TRUNCATE] = "truncate",
	[OP_FTRUNCATE] = "ftruncate",
	[OP_CHMOD] = "chmod",
};

bool op_has_path(enum op_kind kind)
{
	switch (kind) {
	case OP_MKDIR:
	case OP_RMDIR:
	case OP_UNLINK:
	case OP_RENAME:
	case OP_OPEN:
	case OP_STAT:
	case OP_ACCESS:
	case OP_LIST:
	case OP_CHDIR:
	case OP_TRUNCATE:
	case OP_CHMOD:
		return true;
	default:
		return false;
	}
}

void op_bytes(const struct op *op, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(op->seed * 31 + i * 7 + 1);
}

struct word {
	int value;
	const char *name;
};

static const struct word open_words[] = {
	{O_CREAT, "O_CREAT"},       {O_EXCL, "O_EXCL"},         {O_TRUNC, "O_TRUNC"},
	{O_APPEND, "O_APPEND"},     {O_NONBLOCK, "O_NONBLOCK"}, {O_CLOEXEC, "O_CLOEXEC"},
	{O_NOFOLLOW, "O_NOFOLLOW"}, {O_DIRECT, "O_DIRECT"},     {O_DIRECTORY, "O_DIRECTORY"},
	{O_PATH, "O_PATH"},
};

static void flags_text(const struct op *op, char *text, size_t size)
{
	static const char *const access_names[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
	static const char *const whence_names[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END"};

	if (op->kind == OP_LSEEK) {
		snprintf(text, size, "%s", whence_names[op->flags % 3]);
	} else if (op->kind == OP_FLOCK) {
		snprintf(text, size, "%s",
			 op->flags & LOCK_EX   ? "LOCK_EX|LOCK_NB"
			 : op->flags & LOCK_SH ? "LOCK_SH|LOCK_NB"
					       : "LOCK_UN");
	} else if (op->kind == OP_ACCESS) {
		snprintf(text, size, "%s%s%s%s", op->flags ? "" : "F_OK",
			 op->flags & R_OK ? "R_OK " : "", op->flags & W_OK ? "W_OK " : "",
			 op->flags & X_OK ? "X_OK" : "");
	} else if (op->kind == OP_CHMOD) {
		snprintf(text, size, "0%o", (unsigned)op->flags);
	} else if (op->kind == OP_OPEN) {
		int at = snprintf(text, size, "%s", access_names[op->flags & O_ACCMODE]);

		for (size_t i = 0; i < sizeof(open_words) / sizeof(open_words[0]); i++)
			if ((op->flags & open_words[i].value) == open_words[i].value)
				at += snprintf(text + at, size - (size_t)at, "|%s",
					       open_words[i].name);
	}
}

static void arguments_text(const struct op *op, char *text, size_t size)
{
	const char *buffer = op->null ? "NULL" : "buf";
	char flags[160] = "";
	char dir[32] = "";

	flags_text(op, flags, sizeof(flags));
	if (op->dirfd != OP_NO_DIRFD && op_has_path(op->kind))
		snprintf(dir, sizeof(dir), "at %d, ", op->dirfd);
	if (op->kind == OP_RENAME)
		snprintf(text, size, "\"%s\", \"%s\"", op->path, op->path2);
	else if (op->kind == OP_TRUNCATE)
		snprintf(text, size, "\"%s\", %" PRId64, op->path, op->at);
	else if (op_has_path(op->kind))
		snprintf(text, size, "%s\"%s\"%s%s", dir, op->path, flags[0] ? ", " : "", flags);
	else if (op->kind == OP_PREAD || op->kind == OP_PWRITE)
		snprintf(text, size, "%d, %s, %u, at %" PRId64, op->fd, buffer, op->size, op->at);
	else if (op->kind == OP_READ || op->kind == OP_WRITE)
		snprintf(text, size, "%d, %s, %u", op->fd, buffer, op->size);
	else if (op->kind == OP_LSEEK)
		snprintf(text, size, "%d, %" PRId64 ", %s", op->fd, op->at, flags);
	else if (op->kind == OP_FTRUNCATE)
		snprintf(text, size, "%d, %" PRId64, op->fd, op->at);
	else if (op->kind == OP_DUP2)
		snprintf(text, size, "%d, %d", op->fd, op->fd2);
	else if (op->kind == OP_FORK)
		snprintf(text, size, "as p%d", op->fd);
	else if (op->kind == OP_EXEC || op->kind == OP_EXIT || op->kind == OP_KILL ||
		 op->kind == OP_GETCWD)
		text[0] = '\0';
	else
		snprintf(text, size, "%d%s%s", op->fd, flags[0] ? ", " : "", flags);
}

void op_text(const struct op *op, char text[static OP_TEXT_SIZE])
{
	char arguments[OP_TEXT_SIZE - 64];

	arguments_text(op, arguments, sizeof(arguments));
	snprintf(text, OP_TEXT_SIZE, "p%d  %s(%s)", op->proc, names[op->kind], arguments);
}

static void bytes_text(const struct result *result, char *text, size_t size)
{
	size_t at = 0;

	for (uint32_t i = 0; i < result->len && i < 24 && at + 4 < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%02x", result->bytes[i]);
	if (result->len > 24)
		snprintf(text + at, size - at, "...");
}

void op_result_text(const struct op *op, const struct result *result,
		    char text[static OP_TEXT_SIZE])
{
	char bytes[128] = "";

	if (result->ret < 0) {
		const char *name = strerrorname_np((int)-result->ret);

		snprintf(text, OP_TEXT_SIZE, "%s", name ? name : "an unknown error");
	} else if (result->len == 0) {
		snprintf(text, OP_TEXT_SIZE, "%" PRId64, result->ret);
	} else if (op->kind == OP_STAT || op->kind == OP_FSTAT) {
		snprintf(text, OP_TEXT_SIZE,
			 "mode 0%o, nlink %" PRIu64 ", uid %u, gid %u, size %" PRIu64
			 ", blksize %u, blocks %" PRIu64,
			 result->st.mode, result->st.nlink, result->st.uid, result->st.gid,
			 result->st.size, result->st.blksize, result->st.blocks);
	} else if (op->kind == OP_READ || op->kind == OP_PREAD) {
		bytes_text(result, bytes, sizeof(bytes));
		snprintf(text, OP_TEXT_SIZE, "%" PRId64 ": %s", result->ret, bytes);
	} else {
		snprintf(text, OP_TEXT_SIZE, "%.*s", (int)result->len, (const char *)result->bytes);
	}
}
