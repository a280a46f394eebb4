/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries and their inblob, through the calls that the fronts make: what exists when, and what a
 * generation counts.  No agent answers here; its socket only has to exist.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tree/tree.h"

#define R "/sys/kernel/config/tsm/report"

static char agent_socket[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
static char home[] = "/tmp/teeshim-test-XXXXXX";

/* A caller that has no spare quote; nothing else of it is asked for here. */
static void nobody_identity(const struct caller *caller, int *pid, uint64_t *start)
{
	(void)caller;
	*pid = 0;
	*start = 0;
}

static const struct caller nobody = {.identity = nobody_identity};

static struct node at(const char *path)
{
	struct node node;

	node_from_path(&node, NULL, path);
	return node;
}

static int do_mkdir(const char *path)
{
	struct node node = at(path);

	return tree_mkdir(&node);
}

static int do_rmdir(const char *path)
{
	struct node node = at(path);

	return tree_rmdir(&node);
}

static int do_unlink(const char *path)
{
	struct node node = at(path);

	return tree_unlink(&node);
}

static int do_open(const char *path, int flags)
{
	struct node node = at(path);

	return tree_open(&nobody, &node, flags);
}

static void check_text(const char *path, const char *wanted)
{
	char text[64] = "";
	int fd = do_open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, wanted);
	close(fd);
}

