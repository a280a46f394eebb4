/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting service with each allocation and each of the library's own system calls failing in turn: by
 * a connection, from placeholder to end, and by the device's ioctl.  The client sees an errno, an error
 * reply or the end of the connection, never anything else and never a wait without end; the same again
 * at once succeeds, and no descriptor stays.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/stub_agent.h"
#include "torture/agents.h"
#include "torture/fail.h"
#include "torture/world.h"
#include "translate/qgs.h"
#include "tree/quote_ioctl.h"
#include "tree/tree.h"
#include "tree/vsock.h"

enum {
	POINTS_MAX = 4000,
	REPORT_AT = 24,
	REPORT_DATA_AT = 568,
	QUOTE_LEN = 640,
	MESSAGE = QGS_REQUEST_HEAD,
	REQUEST = QGS_FRAME_SIZE + MESSAGE,
	REPLY = QGS_FRAMED_HEAD + QUOTE_LEN,
	REFUSED = -1000, /* an error reply, or the status that stands for one */
	ENDED = -1001,   /* the connection, without a reply */
};

static struct stub_agent stub;

static void request_make(uint8_t request[static REQUEST])
{
	static const uint8_t head[] = {0, 0, 4, 0x18, 1, 0, 1, 0, 0, 0, 0, 0, 0x18, 4,
				       0, 0, 0, 0,    0, 0, 0, 4, 0, 0, 0, 0, 0,    0};

	memset(request, 0, REQUEST);
	memcpy(request, head, sizeof(head));
	request[QGS_FRAME_SIZE + REPORT_AT] = 0x81;
	memset(request + QGS_FRAME_SIZE + REPORT_AT + 128, 0x3c, REPORT_DATA_SIZE);
}

/* 0 for the quote asked for. */
static int reply_judge(const uint8_t *reply, ssize_t len)
{
	uint8_t data[REPORT_DATA_SIZE];

	/* the marker is left where it could not be taken out */
	if (len == 0 || (len == 1 && reply[0] == 0))
		return ENDED;
	if (len == QGS_FRAMED_HEAD && reply[17] == 0x20 && reply[18] == 1)
		return REFUSED;
	memset(data, 0x3c, sizeof(data));
	return len == REPLY && memcmp(reply + QGS_FRAMED_HEAD + REPORT_DATA_AT, data,
				      sizeof(data)) == 0
		       ? 0
		       : -EBADMSG;
}

static int exchange(int fd)
{
	const struct timeval patience = {5, 0};
	uint8_t request[REQUEST];
	uint8_t reply[REPLY + 1];
	ssize_t len;
	int err;

	request_make(request);
	/* in two halves, the second of which finds the first gathered */
	assert_int_equal(send(fd, request, 600, MSG_NOSIGNAL), 600);
	err = vsock_serve(&world_program, fd);
	if (err == 0)
		return ENDED;
	vsock_gather(fd);
	assert_int_equal(vsock_room(fd, 1), 1);
	assert_int_equal(send(fd, request + 600, REQUEST - 600, MSG_NOSIGNAL), REQUEST - 600);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	err = vsock_wait(&world_program, fd, true);
	if (err < 0)
		return err;
	len = recv(fd, reply, sizeof(reply), MSG_WAITALL);
	return len < 0 ? -errno : reply_judge(reply, len);
}

static int flow_vsock(void)
{
	const uint32_t address[] = {AF_VSOCK, 4050, 2, 0};
	int fd = vsock_placeholder(SOCK_STREAM | SOCK_CLOEXEC);
	int err;

	if (fd < 0)
		return fd;
	err = vsock_connect(&world_program, fd, (uint64_t)address, sizeof(address));
	if (err == 0)
		err = exchange(fd);
	close(fd);
	return err;
}

static int flow_ioctl(void)
{
	uint8_t buffer[24 + REQUEST] = {1};
	const uint64_t argument[] = {(uint64_t)buffer, sizeof(buffer)};
	int err;

	buffer[16] = REQUEST & 0xff;
	buffer[17] = REQUEST >> 8;
	_Static_assert(sizeof(buffer) >= 24 + REPLY, "the reply");
	request_make(buffer + 24);
	err = quote_ioctl(&world_program, (uint64_t)argument);
	if (err < 0)
		return err;
	return buffer[15] == 0x80 ? REFUSED
				  : reply_judge(buffer + 24, buffer[20] | buffer[21] << 8);
}

static unsigned violations;

static bool is_of_contract(const struct fail_result *failure, int err)
{
	switch (err) {
	case REFUSED:
	case ENDED:
	case -ECONNRESET: /* no platform was to be seen */
		return true;
	default:
		return err == -failure->error;
	}
}

static unsigned torture(int (*flow)(void), enum fail_kind kind, unsigned variant)
{
	struct fail_result failure;
	char what[128];

	for (unsigned nth = 1; nth < POINTS_MAX; nth++) {
		int again;
		int err;

		world_state_remove();
		fail_arm(kind, nth, variant);
		err = flow();
		failure = fail_disarm();
		again = flow();
		snprintf(what, sizeof(what), "point %u, system call %ld, errno %d", nth,
			 failure.number, failure.error);
		if (again != 0 ||
		    (err != 0 && !(failure.failed && is_of_contract(&failure, err)))) {
			print_error("%s: gave %d, and then %d\n", what, err, again);
			violations++;
		}
		world_check(what);
		if (!failure.failed) {
			world_leak_check("every point");
			return nth - 1;
		}
	}
	fail_msg("no end after %u points", POINTS_MAX);
	return 0;
}

static void torture_all(int (*flow)(void), const unsigned least[static FAIL_VARIANTS])
{
	unsigned points = torture(flow, FAIL_ALLOCATION, 0);

	print_message("%u allocations failed in turn\n", points);
	assert_true(points >= 20);
	for (unsigned variant = 0; variant < FAIL_VARIANTS; variant++) {
		points = torture(flow, FAIL_SYS_CALL, variant);
		print_message("%u system calls failed in turn\n", points);
		assert_true(points >= least[variant]);
	}
	assert_int_equal(violations, 0);
}

static void test_vsock(void **state)
{
	static const unsigned least[FAIL_VARIANTS] = {60, 30, 10, 5};

	(void)state;
	torture_all(flow_vsock, least);
}

static void test_ioctl(void **state)
{
	static const unsigned least[FAIL_VARIANTS] = {40, 20, 10, 5};

	(void)state;
	torture_all(flow_ioctl, least);
}

static int group_start(void **state)
{
	(void)state;
	world_start();
	stub_start(&stub, "dstack.sock", agent_msgpack);
	setenv("TEESHIM_SOCKET", stub.agent.path, 1);
	/* learning the platform is test_tree's part */
	setenv("TEESHIM_TEE", "tdx", 1);
	assert_int_equal(flow_vsock(), 0);
	world_note();
	return 0;
}

static int group_end(void **state)
{
	(void)state;
	stub_stop(&stub);
	stub_remove(&stub);
	world_end();
	world_leak_check("all of it");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vsock),
		cmocka_unit_test(test_ioctl),
	};

	return cmocka_run_group_tests_name("torture: the quoting service", tests, group_start,
					   group_end);
}
