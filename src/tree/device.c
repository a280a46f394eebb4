/* SPDX-License-Identifier: Apache-2.0 */
#include "tree/device.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "base/sys.h"
#include "translate/tdreport.h"
#include "tree/fresh.h"
#include "tree/place.h"
#include "tree/spare.h"
#include "tree/text.h"
#include "tree/tree.h"

/* The kernel's own names and sizes, of include/uapi/linux/tdx-guest.h. */
struct tdx_report_req {
	uint8_t reportdata[TDX_REPORTDATA_LEN];
	uint8_t tdreport[TDX_REPORT_LEN];
};

_Static_assert(sizeof(struct tdx_report_req) == 1088, "struct tdx_report_req");
_Static_assert((int)TDX_REPORTDATA_LEN == (int)REPORT_DATA_SIZE, "report data");
_Static_assert((int)TDX_REPORT_LEN == (int)TDREPORT_SIZE, "TDREPORT");

static int report_make(const struct tree *tree, const struct caller *caller,
		       const uint8_t reportdata[static REPORT_DATA_SIZE],
		       uint8_t report[static TDREPORT_SIZE])
{
	const uint64_t extends = fresh_extends(tree);
	struct agent_quote answer = {0};
	struct tdx_quote quote;
	int err = agent_get_quote(&tree->agent, reportdata, tree->deadline_ms, &answer);

	if (err < 0)
		return err;
	err = tdx_quote_parse(&quote, answer.quote.data, answer.quote.len);
	if (err == 0) {
		tdreport_rebuild(report, &quote);
		spare_keep(tree, caller, reportdata, extends, &answer.quote);
	}
	agent_quote_free(&answer);
	return err < 0 ? -EIO : 0;
}

/* tdx_get_report0() of tdx-guest.c: report data in, TDREPORT out, nothing else touched. */
static int get_report0(const struct caller *caller, uint64_t arg)
{
	const struct node node = {.kind = NODE_PLACE, .place = device_place(TEE_TDX)};
	uint8_t reportdata[REPORT_DATA_SIZE];
	uint8_t report[TDREPORT_SIZE];
	struct tree tree;
	int err = caller->read_memory(caller, reportdata, arg, sizeof(reportdata));

	if (err < 0)
		return err;
	err = tree_begin(&tree, &node);
	if (err < 0)
		return err == TREE_PASS ? -EIO : err;
	err = report_make(&tree, caller, reportdata, report);
	tree_end(&tree);
	if (err < 0)
		return err == -ENOMEM ? err : -EIO;
	return caller->write_memory(caller, arg + offsetof(struct tdx_report_req, tdreport), report,
				    sizeof(report));
}

static int tdx_ioctl(const struct caller *caller, uint32_t cmd, uint64_t arg)
{
	if (cmd == TDX_CMD_GET_REPORT0)
		return get_report0(caller, arg);
	return quote_ioctl_knows(cmd) ? quote_ioctl(caller, arg) : rtmr_ioctl(caller, arg);
}

/* The devices: their marks, and who serves their ioctls. */
static const struct device {
	enum tee tee;
	/* a real-time signal that nobody asks of /dev/null: F_SETOWN is never set, so it is never sent */
	int mark;
	int (*ioctl)(const struct caller *caller, uint32_t cmd, uint64_t arg);
} devices[] = {
	{TEE_TDX, 61, tdx_ioctl},
	{TEE_SEV_SNP, 59, snp_ioctl},
};

enum { DEVICES = sizeof(devices) / sizeof(devices[0]) };

static const struct device *device_of(enum tee tee)
{
	size_t i = 0;

	while (devices[i].tee != tee)
		i++;
	return &devices[i];
}

int device_open(enum tee tee, int flags)
{
	/* O_NOATIME is for a file's owner, which we are not of /dev/null */
	const int kept = O_ACCMODE | O_NONBLOCK | O_APPEND | O_SYNC | O_NOFOLLOW | O_CLOEXEC;
	int fd = sys_openat(AT_FDCWD, "/dev/null", flags & kept, 0);
	int err;

	if (fd < 0)
		return fd;
	err = (int)sys_call(SYS_fcntl, fd, F_SETSIG, device_of(tee)->mark, 0, 0, 0);
	if (err == 0)
		return fd;
	sys_close(fd);
	return err;
}

enum tee device_tee(int fd)
{
	const long mark = sys_call(SYS_fcntl, fd, F_GETSIG, 0, 0, 0, 0);

	for (size_t i = 0; i < DEVICES; i++)
		if (devices[i].mark == mark)
			return devices[i].tee;
	return TEE_NONE;
}

int device_ioctl(const struct caller *caller, enum tee tee, uint32_t cmd, uint64_t arg)
{
	return device_of(tee)->ioctl(caller, cmd, arg);
}

const struct place *device_place(enum tee tee)
{
	return place_of_kind(PLACE_DEVICE, tee);
}

int device_number_open(const struct tree *tree, const struct place *place, int flags)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d:%d\n", DEVICE_MAJOR, DEVICE_MINOR);

	return place_text_open(tree, place, text, (size_t)len, flags);
}

int device_uevent_open(const struct tree *tree, const struct place *place, int flags)
{
	char text[64];
	const char *name = device_place(place->tee)->path + sizeof("/dev/") - 1;
	int len = snprintf(text, sizeof(text), "MAJOR=%d\nMINOR=%d\nDEVNAME=%s\n", DEVICE_MAJOR,
			   DEVICE_MINOR, name);

	return place_text_open(tree, place, text, (size_t)len, flags);
}

/* The agent always asks for VMPL 0, and that is where an SNP guest without an SVSM runs. */
int vmpl_open(const struct tree *tree, const struct place *place, int flags)
{
	return place_text_open(tree, place, "0\n", 2, flags);
}
