/* SPDX-License-Identifier: Apache-2.0 */
/* The ground floor: locks between processes, and the state folder. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/state_dir.h"

static char folder[] = "/tmp/teeshim-base-XXXXXX";

/* A path in the test's folder; four are valid at a time. */
static const char *at(const char *name)
{
	static char paths[4][200];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, 200, "%s/%s", folder, name);
	return path;
}

static int folder_open(void)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void lock_excludes(void **state)
{
	int dirfd = folder_open();
	struct lock first;
	struct lock second;
	int64_t start;

	(void)state;
	assert_int_equal(lock_take(&first, dirfd, "lock", 0, LOCK_LONG), 0);
	assert_int_equal(lock_take(&second, dirfd, "lock", 0, LOCK_LONG), -ETIMEDOUT);
	start = clock_now_ms();
	assert_int_equal(lock_take(&second, dirfd, "lock", start + 50, LOCK_BRIEF), -ETIMEDOUT);
	assert_in_range(clock_now_ms() - start, 50, 5000);
	assert_int_equal(lock_take(&second, dirfd, "other", 0, LOCK_LONG), 0);
	lock_drop(&second);
	lock_drop(&first);
	assert_int_equal(lock_take(&second, dirfd, "lock", 0, LOCK_LONG), 0);
	lock_drop(&second);
	unlink(at("lock"));
	unlink(at("other"));
	close(dirfd);
}

/* A child forked meanwhile has a copy of the descriptor, and must not keep the lock. */
static void lock_and_fork(void **state)
{
	int dirfd = folder_open();
	struct lock lock;
	pid_t child;

	(void)state;
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_LONG), 0);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	lock_drop(&lock);
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_LONG), 0);
	lock_drop(&lock);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(at("lock"));
	close(dirfd);
}

/* A holder that dies gives the lock to the one who waits. */
static void lock_and_crash(void **state)
{
	int dirfd = folder_open();
	struct lock lock;
	pid_t child;
	int ready[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (lock_take(&lock, dirfd, "lock", 0, LOCK_LONG) == 0 &&
		    write(ready[1], "x", 1) == 1)
			usleep(100000);
		raise(SIGKILL);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_LONG), -ETIMEDOUT);
	assert_int_equal(lock_take(&lock, dirfd, "lock", clock_now_ms() + 5000, LOCK_LONG), 0);
	lock_drop(&lock);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	unlink(at("lock"));
	close(dirfd);
}

static bool is_blocked(int signal)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	return sigismember(&mask, signal) == 1;
}

static void lock_and_signals(void **state)
{
	int dirfd = folder_open();
	struct lock lock;
	struct lock other;

	(void)state;
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_BRIEF), 0);
	assert_true(is_blocked(SIGUSR1));
	lock_drop(&lock);
	assert_false(is_blocked(SIGUSR1));
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_LONG), 0);
	assert_false(is_blocked(SIGUSR1));
	assert_int_equal(lock_take(&other, dirfd, "lock", 0, LOCK_BRIEF), -ETIMEDOUT);
	assert_false(is_blocked(SIGUSR1));
	lock_drop(&lock);
	unlink(at("lock"));
	close(dirfd);
}

static void lock_refuses_link(void **state)
{
	int dirfd = folder_open();
	struct lock lock;

	(void)state;
	assert_int_equal(symlink("target", at("lock")), 0);
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_LONG), -ELOOP);
	assert_int_equal(access(at("target"), F_OK), -1);
	unlink(at("lock"));
	close(dirfd);
}

static void lock_under_umask(void **state)
{
	mode_t before = umask(0777);
	int dirfd = folder_open();
	struct lock lock;
	struct stat st;
	int err;

	(void)state;
	err = lock_take(&lock, dirfd, "lock", 0, LOCK_LONG);
	umask(before);
	assert_int_equal(err, 0);
	lock_drop(&lock);
	assert_int_equal(lock_take(&lock, dirfd, "lock", 0, LOCK_LONG), 0);
	lock_drop(&lock);
	assert_int_equal(stat(at("lock"), &st), 0);
	unlink(at("lock"));
	close(dirfd);
}

static void state_made(void **state)
{
	struct stat by_path;
	struct stat by_fd;
	mode_t before;
	int fd;

	(void)state;
	setenv("TEESHIM_STATE_DIR", at("state"), 1);
	assert_int_equal(state_dir_open(false), -ENOENT);
	before = umask(0777);
	fd = state_dir_open(true);
	umask(before);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(stat(at("state"), &by_path), 0);
	assert_int_equal(fstat(fd, &by_fd), 0);
	assert_true(by_path.st_ino == by_fd.st_ino);
	assert_int_equal(by_fd.st_mode & 07777, 0700);
	close(fd);
	fd = state_dir_open(false);
	assert_true(fd >= 0);
	close(fd);
	rmdir(at("state"));
}

static void state_modes(void **state)
{
	static const mode_t modes[] = {0755, 0701, 0710, 0777, 01777};

	(void)state;
	setenv("TEESHIM_STATE_DIR", at("state"), 1);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		mkdir(at("state"), 0700);
		chmod(at("state"), modes[i]);
		assert_int_equal(state_dir_open(true), -EACCES);
		assert_int_equal(state_dir_open(false), -EACCES);
		rmdir(at("state"));
	}
}

static void state_links_and_files(void **state)
{
	int fd;

	(void)state;
	setenv("TEESHIM_STATE_DIR", at("state"), 1);
	mkdir(at("real"), 0700);
	assert_int_equal(symlink(at("real"), at("state")), 0);
	assert_int_equal(state_dir_open(true), -EACCES);
	unlink(at("state"));
	rmdir(at("real"));
	assert_int_equal(symlink(at("absent"), at("state")), 0);
	assert_int_equal(state_dir_open(true), -EACCES);
	assert_int_equal(access(at("absent"), F_OK), -1);
	unlink(at("state"));
	fd = open(at("state"), O_WRONLY | O_CREAT, 0600);
	close(fd);
	assert_int_equal(state_dir_open(true), -EACCES);
	unlink(at("state"));
	setenv("TEESHIM_STATE_DIR", at("no/such"), 1);
	assert_int_equal(state_dir_open(true), -EACCES);
}

/* Another user's folder; needs root to make one. */
static void state_owner(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("not root: another user's folder cannot be made\n");
		skip();
	}
	setenv("TEESHIM_STATE_DIR", at("state"), 1);
	assert_int_equal(mkdir(at("state"), 0700), 0);
	assert_int_equal(chown(at("state"), 12345, 12345), 0);
	assert_int_equal(state_dir_open(true), -EACCES);
	rmdir(at("state"));
}

static int folder_make(void **state)
{
	(void)state;
	setenv("TEESHIM_LOG", "error:/dev/null", 1);
	return mkdtemp(folder) ? 0 : -1;
}

/* Fails where a test left something behind. */
static int folder_remove(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_excludes),
		cmocka_unit_test(lock_and_fork),
		cmocka_unit_test(lock_and_crash),
		cmocka_unit_test(lock_and_signals),
		cmocka_unit_test(lock_refuses_link),
		cmocka_unit_test(lock_under_umask),
		cmocka_unit_test(state_made),
		cmocka_unit_test(state_modes),
		cmocka_unit_test(state_links_and_files),
		cmocka_unit_test(state_owner),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
