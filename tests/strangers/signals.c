/* SPDX-License-Identifier: Apache-2.0 */
/* A program whose signal handler works on files, whatever its thread is doing at that moment. */
#include "stranger.h"

#include <signal.h>
#include <sys/time.h>

enum { PERIOD_US = 200, ROUNDS = 3000, SIGNALS_MIN = 200, QUOTES = 15 };

static volatile sig_atomic_t handled;

static void on_timer(int signal)
{
	const int saved = errno;
	struct stat st;
	int fd = open(ORDINARY, O_RDONLY | O_CLOEXEC);

	(void)signal;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || close(fd) < 0 ||
	    stat(ORDINARY, &st) < 0 || access(ABSENT, F_OK) == 0 || errno != ENOENT ||
	    open("no-such-name", O_RDONLY) >= 0 || errno != ENOENT)
		fail(__LINE__, "in the handler");
	handled++;
	errno = saved;
}

static void timer_set(int flags)
{
	const struct itimerval timer = {.it_interval.tv_usec = PERIOD_US,
					.it_value.tv_usec = PERIOD_US};
	struct sigaction action = {.sa_handler = on_timer, .sa_flags = flags};

	CHECK(sigaction(SIGPROF, &action, NULL) == 0, "sigaction");
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
	CHECK(setitimer(ITIMER_PROF, &timer, NULL) == 0, "setitimer");
}

/* A child that sends signals in real time too, while the program waits for the agent. */
static pid_t sender_start(void)
{
	const pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		while (getppid() == parent) {
			kill(parent, SIGUSR1);
			usleep(PERIOD_US);
		}
		_exit(0);
	}
	return pid;
}

/* A wrapper's own lock met again in the handler hangs; dlsym() there meets the loader's lock. */
static void storm(int flags)
{
	const struct itimerval off = {0};
	pid_t sender;

	timer_set(flags);
	sender = sender_start();
	for (int i = 0; i < ROUNDS || handled < SIGNALS_MIN; i++)
		ordinary_expect("under signals");
	for (int i = 0; i < QUOTES; i++)
		quote_expect("under signals");
	kill(sender, SIGKILL);
	setitimer(ITIMER_PROF, &off, NULL);
	while (waitpid(sender, NULL, 0) < 0 && errno == EINTR)
		;
}

static void test_restart(void)
{
	storm(SA_RESTART);
}

/* Without SA_RESTART what waits is interrupted; a plain file and a quote never are. */
static void test_interrupt(void)
{
	storm(0);
}

STRANGER_MAIN({"restart", test_restart}, {"interrupt", test_interrupt})
