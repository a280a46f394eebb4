/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to the quoting service: addresses, bad pointers, options; and passed on. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/service.h"
#include "rules/run.h"

enum { SMALL_STACK = 64 * 1024, CONNECTIONS = 8 };

static void run_addresses(const struct rule *rule)
{
	struct service_address address = service_host;
	int fd = service_socket(0);

	(void)rule;
	got_call(service_connect(fd, page_none(), sizeof(service_host)));
	got_call(service_connect(fd, page_closed(), sizeof(service_host)));
	got_call(service_connect(fd, (void *)-8L, sizeof(service_host)));
	got_call(service_connect(fd, &service_host, sizeof(service_host) - 1));
	got_call(service_connect(fd, &service_host, 0));
	got_call(service_connect(fd, &service_host, (socklen_t)-1));
	address.family = AF_INET;
	got_call(service_connect(fd, &address, sizeof(address)));
	got_call(service_connect(fd, &service_host, sizeof(service_host)));
	got_call(service_connect(fd, &service_host, sizeof(service_host)));
	got_call(service_connect(fd, page_none(), sizeof(service_host)));
}

static void run_ports(const struct rule *rule)
{
	struct service_address address = service_host;

	(void)rule;
	address.port = 1;
	got_call(service_connect(service_socket(0), &address, sizeof(address)));
	address.port = 0xfffffffe;
	got_call(service_connect(service_socket(0), &address, sizeof(address)));
}

static void run_pointers(const struct rule *rule)
{
	static uint8_t reply[REPLY_MAX];
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();

	(void)rule;
	service_request(framed, 1);
	got_call(send(fd, page_none(), 4, 0));
	got_call(send(fd, page_closed(), 4, 0));
	got_call(write(fd, (void *)-8L, 4));
	service_send(fd, framed, sizeof(framed), sizeof(framed));
	got_call(recv(fd, page_none(), 4, MSG_PEEK));
	got_call(recv(fd, page_readonly(), 4, MSG_PEEK));
	got_call(recv(fd, (void *)-8L, 4, MSG_PEEK));
	got("%s", service_reply(reply, service_receive(fd, reply)));
}

static void run_descriptors(const struct rule *rule)
{
	int fd = service_socket(SOCK_CLOEXEC);
	int number = fd;

	(void)rule;
	got_call(service_connect(fd, &service_host, sizeof(service_host)));
	got("%s", fcntl(fd, F_GETFD) & FD_CLOEXEC ? "close-on-exec" : "kept over exec");
	got_call(close(fd));
	got_call(send(fd, "x", 1, 0));
	got_call(service_connect(fd, &service_host, sizeof(service_host)));
	got("%s", service_socket(0) == number ? "the same number" : "another number");
}

static void run_unconnected(const struct rule *rule)
{
	int fd = service_socket(SOCK_NONBLOCK);
	char byte = 0;

	(void)rule;
	got_call(send(fd, &byte, 1, MSG_NOSIGNAL));
	got_call(recv(fd, &byte, 1, 0));
	got_call(read(fd, &byte, 1));
}

static void run_options(const struct rule *rule)
{
	const struct timeval timeout = {5, 0};
	int fd = service_connected();
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
	struct service_address peer = {0};
	socklen_t len = sizeof(peer);

	(void)rule;
	got_call(getpeername(service_connected(), (void *)&peer, &len));
	got("%s", peer.family == AF_VSOCK ? "vsock" : peer.family == AF_UNIX ? "unix" : "another");
}

static void run_other_sockets(const struct rule *rule)
{
	int pair[2];
	char byte = 0;

	(void)rule;
	service_connected();
	got_call(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	got_call(send(pair[0], "a", 1, 0));
	got_call(recv(pair[1], &byte, 1, 0));
	got_call(service_connect(pair[0], &service_host, sizeof(service_host)));
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
	int fd = service_connected();
	int copy = dup(fd);

	(void)rule;
	service_request(framed, 1);
	service_send(fd, framed, 100, 100);
	service_send(copy, framed + 100, sizeof(framed) - 100, sizeof(framed));
	got_call(close(copy));
	got_service(dup2(fd, 77));
}

static void run_fork(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();
	pid_t pid;

	(void)rule;
	service_request(framed, 2);
	pid = fork();
	if (pid == 0) {
		service_send(fd, framed, sizeof(framed), sizeof(framed));
		_exit(0);
	}
	/* blocks until the child has sent it */
	got_service(fd);
	waitpid(pid, NULL, 0);
}

static pthread_barrier_t start;

static char read_by_thread[64];

static void *reader(void *arg)
{
	static uint8_t reply[REPLY_MAX];
	const size_t len = service_receive(*(int *)arg, reply);

	snprintf(read_by_thread, sizeof(read_by_thread), "%s", service_reply(reply, len));
	return NULL;
}

static void run_reader(const struct rule *rule)
{
	uint8_t framed[FRAMED_SIZE];
	int fd = service_connected();
	pthread_t thread;

	(void)rule;
	service_request(framed, 3);
	if (pthread_create(&thread, NULL, reader, &fd) != 0)
		return;
	usleep(50000);
	service_send(fd, framed, 10, 10);
	usleep(50000);
	service_send(fd, framed + 10, sizeof(framed) - 10, sizeof(framed));
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
	int fd = service_connected();

	pthread_barrier_wait(&start);
	service_send(fd, requests[number], FRAMED_SIZE, FRAMED_SIZE);
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
