/* SPDX-License-Identifier: Apache-2.0 */
/* teeshim-sim: options, start, and a clean end at SIGTERM or SIGINT. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/die.h"
#include "sim/listen.h"
#include "sim/rpc.h"
#include "sim/server.h"
#include "sim/sim.h"

/* More is no padding that a quote could have: the agent's own limit for an attestation. */
enum { MAX_PAD = 10 * 1024 * 1024 };

struct options {
	const char *socket;
	const char *tappd_socket;
	const char *log;
	int quote_version;
	size_t pad;
	bool print_root;
};

static const char help[] =
	"Usage: teeshim-sim --socket PATH [OPTION]...\n"
	"Simulate a dstack guest agent. Its keys are public: its quotes prove NOTHING.\n"
	"\n"
	"  --socket PATH         listen here as dstack.sock\n"
	"  --tappd-socket PATH   listen here as the older tappd.sock; either or both\n"
	"  --tee TEE             platform: tdx (default), sev-snp (agents since 0.6.0-alpha)\n"
	"  --agent VERSION       whose API: 0.6.0 (default), 0.6.0-alpha, 0.5.11, 0.5.5,\n"
	"                        0.3.6 (tappd only)\n"
	"  --quote-version N     of a TDX quote: 4 (default) or 5\n"
	"  --pad N               zero bytes after each TDX quote (default 0)\n"
	"  --certs FORM          with each SEV-SNP report: none (default), table, pem, der, vlek\n"
	"  --delay-ms N          wait before each quote or report (default 0)\n"
	"  --print-root          print the root certificate in PEM and exit\n"
	"  --log FILE            append one line per request: route, status\n"
	"  --fault KIND          fail, at every route but Version, with: error, empty, truncated,\n"
	"                        garbage, huge, hang, slow-drip, close, wrong-length, wrong-data\n"
	"  --help                this text\n"
	"\n"
	"Prints one line once it listens; ends at SIGTERM or SIGINT.\n";

__attribute__((noreturn, format(printf, 1, 2))) static void usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("teeshim-sim: ", stderr);
	vfprintf(stderr, format, args);
	fputs("; see teeshim-sim --help\n", stderr);
	va_end(args);
	exit(2);
}

static int parse_number(const char *option, const char *text, int max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value > max)
		usage("--%s takes a number from 0 to %d, not \"%s\"", option, max, text);
	return (int)value;
}

static enum agent parse_agent(const char *text)
{
	for (enum agent agent = AGENT_0_3_6; agent <= AGENT_0_6_0; agent++)
		if (strcmp(text, rpc_version_text(agent)) == 0)
			return agent;
	usage("--agent takes 0.6.0, 0.6.0-alpha, 0.5.11, 0.5.5 or 0.3.6, not \"%s\"", text);
}

static enum snp_certs parse_certs(const char *text)
{
	static const char *const forms[] = {
		[SNP_CERTS_NONE] = "none", [SNP_CERTS_TABLE] = "table", [SNP_CERTS_PEM] = "pem",
		[SNP_CERTS_DER] = "der",   [SNP_CERTS_VLEK] = "vlek",
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(text, forms[i]) == 0)
			return (enum snp_certs)i;
	usage("--certs takes none, table, pem, der or vlek, not \"%s\"", text);
}

static void parse_one(int option, struct sim *sim, struct options *options)
{
	switch (option) {
	case 's':
		options->socket = optarg;
		break;
	case 't':
		options->tappd_socket = optarg;
		break;
	case 'p':
		sim->platform = platform_find(optarg);
		if (!sim->platform)
			usage("--tee takes tdx or sev-snp, not \"%s\"", optarg);
		break;
	case 'a':
		sim->agent = parse_agent(optarg);
		break;
	case 'q':
		if (strcmp(optarg, "4") != 0 && strcmp(optarg, "5") != 0)
			usage("--quote-version takes 4 or 5, not \"%s\"", optarg);
		options->quote_version = optarg[0] - '0';
		break;
	case 'z':
		options->pad = (size_t)parse_number("pad", optarg, MAX_PAD);
		break;
	case 'c':
		sim->certs = parse_certs(optarg);
		break;
	case 'd':
		sim->delay_ms = parse_number("delay-ms", optarg, INT_MAX);
		break;
	case 'r':
		options->print_root = true;
		break;
	case 'l':
		options->log = optarg;
		break;
	case 'f':
		if (!fault_find(optarg, &sim->fault))
			usage("--fault does not know \"%s\"", optarg);
		break;
	case 'h':
		fputs(help, stdout);
		exit(0);
	default: /* getopt has printed what is wrong */
		fputs("teeshim-sim: see teeshim-sim --help\n", stderr);
		exit(2);
	}
}

