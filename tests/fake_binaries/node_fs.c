/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node's fs.promises through libuv: mkdtemp(3), statx by syscall(), scandir64(3), reads of 8192
 * bytes, and every call on another thread of the pool.
 */
#include "common.h"

#include <pthread.h>

static uint8_t report_data[REPORT_DATA_SIZE];
static uint8_t quote[QUOTE_MAX];
static size_t quote_size;
static char entry[] = REPORT_DIR "/node-XXXXXX";
static int fd = -1;

static void *pool_mkdtemp(void *unused)
{
	OK("access " REPORT_DIR, access(REPORT_DIR, F_OK));
	if (!mkdtemp(entry))
		fail_errno("mkdtemp");
	return unused;
}

static void *pool_open_inblob(void *unused)
{
	fd = OK_INT("open inblob", open64(PATH_OF(entry, "inblob"),
					  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
	return unused;
}

static void *pool_write(void *unused)
{
	write_once("write inblob", fd, report_data, sizeof(report_data));
	return unused;
}

static void *pool_close(void *unused)
{
	OK("close", close(fd));
	return unused;
}

static void *pool_open_outblob(void *unused)
{
	fd = OK_INT("open outblob", open64(PATH_OF(entry, "outblob"), O_RDONLY | O_CLOEXEC));
	return unused;
}

static void *pool_statx(void *unused)
{
	struct statx_head head;

	OK("statx of outblob",
	   syscall(SYS_statx, fd, "", FAKE_AT_EMPTY_PATH, FAKE_STATX_ALL, &head));
	if (!S_ISREG(head.mode) || (head.mode & 07777) != 0444)
		fail("statx of outblob", "mode is %o", head.mode);
	OK("statx of the entry by path",
	   syscall(SYS_statx, AT_FDCWD, entry, 0, FAKE_STATX_ALL, &head));
	if (!S_ISDIR(head.mode))
		fail("statx of the entry", "mode is %o", head.mode);
	return unused;
}

static void *pool_read(void *unused)
{
	long got;

	do {
		if (sizeof(quote) - quote_size < 8192)
			fail("read outblob", "more than %zu bytes", quote_size);
		got = OK("read outblob", read(fd, quote + quote_size, 8192));
		quote_size += (size_t)got;
	} while (got);
	return unused;
}

static int not_dots(const struct dirent64 *item)
{
	return strcmp(item->d_name, ".") && strcmp(item->d_name, "..");
}

static void *pool_scandir(void *unused)
{
	static const char *const expected[] = {"generation", "inblob", "outblob", "provider"};
	struct dirent64 **items = NULL;
	int count = scandir64(entry, &items, not_dots, alphasort64);

	if (count < 0)
		fail_errno("scandir");
	if (count != 4)
		fail("scandir", "%d names instead of 4", count);
	for (int i = 0; i < count; i++) {
		if (strcmp(items[i]->d_name, expected[i]))
			fail("scandir", "%s instead of %s", items[i]->d_name, expected[i]);
		if (items[i]->d_type != DT_REG)
			fail("scandir", "%s has d_type %d", expected[i], items[i]->d_type);
		free(items[i]);
	}
	free(items);
	return unused;
}

static void *pool_rmdir(void *unused)
{
	OK("rmdir the entry", rmdir(entry));
	FAILS("access the removed entry", access(entry, F_OK), ENOENT);
	return unused;
}

int main(int argc, char **argv)
{
	static void *(*const calls[])(void *) = {
		pool_mkdtemp, pool_open_inblob, pool_write, pool_close,   pool_open_outblob,
		pool_statx,   pool_read,        pool_close, pool_scandir, pool_rmdir,
	};

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		pthread_t thread;

		errno = pthread_create(&thread, NULL, calls[i], NULL);
		if (errno)
			fail_errno("pthread_create");
		pthread_join(thread, NULL);
	}
	quote_print(quote, quote_size);
	return 0;
}
