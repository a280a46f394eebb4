/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the agent from the command line.
 *
 * The agent client explains a failure in the log and nowhere else, and the log keeps quiet where
 * descriptor 2 is a plain file.  A command owns its stderr: while the agent is asked, descriptor 2
 * is a pipe, and what came out of it is printed afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/socket.h"
#include "base/clock.h"
#include "base/config.h"
#include "cli/cli.h"

static char notice[200];
static size_t notice_len;
static int notice_fd = -1;

static void on_alarm(int signal)
{
	int saved = errno;
	ssize_t done = write(notice_fd, notice, notice_len);

	(void)signal;
	(void)done; /* a notice that cannot be shown is none */
	errno = saved;
}

static void notice_start(const struct agent *agent, int to)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	int len;

	if (!isatty(to))
		return;
	len = snprintf(notice, sizeof(notice),
		       "teeshim: waiting for the agent at %s (up to %lld s)\n", agent->path,
		       (long long)(config_timeout_ms() + 999) / 1000);
	notice_len = (size_t)len < sizeof(notice) ? (size_t)len : sizeof(notice) - 1;
	notice_fd = to;
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
}

static void notice_stop(void)
{
	alarm(0);
	signal(SIGALRM, SIG_DFL);
}

/* Put a pipe in place of descriptor 2.  Return: its reading end, or -1 where that failed. */
static int stderr_divert(int *saved)
{
	int ends[2];

	*saved = fcntl(2, F_DUPFD_CLOEXEC, 3);
	if (*saved < 0)
		return -1;
	/* Not blocking: more log than a pipe holds must not stop us, its only reader. */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		close(*saved);
		return -1;
	}
	dup2(ends[1], 2);
	close(ends[1]);
	return ends[0];
}

/* Give descriptor 2 back and pass on what was written to it meanwhile.  Return: its length. */
static size_t stderr_restore(int reader, int saved)
{
	char text[1024];
	size_t total = 0;
	ssize_t len;

	dup2(saved, 2);
	close(saved);
	while ((len = read(reader, text, sizeof(text))) > 0) {
		fwrite(text, 1, (size_t)len, stderr);
		total += (size_t)len;
	}
	close(reader);
	return total;
}

/* Does something else stand where the socket should?  One line says what, and what to do. */
static bool say_other(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	if (stat(path, &st) < 0)
		fprintf(stderr, "teeshim: %s is a symbolic link to what cannot be reached: %s\n",
			path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		fprintf(stderr,
			"teeshim: %s is a directory, not a socket; Docker makes one where the host "
			"has no socket to mount: start the agent, remove the directory on the "
			"host, start the container anew\n",
			path);
	else
		fprintf(stderr, "teeshim: %s is no socket; put the agent's in its place\n", path);
	return true;
}

static void say_no_agent(void)
{
	const char *name;
	const char *value = socket_variable(&name);

	if (value && say_other(value))
		return;
	if (value) {
		fprintf(stderr,
			"teeshim: no socket at %s, which %s names; start the agent or correct the "
			"variable\n",
			value, name);
		return;
	}
	for (size_t i = 0; socket_place(i); i++)
		if (say_other(socket_place(i)))
			return;
	fputs("teeshim: no agent socket; mount one, or name it in TEESHIM_SOCKET. Looked at:",
	      stderr);
	for (size_t i = 0; socket_place(i); i++)
		fprintf(stderr, "%s %s", i ? "," : "", socket_place(i));
	fputc('\n', stderr);
}

/* One line for a failure, unless what the log said is on stderr already.  @what: "quote", "report" */
static void say_failed(const char *what, const struct agent *agent, int err, size_t said)
{
	const char *log = config_string("TEESHIM_LOG");
	const char *file = log ? strchr(log, ':') : NULL;

	if (err == -ENOENT)
		say_no_agent();
	else if (err == -ENOMEM)
		fprintf(stderr, "teeshim %s: out of memory\n", what);
	else if (file && file[1] != '\0')
		fprintf(stderr, "teeshim %s: no %s; the log %s says why\n", what, what, file + 1);
	else if (said == 0)
		fprintf(stderr, "teeshim %s: no %s from %s\n", what, what,
			*agent->path ? agent->path : "the agent");
}

typedef int question(const struct agent *agent, const uint8_t *report_data, int64_t deadline_ms,
		     void *out);

static int ask_with_words(const char *what, question *ask, const uint8_t *report_data,
			  struct agent *agent, void *out)
{
	size_t said = 0;
	int saved = -1;
	int reader = stderr_divert(&saved);
	int err = agent_find(agent);

	if (err == 0) {
		notice_start(agent, reader < 0 ? 2 : saved);
		err = ask(agent, report_data, clock_now_ms() + config_timeout_ms(), out);
		notice_stop();
	}
	if (reader >= 0)
		said = stderr_restore(reader, saved);
	if (err < 0)
		say_failed(what, agent, err, said);
	return err;
}

static int ask_quote(const struct agent *agent, const uint8_t *report_data, int64_t deadline_ms,
		     void *out)
{
	return agent_get_quote(agent, report_data, deadline_ms, out);
}

static int ask_report(const struct agent *agent, const uint8_t *report_data, int64_t deadline_ms,
		      void *out)
{
	return snp_evidence_get(agent, report_data, deadline_ms, out);
}

int cli_get_quote(const uint8_t report_data[static REPORT_DATA_SIZE], struct agent *agent,
		  struct agent_quote *quote)
{
	return ask_with_words("quote", ask_quote, report_data, agent, quote);
}

int cli_get_report(const uint8_t report_data[static REPORT_DATA_SIZE], struct agent *agent,
		   struct snp_evidence *evidence)
{
	return ask_with_words("report", ask_report, report_data, agent, evidence);
}
