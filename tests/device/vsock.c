/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting service over vsock.  The kernel's column is that of a TDX guest whose host has QGS at
 * port 4050; sockets to elsewhere are the system's own, and tests/system/qgs.sh compares those.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/service.h"
#include "rules/run.h"

enum { LONG_REQUEST = 100000 };

/* In pieces of n bytes; then the end, and who writes on. */
static void run_exchange(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();

	service_request(framed, 1);
	errno = 0;
	service_send(fd, framed, sizeof(framed), (size_t)rule->n);
	got("errno %d", errno);
	got_service(fd);
	got_call(recv(fd, framed, 1, 0));
	got_call(send(fd, framed, 1, MSG_NOSIGNAL));
}

static void run_read_write(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();
	ssize_t len = 0;
	ssize_t part;

	(void)rule;
	service_request(framed, 2);
	got_call(write(fd, framed, 500));
	got_call(write(fd, framed + 500, sizeof(framed) - 500));
	while ((part = read(fd, reply + len, REPLY_MAX - (size_t)len)) > 0)
		len += part;
	got("%s", service_reply(reply, (size_t)len));
	got_call(part);
}

/* Calls that are not looked at: the next one that is finds what they brought. */
static void run_vectors(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	struct iovec vectors[] = {{framed, 4}, {framed + 4, sizeof(framed) - 4}};
	struct msghdr message = {.msg_iov = vectors, .msg_iovlen = 2};
	int fd = service_connected();

	service_request(framed, 3);
	got_call(rule->n ? sendmsg(fd, &message, 0) : writev(fd, vectors, 2));
	got("%s", service_reply(reply, service_receive(fd, reply)));
}

static void run_receive_flags(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();
	size_t len;

	(void)rule;
	service_request(framed, 4);
	service_send(fd, framed, sizeof(framed) - 1, sizeof(framed));
	got_call(recv(fd, reply, 1, MSG_DONTWAIT));
	got_call(recv(fd, reply, 1, MSG_DONTWAIT | MSG_PEEK));
	service_send(fd, framed + sizeof(framed) - 1, 1, 1);
	got_call(recv(fd, reply, FRAME_SIZE, MSG_PEEK));
	got_call(recv(fd, reply, FRAME_SIZE, MSG_WAITALL));
	len = (size_t)reply[2] << 8 | reply[3];
	got("%s", recv(fd, reply + FRAME_SIZE, len, MSG_WAITALL) == (ssize_t)len ? "all" : "less");
	got("%s", service_reply(reply, FRAME_SIZE + len));
}

static void run_nonblocking(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = service_socket(SOCK_NONBLOCK);
	struct pollfd ask = {.fd = fd, .events = POLLOUT};

	(void)rule;
	got_call(service_connect(fd, &service_host, sizeof(service_host)));
	got_call(poll(&ask, 1, 1000));
	got_call(recv(fd, framed, 1, 0));
	got_call(read(fd, framed, 1));
	service_request(framed, 5);
	service_send(fd, framed, sizeof(framed), sizeof(framed));
	ask.events = POLLIN;
	got_call(poll(&ask, 1, 10000));
	got("%s", ask.revents & POLLIN ? "readable" : "not readable");
	got_service(fd);
	got("%s", fcntl(fd, F_GETFL) & O_NONBLOCK ? "non-blocking" : "blocking");
}

static void run_refused(const struct rule *rule)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} bad[] = {{4, 4}, {0, 2}, {8, 1}, {24, 0}, {12, 1}, {20, 16}};
	uint8_t framed[FRAMED_SIZE];

	(void)rule;
	service_request(framed, 6);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *byte = framed + FRAME_SIZE + bad[i].at;
		const uint8_t before = *byte;
		int fd = service_connected();

		*byte = bad[i].byte;
		service_send(fd, framed, sizeof(framed), sizeof(framed));
		*byte = before;
		got_service(fd);
		close(fd);
	}
}

/* A message of n bytes, shorter than any. */
static void run_short(const struct rule *rule)
{
	uint8_t framed[64] = {0, 0, 0, (uint8_t)rule->n, 1};
	int fd = service_connected();

	service_send(fd, framed, FRAME_SIZE + (size_t)rule->n, sizeof(framed));
	got_service(fd);
}

