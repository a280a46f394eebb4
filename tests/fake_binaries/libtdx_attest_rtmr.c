/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel libtdx_attest of 2025, tdx_att_extend: open for writing only, one write of 48 bytes.  EINVAL would
 * tell the caller that there is no such register, so it must not be what a refusal looks like.
 */
#include "common.h"

static void register_read(uint8_t value[static REGISTER_SIZE])
{
	int fd = OK_INT("open " RTMR3, open(SYSFS_REGISTERS "/" RTMR3, O_RDONLY | O_CLOEXEC));

	if (OK("read " RTMR3, read(fd, value, REGISTER_SIZE)) != REGISTER_SIZE)
		fail(RTMR3, "is short");
	OK("close", close(fd));
}

static bool extend(const uint8_t data[static REGISTER_SIZE])
{
	int fd = open(SYSFS_REGISTERS "/" RTMR3, O_WRONLY);
	bool good;

	if (!extend_taken("open to extend", fd >= 0))
		return false;
	good = write(fd, data, REGISTER_SIZE) == REGISTER_SIZE;
	if (!good && errno == EINVAL)
		fail("tdx_att_extend", "bad register index");
	extend_taken("write", good);
	OK("close", close(fd));
	return good;
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t before[REGISTER_SIZE];
	uint8_t after[REGISTER_SIZE];
	bool taken;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	register_read(before);
	taken = extend(report_data);
	register_read(after);
	registers_print(before, after, taken);
	return 0;
}
