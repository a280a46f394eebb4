/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: one that blocks, forks beside them, small stacks, cancellation. */
#include "stranger.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

enum { FORK_THREADS = 4, FORK_CHILDREN = 120, SMALL_STACK = 16 << 10, QUOTE_STACK = 64 << 10 };

static pthread_t thread_start(void *(*run)(void *), void *argument, const pthread_attr_t *attr)
{
	pthread_t thread;
	int err = pthread_create(&thread, attr, run, argument);

	errno = err;
	CHECK(err == 0, "pthread_create");
	return thread;
}

static void *block_in_open(void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0, "open of the FIFO");
	close(fd);
	return NULL;
}

static void *block_in_fopen(void *path)
{
	FILE *stream = fopen(path, "re");

	CHECK(stream, "fopen of the FIFO");
	fclose(stream);
	return NULL;
}

/* A lock held over the real open(), or signals blocked there, stops everything below for ever. */
static void test_fifo(void)
{
	char path[] = "fifo-XXXXXX";
	pthread_t threads[2];
	pid_t pid;
	int fd;

	CHECK(mkdtemp(path), "mkdtemp");
	CHECK(chdir(path) == 0 && mkfifo("fifo", 0600) == 0, "mkfifo");
	threads[0] = thread_start(block_in_open, "fifo", NULL);
	threads[1] = thread_start(block_in_fopen, "fifo", NULL);
	usleep(100000);
	for (int i = 0; i < 100; i++)
		ordinary_expect("beside a blocked open");
	quote_expect("beside a blocked open");
	pid = fork();
	if (pid == 0) {
		ordinary_expect("in a child beside a blocked open");
		quote_expect("in a child beside a blocked open");
		_exit(0);
	}
	child_expect(pid, "fork beside a blocked open");
	fd = open("fifo", O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0, "open the other end");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	close(fd);
	unlink("fifo");
	CHECK(chdir("..") == 0 && rmdir(path) == 0, "remove the folder");
}

static atomic_bool stop;

static void *quote_and_open(void *argument)
{
	const bool quotes = argument != NULL;

	while (!atomic_load(&stop)) {
		int ret = 0;

		ordinary_expect("beside forks");
		if (quotes)
			ret = quote_try();
		errno = -ret;
		/*
		 * An inblob is committed at its last close, and a child just forked may have it open:
		 * natively as well, the outblob is then refused with EINVAL.
		 */
		CHECK(ret == 0 || ret == -EINVAL || (!stranger_served() && is_refusal(-ret)),
		      "beside forks: no quote");
	}
	return NULL;
}

/*
 * A child forked while another thread is inside the library gets any lock of it in the locked state
 * (ours, or libcurl's one of its global set-up), and hangs at its first use.
 */
