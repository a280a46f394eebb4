/* SPDX-License-Identifier: Apache-2.0 */
/* Which TEE an agent of each generation stands on, how often it is asked, what is remembered. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "tools/stub_agent.h"

static char state_path[] = "/tmp/teeshim-state-XXXXXX";
static char count_path[] = "/tmp/teeshim-count-XXXXXX";
static int state_fd;

/* How often the stub was asked, by any process: the length of a file. */
static void count_question(void)
{
	int fd = open(count_path, O_WRONLY | O_APPEND);

	if (write(fd, "x", 1) != 1)
		abort();
	close(fd);
}

static off_t questions(void)
{
	struct stat st;

	assert_int_equal(stat(count_path, &st), 0);
	assert_int_equal(truncate(count_path, 0), 0);
	return st.st_size;
}

static void reply_attestation(int fd, const char *hex)
{
	static char body[4096];

	snprintf(body, sizeof(body), "{\"attestation\":\"%s\",\"boottime_gpu_evidence\":[]}", hex);
	stub_reply(fd, 200, body);
}

static void agent_tappd(int fd, const char *request)
{
	(void)request;
	count_question();
	stub_reply_unknown(fd, 400);
}

static void agent_0_5(int fd, const char *request)
{
	count_question();
	if (stub_asks(request, "/Version"))
		stub_reply(fd, 200, "{\"version\":\"0.5.11\",\"rev\":\"0\"}");
	else
		stub_reply(fd, 404, "<!DOCTYPE html>404");
}

#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_64 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16

static void answer_refusal(int fd, const char *request)
{
	(void)request;
	stub_reply(
		fd, 400,
		"{\n  \"error\": \"GetQuote is Intel TDX only, use Attest on this platform\"\n}");
}

static void answer_garbage(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 200, "\x01\x02\xff garbage");
}

static void answer_unavailable(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 503, "");
}

static void agent_before_0_5_7(int fd, const char *request)
{
	count_question();
	if (stub_asks(request, "/v1/Version"))
		stub_reply(fd, 404,
			   "{\"error\":{\"code\":404,\"reason\":\"Not Found\","
			   "\"description\":\"The requested resource could not be "
			   "found.\"}}");
	else
		stub_reply_unknown(fd, 400);
}

static void agent_0_6_alpha_snp(int fd, const char *request)
{
	count_question();
	if (stub_asks(request, "/Version"))
		stub_reply(fd, 200, "{\"version\":\"0.6.0\",\"rev\":\"0\"}");
	else if (stub_asks(request, "/Attest") &&
		 strstr(request, "\"report_data\":\"" ZEROS_64 "\""))
		reply_attestation(fd, stub_attestation_hex(request));
	else
		stub_reply(fd, 404, "<!DOCTYPE html>404");
}

/* {"version": 1, "platform": {"kind": KIND, "data": ... */
#define V1_HEAD(kind) "82a776657273696f6e01a8706c6174666f726d82a46b696e64" kind "a464617461"

/* ... {"quote": [1]}}} */
#define V1_DOCUMENT(kind) V1_HEAD(kind) "81a571756f74659101"

static void agent_v1(int fd, const char *request, const char *document)
{
	count_question();
	if (stub_asks(request, "/v1/Version"))
		stub_reply(fd, 200, "{\"version\":\"0.6.0\",\"rev\":\"0\"}");
	else if (stub_asks(request, "/v1/Attest"))
		reply_attestation(fd, document);
	else
		stub_reply_unknown(fd, 404);
}

static void agent_0_6_tdx(int fd, const char *request)
{
	agent_v1(fd, request, V1_DOCUMENT("a3746478"));
}

static void agent_0_6_gcp(int fd, const char *request)
{
	agent_v1(fd, request, V1_DOCUMENT("a76763702d746478"));
}

static void agent_0_6_snp(int fd, const char *request)
{
	static char document[4096];

	/* {"report": 1184 bytes, "cert_chain": []} */
	snprintf(document, sizeof(document), "%s82a67265706f7274c504a0%0*daa636572745f636861696e90",
		 V1_HEAD("a77365762d736e70"), 2 * 1184, 0);
	agent_v1(fd, request, document);
}

static void agent_0_6_nitro(int fd, const char *request)
{
	agent_v1(fd, request, V1_DOCUMENT("ad6e6974726f2d656e636c617665"));
}