static int open_inblob(void)
{
	int fd = do_open(R "/e/inblob", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int entry_setup(void **state)
{
	(void)state;
	return do_mkdir(R "/e");
}

static int entry_teardown(void **state)
{
	(void)state;
	return do_rmdir(R "/e");
}

static void test_make_and_remove(void **state)
{
	(void)state;
	assert_int_equal(do_rmdir(R "/e"), -ENOENT);
	assert_int_equal(do_mkdir(R "/e"), 0);
	assert_int_equal(do_mkdir(R "/e"), -EEXIST);
	assert_int_equal(do_mkdir(R), -EEXIST);
	assert_int_equal(do_mkdir(R "/e/inblob"), -EEXIST);
	assert_int_equal(do_mkdir(R "/e/x"), -EPERM);
	assert_int_equal(do_mkdir(R "/none/x"), -ENOENT);
	assert_int_equal(do_mkdir("/sys/kernel/config/tsm/x"), -EPERM);
	assert_int_equal(do_mkdir("/sys/kernel/config/x"), -EPERM);
	assert_int_equal(do_mkdir(R "/e/inblob/x"), -ENOTDIR);
	assert_int_equal(do_unlink(R "/e"), -EISDIR);
	assert_int_equal(do_unlink(R "/e/inblob"), -EPERM);
	assert_int_equal(do_unlink(R "/e/x"), -ENOENT);
	assert_int_equal(do_rmdir(R "/e/inblob"), -ENOTDIR);
	assert_int_equal(do_rmdir(R "/e/."), -EINVAL);
	assert_int_equal(do_rmdir(R "/e/.."), -ENOTEMPTY);
	assert_int_equal(do_rmdir(R), -EPERM);
	assert_int_equal(do_rmdir(R "/e"), 0);
	assert_int_equal(do_rmdir(R "/e"), -ENOENT);
	assert_int_equal(do_open(R "/e/inblob", O_WRONLY), -ENOENT);
}

static void test_directions(void **state)
{
	(void)state;
	assert_int_equal(do_open(R "/e/inblob", O_RDONLY), -EACCES);
	assert_int_equal(do_open(R "/e/inblob", O_RDWR), -EACCES);
	assert_int_equal(do_open(R "/e/outblob", O_WRONLY), -EACCES);
	assert_int_equal(do_open(R "/e/outblob", O_RDWR), -EACCES);
	assert_int_equal(do_open(R "/e/provider", O_WRONLY | O_TRUNC), -EACCES);
	assert_int_equal(do_open(R "/e/provider", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	assert_int_equal(do_open(R "/e/provider/", O_RDONLY), -ENOTDIR);
	assert_int_equal(do_open(R "/e/inblob", O_WRONLY | O_CREAT | O_EXCL), -EEXIST);
	assert_int_equal(do_open(R "/e/inblob", O_WRONLY | O_DIRECT), -EINVAL);
	assert_int_equal(do_open(R "/e/new", O_WRONLY | O_CREAT), -EACCES);
	assert_int_equal(do_open(R "/e/new", O_RDONLY), -ENOENT);
	assert_int_equal(do_open(R "/e", O_WRONLY), -EISDIR);
	assert_int_equal(do_open(R "/e", O_RDONLY | O_CREAT), -EISDIR);
	assert_int_equal(do_open(R "/none/inblob", O_WRONLY | O_CREAT), -ENOENT);
}

static void test_generation_counts_commits(void **state)
{
	int fd;

	(void)state;
	check_text(R "/e/provider", "tdx_guest\n");
	check_text(R "/e/generation", "0\n");
	fd = open_inblob();
	close(fd);
	check_text(R "/e/generation", "0\n");
	fd = open_inblob();
	assert_int_equal(write(fd, "x", 1), 1);
	check_text(R "/e/generation", "0\n");
	assert_int_equal(write(fd, "y", 1), 1);
	close(fd);
	check_text(R "/e/generation", "1\n");
	check_text(R "/e/generation", "1\n");
}

static void test_commit_waits_for_last_close(void **state)
{
	int fd = open_inblob();
	int copy = dup(fd);
	int other;
	pid_t child;

	(void)state;
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	check_text(R "/e/generation", "0\n");
	other = open_inblob();
	assert_int_equal(write(other, "z", 1), 1);
	close(other);
	check_text(R "/e/generation", "1\n");
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	close(copy);
	check_text(R "/e/generation", "1\n");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	check_text(R "/e/generation", "2\n");
}

static void test_outblob_needs_inblob(void **state)
{
	char byte;
	int fd = do_open(R "/e/outblob", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(lseek(fd, 0, SEEK_SET), -1);
	assert_int_equal(errno, ESPIPE);
	close(fd);
	fd = open_inblob();
	assert_int_equal(write(fd, "short", 5), 5);
	close(fd);
	fd = do_open(R "/e/outblob", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
}

static void test_removed_entry_commits_nothing(void **state)
{
	int fd = open_inblob();

	(void)state;
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(do_rmdir(R "/e"), 0);
	assert_int_equal(do_mkdir(R "/e"), 0);
	close(fd);
	check_text(R "/e/generation", "0\n");
}

static void test_stat(void **state)
{
	struct node node = at(R "/e/inblob");
	struct stat st;

	(void)state;
	assert_int_equal(tree_stat(&node, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0200);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(tree_stat(&node, (struct stat *)1), -EFAULT);
	node = at(R);
	assert_int_equal(tree_stat(&node, &st), 0);
	assert_int_equal(st.st_nlink, 3);
	node = at(R "/e/nothing");
	assert_int_equal(tree_stat(&node, &st), -ENOENT);
	node = at(R "/e/inblob");
	assert_int_equal(tree_access(&node, R_OK | W_OK), 0);
	assert_int_equal(tree_access(&node, X_OK), -EACCES);
}

static void test_without_agent(void **state)
{
	char socket_path[256];
	(void)state;
	snprintf(socket_path, sizeof(socket_path), "%s/gone.sock", home);
	setenv("TEESHIM_SOCKET", socket_path, 1);
	assert_int_equal(do_mkdir(R "/f"), TREE_PASS);
	assert_int_equal(do_open(R, O_RDONLY), TREE_PASS);
	/* an entry of before goes on, but has nobody to ask */
	check_text(R "/e/generation", "0\n");
	setenv("TEESHIM_SOCKET", agent_socket, 1);
}

static void test_off(void **state)
{
	(void)state;
	setenv("TEESHIM_TEE", "off", 1);
	assert_int_equal(do_mkdir(R "/f"), TREE_PASS);
	setenv("TEESHIM_TEE", "tdx", 1);
}

static int group_setup(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[256];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	if (!mkdtemp(home))
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dstack.sock", home);
	snprintf(folder, sizeof(folder), "%s/state", home);
	memcpy(agent_socket, address.sun_path, sizeof(agent_socket));
	setenv("TEESHIM_SOCKET", agent_socket, 1);
	setenv("TEESHIM_STATE_DIR", folder, 1);
	setenv("TEESHIM_TEE", "tdx", 1);
	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static int group_teardown(void **state)
{
	char command[512];

	(void)state;
	snprintf(command, sizeof(command), "chmod -R u+w %s && rm -rf %s", home, home);
	return system(command);
}

#define ENTRY_TEST(test) cmocka_unit_test_setup_teardown(test, entry_setup, entry_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_and_remove),
		ENTRY_TEST(test_directions),
		ENTRY_TEST(test_generation_counts_commits),
		ENTRY_TEST(test_commit_waits_for_last_close),
		ENTRY_TEST(test_outblob_needs_inblob),
		ENTRY_TEST(test_removed_entry_commits_nothing),
		ENTRY_TEST(test_stat),
		ENTRY_TEST(test_without_agent),
		cmocka_unit_test(test_off),
	};

	return cmocka_run_group_tests_name("tree: entries", tests, group_setup, group_teardown);
}
