/* SPDX-License-Identifier: Apache-2.0 */
/* The files beside /dev/sev-guest, and that nothing of TDX is there with it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device/device.h"
#include "device/sysfs.h"

#define MISC     "/sys/devices/virtual/misc/sev-guest"
#define PLATFORM "/sys/devices/platform/sev-guest"
#define CPU      "/sys/devices/system/cpu/sev"

static void run_absent(const struct rule *rule)
{
	struct stat st;

	got_open(open(rule->a, O_RDONLY));
	got_call(access(rule->a, F_OK));
	got_call(stat(rule->a, &st));
}

static void run_folder(const struct rule *rule)
{
	struct stat st;

	if (got_call(stat(rule->a, &st)) == 0)
		got("%o owner %u:%u size %ld", st.st_mode, st.st_uid, st.st_gid, (long)st.st_size);
	got_call(access(rule->a, F_OK));
	got_call(mkdir(rule->a, 0700));
	got_call(rmdir(rule->a));
	got_open(open(rule->a, O_RDONLY | O_DIRECTORY));
}

/* By names relative to the folder, and to one above it that is the system's. */
static void run_relative(const struct rule *rule)
{
	(void)rule;
	got_call(chdir(CPU));
	got_read(open("vmpl", O_RDONLY), TEXT_MAX);
	got_open(open("absent", O_RDONLY));
	got_call(chdir("/sys/devices/system"));
	got_read(open("cpu/sev/vmpl", O_RDONLY), TEXT_MAX);
	got_call(chdir("/sys/devices"));
	got_call(access("platform/sev-guest", F_OK));
	got_read(open("virtual/misc/sev-guest/dev", O_RDONLY), TEXT_MAX);
}

/* The quoting service is TDX's: where the kernel knows no vsock, there is none. */
static void run_vsock(const struct rule *rule)
{
	struct {
		uint16_t family, reserved;
		uint32_t port, cid, flags;
	} host = {AF_VSOCK, 0, 4050, 2, 0};
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

	(void)rule;
	got("%s", fd < 0 || connect(fd, (void *)&host, sizeof(host)) < 0 ? "nobody" : "connected");
}

#define ABSENT "ENOENT, ENOENT, ENOENT"

static const struct rule rules[] = {
	{"dev", run_text, "\"10:256\\n\", \"\"", .a = MISC "/dev", .flags = RULE_ASKS},
	{"uevent", run_text, "\"MAJOR=10\\nMINOR=256\\nDEVNAME=sev-guest\\n\", \"\"",
	 .a = MISC "/uevent"},
	{"vmpl", run_text, "\"0\\n\", \"\"", .a = CPU "/vmpl"},
	{"stat dev", run_stat, "0, 100444 links 1 owner 0:0 size 4096", .a = MISC "/dev"},
	{"stat vmpl", run_stat, "0, 100444 links 1 owner 0:0 size 4096", .a = CPU "/vmpl"},
	{"fstat vmpl", run_fstat, "0, 100444 links 1 owner 0:0 size 4096, 0, same inode",
	 .a = CPU "/vmpl"},
	{"open vmpl O_WRONLY", run_open, "EACCES", .a = CPU "/vmpl", .n = O_WRONLY},
	{"open dev O_WRONLY", run_open, "EACCES", .a = MISC "/dev", .n = O_WRONLY},
	{"open an absent file beside vmpl, O_CREAT", run_open, "EACCES", .a = CPU "/new",
	 .n = O_WRONLY | O_CREAT},
	{"write to uevent", run_write_uevent, "open, 6", "open, EBADF",
	 "D-device-uevent: there is no device to tell of", MISC "/uevent"},
	{"access vmpl: F_OK, R_OK, W_OK, X_OK", run_access, "0, 0, 0, EACCES", .a = CPU "/vmpl"},
	{"statfs, statvfs, fstatvfs of the folder of vmpl", run_statfs,
	 "0, 62656572, 0, 62656572, 0, 62656572", .a = CPU},
	{"the platform device: stat, access, mkdir, rmdir, open", run_folder,
	 "0, 40755 owner 0:0 size 0, 0, EEXIST, EPERM, open", .a = PLATFORM},
	{"the device's folder", run_folder, "0, 40755 owner 0:0 size 0, 0, EEXIST, EPERM, open",
	 .a = MISC},
	{"listing of the device's folder", run_list, "dev 8, power 4, subsystem 10, uevent 8",
	 "dev 8, uevent 8", "D-device-folder: nobody asks for the rest", MISC},
	{"listing of the platform device", run_list,
	 "driver 10, driver_override 8, modalias 8, power 4, subsystem 10, uevent 8", "",
	 "D-sev-platform: its existence is the sign", PLATFORM},
	{"listing of the folder of vmpl", run_list, "vmpl 8", .a = CPU},
	{"relative names", run_relative, "0, \"0\\n\", ENOENT, 0, \"0\\n\", 0, 0, \"10:256\\n\""},
	{"/dev/tdx_guest", run_absent, ABSENT, .a = "/dev/tdx_guest", .flags = RULE_ASKS},
	{"/dev/sev", run_absent, ABSENT, .a = "/dev/sev"},
	{"/dev/sev-guest0", run_absent, ABSENT, .a = "/dev/sev-guest0"},
	{"TDX's folder in /sys", run_absent, ABSENT, .a = SYSFS},
	{"a measurement register", run_absent, ABSENT, .a = REGISTERS "/mrtd:sha384"},
	{"the event log", run_absent, ABSENT, .a = "/sys/firmware/acpi/tables/data/CCEL"},
	{"vsock: connect to the host", run_vsock, "nobody"},
};
RULE_GROUP(group_sev_companions, "What is beside /dev/sev-guest", rules);
