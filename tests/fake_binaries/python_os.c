/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Python client (Intel Trust Authority): every file is stat'ed, asked whether it is a terminal
 * and where it stands, then read with a buffer one byte larger than its size until nothing comes.
 */
#include "common.h"

#include <sys/ioctl.h>
#include <termios.h>

static int python_open(const char *path, int flags)
{
	struct termios terminal;
	struct stat64 st;
	int fd = OK_INT(path, open64(path, flags | O_CLOEXEC, 0666));

	OK("fstat", fstat64(fd, &st));
	if (!S_ISREG(st.st_mode))
		fail(path, "mode %o is no regular file", st.st_mode);
	FAILS("ioctl TCGETS", ioctl(fd, TCGETS, &terminal), ENOTTY);
	(void)lseek64(fd, 0, SEEK_CUR);
	return fd;
}

static size_t python_read(const char *path, uint8_t *out, size_t max)
{
	struct stat64 st;
	size_t used = 0;
	size_t chunk;
	long got;
	int fd = python_open(path, O_RDONLY);

	OK("fstat", fstat64(fd, &st));
	(void)lseek64(fd, 0, SEEK_CUR);
	chunk = st.st_size > 0 ? (size_t)st.st_size + 1 : 8192;
	do {
		if (max - used < chunk)
			fail(path, "more than %zu bytes", used);
		got = OK(path, read(fd, out + used, chunk));
		used += (size_t)got;
	} while (got);
	OK("close", close(fd));
	return used;
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t quote[2 * QUOTE_MAX];
	static uint8_t text[3 * 4097];
	char random[7];
	char name[16];
	char entry[256];
	struct stat64 st;
	size_t size;
	int fd;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	OK("stat " REPORT_DIR, stat64(REPORT_DIR, &st));
	random_name(random);
	snprintf(name, sizeof(name), "entry%s", random);
	path_join(entry, sizeof(entry), REPORT_DIR, name);
	OK("mkdir the entry", mkdir(entry, 0700));
	OK("stat inblob", stat64(PATH_OF(entry, "inblob"), &st));
	FAILS("stat auxblob", stat64(PATH_OF(entry, "auxblob"), &st), ENOENT);

	fd = python_open(PATH_OF(entry, "inblob"), O_WRONLY | O_CREAT | O_TRUNC);
	write_once("write inblob", fd, report_data, sizeof(report_data));
	OK("close inblob", close(fd));

	size = python_read(PATH_OF(entry, "outblob"), quote, sizeof(quote));
	if (python_read(PATH_OF(entry, "provider"), text, sizeof(text)) != 10 ||
	    memcmp(text, "tdx_guest\n", 10))
		fail("provider", "is not \"tdx_guest\\n\"");
	if (generation_parse((const char *)text,
			     python_read(PATH_OF(entry, "generation"), text, sizeof(text))) > 1)
		fail("generation", "somebody else wrote to the entry");
	OK("rmdir the entry", rmdir(entry));
	FAILS("lstat the removed entry", lstat64(entry, &st), ENOENT);

	quote_print(quote, size);
	return 0;
}
