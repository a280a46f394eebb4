/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errno after success.  POSIX lets a call change it, but programs test errno after strtol() or
 * readdir() alone, and a library that leaves its own failures there breaks them.  One line per call,
 * its name and errno, so that bare and preloaded can be compared, ordinary paths and ours.
 */
#include "stranger.h"

#include <glob.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <utime.h>

enum { MARK = 77 };

/* What the calls below work on. */
static char folder[NAME_LEN];
static char readable[NAME_LEN];
static char writable[NAME_LEN];

static void said(const char *name, bool ok)
{
	const int error = errno;

	if (ok)
		printf("%s %d\n", name, error);
	else
		printf("%s failed: %s\n", name, strerror(error));
}

#define SAY(name, expression) (errno = MARK, said(name, (expression)))

/* A descriptor is closed between two calls, and not by the next one looked at. */
#define SAY_FD(name, expression)                                                                   \
	do {                                                                                       \
		int opened = (errno = MARK, (expression));                                         \
		said(name, opened >= 0);                                                           \
		close(opened);                                                                     \
	} while (0)

#define SAY_STREAM(name, expression)                                                               \
	do {                                                                                       \
		FILE *opened = (errno = MARK, (expression));                                       \
		said(name, opened != NULL);                                                        \
		if (opened)                                                                        \
			fclose(opened);                                                            \
	} while (0)

static void say_open(void)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FILE *stream;

	SAY_FD("open", open(readable, O_RDONLY));
	SAY_FD("open of a folder", open(folder, O_RDONLY | O_DIRECTORY));
	SAY_FD("open O_PATH", open(readable, O_PATH));
	SAY_FD("open to write", open(writable, O_WRONLY));
	SAY_FD("open O_CREAT", open(writable, O_WRONLY | O_CREAT | O_TRUNC, 0600));
	SAY_FD("creat", creat(writable, 0600));
	SAY_FD("openat", openat(AT_FDCWD, readable, O_RDONLY | O_CLOEXEC));
	SAY_FD("openat of a relative name", openat(at, "provider", O_RDONLY));
	SAY_FD("syscall open", (int)syscall(SYS_open, readable, O_RDONLY));
	SAY_FD("syscall openat", (int)syscall(SYS_openat, at, "provider", O_RDONLY));
	SAY_STREAM("fopen", fopen(readable, "re"));
	SAY_STREAM("fopen to write", fopen(writable, "we"));
	stream = fopen("/dev/null", "re");
	CHECK(stream, "fopen /dev/null");
	SAY_STREAM("freopen", freopen(readable, "re", stream));
#ifdef __GLIBC__
	SAY_FD("open64", open64(readable, O_RDONLY));
	SAY_FD("openat64", openat64(at, "provider", O_RDONLY));
	SAY_STREAM("fopen64", fopen64(readable, "re"));
#endif
	close(at);
}

static void say_stat(void)
{
	int fd = open(readable, O_RDONLY | O_CLOEXEC);
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statvfs vfs;
	struct statfs fs;
	struct stat st;

	SAY("stat", stat(readable, &st) == 0);
	SAY("stat of a folder", stat(folder, &st) == 0);
	SAY("lstat", lstat(readable, &st) == 0);
	SAY("fstat", fstat(fd, &st) == 0);
	SAY("fstat of a folder", fstat(at, &st) == 0);
	SAY("fstatat", fstatat(at, "provider", &st, 0) == 0);
	SAY("syscall stat", syscall(SYS_stat, readable, &st) == 0);
	SAY("syscall fstat", syscall(SYS_fstat, fd, &st) == 0);
	SAY("access", access(readable, R_OK) == 0);
	SAY("faccessat", faccessat(at, "provider", R_OK, 0) == 0);
	SAY("statfs", statfs(folder, &fs) == 0);
	SAY("fstatfs", fstatfs(at, &fs) == 0);
	SAY("statvfs", statvfs(folder, &vfs) == 0);
	SAY("fstatvfs", fstatvfs(at, &vfs) == 0);
#ifdef __GLIBC__
	struct statx stx;
	struct stat64 st64;

	SAY("stat64", stat64(readable, &st64) == 0);
	SAY("fstat64", fstat64(fd, &st64) == 0);
	SAY("statx", statx(AT_FDCWD, readable, 0, STATX_BASIC_STATS, &stx) == 0);
	SAY("statx of a descriptor", statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &stx) == 0);
	SAY("eaccess", eaccess(readable, R_OK) == 0);
#endif
	close(at);
	close(fd);
}

