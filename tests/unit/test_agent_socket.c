/* SPDX-License-Identifier: Apache-2.0 */
/* Which socket is chosen, and which values of the variables are refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/socket.h"

static char folder[] = "/tmp/teeshim-socket-XXXXXX";

/* A path in the test's folder. */
static const char *at(const char *name)
{
	static char paths[4][200];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, 200, "%s/%s", folder, name);
	return path;
}

static void make_socket(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", at(name));
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
}

static void variables(const char *teeshim, const char *dstack)
{
	unsetenv("TEESHIM_SOCKET");
	unsetenv("DSTACK_SIMULATOR_ENDPOINT");
	if (teeshim)
		setenv("TEESHIM_SOCKET", teeshim, 1);
	if (dstack)
		setenv("DSTACK_SIMULATOR_ENDPOINT", dstack, 1);
}

static void variable_order(void **state)
{
	struct agent agent;
	struct stat st;

	(void)state;
	variables(at("one.sock"), at("dstack.sock"));
	assert_int_equal(agent_find(&agent), 0);
	assert_string_equal(agent.path, at("one.sock"));
	assert_true(agent.named);
	assert_false(agent.tappd);
	assert_int_equal(stat(agent.path, &st), 0);
	assert_true(agent.dev == st.st_dev && agent.ino == st.st_ino);
	variables("", at("dstack.sock"));
	assert_int_equal(agent_find(&agent), 0);
	assert_string_equal(agent.path, at("dstack.sock"));
	assert_true(agent.named);
}

static void tappd_by_name(void **state)
{
	struct agent agent;

	(void)state;
	variables(at("tappd.sock"), NULL);
	assert_int_equal(agent_find(&agent), 0);
	assert_true(agent.tappd);
	variables(NULL, at("my-tappd.sock"));
	assert_int_equal(agent_find(&agent), 0);
	assert_true(agent.tappd);
	variables(at("tappd.sock.old"), NULL);
	assert_int_equal(agent_find(&agent), 0);
	assert_false(agent.tappd);
}

/* A named socket that is not there is no agent; the fixed places do not stand in for it. */
static void absent(void **state)
{
	struct agent agent = {.ino = 7};

	(void)state;
	variables(at("absent.sock"), at("dstack.sock"));
	assert_int_equal(agent_find(&agent), -ENOENT);
	variables(folder, NULL); /* no socket */
	assert_int_equal(agent_find(&agent), -ENOENT);
	assert_true(agent.ino == 7);
}

static void refused_values(void **state)
{
	static const char *const urls[] = {
		"http://localhost:8090", "https://a/b",  "unix:/var/run/dstack.sock",
		"unix:///var/run/x",     "localhost:80",
	};
	struct agent agent;
	char path[300];

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		variables(NULL, urls[i]);
		assert_int_equal(agent_find(&agent), -EINVAL);
		variables(urls[i], NULL);
		assert_int_equal(agent_find(&agent), -EINVAL);
	}
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(agent.path)] = '\0';
	variables(path, NULL);
	assert_int_equal(agent_find(&agent), -EINVAL);
	path[sizeof(agent.path) - 1] = '\0'; /* fits, but nothing is there */
	variables(path, NULL);
	assert_int_equal(agent_find(&agent), -ENOENT);
	variables(at("co:lon"), NULL); /* a colon behind a slash makes no URL */
	assert_int_equal(agent_find(&agent), -ENOENT);
}

static void fixed_places(void **state)
{
	static const char *const order[] = {
		"/var/run/dstack.sock",        "/run/dstack.sock",
		"/var/run/dstack/dstack.sock", "/run/dstack/dstack.sock",
		"/var/run/tappd.sock",         "/run/tappd.sock",
		"/var/run/dstack/tappd.sock",  "/run/dstack/tappd.sock",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(socket_place(i), order[i]);
	assert_null(socket_place(i));
}

static const char *const sockets[] = {
	"one.sock", "dstack.sock", "tappd.sock", "my-tappd.sock", "tappd.sock.old",
};

static int folder_make(void **state)
{
	(void)state;
	setenv("TEESHIM_LOG", "error:/dev/null", 1);
	if (!mkdtemp(folder))
		return -1;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		make_socket(sockets[i]);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		unlink(at(sockets[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variable_order), cmocka_unit_test(tappd_by_name),
		cmocka_unit_test(absent),         cmocka_unit_test(refused_values),
		cmocka_unit_test(fixed_places),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