static void agent_0_6_broken(int fd, const char *request)
{
	agent_v1(fd, request, "ff");
}

static void no_agent_at_all(int fd, const char *request)
{
	(void)request;
	stub_reply(fd, 404, "<html>nginx");
}

static int platform_of(const struct stub_agent *stub, enum tee *tee)
{
	return agent_platform(&stub->agent, state_fd, clock_now_ms() + 5000, tee);
}

static void remembered_path(const struct stub_agent *stub, char path[static 128])
{
	snprintf(path, 128, "%s/platform-%llx-%llx", state_path,
		 (unsigned long long)stub->agent.dev, (unsigned long long)stub->agent.ino);
}

static void forget(const struct stub_agent *stub)
{
	char path[128];

	remembered_path(stub, path);
	unlink(path);
}

/* Asked once with so many questions, and never again. */
static void expect_platform(const char *socket, stub_answer *how, enum tee want, off_t asked)
{
	enum tee tee = (enum tee)99;
	struct stub_agent stub;

	questions();
	stub_start(&stub, socket, how);
	assert_int_equal(platform_of(&stub, &tee), 0);
	assert_int_equal(tee, want);
	assert_int_equal(questions(), asked);
	tee = (enum tee)99;
	stub_stop(&stub); /* no longer needed: */
	assert_int_equal(platform_of(&stub, &tee), 0);
	assert_int_equal(tee, want);
	forget(&stub);
	stub_remove(&stub);
}

static void platforms(void **state)
{
	(void)state;
	expect_platform("tappd.sock", agent_tappd, TEE_TDX, 0);
	expect_platform("dstack.sock", agent_before_0_5_7, TEE_TDX, 2);
	expect_platform("dstack.sock", agent_0_5, TEE_TDX, 2);
	expect_platform("dstack.sock", agent_0_6_alpha_snp, TEE_SEV_SNP, 3);
	expect_platform("dstack.sock", agent_0_6_tdx, TEE_TDX, 2);
	expect_platform("dstack.sock", agent_0_6_gcp, TEE_TDX, 2);
	expect_platform("dstack.sock", agent_0_6_snp, TEE_SEV_SNP, 2);
	expect_platform("dstack.sock", agent_0_6_nitro, TEE_NONE, 2);
}

/* A failure is not remembered: the next healthy agent is asked. */
static void platform_failures(void **state)
{
	static stub_answer *const answers[] = {
		answer_refusal,  answer_garbage,     agent_0_6_broken,
		no_agent_at_all, answer_unavailable,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		enum tee tee = (enum tee)99;
		struct stub_agent stub;
		char path[128];

		stub_start(&stub, "dstack.sock", answers[i]);
		assert_int_equal(platform_of(&stub, &tee), -EIO);
		assert_int_equal(tee, 99);
		remembered_path(&stub, path);
		assert_int_equal(access(path, F_OK), -1);
		stub_stop(&stub);
		stub_remove(&stub);
	}
	questions();
}

static void platform_variable(void **state)
{
	static const struct {
		const char *value;
		enum tee tee;
	} cases[] = {{"tdx", TEE_TDX}, {"sev-snp", TEE_SEV_SNP}, {"off", TEE_NONE}};
	struct stub_agent stub;
	enum tee tee;

	(void)state;
	stub_start(&stub, "dstack.sock", agent_0_6_snp);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tee = (enum tee)99;
		setenv("TEESHIM_TEE", cases[i].value, 1);
		assert_int_equal(platform_of(&stub, &tee), 0);
		assert_int_equal(tee, cases[i].tee);
	}
	assert_int_equal(questions(), 0);
	setenv("TEESHIM_TEE", "sgx", 1); /* taken as auto */
	assert_int_equal(platform_of(&stub, &tee), 0);
	assert_int_equal(tee, TEE_SEV_SNP);
	assert_int_equal(questions(), 2);
	unsetenv("TEESHIM_TEE");
	forget(&stub);
	stub_stop(&stub);
	stub_remove(&stub);
}

static void write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

