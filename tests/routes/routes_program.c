/* SPDX-License-Identifier: Apache-2.0 */
/* Ways around libc's names: dlsym, programs that are started, io_uring, the bare instruction. */
#include <dlfcn.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#ifdef __GLIBC__
#include <linux/io_uring.h>
#endif

#include "routes.h"

extern char **environ;

static char *provider_of(const struct target *t)
{
	char *path;

	if (asprintf(&path, "%s/provider", t->entry) < 0)
		abort();
	return path;
}

typedef int (*open_function)(const char *path, int flags, ...);

/* POSIX promises that a function's address fits, ISO C does not. */
static open_function as_open(void *address)
{
	open_function function = open;

	if (!address) {
		fprintf(stderr, "dlsym: %s; ", dlerror());
		return function;
	}
	memcpy(&function, &address, sizeof(function));
	return function;
}

static bool try_dlsym(const struct target *t)
{
	return check_provider(as_open(dlsym(RTLD_DEFAULT, "open"))(provider_of(t), O_RDONLY));
}

static bool try_dlsym_self(const struct target *t)
{
	void *self = dlopen(NULL, RTLD_LAZY);

	return check_provider(as_open(dlsym(self, "open"))(provider_of(t), O_RDONLY));
}

static bool try_dlsym_libc(const struct target *t)
{
#ifdef __GLIBC__
	void *libc = dlopen("libc.so.6", RTLD_LAZY);
#else
	void *libc = dlopen("libc.so", RTLD_LAZY);
#endif

	return check_provider(as_open(dlsym(libc, "open"))(provider_of(t), O_RDONLY));
}

/* check_output() - the child wrote provider's text into the pipe and ended well. */
static bool check_output(pid_t pid, int from)
{
	char text[64];
	ssize_t len = read(from, text, sizeof(text) - 1);
	int status;

	if (waitpid(pid, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "the program ended with status %x; ", (unsigned)status);
		return false;
	}
	text[len > 0 ? len : 0] = '\0';
	return check_text(text, "tdx_guest\n");
}

static bool run_cat(const struct target *t, char *const environment[])
{
	char cat[] = "cat";
	char *argv[] = {cat, provider_of(t), NULL};
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		return check_success(-1);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execve("/bin/cat", argv, environment);
		_exit(126);
	}
	close(ends[1]);
	return check_output(pid, ends[0]);
}

static bool try_exec(const struct target *t)
{
	return run_cat(t, environ);
}

static bool try_exec_cleared(const struct target *t)
{
	char *none[] = {NULL};

	return run_cat(t, none);
}

