/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step kill|stop FLOW LANE LANES [fresh]: a flow at every one of its system calls in turn.
 *
 * The flow is traced and brought to its Nth system call, N = LANE + 1, LANE + 1 + LANES, ... until it
 * ends before; there it is killed ("flow after" then says whether the next use works), or held while
 * "flow beside" says what others meet, and let go on, to its good end.  Afterwards nothing may be left
 * in the state folder, TEESHIM_STATE_DIR.  fresh: each flow starts without a state folder, and only its
 * first step is of interest.
 * PRELOAD, not LD_PRELOAD, names the library: this program needs the real files.  BESIDE_MS is the
 * TEESHIM_TIMEOUT_MS of the others.
 */
#include "flow.h"

#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum { PROGRESS_FD = 3, DEPTH = 16, SYSCALL_STOP = SIGTRAP | 0x80, CALLS_MAX = 100000 };

static struct progress *progress;
static char entry[32];
static const char *flow;
static const char *state;
static const char *preload;
static const char *beside_ms;
static char left[512];

static pid_t flow_start(const char *mode)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (pid == 0) {
		setenv("LD_PRELOAD", preload, 1);
		/* the flow itself has time enough for being stopped */
		if (strcmp(mode, "beside") == 0)
			setenv("TEESHIM_TIMEOUT_MS", beside_ms, 1);
		execl(flow, flow, mode, entry, (char *)NULL);
		die_errno(flow);
	}
	return pid;
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno("waitpid");
	return status;
}

/* Run one of the checks; it must succeed. */
static void flow_check(const char *mode, long call)
{
	int status = status_of(flow_start(mode));

	if (status)
		die("%s call %ld, in step %d: \"flow %s\" ended with status 0x%x", entry, call,
		    progress->begun, mode, (unsigned)status);
}

/* Go on to the beginning of the flow's Nth system call.  Return: whether there was one. */
static bool flow_advance(pid_t pid, long calls)
{
	int status = status_of(pid);

	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
		die("the flow did not start: status 0x%x", (unsigned)status);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		die_errno("PTRACE_SETOPTIONS");
	for (long stops = 0; stops < 2 * calls - 1; stops++) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
			die_errno("PTRACE_SYSCALL");
		status = status_of(pid);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return false;
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != SYSCALL_STOP)
			die("the flow ended: status 0x%x in step %d", (unsigned)status,
			    progress->begun);
	}
	return true;
}

static bool is_fixed(const char *path)
{
	static const char *const files[] = {"tree.lock", "platform.lock", "platform-"};
	static const char *const trees[] = {"names", "store"};
	static const char folders[] = "/sys/kernel/config/tsm/report";
	static const char *const others[] = {"/dev", "/dev/lock", "/dev/tdx_guest",
					     "/dev/sev-guest"};
	static const char *const below_sys[] = {"/sys/devices", "/sys/firmware"};
	const char *below;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strncmp(path, files[i], strlen(files[i])) == 0)
			return true;
	if (strncmp(path, "teeshim.native.", 15) != 0)
		return false;
	if (strncmp(path + 15, trees[0], 5) != 0 && strncmp(path + 15, trees[1], 5) != 0)
		return false;
	below = path + 20;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(below, others[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(below_sys) / sizeof(below_sys[0]); i++)
		if (strncmp(below, below_sys[i], strlen(below_sys[i])) == 0)
			return true;
	return strncmp(below, folders, strlen(below)) == 0;
}

static int left_note(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0 && !is_fixed(path + strlen(state) + 1))
		snprintf(left, sizeof(left), "%s", path + strlen(state) + 1);
	return 0;
}

static void left_check(long call)
{
	left[0] = '\0';
	nftw(state, left_note, DEPTH, FTW_PHYS);
	if (left[0])
		die("%s call %ld, in step %d: after the next use this is left: %s", entry, call,
		    progress->begun, left);
}

static int folder_open(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_D)
		chmod(path, 0700);
	return 0;
}

static int node_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void state_remove(void)
{
	nftw(state, folder_open, DEPTH, FTW_PHYS);
	nftw(state, node_remove, DEPTH, FTW_PHYS | FTW_DEPTH);
	if (access(state, F_OK) == 0)
		die("%s cannot be removed", state);
}

/* Return: the step that was complete at that call; -1 where the flow had fewer calls. */
static int flow_interrupt(bool kills, long call)
{
	int complete;
	pid_t pid;

	progress->which = (uint64_t)getpid() << 32 | (uint64_t)call;
	progress->begun = 0;
	progress->ended = 0;
	pid = flow_start("run");
	if (!flow_advance(pid, call))
		return -1;
	complete = progress->ended;
	if (kills) {
		kill(pid, SIGKILL);
		status_of(pid);
		flow_check("after", call);
	} else {
		int status;

		flow_check("beside", call);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
		status = status_of(pid);
		if (status)
			die("%s call %ld: once let go on, the flow ended with status 0x%x in step "
			    "%d",
			    entry, call, (unsigned)status, progress->begun);
		/* what "beside" could not remove */
		progress->begun = STEP_RMDIR;
		progress->ended = STEP_RMDIR;
		flow_check("after", call);
	}
	left_check(call);
	return complete;
}

int main(int argc, char **argv)
{
	const bool kills = argc > 4 && strcmp(argv[1], "kill") == 0;
	const bool fresh = argc > 5 && strcmp(argv[5], "fresh") == 0;
	long lane = number_of(argc > 4 ? argv[3] : NULL);
	long lanes = number_of(argv[4]);
	int memory = memfd_create("progress", 0);
	int complete;
	long call;

	flow = argv[2];
	state = getenv("TEESHIM_STATE_DIR");
	preload = getenv("PRELOAD");
	beside_ms = getenv("BESIDE_MS");
	if (!state || !preload || !beside_ms || lanes < 1)
		die("TEESHIM_STATE_DIR, PRELOAD, BESIDE_MS must be set, LANES above 0");
	snprintf(entry, sizeof(entry), "step-%ld", lane);
	if (memory < 0 || ftruncate(memory, sizeof(*progress)) < 0)
		die_errno("memfd_create");
	if (memory != PROGRESS_FD && (dup2(memory, PROGRESS_FD) < 0 || close(memory) < 0))
		die_errno("dup2");
	progress =
		mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED, PROGRESS_FD, 0);
	if (progress == MAP_FAILED)
		die_errno("mmap");
	for (call = lane + 1; call < CALLS_MAX; call += lanes) {
		if (fresh)
			state_remove();
		complete = flow_interrupt(kills, call);
		if (complete < 0 || (fresh && complete >= STEP_MKDIR))
			break;
	}
	printf("%ld\n", (call - lane - 1) / lanes);
	return 0;
}
