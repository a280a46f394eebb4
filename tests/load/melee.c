/* SPDX-License-Identifier: Apache-2.0 */
/*
 * melee KILLS SEED: processes that share one entry, and others that make and remove entries of their
 * own, one of which is killed at a random moment, again and again, and replaced.  Nobody else may
 * notice: every call succeeds, every quote is over bytes that one process wrote whole, no generation
 * moves back.  Ends with the shared entry's removal.
 */
#include "load.h"

#include <signal.h>
#include <sys/wait.h>

enum { SHARING = 3, OWNING = 2, PROCESSES = SHARING + OWNING, KILL_AFTER_MAX_US = 20000 };

static const char shared[] = "melee";

static void call_check(const char *entry, const char *what, long ret)
{
	if (ret < 0)
		die("%s/%s: %s", entry, what, strerror((int)-ret));
}

static void shared_round(uint64_t which, uint64_t round, long *generation)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	uint64_t writer[2];
	long now;

	report_data_make(data, which, round);
	call_check(shared, "inblob", inblob_write(shared, data));
	call_check(shared, "outblob", outblob_read(shared, over));
	/* whoever wrote them, the first 16 bytes tell the others */
	memcpy(writer, over, sizeof(writer));
	report_data_make(data, writer[0], writer[1]);
	if (memcmp(data, over, sizeof(data)) != 0)
		die("a quote over bytes that nobody wrote");
	now = generation_read(shared);
	call_check(shared, "generation", now);
	if (now <= *generation)
		die("generation %ld after %ld, and a write between", now, *generation);
	*generation = now;
}

static void own_round(uint64_t which, uint64_t round)
{
	uint8_t data[REPORT_DATA_SIZE];
	uint8_t over[REPORT_DATA_SIZE];
	char entry[40];

	snprintf(entry, sizeof(entry), "own-%llu-%llu", (unsigned long long)which,
		 (unsigned long long)round);
	report_data_make(data, which, round);
	call_check(entry, "mkdir", entry_mkdir(entry));
	call_check(entry, "inblob", inblob_write(entry, data));
	call_check(entry, "outblob", outblob_read(entry, over));
	if (memcmp(data, over, sizeof(data)) != 0)
		die("%s: a quote over other bytes", entry);
	call_check(entry, "rmdir", entry_rmdir(entry));
}

static pid_t process_start(uint64_t which, bool sharing)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (pid == 0) {
		long generation = -1;

		for (uint64_t round = 0;; round++) {
			if (sharing)
				shared_round(which, round, &generation);
			else
				own_round(which, round);
		}
	}
	return pid;
}

static void process_kill(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die_errno("waitpid");
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		die("a process ended by itself: status 0x%x", (unsigned)status);
}

int main(int argc, char **argv)
{
	long kills = number_of(argc > 2 ? argv[1] : NULL);
	pid_t pids[PROCESSES];
	uint64_t which = 0;
	long generation = 0;

	srand((unsigned)number_of(argv[2]));
	call_check(shared, "mkdir", entry_mkdir(shared));
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = process_start(++which, i < SHARING);
	for (long i = 0; i < kills; i++) {
		int victim = rand() % PROCESSES;

		sleep_us(rand() % KILL_AFTER_MAX_US);
		process_kill(pids[victim]);
		pids[victim] = process_start(++which, victim < SHARING);
	}
	for (int i = 0; i < PROCESSES; i++)
		process_kill(pids[i]);
	generation = generation_read(shared);
	call_check(shared, "generation", generation);
	shared_round(++which, 0, &generation);
	call_check(shared, "rmdir", entry_rmdir(shared));
	printf("%ld kills, generation %ld\n", kills, generation);
	return 0;
}
