/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dstack's own tdx-attest crate, its extend: the sysfs file wherever the folder exists, without another
 * try; else EXTEND_RTMR of dstack's own module.
 */
#include "common.h"

#ifdef __GLIBC__
#define EXTEND_RTMR 0x80315403UL
#else
#define EXTEND_RTMR ((int)0x80315403)
#endif

struct extend {
	uint8_t data[REGISTER_SIZE];
	uint8_t index;
};

static void register_read(uint8_t value[static REGISTER_SIZE])
{
	int fd = OK_INT("open " RTMR3, open64(SYSFS_REGISTERS "/" RTMR3, O_RDONLY | O_CLOEXEC));
	struct statx_head head;
	long got;

	OK("statx " RTMR3, fake_statx(fd, "", FAKE_AT_EMPTY_PATH, &head));
	got = OK("read " RTMR3, read(fd, value, REGISTER_SIZE));
	if (got != REGISTER_SIZE || head.size != REGISTER_SIZE)
		fail(RTMR3, "%ld of %lu bytes", got, (unsigned long)head.size);
	OK("close", close(fd));
}

/* std::fs::write */
static bool extend_by_file(const uint8_t data[static REGISTER_SIZE])
{
	int fd = open64(SYSFS_REGISTERS "/" RTMR3, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool good;

	if (!extend_taken("open to extend", fd >= 0))
		return false;
	good = write(fd, data, REGISTER_SIZE) == REGISTER_SIZE;
	OK("close", close(fd));
	return extend_taken("write", good);
}

static void extend_by_ioctl(const uint8_t data[static REGISTER_SIZE])
{
	struct extend extend = {.index = 3};
	int fd = OK_INT("open " DEVICE, open64(DEVICE, O_RDWR | O_CLOEXEC));

	memcpy(extend.data, data, REGISTER_SIZE);
	OK("ioctl EXTEND_RTMR", ioctl(fd, EXTEND_RTMR, &extend));
	OK("close " DEVICE, close(fd));
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	uint8_t before[REGISTER_SIZE];
	uint8_t after[REGISTER_SIZE];
	struct statx_head head;
	bool taken;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	if (fake_statx(AT_FDCWD, SYSFS_REGISTERS, 0, &head) < 0) {
		extend_by_ioctl(report_data);
		return 0;
	}
	register_read(before);
	taken = extend_by_file(report_data);
	register_read(after);
	registers_print(before, after, taken);
	return 0;
}