static void say_meta(void)
{
	const struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
	int fd = open(writable, O_WRONLY | O_CLOEXEC);
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	SAY("chmod", chmod(writable, 0600) == 0);
	SAY("fchmod", fchmod(fd, 0600) == 0);
	SAY("fchmodat", fchmodat(at, "inblob", 0600, 0) == 0);
	SAY("chown", chown(writable, geteuid(), getegid()) == 0);
	SAY("lchown", lchown(writable, geteuid(), getegid()) == 0);
	SAY("fchown", fchown(fd, geteuid(), getegid()) == 0);
	SAY("fchownat", fchownat(at, "inblob", geteuid(), getegid(), 0) == 0);
	SAY("utimensat", utimensat(at, "inblob", now, 0) == 0);
	SAY("utimes", utimes(writable, NULL) == 0);
	SAY("truncate", truncate(writable, 0) == 0);
	SAY("ftruncate", ftruncate(fd, 0) == 0);
	SAY("listxattr", listxattr(readable, NULL, 0) >= 0);
	close(at);
	close(fd);
}

static void say_descriptors(void)
{
	char data[REPORT_DATA_SIZE] = {1};
	int reader = open(readable, O_RDONLY | O_CLOEXEC);
	int fd = open(writable, O_WRONLY | O_CLOEXEC);
	int copy;

	SAY("read", read(reader, data, 1) == 1);
	SAY("pread", pread(reader, data, 1, 0) == 1);
	SAY("lseek", lseek(reader, 0, SEEK_SET) == 0);
	SAY("write", write(fd, data, sizeof(data)) == sizeof(data));
	SAY("pwrite", pwrite(fd, data, sizeof(data), 0) == sizeof(data));
	SAY("flock", flock(fd, LOCK_EX) == 0);
	SAY("flock LOCK_UN", flock(fd, LOCK_UN) == 0);
	SAY("fcntl F_GETFL", fcntl(fd, F_GETFL) >= 0);
	SAY("fcntl F_SETLK", fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK}) == 0);
	SAY_FD("fcntl F_DUPFD", fcntl(fd, F_DUPFD_CLOEXEC, 50));
	SAY_FD("dup", dup(fd));
	copy = dup(fd);
	SAY("dup2", dup2(reader, copy) == copy);
	SAY("dup3", dup3(fd, copy, O_CLOEXEC) == copy);
	SAY("close of a copy", close(copy) == 0);
	SAY("close of a writer", close(fd) == 0);
	SAY("close of a reader", close(reader) == 0);
}

static int take_all(const struct dirent *entry)
{
	(void)entry;
	return 1;
}

static void say_folders(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = (errno = MARK, opendir(folder));
	struct dirent **list = NULL;
	char text[4096];
#ifdef __GLIBC__
	char pattern[NAME_LEN];
	glob_t found;
#endif

	said("opendir", dir != NULL);
	CHECK(dir, "opendir");
	SAY("readdir", readdir(dir) != NULL);
	while (readdir(dir))
		;
	errno = MARK;
	said("readdir at the end", readdir(dir) == NULL);
	SAY("closedir", closedir(dir) == 0);
	SAY("scandir", scandir(folder, &list, take_all, NULL) > 2);
#ifdef __GLIBC__
	/* musl's asks by calls inside itself: not served there */
	SAY("glob", glob(below(pattern, folder, "prov*"), 0, NULL, &found) == 0);
#endif
	SAY("chdir", chdir(folder) == 0);
	SAY("getcwd", getcwd(text, sizeof(text)) != NULL);
	SAY_FD("open in the current folder", open("provider", O_RDONLY));
	SAY("access in the current folder", access("inblob", F_OK) == 0);
	SAY("realpath", realpath("provider", text) != NULL);
	SAY("fchdir", fchdir(here) == 0);
	SAY("readlink", readlink("/proc/self/cwd", text, sizeof(text)) > 0);
	close(here);
}

static void say_all(void)
{
	say_open();
	say_stat();
	say_meta();
	say_folders();
	say_descriptors();
}

/* The calls that create and remove, on names that are nobody's. */
static void say_names(void)
{
	char file[NAME_LEN];
	char other[NAME_LEN];
	char name[NAME_LEN];

	below(file, folder, "file");
	below(other, folder, "other");
	SAY("mkdir", mkdir(other, 0700) == 0);
	SAY("rmdir", rmdir(other) == 0);
	SAY("mkdirat", mkdirat(AT_FDCWD, other, 0700) == 0);
	SAY("unlinkat", unlinkat(AT_FDCWD, other, AT_REMOVEDIR) == 0);
	below(name, folder, "m-XXXXXX");
	SAY_FD("mkstemp", mkstemp(name));
	SAY("rename", rename(name, file) == 0);
	SAY("link", link(file, other) == 0);
	SAY("unlink", unlink(other) == 0);
	SAY("symlink", symlink(file, other) == 0);
	SAY("readlink of a link", readlink(other, name, sizeof(name)) > 0);
	SAY("renameat", renameat(AT_FDCWD, other, AT_FDCWD, file) == 0);
	SAY("remove", remove(file) == 0);
	SAY("mkfifo", mkfifo(file, 0600) == 0);
	SAY("mknod", mknod(other, S_IFREG | 0600, 0) == 0);
	below(name, folder, "d-XXXXXX");
	SAY("mkdtemp", mkdtemp(name) != NULL);
	SAY("remove of a folder", remove(name) == 0);
	remove(file);
	remove(other);
}

