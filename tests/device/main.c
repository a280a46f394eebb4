/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device: the table of /dev/tdx_guest and of what belongs to it; "device --sev" that of /dev/sev-guest, the
 * same rows where they are of any such device.  No entry is made for the rows.
 */
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

static const struct rule_group *const sev_groups[] = {
	&group_device_open,  &group_device_stat,    &group_device_path,
	&group_device_calls, &group_sev_companions,
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
	struct stat st;

	if (lstat(device_path("/proc/self/root/dev/%s"), &st) == 0 && S_ISREG(st.st_mode) &&
	    unlink(device_path("/proc/self/root/dev/%s")) == 0)
		got("a file was left at %s", DEVICE);
}

int main(int argc, char **argv)
{
	static const struct rule_table table = {
		"device", groups, sizeof(groups) / sizeof(groups[0]), nothing, left_remove,
	};
	static const struct rule_table sev_table = {
		.name = "device",
		.groups = sev_groups,
		.count = sizeof(sev_groups) / sizeof(sev_groups[0]),
		.begin = nothing,
		.end = left_remove,
		.skips = RULE_TDX,
	};

	if (argc == 4 && strcmp(argv[1], "--inherited") == 0)
		inherited(argv[2], argv[3]);
	if (argc > 1 && strcmp(argv[1], "--sev") == 0) {
		device_name = "sev-guest";
		return rule_table_main(&sev_table, argc - 1, argv + 1);
	}
	return rule_table_main(&table, argc, argv);
}
