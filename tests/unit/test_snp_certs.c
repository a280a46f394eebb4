/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that the user gives: files, folders, and what is neither; and when they count. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/objects.h>

#include "base/clock.h"
#include "sim/cert.h"
#include "sim/crypto.h"
#include "tools/log_capture.h"
#include "tools/stub_agent.h"
#include "translate/cert_table.h"
#include "translate/snp_certs.h"
#include "translate/snp_evidence.h"

static char folder[] = "/tmp/teeshim-certs-XXXXXX";

/* A path in the test's folder; four are valid at a time. */
static const char *at(const char *name)
{
	static char paths[4][200];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, 200, "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const void *data, size_t len)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

/* The files' contents, one behind another; or the errno as "-22", with one line in the log. */
static const char *contents(const char *path)
{
	static char text[256];
	struct buf files[SNP_CERTS_FILES_MAX] = {{0}};
	size_t count = 99;
	size_t len = 0;
	int err = snp_certs_read(path, files, &count);

	if (err < 0) {
		assert_int_equal(count, 99);
		for (size_t i = 0; i < SNP_CERTS_FILES_MAX; i++)
			assert_null(files[i].data);
		snprintf(text, sizeof(text), "%d", err);
		return text;
	}
	for (size_t i = 0; i < count; i++) {
		assert_true(len + files[i].len < sizeof(text));
		if (files[i].len > 0)
			memcpy(text + len, files[i].data, files[i].len);
		len += files[i].len;
		buf_free(&files[i]);
	}
	text[len] = '\0';
	return text;
}

static void expect_refused(const char *path, int err, const char *why)
{
	char text[16];
	const char *line;

	snprintf(text, sizeof(text), "%d", err);
	assert_string_equal(contents(path), text);
	line = log_captured();
	assert_non_null(strstr(line, "TEESHIM_SNP_CERTS="));
	assert_non_null(strstr(line, why));
}

static void file(void **state)
{
	(void)state;
	put("file", "one", 3);
	assert_string_equal(contents(at("file")), "one");
	assert_int_equal(symlink("file", at("link")), 0);
	assert_string_equal(contents(at("link")), "one");
	put("file", "", 0);
	assert_string_equal(contents(at("file")), "");
	unlink(at("link"));
	unlink(at("file"));
	assert_string_equal(log_captured(), "");
}

/* As a volume of Kubernetes looks, with a pipe and a folder beside. */
static void folder_in_order(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("d"), 0700), 0);
	assert_string_equal(contents(at("d")), "");
	put("d/c", "3", 1);
	put("d/a", "1", 1);
	put("d/.hidden", "x", 1);
	put("outside", "2", 1);
	assert_int_equal(symlink("../outside", at("d/b")), 0);
	assert_int_equal(symlink("nowhere", at("d/broken")), 0);
	assert_int_equal(mkfifo(at("d/pipe"), 0600), 0);
	assert_int_equal(mkdir(at("d/sub"), 0700), 0);
	assert_string_equal(contents(at("d")), "123");
	assert_string_equal(log_captured(), "");
	unlink(at("d/c"));
	unlink(at("d/a"));
	unlink(at("d/b"));
	unlink(at("d/.hidden"));
	unlink(at("d/broken"));
	unlink(at("d/pipe"));
	unlink(at("outside"));
	rmdir(at("d/sub"));
	rmdir(at("d"));
}

static void bounds(void **state)
{
	static uint8_t large[SNP_CERTS_FILE_MAX + 1];
	char name[16];

	(void)state;
	put("large", large, sizeof(large));
	expect_refused(at("large"), -EFBIG, "a file is larger than 64 KiB");
	unlink(at("large"));
	assert_int_equal(mkdir(at("d"), 0700), 0);
	for (int i = 0; i < SNP_CERTS_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "d/%c", 'a' + i);
		put(name, name + 2, 1);
	}
	assert_string_equal(contents(at("d")), "abcdefghijklmnop");
	put("d/q", "q", 1);
	expect_refused(at("d"), -E2BIG, "the folder has more than 16 files");
	unlink(at("d/q"));
	put("d/p", large, sizeof(large));
	expect_refused(at("d"), -EFBIG, "a file is larger than 64 KiB");
	for (int i = 0; i < SNP_CERTS_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "d/%c", 'a' + i);
		unlink(at(name));
	}
	rmdir(at("d"));
}

static void neither(void **state)
{
	(void)state;
	expect_refused(at("absent"), -ENOENT, "no such file; reports go without");
	assert_int_equal(mkfifo(at("pipe"), 0600), 0);
	expect_refused(at("pipe"), -EINVAL, "it is neither a file nor a folder");
	unlink(at("pipe"));
	expect_refused("/dev/null", -EINVAL, "it is neither a file nor a folder");
}

