/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quoting service over vsock.  The kernel's column is that of a TDX guest whose host has QGS at
 * port 4050; sockets to elsewhere are the system's own, and tests/system/qgs.sh compares those.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/service.h"
#include "rules/run.h"

enum { PORT = 4050, HOST = 2, SMALL_STACK = 64 * 1024, CONNECTIONS = 8, LONG_REQUEST = 100000 };

/* struct sockaddr_vm of linux/vm_sockets.h */
struct address {
	uint16_t family;
	uint16_t reserved;
	uint32_t port;
	uint32_t cid;
	uint8_t zero[4];
};

static const struct address host = {AF_VSOCK, 0, PORT, HOST, {0}};

/* musl and glibc give the argument different types. */
static int connect_to(int fd, const void *address, socklen_t len)
{
	return connect(fd, address, len);
}

static int socket_make(int flags)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | flags, 0);

	if (fd < 0) {
		got("socket %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

static int connected(void)
{
	int fd = socket_make(SOCK_CLOEXEC);

	if (connect_to(fd, &host, sizeof(host)) < 0) {
		got("connect %s", errno_name(errno));
		run_finish();
	}
	return fd;
}

static void send_all(int fd, const uint8_t *data, size_t len, size_t step)
{
	for (size_t at = 0; at < len;) {
		const size_t part = len - at < step ? len - at : step;
		ssize_t sent = send(fd, data + at, part, MSG_NOSIGNAL);

		if (sent < 0) {
			got("send %s", errno_name(errno));
			return;
		}
		at += (size_t)sent;
	}
}

/* The reply, to the end of the connection, as libtdx_attest takes it: the length first. */
static size_t reply_receive(int fd, uint8_t reply[static REPLY_MAX])
{
	size_t have = 0;
	ssize_t got_now;

	if (recv(fd, reply, FRAME_SIZE, 0) != FRAME_SIZE)
		return 0;
	have = FRAME_SIZE;
	while ((got_now = recv(fd, reply + have, REPLY_MAX - have, 0)) > 0)
		have += (size_t)got_now;
	return got_now < 0 ? 0 : have;
}

static void got_reply(int fd)
{
	static uint8_t reply[REPLY_MAX];

	got("%s", service_reply(reply, reply_receive(fd, reply)));
}

/* ---------------------------------------------------------------------------- exchanges */

/* In pieces of n bytes; then the end, and who writes on. */
static void run_exchange(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();

	service_request(framed, 1);
	errno = 0;
	send_all(fd, framed, sizeof(framed), (size_t)rule->n);
	got("errno %d", errno);
	got_reply(fd);
	got_call(recv(fd, framed, 1, 0));
	got_call(send(fd, framed, 1, MSG_NOSIGNAL));
}

static void run_read_write(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();
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
	int fd = connected();

	service_request(framed, 3);
	got_call(rule->n ? sendmsg(fd, &message, 0) : writev(fd, vectors, 2));
	got("%s", service_reply(reply, reply_receive(fd, reply)));
}

static void run_receive_flags(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();
	size_t len;

	(void)rule;
	service_request(framed, 4);
	send_all(fd, framed, sizeof(framed) - 1, sizeof(framed));
	got_call(recv(fd, reply, 1, MSG_DONTWAIT));
	got_call(recv(fd, reply, 1, MSG_DONTWAIT | MSG_PEEK));
	send_all(fd, framed + sizeof(framed) - 1, 1, 1);
	got_call(recv(fd, reply, FRAME_SIZE, MSG_PEEK));
	got_call(recv(fd, reply, FRAME_SIZE, MSG_WAITALL));
	len = (size_t)reply[2] << 8 | reply[3];
	got("%s", recv(fd, reply + FRAME_SIZE, len, MSG_WAITALL) == (ssize_t)len ? "all" : "less");
	got("%s", service_reply(reply, FRAME_SIZE + len));
}

static void run_nonblocking(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = socket_make(SOCK_NONBLOCK);
	struct pollfd ask = {.fd = fd, .events = POLLOUT};

	(void)rule;
	got_call(connect_to(fd, &host, sizeof(host)));
	got_call(poll(&ask, 1, 1000));
	got_call(recv(fd, framed, 1, 0));
	got_call(read(fd, framed, 1));
	service_request(framed, 5);
	send_all(fd, framed, sizeof(framed), sizeof(framed));
	ask.events = POLLIN;
	got_call(poll(&ask, 1, 10000));
	got("%s", ask.revents & POLLIN ? "readable" : "not readable");
	got_reply(fd);
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
		int fd = connected();

		*byte = bad[i].byte;
		send_all(fd, framed, sizeof(framed), sizeof(framed));
		*byte = before;
		got_reply(fd);
		close(fd);
	}
}

/* A message of n bytes, shorter than any. */
static void run_short(const struct rule *rule)
{
	uint8_t framed[64] = {0, 0, 0, (uint8_t)rule->n, 1};
	int fd = connected();

	send_all(fd, framed, FRAME_SIZE + (size_t)rule->n, sizeof(framed));
	got_reply(fd);
}

/* Longer than QGS takes; and garbage that says so. */
static void run_too_long(const struct rule *rule)
{
	static uint8_t bytes[LONG_REQUEST];
	int fd = connected();

	put32(bytes, (uint32_t)rule->n);
	got("%s", send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0 ? "sent" : errno_name(errno));
	got_call(recv(fd, bytes, sizeof(bytes), 0));
	got_call(send(fd, bytes, 1, MSG_NOSIGNAL));
}

static void run_half_closed(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();

	service_request(framed, 7);
	send_all(fd, framed, (size_t)rule->n, sizeof(framed));
	got_call(shutdown(fd, SHUT_WR));
	got_call(recv(fd, framed, 1, MSG_PEEK));
	got_reply(fd);
}

static void run_two(const struct rule *rule)
{
	uint8_t framed[2 * FRAMED_SIZE];
	int fd = connected();

	(void)rule;
	service_request(framed, 8);
	memcpy(framed + FRAMED_SIZE, framed, FRAMED_SIZE);
	got_call(send(fd, framed, sizeof(framed), MSG_NOSIGNAL));
	got_reply(fd);
}

static void run_signal(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();
	int status = 0;
	pid_t pid;

	(void)rule;
	service_request(framed, 9);
	send_all(fd, framed, sizeof(framed), sizeof(framed));
	got_reply(fd);
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

/* ---------------------------------------------------------------------------- addresses, pointers */

static void run_addresses(const struct rule *rule)
{
	struct address address = host;
	int fd = socket_make(0);

	(void)rule;
	got_call(connect_to(fd, page_none(), sizeof(host)));
	got_call(connect_to(fd, page_closed(), sizeof(host)));
	got_call(connect_to(fd, (void *)-8L, sizeof(host)));
	got_call(connect_to(fd, &host, sizeof(host) - 1));
	got_call(connect_to(fd, &host, 0));
	got_call(connect_to(fd, &host, (socklen_t)-1));
	address.family = AF_INET;
	got_call(connect_to(fd, &address, sizeof(address)));
	got_call(connect_to(fd, &host, sizeof(host)));
	got_call(connect_to(fd, &host, sizeof(host)));
	got_call(connect_to(fd, page_none(), sizeof(host)));
}

static void run_ports(const struct rule *rule)
{
	struct address address = host;

	(void)rule;
	address.port = 1;
	got_call(connect_to(socket_make(0), &address, sizeof(address)));
	address.port = 0xfffffffe;
	got_call(connect_to(socket_make(0), &address, sizeof(address)));
}

static void run_pointers(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();

	(void)rule;
	service_request(framed, 1);
	got_call(send(fd, page_none(), 4, 0));
	got_call(send(fd, page_closed(), 4, 0));
	got_call(write(fd, (void *)-8L, 4));
	send_all(fd, framed, sizeof(framed), sizeof(framed));
	got_call(recv(fd, page_none(), 4, MSG_PEEK));
	got_call(recv(fd, page_readonly(), 4, MSG_PEEK));
	got_call(recv(fd, (void *)-8L, 4, MSG_PEEK));
	got("%s", service_reply(reply, reply_receive(fd, reply)));
}

static void run_descriptors(const struct rule *rule)
{
	int fd = socket_make(SOCK_CLOEXEC);
	int number = fd;

	(void)rule;
	got_call(connect_to(fd, &host, sizeof(host)));
	got("%s", fcntl(fd, F_GETFD) & FD_CLOEXEC ? "close-on-exec" : "kept over exec");
	got_call(close(fd));
	got_call(send(fd, "x", 1, 0));
	got_call(connect_to(fd, &host, sizeof(host)));
	got("%s", socket_make(0) == number ? "the same number" : "another number");
}

static void run_unconnected(const struct rule *rule)
{
	int fd = socket_make(SOCK_NONBLOCK);
	char byte = 0;

	(void)rule;
	got_call(send(fd, &byte, 1, MSG_NOSIGNAL));
	got_call(recv(fd, &byte, 1, 0));
	got_call(read(fd, &byte, 1));
}

static void run_options(const struct rule *rule)
{
	const struct timeval timeout = {5, 0};
	int fd = connected();
	int error = -1;
	int type = -1;
	int domain = -1;
	socklen_t len = sizeof(int);

	(void)rule;
	got_call(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len));
	got_call(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len));
	got("%d %d", error, type == SOCK_STREAM);
	got_call(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)));
	got_call(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)));
	got_call(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &type, sizeof(type)));
	got_call(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len));
	got("%s", domain == AF_VSOCK ? "vsock" : domain == AF_UNIX ? "unix" : "another");
}

