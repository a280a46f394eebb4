/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operation of a random sequence and what came of it: the words that the model, the workers and
 * the report of a failure share.  Both travel as one message between controller and worker.
 */
#ifndef TEESHIM_TESTS_MODEL_OP_H
#define TEESHIM_TESTS_MODEL_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OP_PATH_SIZE = 112,
	OP_DATA_SIZE = 16384, /* more than any read that is asked for */
	OP_TEXT_SIZE = 512,
	OP_NO_DIRFD = -1,
	PROCS = 4,    /* worker processes at a time */
	FD_FIRST = 3, /* descriptors below are not touched */
	FD_END = 16,  /* descriptors from here on are the test's own */
};

enum op_kind {
	OP_MKDIR,
	OP_RMDIR,
	OP_UNLINK,
	OP_RENAME,
	OP_OPEN,
	OP_CLOSE,
	OP_READ,
	OP_PREAD,
	OP_WRITE,
	OP_PWRITE,
	OP_LSEEK,
	OP_DUP,
	OP_DUP2,
	OP_FORK,
	OP_EXEC,
	OP_EXIT,
	OP_KILL,
	OP_STAT,
	OP_FSTAT,
	OP_ACCESS,
	OP_LIST,
	OP_FLIST,
	OP_CHDIR,
	OP_FCHDIR,
	OP_GETCWD,
	OP_FLOCK,
	OP_TRUNCATE,
	OP_FTRUNCATE,
	OP_CHMOD,
	OP_KINDS
};

/* Which members count depends on the kind; op_text() shows them. */
struct op {
	enum op_kind kind;
	int proc;      /* the worker that performs it */
	int fd;        /* descriptor; of a fork, the new worker */
	int fd2;       /* target of dup2 */
	int dirfd;     /* OP_NO_DIRFD: the plain function, else the at-function */
	int flags;     /* of open, access, flock, lseek, chmod */
	uint32_t size; /* bytes to read or to write */
	int64_t at;    /* offset, length */
	uint8_t seed;  /* of the bytes that are written */
	bool null;     /* give NULL instead of a buffer */
	char path[OP_PATH_SIZE];
	char path2[OP_PATH_SIZE];
};

struct op_stat {
	uint32_t mode, uid, gid, blksize;
	uint64_t nlink, size, blocks;
};

struct result {
	int64_t ret;  /* what the call returned, or -errno */
	uint32_t len; /* of what follows: bytes read, a stat result, a listing, a path */
	union {
		uint8_t bytes[OP_DATA_SIZE];
		struct op_stat st;
	};
};

/* op_bytes() - the bytes that a write of this operation writes. */
void op_bytes(const struct op *op, uint8_t *bytes, size_t size);

/* op_text() - the operation as a line of C-like text. */
void op_text(const struct op *op, char text[static OP_TEXT_SIZE]);

/* op_result_text() - what came of it, likewise. */
void op_result_text(const struct op *op, const struct result *result,
		    char text[static OP_TEXT_SIZE]);

/* op_has_path() - is the operation one on a name? */
bool op_has_path(enum op_kind kind);

#endif
