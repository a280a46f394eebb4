/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confidential-containers' guest-components: the folder's existence decides whether registers can be
 * extended at all; each is read whole, and extended by tokio's File: open, write, flush, close.
 */
#include "common.h"

static void register_read(const char *name, uint8_t value[static REGISTER_SIZE])
{
	int fd = OK_INT(name, open64(PATH_OF(SYSFS_REGISTERS, name), O_RDONLY | O_CLOEXEC));
	uint8_t more[32];
	size_t used = 0;
	long got;

	while (used < REGISTER_SIZE && (got = OK(name, read(fd, value + used, 32))) > 0)
		used += (size_t)got;
	if (used != REGISTER_SIZE || OK(name, read(fd, more, sizeof(more))) != 0)
		fail(name, "is not 48 bytes long");
	OK("close", close(fd));
}

static bool extend(const uint8_t data[static REGISTER_SIZE])
{
	int fd = open64(SYSFS_REGISTERS "/" RTMR3, O_WRONLY | O_CLOEXEC);
	bool good;

	if (!extend_taken("open to extend", fd >= 0))
		return false;
	good = write(fd, data, REGISTER_SIZE) == REGISTER_SIZE;
	OK("close", close(fd));
	return extend_taken("write", good);
}

int main(int argc, char **argv)
{
	static const char *const others[] = {"mrtd:sha384", "rtmr0:sha384", "rtmr1:sha384",
					     "rtmr2:sha384"};
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t before[REGISTER_SIZE + 32];
	uint8_t after[REGISTER_SIZE + 32];
	struct statx_head head;
	bool taken;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	OK("statx " SYSFS_REGISTERS, fake_statx(AT_FDCWD, SYSFS_REGISTERS, 0, &head));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		register_read(others[i], before);
	register_read(RTMR3, before);
	taken = extend(report_data);
	register_read(RTMR3, after);
	registers_print(before, after, taken);
	return 0;
}