/* Longer than QGS takes; and garbage that says so. */
static void run_too_long(const struct rule *rule)
{
	static uint8_t bytes[LONG_REQUEST];
	int fd = service_connected();

	put32(bytes, (uint32_t)rule->n);
	got("%s", send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0 ? "sent" : errno_name(errno));
	got_call(recv(fd, bytes, sizeof(bytes), 0));
	got_call(send(fd, bytes, 1, MSG_NOSIGNAL));
}

static void run_half_closed(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();

	service_request(framed, 7);
	service_send(fd, framed, (size_t)rule->n, sizeof(framed));
	got_call(shutdown(fd, SHUT_WR));
	got_call(recv(fd, framed, 1, MSG_PEEK));
	got_service(fd);
}

static void run_two(const struct rule *rule)
{
	uint8_t framed[2 * FRAMED_SIZE];
	int fd = service_connected();

	(void)rule;
	service_request(framed, 8);
	memcpy(framed + FRAMED_SIZE, framed, FRAMED_SIZE);
	got_call(send(fd, framed, sizeof(framed), MSG_NOSIGNAL));
	got_service(fd);
}

static void run_signal(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();
	int status = 0;
	pid_t pid;

	(void)rule;
	service_request(framed, 9);
	service_send(fd, framed, sizeof(framed), sizeof(framed));
	got_service(fd);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		_exit(write(fd, framed, 1) < 0);
	}
	waitpid(pid, &status, 0);
	got("%s", WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE ? "SIGPIPE" : "no signal");
}

static const struct rule rules[] = {
	{"connect, one request, its reply, the end; a send after it", run_exchange,
	 "errno 0, quote 1, 0, EPIPE", .n = FRAMED_SIZE, .flags = RULE_ASKS, .questions = 1},
	{"the same sent byte by byte", run_exchange, "errno 0, quote 1, 0, EPIPE", .n = 1,
	 .flags = RULE_ASKS, .questions = 1},
	{"the same in pieces of 7 bytes", run_exchange, "errno 0, quote 1, 0, EPIPE", .n = 7},
	{"by write and read", run_read_write, "500, 552, quote 2, 0"},
	{"by writev", run_vectors, "1052, quote 3", .n = 0},
	{"by sendmsg", run_vectors, "1052, quote 3", .n = 1},
	{"recv: MSG_DONTWAIT and MSG_PEEK before, MSG_PEEK and MSG_WAITALL after",
	 run_receive_flags, "EAGAIN, EAGAIN, 4, 4, all, quote 4"},
	{"SOCK_NONBLOCK", run_nonblocking,
	 "EINPROGRESS, 1, EAGAIN, EAGAIN, 1, readable, quote 5, non-blocking",
	 "0, 1, EAGAIN, EAGAIN, 1, readable, quote 5, non-blocking", "D-vsock-waits"},
	{"requests of another type, version, size, TDREPORT, with an error code, an id that is not "
	 "there",
	 run_refused,
	 "error 12005, error 12004, error 12006, error 12003, error 12007, error 12006",
	 .flags = RULE_ASKS, .questions = 1},
	{"a message of 0 bytes", run_short, "error 12006", .n = 0, .flags = RULE_ASKS},
	{"a message of 23 bytes", run_short, "error 12006", .n = 23, .flags = RULE_ASKS},
	{"a length of 4 GiB less one: the end, no reply", run_too_long, "sent, 0, EPIPE", .n = -1,
	 .flags = RULE_ASKS},
	{"a length of 2 MiB", run_too_long, "sent, 0, EPIPE", .n = 0x2000, .flags = RULE_ASKS},
	{"shutdown of writing after half of a request", run_half_closed, "0, 0, no reply",
	 .n = 500},
	{"shutdown of writing after the request", run_half_closed, "0, 1, quote 7",
	 .n = FRAMED_SIZE},
	{"two requests at once: one reply", run_two, "2104, quote 8", .flags = RULE_ASKS,
	 .questions = 1},
	{"write after the end", run_signal, "quote 9, SIGPIPE"},
};
RULE_GROUP(group_vsock, "The quoting service over vsock", rules);
