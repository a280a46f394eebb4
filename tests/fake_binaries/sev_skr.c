/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft's get-snp-report: only where /dev/sev is not there at all does it speak the driver's present
 * interface.  Zeros are VMPL and all else of the request; the response is read where it lies in one block.
 */
#include "snp.h"

int main(int argc, char **argv)
{
	struct {
		struct snp_argument argument;
		struct snp_request request;
		struct snp_response response;
	} block;
	struct stat st;
	int fd;

	memset(&block, 0, sizeof(block));
	report_data_parse(argc > 1 ? argv[1] : NULL, block.request.report_data);
	FAILS("stat /dev/sev", stat("/dev/sev", &st), ENOENT);
	OK("stat " SNP_DEVICE, stat(SNP_DEVICE, &st));
	fd = OK_INT("open " SNP_DEVICE, open(SNP_DEVICE, O_RDWR | O_CLOEXEC));
	block.argument =
		(struct snp_argument){1, (uintptr_t)&block.request, (uintptr_t)&block.response, 0};
	OK("SNP_GET_REPORT", ioctl(fd, SNP_GET_REPORT, &block.argument));
	OK("close", close(fd));
	snp_response_check(&block.response, block.request.report_data);
	snp_print(&block.response, NULL, 0);
	return 0;
}
