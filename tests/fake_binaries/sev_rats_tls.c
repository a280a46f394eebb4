/* SPDX-License-Identifier: Apache-2.0 */
/* rats-tls' attester: one plain report, whose size must be that of a report exactly. */
#include "snp.h"

int main(int argc, char **argv)
{
	struct snp_request request = {.vmpl = 0};
	struct snp_response response;
	struct snp_argument argument = {1, (uintptr_t)&request, (uintptr_t)&response, 0};
	int fd = OK_INT("open " SNP_DEVICE, open(SNP_DEVICE, O_RDWR));

	memset(&response, 0, sizeof(response));
	report_data_parse(argc > 1 ? argv[1] : NULL, request.report_data);
	OK("SNP_GET_REPORT", ioctl(fd, SNP_GET_REPORT, &argument));
	OK("close", close(fd));
	if (response.report_size != SNP_REPORT_SIZE)
		fail("response", "%u bytes of report", response.report_size);
	snp_response_check(&response, request.report_data);
	snp_print(&response, NULL, 0);
	return 0;
}
