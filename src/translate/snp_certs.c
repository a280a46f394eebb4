/* SPDX-License-Identifier: Apache-2.0 */
#include "translate/snp_certs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/dir.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sys.h"

enum { NAME_SIZE = 256 }; /* NAME_MAX and a zero */

/* A FIFO does not block, and a terminal does not become ours. */
enum { OPEN_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

/* The names of a folder's files, in their order. */
struct names {
	char (*name)[NAME_SIZE];
	size_t count;
};

static int name_visit(int dir, const char *name, void *arg)
{
	struct names *names = arg;
	struct stat st;
	size_t at;

	if (name[0] == '.' || strlen(name) >= NAME_SIZE)
		return 0;
	if (sys_fstatat(dir, name, &st, 0) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (names->count == SNP_CERTS_FILES_MAX)
		return -E2BIG;
	for (at = names->count; at > 0 && strcmp(names->name[at - 1], name) > 0; at--)
		memcpy(names->name[at], names->name[at - 1], NAME_SIZE);
	memcpy(names->name[at], name, strlen(name) + 1);
	names->count++;
	return 0;
}

static int read_one(int dir, const char *name, struct buf *file)
{
	int fd = sys_openat(dir, name, OPEN_FLAGS, 0);
	int err;

	if (fd < 0)
		return fd;
	err = file_read(fd, file, SNP_CERTS_FILE_MAX);
	sys_close(fd);
	return err;
}

static int read_folder(int dir, struct buf *files, size_t *count)
{
	struct names names = {calloc(SNP_CERTS_FILES_MAX, NAME_SIZE), 0};
	int err;

	if (!names.name)
		return -ENOMEM;
	err = dir_each(dir, name_visit, &names);
	for (size_t i = 0; err == 0 && i < names.count; i++)
		err = read_one(dir, names.name[i], &files[(*count)++]);
	free(names.name);
	return err;
}

static int read_any(int fd, struct buf *files, size_t *count)
{
	struct stat st;
	int err = sys_fstat(fd, &st);

	if (err < 0)
		return err;
	if (S_ISDIR(st.st_mode))
		return read_folder(fd, files, count);
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return file_read(fd, &files[(*count)++], SNP_CERTS_FILE_MAX);
}

static const char *why(int err)
{
	if (err == -EINVAL)
		return "it is neither a file nor a folder";
	if (err == -E2BIG)
		return "the folder has more than 16 files";
	if (err == -EFBIG)
		return "a file is larger than 64 KiB";
	return log_errno(-err);
}

int snp_certs_read(const char *path, struct buf files[static SNP_CERTS_FILES_MAX], size_t *count)
{
	size_t done = 0;
	int fd = sys_openat(AT_FDCWD, path, OPEN_FLAGS, 0);
	int err = fd;

	if (fd >= 0) {
		err = read_any(fd, files, &done);
		sys_close(fd);
	}
	if (err == 0) {
		*count = done;
		return 0;
	}
	while (done > 0)
		buf_free(&files[--done]);
	if (err != -ENOMEM)
		log_error("TEESHIM_SNP_CERTS=%s: %s; reports go without certificates", path,
			  why(err));
	return err;
}
