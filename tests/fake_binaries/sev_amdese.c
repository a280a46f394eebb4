/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMDESE's sev-guest tools: by argv[2] a report ("report"), one with certificates ("ext", the default),
 * which an empty table fails, or a derived key ("key").  The length that a probe gives is rounded up to
 * pages once more.
 */
#include <sys/mman.h>

#include "snp.h"

enum { KEY_SIZE = 32, FIELD_MEASUREMENT = 8 };

static int device_open(void)
{
	return OK_INT("open " SNP_DEVICE, open(SNP_DEVICE, O_RDWR));
}

static void report_take(const uint8_t *report_data)
{
	struct snp_request request = {.vmpl = 0};
	struct snp_response response = {.status = 1};
	struct snp_argument argument = {1, (uintptr_t)&request, (uintptr_t)&response, 0};
	int fd = device_open();

	memcpy(request.report_data, report_data, sizeof(request.report_data));
	OK("SNP_GET_REPORT", ioctl(fd, SNP_GET_REPORT, &argument));
	close(fd);
	snp_response_check(&response, report_data);
	snp_print(&response, NULL, 0);
}

static void *pages_make(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		fail_errno("mmap");
	return pages;
}

static void ext_report_take(const uint8_t *report_data)
{
	struct snp_ext_request request = {.certs_len = 0};
	struct snp_response response = {.status = 1};
	struct snp_argument argument = {1, (uintptr_t)&request, (uintptr_t)&response, 0};
	uint8_t *certs = NULL;
	size_t size;
	int fd = device_open();

	memcpy(request.data.report_data, report_data, sizeof(request.data.report_data));
	if (ioctl(fd, SNP_GET_EXT_REPORT, &argument) < 0) {
		if (errno != EIO || argument.exitinfo2 != SNP_CERTS_SHORT)
			fail_errno("SNP_GET_EXT_REPORT for the length");
		size = (request.certs_len + SNP_PAGE - 1) & ~(size_t)(SNP_PAGE - 1);
		certs = pages_make(size);
		request.certs_address = (uintptr_t)certs;
		request.certs_len = (uint32_t)size;
		argument.exitinfo2 = 0;
		OK("SNP_GET_EXT_REPORT", ioctl(fd, SNP_GET_EXT_REPORT, &argument));
	}
	close(fd);
	if (argument.exitinfo2 != 0)
		fail("SNP_GET_EXT_REPORT", "exitinfo2 after success");
	snp_response_check(&response, report_data);
	if (!certs || snp_table_size(certs, request.certs_len) == 0)
		fail("certificates", "%s", strerror(ENODATA));
	snp_print(&response, certs, snp_table_size(certs, request.certs_len));
}

static void key_take(void)
{
	struct snp_key_request request = {.guest_field_select = FIELD_MEASUREMENT};
	uint8_t response[SNP_REPORT_AT + KEY_SIZE] = {1};
	struct snp_argument argument = {1, (uintptr_t)&request, (uintptr_t)response, 0};
	int fd = device_open();

	if (ioctl(fd, SNP_GET_DERIVED_KEY, &argument) < 0)
		fail("SNP_GET_DERIVED_KEY", "%s, exitinfo2 %llx", strerror(errno),
		     (unsigned long long)argument.exitinfo2);
	close(fd);
	if (response[0] != 0)
		fail("response", "status %#x", response[0]);
	if (fwrite(response + SNP_REPORT_AT, 1, KEY_SIZE, stdout) != KEY_SIZE || fflush(stdout))
		fail_errno("stdout");
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "ext";
	uint8_t report_data[REPORT_DATA_SIZE];

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	if (strcmp(what, "report") == 0)
		report_take(report_data);
	else if (strcmp(what, "key") == 0)
		key_take();
	else
		ext_report_take(report_data);
	return 0;
}
