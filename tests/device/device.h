/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of /dev/tdx_guest and /dev/sev-guest, of the measurement registers and of the event log, as rows of the same kind as those of
 * tests/rules, whose helpers they use.  No entry is made for them: "/" is the current directory.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <sys/ioctl.h>

#include "rules/rules.h"

/* The device of which the rows are: the table of the other has those that are no TDX ioctl's. */
extern const char *device_name;
#define DEVICE device_path("/dev/%s")

#define SYSFS     "/sys/devices/virtual/misc/tdx_guest"
#define REGISTERS SYSFS "/measurements"

/* ACCESS_MODE_3: what O_ACCMODE is in glibc and not in musl. */
enum { REPORTDATA_SIZE = 64, REPORT_SIZE = 1024, ACCESS_MODE_3 = 3 };

/* The type of ioctl()'s command. */
#ifdef __GLIBC__
typedef unsigned long command;
#else
typedef int command;
#endif

/* TDX_CMD_GET_REPORT0 of include/uapi/linux/tdx-guest.h */
#define GET_REPORT0 ((command)0xc4405401)

struct request {
	uint8_t reportdata[REPORTDATA_SIZE];
	uint8_t tdreport[REPORT_SIZE];
};

_Static_assert(sizeof(struct request) == 1088, "struct tdx_report_req");

extern const struct rule_group group_device_open, group_device_stat, group_device_path,
	group_device_calls, group_device_ioctl, group_device_quote, group_device_pass,
	group_registers_open, group_registers_calls, group_companions, group_sev_companions,
	group_writer_open, group_writer, group_extend, group_event_log, group_vsock,
	group_vsock_calls, group_vsock_pass;

/* device_path() - a path with "%s" for the device's name, which lives until the next call. */
const char *device_path(const char *path);

/* device_open() - open it; ends the rule with a line in the outcome where that fails. */
int device_open(int flags);

/* request_make() - one over report_data(seed), its report filled with a byte no report is made of. */
void request_make(struct request *request, uint8_t seed);

/* report_of() - "report 3": what the ioctl filled in, over report_data(3); or what is wrong with it. */
const char *report_of(const struct request *request, uint8_t seed);

/* got_report() - the ioctl over report_data(seed): the errno, or report_of(). */
void got_report(int fd, uint8_t seed);

/* inherited() - what a program does that got the descriptor over exec. */
_Noreturn void inherited(const char *fd, const char *seed);

#endif