/* ---------------------------------------------------------------------------- when they count */

static struct bytes der_of(const char *common_name)
{
	EVP_PKEY *key = crypto_key("certificate of a test", NID_X9_62_prime256v1);
	X509 *cert = cert_begin(common_name, key, NULL);
	struct bytes der = {0};

	cert_sign(cert, key);
	cert_add_der(&der, cert);
	X509_free(cert);
	EVP_PKEY_free(key);
	return der;
}

enum { REPORT_LEN = 1184 };

static char attestation[16384];

/* The answer with a report over zeros, and as cert_chain one element of len bytes, or nothing. */
static void attestation_make(const uint8_t *element, size_t len)
{
	char *end = attestation;

	/* V0, SEV-SNP, 1184 bytes, all zero */
	end += sprintf(end, "{\"attestation\":\"00038112%0*d", 2 * REPORT_LEN, 0);
	/* SCALE: one element, its length in the form of two bytes; or none */
	if (len > 0)
		end += sprintf(end, "04%02x%02x", (unsigned)(len << 2 | 1) & 0xff,
			       (unsigned)len >> 6);
	else
		end += sprintf(end, "00");
	for (size_t i = 0; i < len; i++)
		end += sprintf(end, "%02x", element[i]);
	/* no mr_config, no events, report data of zeros, no config */
	sprintf(end, "%0*d\"}", 2 * (1 + 1 + REPORT_DATA_SIZE + 1), 0);
}

static void answer_attestation(int fd, const char *request)
{
	if (stub_asks(request, "/v1/Attest"))
		stub_reply(fd, 200, attestation);
	else
		stub_reply_unknown(fd, 404);
}

/* The kinds of certificates in the table of one report: "v" for a VCEK, "r" for an ARK. */
static const char *kinds(void)
{
	static const uint8_t report_data[REPORT_DATA_SIZE];
	static char text[8];
	struct snp_evidence evidence = {0};
	struct stub_agent stub;
	struct cert_entry entry;
	size_t count = 0;

	stub_start(&stub, "dstack.sock", answer_attestation);
	assert_int_equal(
		snp_evidence_get(&stub.agent, report_data, clock_now_ms() + 5000, &evidence), 0);
	stub_stop(&stub);
	stub_remove(&stub);
	while (count < sizeof(text) - 1 &&
	       cert_table_entry(evidence.certs.data, evidence.certs.len, count, &entry) == 0)
		text[count++] = entry.kind == CERT_VCEK ? 'v' : entry.kind == CERT_ARK ? 'r' : '?';
	text[count] = '\0';
	buf_free(&evidence.report);
	buf_free(&evidence.certs);
	return text;
}

static void where_the_agent_has_none(void **state)
{
	struct bytes vcek = der_of("SEV-VCEK");
	struct bytes ark = der_of("ARK-Milan");
	const char *line;

	(void)state;
	put("ark", ark.data, ark.len);
	attestation_make(vcek.data, vcek.len);
	setenv("TEESHIM_SNP_CERTS", at("ark"), 1);
	/* the agent's own come first */
	assert_string_equal(kinds(), "v");
	attestation_make(NULL, 0);
	assert_string_equal(kinds(), "r");
	assert_string_equal(log_captured(), "");
	unsetenv("TEESHIM_SNP_CERTS");
	assert_string_equal(kinds(), "");
	assert_string_equal(log_captured(), "");
	/* each failure costs a line, and no report */
	setenv("TEESHIM_SNP_CERTS", at("absent"), 1);
	assert_string_equal(kinds(), "");
	line = log_captured();
	assert_non_null(strstr(line, "no such file; reports go without certificates"));
	put("ark", "no certificate", 14);
	setenv("TEESHIM_SNP_CERTS", at("ark"), 1);
	assert_string_equal(kinds(), "");
	line = log_captured();
	assert_non_null(strstr(line, ": left out 1 broken, 0 of no known subject, 0 double"));
	assert_int_equal(mkdir(at("d"), 0700), 0);
	setenv("TEESHIM_SNP_CERTS", at("d"), 1);
	assert_string_equal(kinds(), "");
	line = log_captured();
	assert_non_null(strstr(line, ": no file in it; reports go without certificates"));
	unsetenv("TEESHIM_SNP_CERTS");
	rmdir(at("d"));
	unlink(at("ark"));
	bytes_free(&vcek);
	bytes_free(&ark);
}

static int folder_make(void **state)
{
	return mkdtemp(folder) ? log_capture_start(state) : -1;
}

static int folder_remove(void **state)
{
	return log_capture_end(state) || rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file),
		cmocka_unit_test(folder_in_order),
		cmocka_unit_test(bounds),
		cmocka_unit_test(neither),
		cmocka_unit_test(where_the_agent_has_none),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