static void test_fork(void)
{
	pthread_t threads[FORK_THREADS];

	for (int i = 0; i < FORK_THREADS; i++)
		threads[i] = thread_start(quote_and_open, i % 2 ? "" : NULL, NULL);
	for (int i = 0; i < FORK_CHILDREN; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			alarm(20);
			ordinary_expect("in a child of threads");
			if (i % 4 == 0)
				quote_expect("in a child of threads");
			_exit(0);
		}
		child_expect(pid, "a child of threads");
	}
	atomic_store(&stop, true);
	for (int i = 0; i < FORK_THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* on_stack() - run this on a stack of that size, below which nothing may be touched. */
static void on_stack(size_t size, void *(*run)(void *))
{
	const size_t guard = 64 << 10;
	char *memory = mmap(NULL, guard + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;

	CHECK(memory != MAP_FAILED, "mmap");
	CHECK(mprotect(memory + guard, size, PROT_READ | PROT_WRITE) == 0, "mprotect");
	pthread_attr_init(&attr);
	CHECK(pthread_attr_setstack(&attr, memory + guard, size) == 0, "pthread_attr_setstack");
	pthread_join(thread_start(run, NULL, &attr), NULL);
	pthread_attr_destroy(&attr);
	munmap(memory, guard + size);
}

static void *files_on_stack(void *argument)
{
	static char buffer[4096];
	struct statfs fs;
	struct stat st;
	DIR *dir;

	(void)argument;
	for (int i = 0; i < 3; i++) {
		int fd = openat(AT_FDCWD, ORDINARY, O_RDONLY | O_CLOEXEC);

		CHECK(fd >= 0 && lseek(fd, 1, SEEK_SET) == 1 && close(fd) == 0, "openat");
		CHECK(stat(ORDINARY, &st) == 0 && lstat(ORDINARY, &st) == 0, "stat");
		CHECK(fstatat(AT_FDCWD, ".", &st, 0) == 0 && statfs(".", &fs) == 0, "fstatat");
		CHECK(getcwd(buffer, sizeof(buffer)), "getcwd");
		CHECK(readlink("/proc/self/exe", buffer, sizeof(buffer)) > 0, "readlink");
		CHECK(mkdir(".", 0700) < 0 && errno == EEXIST, "mkdir");
		CHECK(rename(ABSENT, "elsewhere") < 0 && errno == ENOENT, "rename");
		CHECK(unlink("no-such-name") < 0 && errno == ENOENT, "unlink");
		/* names that look like ours at first sight, and of which the folder must be asked */
		CHECK(stat("config", &st) < 0 && stat("report/x", &st) < 0, "stat of such names");
		CHECK(open("inblob", O_RDONLY) < 0 && errno == ENOENT, "open of such a name");
		CHECK(openat(AT_FDCWD, "provider/", O_RDONLY) < 0, "openat of such a name");
		CHECK(syscall(SYS_openat, AT_FDCWD, "outblob", O_RDONLY) < 0, "syscall()");
		dir = opendir("/proc/self");
		CHECK(dir && readdir(dir) && closedir(dir) == 0, "opendir");
	}
	return NULL;
}

static void *quote_on_stack(void *argument)
{
	(void)argument;
	quote_expect("on a stack of 64 KB");
	return NULL;
}

/* A buffer of PATH_MAX bytes on the stack, or two, and these threads die at their guard pages. */
static void test_stacks(void)
{
	on_stack(SMALL_STACK, files_on_stack);
	on_stack(QUOTE_STACK, quote_on_stack);
}

static char cancelled_entry[NAME_LEN];
static const uint8_t cancelled_data[REPORT_DATA_SIZE] = {1, 2, 3};

static void *read_until_cancelled(void *argument)
{
	char path[NAME_LEN];
	int fd;

	(void)argument;
	fd = open(below(path, cancelled_entry, "outblob"), O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0, "open outblob");
	/* what open() gave is this program's to close */
	pthread_cleanup_push(descriptor_close, &fd);
	pthread_testcancel();
	pthread_cleanup_pop(1);
	return NULL;
}

/*
 * Started against an agent that takes its time.  A library that is a cancellation point while it
 * asks leaves a socket, a lock that its own process waits for, and the memory of the answer.
 */
static void test_cancel(void)
{
	const int before = descriptors_open();
	void *result;

	if (!stranger_served())
		return;
	entry_name(cancelled_entry);
	CHECK(mkdir(cancelled_entry, 0700) == 0, "mkdir");
	for (int i = 0; i < 3; i++) {
		pthread_t thread;
		int ret = quote_write(cancelled_entry, cancelled_data);

		errno = -ret;
		CHECK(ret == 0, "inblob");
		thread = thread_start(read_until_cancelled, NULL, NULL);
		usleep(150000);
		pthread_cancel(thread);
		pthread_join(thread, &result);
		CHECK(result == PTHREAD_CANCELED, "the thread was not cancelled");
		CHECK(descriptors_open() == before, "%d descriptors, before: %d",
		      descriptors_open(), before);
		ret = quote_read(cancelled_entry, cancelled_data);
		errno = -ret;
		CHECK(ret == 0, "outblob after a cancelled reader");
	}
	CHECK(rmdir(cancelled_entry) == 0, "rmdir");
	quote_expect("after cancelled threads");
}

STRANGER_MAIN({"fifo", test_fifo}, {"fork", test_fork}, {"stacks", test_stacks},
	      {"cancel", test_cancel})
