/* SPDX-License-Identifier: Apache-2.0 */
/*
 * go-sev-guest where it finds no configfs: the device opened once to see whether it is there, then the
 * length of the certificates over report data of zeros, then the report.  exitinfo2 counts with EIO
 * alone; no certificates are a length of 0.
 */
#include "snp.h"

/* Return: the length that is wanted; the response is filled where it does not exceed the buffer's. */
static uint32_t ext_report(int fd, const uint8_t *report_data, uint8_t *certs, uint32_t certs_len,
			   struct snp_response *response)
{
	struct snp_ext_request request = {.certs_address = (uintptr_t)certs,
					  .certs_len = certs_len};
	struct snp_argument argument = {1, (uintptr_t)&request, (uintptr_t)response, 0xff};

	memcpy(request.data.report_data, report_data, sizeof(request.data.report_data));
	argument.exitinfo2 = 0;
	if (ioctl(fd, SNP_GET_EXT_REPORT, &argument) < 0 &&
	    !(errno == EIO && argument.exitinfo2 == SNP_CERTS_SHORT))
		fail("SNP_GET_EXT_REPORT", "%s, exitinfo2 %llx", strerror(errno),
		     (unsigned long long)argument.exitinfo2);
	return request.certs_len;
}

int main(int argc, char **argv)
{
	static const uint8_t zero[REPORT_DATA_SIZE];
	struct snp_response response = {.status = 1};
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t *certs;
	uint32_t size;
	int fd;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	close(OK_INT("open " SNP_DEVICE, open(SNP_DEVICE, O_RDWR)));
	fd = OK_INT("open " SNP_DEVICE, open(SNP_DEVICE, O_RDWR));
	size = ext_report(fd, zero, NULL, 0, &response);
	certs = calloc(1, size + 1U);
	if (!certs)
		fail_errno("calloc");
	if (ext_report(fd, report_data, certs, size, &response) != size)
		fail("SNP_GET_EXT_REPORT", "another length");
	close(fd);
	snp_response_check(&response, report_data);
	snp_print(&response, certs, size ? snp_table_size(certs, size) : 0);
	free(certs);
	return 0;
}