static void parse_options(int argc, char **argv, struct sim *sim, struct options *options)
{
	static const struct option known[] = {
		{"socket", required_argument, NULL, 's'},
		{"tappd-socket", required_argument, NULL, 't'},
		{"tee", required_argument, NULL, 'p'},
		{"agent", required_argument, NULL, 'a'},
		{"quote-version", required_argument, NULL, 'q'},
		{"pad", required_argument, NULL, 'z'},
		{"certs", required_argument, NULL, 'c'},
		{"delay-ms", required_argument, NULL, 'd'},
		{"print-root", no_argument, NULL, 'r'},
		{"log", required_argument, NULL, 'l'},
		{"fault", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0)
		parse_one(option, sim, options);
	if (optind < argc)
		usage("unexpected argument \"%s\"", argv[optind]);
	if (sim->platform == &platform_sev_snp && sim->agent < AGENT_0_6_0_ALPHA)
		usage("agent %s does not know sev-snp: give --agent 0.6.0-alpha or 0.6.0",
		      rpc_version_text(sim->agent));
	if (options->print_root)
		return;
	if (!options->socket && !options->tappd_socket)
		usage("--socket or --tappd-socket is needed");
	if (sim->agent == AGENT_0_3_6 && (options->socket || !options->tappd_socket))
		usage("agent 0.3.6 has tappd only: give --tappd-socket and no --socket");
	if (options->socket && options->tappd_socket &&
	    strcmp(options->socket, options->tappd_socket) == 0)
		usage("--socket and --tappd-socket must differ");
}

/* Each connection is a descriptor; the usual soft limit of 1024 is below a load test's need. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Listen on what was asked for, say so, and answer until a signal comes. */
static void serve(struct sim *sim, const struct options *options)
{
	const char *paths[] = {
		[DOOR_DSTACK] = options->socket,
		[DOOR_TAPPD] = options->tappd_socket,
	};
	struct listener listeners[2];
	struct server *servers[2] = {NULL, NULL};
	sigset_t signals;
	int stop[2], received;

	/* Before any thread exists, so that all of them inherit it. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(stop, O_CLOEXEC))
		die("cannot make a pipe: %s", strerror(errno));
	sim->stop_fd = stop[0];
	for (int door = 0; door < 2; door++)
		if (paths[door])
			listen_open(&listeners[door], paths[door]);
	for (int door = 0; door < 2; door++)
		if (paths[door])
			servers[door] = server_begin(sim, (enum door)door, listeners[door].fd);
	printf("teeshim-sim: agent %s on %s listens on %s%s%s\n", rpc_version_text(sim->agent),
	       sim->platform->name, paths[0] ? paths[0] : "", paths[0] && paths[1] ? " and " : "",
	       paths[1] ? paths[1] : "");
	fflush(stdout);
	sigwait(&signals, &received);
	close(stop[1]);
	for (int door = 0; door < 2; door++)
		if (paths[door])
			listen_remove(&listeners[door]);
	for (int door = 0; door < 2; door++)
		if (servers[door])
			server_end(servers[door]);
	close(stop[0]);
}

int main(int argc, char **argv)
{
	struct sim sim = {
		.agent = AGENT_0_6_0,
		.fault = FAULT_NONE,
		.log_fd = -1,
		.stop_fd = -1,
		.platform = &platform_tdx,
	};
	struct options options = {.quote_version = 4};
	struct bytes root = {0};

	parse_options(argc, argv, &sim, &options);
	if (options.log) {
		sim.log_fd = open(options.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
		if (sim.log_fd < 0)
			die("cannot open the log %s: %s", options.log, strerror(errno));
	}
	raise_descriptor_limit();
	json_object_seed(0);
	sim_begin(&sim, options.quote_version, options.pad);
	if (options.print_root) {
		sim.platform->root(sim.tee, &root);
		fwrite(root.data, 1, root.len, stdout);
		bytes_free(&root);
	} else {
		serve(&sim, &options);
	}
	sim_end(&sim);
	if (fflush(stdout))
		die("cannot write to stdout: %s", strerror(errno));
	return 0;
}