/* Anything but exactly our line for this socket counts as nothing, and is replaced. */
static void platform_file(void **state)
{
	char contents[8][200];
	struct stub_agent stub;
	struct stat st;
	char path[128];
	enum tee tee;

	(void)state;
	stub_start(&stub, "dstack.sock", agent_0_6_snp);
	remembered_path(&stub, path);
	snprintf(contents[0], 200, "tdx %s\n", stub.agent.path);
	write_file(path, contents[0]);
	assert_int_equal(platform_of(&stub, &tee), 0);
	assert_int_equal(tee, TEE_TDX); /* believed */
	assert_int_equal(questions(), 0);

	snprintf(contents[0], 200, "%s", "");
	snprintf(contents[1], 200, "tdx %s", stub.agent.path);
	snprintf(contents[2], 200, "tdx %s\n\n", stub.agent.path);
	snprintf(contents[3], 200, "tdx %s2\n", stub.agent.path);
	snprintf(contents[4], 200, "cca %s\n", stub.agent.path);
	snprintf(contents[5], 200, "%s", "tdx /other.sock\n");
	snprintf(contents[6], 200, "%s", "tdx\n");
	memset(contents[7], 'x', 199);
	contents[7][199] = '\0';
	for (size_t i = 0; i < 8; i++) {
		mode_t before;

		write_file(path, contents[i]);
		before = umask(0777); /* some programs have it */
		assert_int_equal(platform_of(&stub, &tee), 0);
		umask(before);
		assert_int_equal(tee, TEE_SEV_SNP);
		assert_int_equal(questions(), 2);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	/* a symbolic link is not followed, neither for reading nor for writing */
	snprintf(contents[0], 200, "tdx %s\n", stub.agent.path);
	snprintf(contents[1], 200, "%s/elsewhere", state_path);
	write_file(contents[1], contents[0]);
	unlink(path);
	assert_int_equal(symlink(contents[1], path), 0);
	assert_int_equal(platform_of(&stub, &tee), 0);
	assert_int_equal(tee, TEE_SEV_SNP);
	assert_int_equal(questions(), 2);
	unlink(contents[1]);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	forget(&stub);
	stub_stop(&stub);
	stub_remove(&stub);
}

static void platform_without_state(void **state)
{
	struct stub_agent stub;
	enum tee tee;

	(void)state;
	stub_start(&stub, "dstack.sock", agent_0_6_tdx);
	assert_int_equal(agent_platform(&stub.agent, -1, clock_now_ms() + 5000, &tee), 0);
	assert_int_equal(agent_platform(&stub.agent, -1, clock_now_ms() + 5000, &tee), 0);
	assert_int_equal(tee, TEE_TDX);
	assert_int_equal(questions(), 4);
	stub_stop(&stub);
	stub_remove(&stub);
}

static void agent_0_6_slow(int fd, const char *request)
{
	usleep(100000);
	agent_0_6_tdx(fd, request);
}

/* Many at once: one asks, the others wait for what it learns. */
static void platform_crowd(void **state)
{
	enum { CROWD = 20 };
	struct stub_agent stub;
	int status;

	(void)state;
	stub_start(&stub, "dstack.sock", agent_0_6_slow);
	for (int i = 0; i < CROWD; i++) {
		if (fork() == 0) {
			enum tee tee = TEE_NONE;

			_exit(platform_of(&stub, &tee) == 0 && tee == TEE_TDX ? 0 : 1);
		}
	}
	for (int i = 0; i < CROWD; i++) {
		do
			assert_true(wait(&status) > 0);
		while (!WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(questions(), 2);
	forget(&stub);
	stub_stop(&stub);
	stub_remove(&stub);
}

static int folders_make(void **state)
{
	(void)state;
	setenv("TEESHIM_LOG", "error:/dev/null", 1);
	close(mkstemp(count_path));
	if (!mkdtemp(state_path))
		return -1;
	state_fd = open(state_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return state_fd < 0 ? -1 : 0;
}

static int folders_remove(void **state)
{
	(void)state;
	unlinkat(state_fd, "platform.lock", 0);
	close(state_fd);
	unlink(count_path);
	return rmdir(state_path); /* nothing else may be left in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms),
		cmocka_unit_test(platform_failures),
		cmocka_unit_test(platform_variable),
		cmocka_unit_test(platform_file),
		cmocka_unit_test(platform_without_state),
		cmocka_unit_test(platform_crowd),
	};

	return cmocka_run_group_tests(tests, folders_make, folders_remove);
}
