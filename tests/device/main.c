/* SPDX-License-Identifier: Apache-2.0 */
/* device: the table of /dev/tdx_guest and of what belongs to it.  No entry is made for the rows. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/device.h"
#include "rules/runner.h"

static const struct rule_group *const groups[] = {
	&group_device_open,     &group_device_stat,  &group_device_path, &group_device_calls,
	&group_device_ioctl,    &group_device_quote, &group_device_pass, &group_registers_open,
	&group_registers_calls, &group_companions,   &group_writer_open, &group_writer,
	&group_extend,          &group_event_log,    &group_vsock,       &group_vsock_calls,
	&group_vsock_pass,
};

static void nothing(void)
{
}

/*
 * A file that root's call has left at the device's real name would be the device of every rule after it.
 * By this name it is not ours.
 */
static void left_remove(void)
{
	static const char name[] = "/proc/self/root" DEVICE;
	struct stat st;

	if (lstat(name, &st) == 0 && S_ISREG(st.st_mode) && unlink(name) == 0)
		got("a file was left at " DEVICE);
}

int main(int argc, char **argv)
{
	static const struct rule_table table = {
		"device", groups, sizeof(groups) / sizeof(groups[0]), nothing, left_remove,
	};

	if (argc == 4 && strcmp(argv[1], "--inherited") == 0)
		inherited(argv[2], argv[3]);
	return rule_table_main(&table, argc, argv);
}