/* The less usual ways to the same. */
static void say_more(void)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = open(writable, O_RDWR | O_CLOEXEC);
	int reader = open(readable, O_RDONLY | O_CLOEXEC);
	int watch = inotify_init1(IN_CLOEXEC);
	char name[NAME_LEN];
	void *map;

	SAY("symlinkat", symlinkat("provider", at, "link") == 0);
	SAY("readlinkat", readlinkat(at, "link", name, sizeof(name)) == 8);
	SAY("lchown of a link", lchown(below(name, folder, "link"), geteuid(), getegid()) == 0);
	SAY("lutimes", lutimes(name, NULL) == 0);
	SAY("utime", utime(readable, NULL) == 0);
	SAY("unlinkat of a link", unlinkat(at, "link", 0) == 0);
	SAY("linkat", linkat(at, "provider", at, "link", 0) == 0);
	SAY("unlinkat", unlinkat(at, "link", 0) == 0);
	SAY("mknodat", mknodat(at, "node", S_IFREG | 0600, 0) == 0);
	SAY("mkfifoat", mkfifoat(at, "fifo", 0600) == 0);
	unlinkat(at, "node", 0);
	unlinkat(at, "fifo", 0);
	below(name, folder, "m-XXXXXX");
	SAY_FD("mkostemp", mkostemp(name, O_CLOEXEC));
	unlink(name);
	SAY("fsync", fsync(fd) == 0);
	SAY("fdatasync", fdatasync(fd) == 0);
	SAY("posix_fallocate", posix_fallocate(fd, 0, 4096) == 0);
	SAY("sendfile", sendfile(fd, reader, &(off_t){0}, 10) == 10);
	map = (errno = MARK, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	said("mmap", map != MAP_FAILED);
	SAY("inotify_add_watch", inotify_add_watch(watch, folder, IN_DELETE) > 0);
	SAY("setxattr", setxattr(readable, "user.stranger", "x", 1, 0) == 0 || errno == ENOTSUP);
#ifdef __GLIBC__
	char *text;

	below(name, folder, "other");
	SAY("renameat2", renameat2(at, "provider", at, "other", RENAME_NOREPLACE) == 0);
	SAY("renameat2 back", renameat2(at, "other", at, "provider", 0) == 0);
	text = (errno = MARK, canonicalize_file_name(readable));
	said("canonicalize_file_name", text != NULL);
	free(text);
	text = (errno = MARK, get_current_dir_name());
	said("get_current_dir_name", text != NULL);
	free(text);
	SAY("futimesat", futimesat(at, "provider", NULL) == 0);
	SAY("pread64", pread64(reader, name, 1, 0) == 1);
	SAY("lseek64", lseek64(reader, 0, SEEK_END) == 10);
	SAY("fcntl64", fcntl64(reader, F_GETFD) >= 0);
	SAY("ftruncate64", ftruncate64(fd, 0) == 0);
	SAY("copy_file_range", copy_file_range(reader, &(off64_t){0}, fd, NULL, 10, 0) == 10);
#endif
	if (map != MAP_FAILED)
		munmap(map, 4096);
	close(watch);
	close(reader);
	close(fd);
	close(at);
}

static void test_ordinary(void)
{
	strcpy(folder, "calls-XXXXXX");
	CHECK(mkdtemp(folder), "mkdtemp");
	below(readable, folder, "provider");
	below(writable, folder, "inblob");
	CHECK(close(creat(readable, 0600)) == 0 && close(creat(writable, 0600)) == 0, "creat");
	CHECK(truncate(readable, 10) == 0, "truncate");
	say_names();
	say_more();
	say_all();
	remove(readable);
	remove(writable);
	CHECK(rmdir(folder) == 0, "rmdir");
}

static void test_ours(void)
{
	entry_name(folder);
	SAY("mkdir", mkdir(folder, 0700) == 0);
	below(readable, folder, "provider");
	below(writable, folder, "inblob");
	say_all();
	SAY("rmdir", rmdir(folder) == 0);
}

STRANGER_MAIN({"ordinary", test_ordinary}, {"ours", test_ours})
