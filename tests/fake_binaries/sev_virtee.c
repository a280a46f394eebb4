/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtee/sev, which snpguest and others use: the device opened read-only, VMPL 1, a length probe whose
 * address is all ones.  errno is ignored: exitinfo2 alone tells what failed.
 */
#include "snp.h"

enum { VMPL = 1 };

static bool ext_report(int fd, struct snp_ext_request *request, struct snp_response *response)
{
	struct snp_argument argument = {1, (uintptr_t)request, (uintptr_t)response, 0};

	if (ioctl(fd, SNP_GET_EXT_REPORT, &argument) >= 0)
		return true;
	if (argument.exitinfo2 != SNP_CERTS_SHORT)
		fail("SNP_GET_EXT_REPORT", "%s, exitinfo2 %llx", strerror(errno),
		     (unsigned long long)argument.exitinfo2);
	return false;
}

int main(int argc, char **argv)
{
	struct snp_ext_request request = {.data.vmpl = VMPL, .certs_address = UINT64_MAX};
	struct snp_response response = {.status = 1};
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t *certs = NULL;
	size_t certs_size = 0;
	int fd = OK_INT("open " SNP_DEVICE, open(SNP_DEVICE, O_RDONLY | O_CLOEXEC));

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	memcpy(request.data.report_data, report_data, sizeof(report_data));
	if (!ext_report(fd, &request, &response)) {
		certs = calloc(1, request.certs_len);
		if (!certs)
			fail_errno("calloc");
		request.certs_address = (uintptr_t)certs;
		if (!ext_report(fd, &request, &response))
			fail("SNP_GET_EXT_REPORT", "too short again");
		certs_size = snp_table_size(certs, request.certs_len);
	}
	close(fd);
	snp_response_check(&response, report_data);
	snp_print(&response, certs, certs_size);
	free(certs);
	return 0;
}
