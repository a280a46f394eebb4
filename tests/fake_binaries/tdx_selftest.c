/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel's own selftest of the TDX guest driver checks: in a forked child, the device opens
 * for reading and writing at a descriptor above 0, and one ioctl gives a TDREPORT over the caller's
 * report data.  The TDREPORT goes to stdout.
 */
#include "common.h"

enum { REPORT_TYPE_TDX = 0x81, REPORT_DATA_AT = 128 };

static void report_check(const uint8_t *report, const uint8_t *report_data)
{
	if (report[0] != REPORT_TYPE_TDX)
		fail("TDREPORT", "type %#x", report[0]);
	for (size_t i = 0; i < REPORT_DATA_SIZE; i++)
		if (report[REPORT_DATA_AT + i] != report_data[i])
			fail("TDREPORT", "report data differ at byte %zu", i);
}

static void report_take(const char *hex)
{
	struct report_request request;
	uint8_t report_data[REPORT_DATA_SIZE];
	int fd = OK_INT("open " DEVICE, open(DEVICE, O_RDWR | O_SYNC));

	if (fd == 0)
		fail("open " DEVICE, "gave descriptor 0");
	report_data_parse(hex, report_data);
	memset(&request, 0, sizeof(request));
	memcpy(request.report_data, report_data, sizeof(report_data));
	OK("ioctl GET_REPORT0", ioctl(fd, GET_REPORT0, &request));
	report_check(request.report, report_data);
	OK("close", close(fd));
	if (fwrite(request.report, 1, REPORT_SIZE, stdout) != REPORT_SIZE || fflush(stdout))
		fail_errno("stdout");
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		fail_errno("fork");
	if (child == 0) {
		report_take(argc > 1 ? argv[1] : NULL);
		return 0;
	}
	if (waitpid(child, &status, 0) != child)
		fail_errno("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