static void run_peer(const struct rule *rule)
{
	struct address peer = {0};
	socklen_t len = sizeof(peer);

	(void)rule;
	got_call(getpeername(connected(), (void *)&peer, &len));
	got("%s", peer.family == AF_VSOCK ? "vsock" : peer.family == AF_UNIX ? "unix" : "another");
}

static void run_other_sockets(const struct rule *rule)
{
	int pair[2];
	char byte = 0;

	(void)rule;
	connected();
	got_call(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	got_call(send(pair[0], "a", 1, 0));
	got_call(recv(pair[1], &byte, 1, 0));
	got_call(connect_to(pair[0], &host, sizeof(host)));
}

static const struct rule call_rules[] = {
	{"connect: NULL, a closed page, -8, 15 bytes, 0, -1, another family, good, again, NULL",
	 run_addresses,
	 "EFAULT, EFAULT, EFAULT, EINVAL, EINVAL, EINVAL, EINVAL, 0, EISCONN, EFAULT",
	 .flags = RULE_ASKS},
	{"connect to other ports", run_ports, "ECONNRESET, ECONNRESET", "0, 0", "D-vsock-port"},
	{"send and recv with bad pointers", run_pointers,
	 "EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, EFAULT, quote 1"},
	{"send, recv, read before connect", run_unconnected, "ENOTCONN, ENOTCONN, ENOTCONN"},
	{"close-on-exec, close, what comes after it", run_descriptors,
	 "0, close-on-exec, 0, EBADF, EBADF, the same number"},
	{"getsockopt SO_ERROR and SO_TYPE, setsockopt, SO_DOMAIN", run_options,
	 "0, 0, 0 1, 0, 0, 0, 0, vsock", "0, 0, 0 1, 0, 0, 0, 0, unix", "D-vsock-names"},
	{"getpeername", run_peer, "0, vsock", "0, unix", "D-vsock-names"},
	{"other sockets", run_other_sockets, "0, 1, 1, EINVAL"},
};
RULE_GROUP(group_vsock_calls, "Calls on a connection to the quoting service", call_rules);

/* ---------------------------------------------------------------------------- passed on */

static void run_dup(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();
	int copy = dup(fd);

	(void)rule;
	service_request(framed, 1);
	send_all(fd, framed, 100, 100);
	send_all(copy, framed + 100, sizeof(framed) - 100, sizeof(framed));
	got_call(close(copy));
	got_reply(dup2(fd, 77));
}

static void run_fork(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();
	pid_t pid;

	(void)rule;
	service_request(framed, 2);
	pid = fork();
	if (pid == 0) {
		send_all(fd, framed, sizeof(framed), sizeof(framed));
		_exit(0);
	}
	/* blocks until the child has sent it */
	got_reply(fd);
	waitpid(pid, NULL, 0);
}

static pthread_barrier_t start;

static char read_by_thread[64];

static void *reader(void *arg)
{
	static uint8_t reply[REPLY_MAX];
	const size_t len = reply_receive(*(int *)arg, reply);

	snprintf(read_by_thread, sizeof(read_by_thread), "%s", service_reply(reply, len));
	return NULL;
}

static void run_reader(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = connected();
	pthread_t thread;

	(void)rule;
	service_request(framed, 3);
	if (pthread_create(&thread, NULL, reader, &fd) != 0)
		return;
	usleep(50000);
	send_all(fd, framed, 10, 10);
	usleep(50000);
	send_all(fd, framed + 10, sizeof(framed) - 10, sizeof(framed));
	pthread_join(thread, NULL);
	got("%s", read_by_thread);
}

static uint8_t requests[CONNECTIONS][FRAMED_SIZE];
static unsigned good;

static void *client(void *arg)
{
	const size_t number = (size_t)(uintptr_t)arg;
	uint8_t reply[FRAMED_SIZE];
	size_t len = 0;
	ssize_t part;
	int fd = connected();

	pthread_barrier_wait(&start);
	send_all(fd, requests[number], FRAMED_SIZE, FRAMED_SIZE);
	/* the report data are in the first kilobyte */
	while (len < sizeof(reply) && (part = recv(fd, reply + len, sizeof(reply) - len, 0)) > 0)
		len += (size_t)part;
	if (len == sizeof(reply) &&
	    quote_seed(reply + FRAME_SIZE + REPLY_HEAD, (ssize_t)(len - FRAME_SIZE - REPLY_HEAD)) ==
		    (int)number)
		__atomic_fetch_add(&good, 1, __ATOMIC_RELAXED);
	close(fd);
	return NULL;
}

static void run_threads(const struct rule *rule)
{
	const size_t count = (size_t)rule->n;
	pthread_t threads[CONNECTIONS];
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	got("%d", pthread_attr_setstacksize(&attr, SMALL_STACK));
	pthread_barrier_init(&start, NULL, (unsigned)count);
	for (size_t i = 0; i < count; i++)
		service_request(requests[i], (uint8_t)i);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], &attr, client, (void *)i) != 0) {
			got("no thread");
			run_finish();
		}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	got("%u good", good);
}

static const struct rule pass_rules[] = {
	{"half by a descriptor, half by its dup, the reply by a third", run_dup, "0, quote 1",
	 .flags = RULE_ASKS, .questions = 1},
	{"fork: the child sends, the parent receives", run_fork, "quote 2"},
	{"a thread that receives before another has sent", run_reader, "quote 3"},
	{"a thread with a stack of 64 KB", run_threads, "0, 1 good", .n = 1},
	{"eight connections at once", run_threads, "0, 8 good", .n = CONNECTIONS,
	 .flags = RULE_ASKS, .questions = 15},
};
RULE_GROUP(group_vsock_pass, "Connections to the quoting service that are passed on", pass_rules);