static bool spawn_cat(const struct target *t, const char *spawned, bool by_action)
{
	char cat[] = "cat", name[64] = "-";
	char *argv[] = {cat, name, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;
	int error;

	if (!by_action)
		argv[1] = provider_of(t);
	if (pipe(ends))
		return check_success(-1);
	posix_spawn_file_actions_init(&actions);
	if (by_action)
		posix_spawn_file_actions_addopen(&actions, 0, provider_of(t), O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	error = strchr(spawned, '/') ? posix_spawn(&pid, spawned, &actions, NULL, argv, environ)
				     : posix_spawnp(&pid, spawned, &actions, NULL, argv, environ);
	close(ends[1]);
	errno = error;
	return check_success(error ? -1 : 0) && check_output(pid, ends[0]);
}

static bool try_spawn(const struct target *t)
{
	return spawn_cat(t, "/bin/cat", false);
}

static bool try_spawnp(const struct target *t)
{
	return spawn_cat(t, "cat", false);
}

static bool try_spawn_addopen(const struct target *t)
{
	return spawn_cat(t, "/bin/cat", true);
}

static bool try_spawn_addchdir(const struct target *t)
{
	char cat[] = "cat", name[] = "provider";
	char *argv[] = {cat, name, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;
	int error;

	if (pipe(ends))
		return check_success(-1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addchdir_np(&actions, t->entry);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	error = posix_spawn(&pid, "/bin/cat", &actions, NULL, argv, environ);
	close(ends[1]);
	errno = error;
	return check_success(error ? -1 : 0) && check_output(pid, ends[0]);
}

static char *command(const char *format, const struct target *t)
{
	char *text;

/* the formats are those below */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (asprintf(&text, format, t->entry) < 0)
		abort();
#pragma GCC diagnostic pop
	return text;
}

static bool shell(const char *format, const struct target *t)
{
	int status = system(command(format, t));

	if (status != 0)
		fprintf(stderr, "the shell ended with status %x; ", (unsigned)status);
	return status == 0;
}

static bool try_system(const struct target *t)
{
	return shell("read -r word <%s/provider && [ \"$word\" = tdx_guest ]", t);
}

static bool try_system_write(const struct target *t)
{
	return shell("printf %%64s x >'%s/inblob'", t);
}

static bool try_system_cd(const struct target *t)
{
	return shell("cd %s && exec grep -q tdx_guest provider", t);
}

static bool try_popen(const struct target *t)
{
	FILE *pipe = popen(command("cat <%s/provider", t), "r");
	char line[64];

	if (!pipe || !fgets(line, sizeof(line), pipe))
		line[0] = '\0';
	if (pipe)
		pclose(pipe);
	return check_text(line, "tdx_guest\n");
}

static bool try_vfork(const struct target *t)
{
	const char *path = provider_of(t);
	int status = 0;
	pid_t pid = vfork();

	if (pid == 0)
		_exit(access(path, R_OK) ? 1 : 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool try_instruction(const struct target *t)
{
	register long flags __asm__("rdx") = O_RDONLY;
	const char *path = provider_of(t);
	long fd;

	__asm__ volatile("syscall"
			 : "=a"(fd)
			 : "0"((long)SYS_openat), "D"((long)AT_FDCWD), "S"(path), "r"(flags)
			 : "rcx", "r11", "memory");
	if (fd < 0) {
		errno = (int)-fd;
		fd = -1;
	}
	return check_provider((int)fd);
}

#ifdef __GLIBC__
static int ring_open(int ring, const struct io_uring_params *params, const char *path)
{
	const size_t page = 4096;
	char *queue =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqes =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(queue + params->cq_off.cqes);

	if (queue == MAP_FAILED || sqes == MAP_FAILED)
		return -1;
	sqes[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)path,
		.open_flags = O_RDONLY,
	};
	((unsigned *)(queue + params->sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(queue + params->sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0L) < 0)
		return -1;
	if (cqes[0].res >= 0)
		return cqes[0].res;
	errno = -cqes[0].res;
	return -1;
}

static bool try_uring(const struct target *t)
{
	struct io_uring_params params = {0};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	return check_success(ring) && check_provider(ring_open(ring, &params, provider_of(t)));
}
#endif

const struct route routes_program[] = {
	{"dlsym(RTLD_DEFAULT, \"open\")", FORM_ALONE, "", IN_BOTH(try_dlsym)},
	{"dlsym(dlopen(NULL), \"open\")", FORM_ALONE, "", IN_BOTH(try_dlsym_self)},
	{"dlsym(dlopen(libc's file), \"open\")", FORM_ALONE, "", IN_BOTH(try_dlsym_libc)},
	{"fork, execve of cat", FORM_ALONE, "", IN_BOTH(try_exec)},
	{"fork, execve of cat with an empty environment", FORM_ALONE, "",
	 IN_BOTH(try_exec_cleared)},
	{"posix_spawn of cat", FORM_ALONE, "", IN_BOTH(try_spawn)},
	{"posix_spawnp of cat", FORM_ALONE, "", IN_BOTH(try_spawnp)},
	{"posix_spawn_file_actions_addopen", FORM_ALONE, "", IN_BOTH(try_spawn_addopen)},
	{"posix_spawn_file_actions_addchdir_np", FORM_ALONE, "", IN_BOTH(try_spawn_addchdir)},
	{"system: read <provider", FORM_ALONE, "", IN_BOTH(try_system)},
	{"system: printf >inblob", FORM_ALONE, "", IN_BOTH(try_system_write)},
	{"system: cd, exec grep", FORM_ALONE, "", IN_BOTH(try_system_cd)},
	{"popen: cat <provider", FORM_ALONE, "", IN_BOTH(try_popen)},
	{"access in a vfork child", FORM_ALONE, "", IN_BOTH(try_vfork)},
	{"the syscall instruction", FORM_ALONE, "", IN_BOTH(try_instruction)},
	{"io_uring: IORING_OP_OPENAT", FORM_ALONE, "", IN_GLIBC(try_uring)},
	{0},
};
