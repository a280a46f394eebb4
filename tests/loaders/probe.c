/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe HEX FOLDER: what a program does every day, through the library, under one loader: plain files
 * in FOLDER as if the library were not there, and an entry of the tree, whose quote over the report
 * data goes to stdout.  The same source is linked against old and new C libraries, so that it imports
 * old and new symbol versions.  One line on stderr per failure; exit status 1 if there was one.
 */
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/statfs.h>

#include "../fake_binaries/common.h"

extern char **environ;

static unsigned failures;
static const char *plain;
static char entry[128];

static void expect(bool is_right, const char *what)
{
	if (is_right)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	failures++;
	errno = 0;
}

static const char *below(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		fail("memory", "exhausted");
	return path;
}

static bool reads(int fd, const char *expected)
{
	char text[64] = "";
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return len > 0 && strcmp(text, expected) == 0;
}

#ifdef __GLIBC__
#define opened64(path) open64(path, O_RDONLY)
#else
/*
 * musl's headers make it open(); binaries made with old musl import it all the same.  Weak, because
 * from 1.2.4 on the linker does not find it in musl, only the loader does.
 */
__attribute__((weak)) int opened64_by_name(const char *path, int flags, ...) __asm__("open64");
#define opened64(path) opened64_by_name(path, O_RDONLY)
#endif

static void opens(const char *path, const char *text)
{
	FILE *file = fopen(path, "r");
	char line[64] = "";

	expect(reads(open(path, O_RDONLY), text), "open");
	expect(reads(opened64(path), text), "open64");
	expect(reads(openat(AT_FDCWD, path, O_RDONLY), text), "openat");
	expect(reads((int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY), text), "syscall");
	expect(file && fgets(line, sizeof(line), file) && strcmp(line, text) == 0, "fopen");
	if (file)
		fclose(file);
}

static void stats(const char *path, off_t size)
{
	struct statx_head stx = {0};
	struct statfs fs;
	struct stat st;

	expect(stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == size, "stat");
	expect(lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == size, "lstat");
	expect(fstatat(AT_FDCWD, path, &st, 0) == 0 && st.st_size == size, "fstatat");
	expect(fstat(open(path, O_RDONLY), &st) == 0 && st.st_size == size, "fstat");
	expect(fake_statx(AT_FDCWD, path, 0, &stx) == 0 && S_ISREG(stx.mode) &&
		       stx.size == (uint64_t)size,
	       "statx");
	expect(statfs(path, &fs) == 0, "statfs");
	expect(access(path, R_OK) == 0, "access");
	expect(faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0, "faccessat");
}

static void names(const char *folder, const char *name)
{
	char buffer[PATH_MAX], *found;
	const char *path = below(folder, name);

	/* the oldest realpath() of glibc refuses NULL with EINVAL */
	found = realpath(path, NULL);
	expect(found && strcmp(found, path) == 0, "realpath(NULL)");
	expect(realpath(path, buffer) && strcmp(buffer, path) == 0, "realpath");
#ifdef __GLIBC__
	found = canonicalize_file_name(path);
	expect(found && strcmp(found, path) == 0, "canonicalize_file_name");
#endif
	expect(chdir(folder) == 0, "chdir");
	expect(getcwd(buffer, sizeof(buffer)) && strcmp(buffer, folder) == 0, "getcwd");
	found = realpath(name, NULL);
	expect(found && strcmp(found, path) == 0, "realpath of a relative name");
	expect(chdir("/") == 0, "chdir back");
}

static void lists(const char *folder, int files)
{
	DIR *dir = opendir(folder);
	struct dirent **entries = NULL, *one;
	glob_t found = {0};
	int count = 0;

	while (dir && (one = readdir(dir)))
		count += one->d_type == DT_REG;
	expect(count == files, "readdir");
	if (dir)
		closedir(dir);
	expect(scandir(folder, &entries, NULL, alphasort) == files + 2, "scandir");
#ifndef __GLIBC__
	if (strcmp(folder, plain) != 0)
		return;
#endif
	expect(glob(below(folder, "*"), 0, NULL, &found) == 0 && (int)found.gl_pathc == files,
	       "glob");
	globfree(&found);
}

static int walked;

static int walk(const char *path, const struct stat *st, int type, struct FTW *level)
{
	(void)path;
	(void)st;
	(void)level;
	walked += type == FTW_F;
	return 0;
}

/* Descriptors, processes and changes, which are nobody's but the kernel's here. */
static void plain_world(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char name[] = "true", *argv[] = {name, NULL};
	char *made = (char *)(uintptr_t)below(plain, "XXXXXX");
	int fd = open(below(plain, "file"), O_RDWR);
	int status = -1;
	pid_t pid;

	expect((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "fcntl");
#ifdef __GLIBC__
	expect((fcntl64(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "fcntl64");
#endif
	expect(fcntl(fd, F_SETLK, &lock) == 0, "fcntl(F_SETLK)");
	expect(fcntl(fd, F_DUPFD_CLOEXEC, 50) == 50, "fcntl(F_DUPFD_CLOEXEC)");
	expect(nftw(plain, walk, 8, FTW_PHYS) == 0 && walked == 2, "nftw");
	errno = posix_spawnp(&pid, name, NULL, NULL, argv, environ);
	expect(errno == 0, "posix_spawnp");
	expect(waitpid(pid, &status, 0) == pid && status == 0, "the spawned program");
	expect(mkdtemp(made) && rmdir(made) == 0, "mkdtemp, rmdir");
	expect(rename(below(plain, "file"), below(plain, "moved")) == 0, "rename");
	expect(rename(below(plain, "moved"), below(plain, "file")) == 0, "rename back");
	expect(open(below(plain, "missing"), O_RDONLY) < 0 && errno == ENOENT, "a missing file");
}

static void quote(const uint8_t report_data[static REPORT_DATA_SIZE])
{
	static uint8_t blob[QUOTE_MAX];
	int fd = open(below(entry, "inblob"), O_WRONLY | O_CREAT | O_TRUNC, 0200);
	ssize_t len, size = 0;

	expect(fd >= 0 && write(fd, report_data, REPORT_DATA_SIZE) == REPORT_DATA_SIZE, "inblob");
	expect(close(fd) == 0, "close");
	expect(reads(open(below(entry, "generation"), O_RDONLY), "1\n"), "generation");
	fd = open(below(entry, "outblob"), O_RDONLY);
	while (size < QUOTE_MAX && (len = read(fd, blob + size, QUOTE_MAX - (size_t)size)) > 0)
		size += len;
	expect(size > 0, "outblob");
	close(fd);
	if (size > 0)
		quote_print(blob, (size_t)size);
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];

	if (argc != 3)
		fail("usage", "probe HEX FOLDER");
	report_data_parse(argv[1], report_data);
	plain = argv[2];
	errno = 0;
	opens(below(plain, "file"), "plain\n");
	stats(below(plain, "file"), 6);
	names(plain, "file");
	lists(plain, 2);
	plain_world();

	snprintf(entry, sizeof(entry), REPORT_DIR "/loader-%d", getpid());
	expect(mkdir(entry, 0700) == 0, "mkdir of an entry");
	opens(below(entry, "provider"), "tdx_guest\n");
	stats(below(entry, "provider"), 4096);
	names(entry, "provider");
	lists(entry, 4);
	quote(report_data);
	expect(rmdir(entry) == 0, "rmdir of an entry");
	return failures ? 1 : 0;
}
