/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log of a TDX guest as its firmware hands it over: the ACPI table CCEL, which announces a
 * log, and the log itself, in TCG's crypto agile form with one SHA-384 digest for each event.
 *
 * Layouts: the table, Intel TDX Guest-Hypervisor Communication Interface (GHCI) and the kernel's
 * include/acpi/actbl1.h, struct acpi_table_ccel; the log, TCG PC Client Platform Firmware Profile,
 * section 10, Event Logging (TCG_PCClientPCREvent, TCG_EfiSpecIDEvent, TCG_PCR_EVENT2, event types).
 * The index of an RTMR in it is its number and one, for 0 is MRTD: UEFI 2.10, section 38.4.1.
 * All integers are little-endian.  Pure: no I/O, no log.
 */
#ifndef TEESHIM_TRANSLATE_CCEL_H
#define TEESHIM_TRANSLATE_CCEL_H

#include "agent/agent.h"
#include "base/buf.h"

enum {
	CCEL_TABLE_SIZE = 56,
	CCEL_AREA_SIZE = 1 << 16, /* of the area for the log that the table tells of */
};

/* ccel_table() - the ACPI table.  Nothing lies at the area's address, which is 0. */
void ccel_table(uint8_t table[static CCEL_TABLE_SIZE]);

/*
 * ccel_data() - the area with the log, its rest filled with 0xff as firmware leaves it.
 * @out: the caller's to buf_free() after success; a multiple of CCEL_AREA_SIZE, more than one only
 *       where the log needs it
 *
 * dstack's own events are of type EV_IPL there.  An event whose data the agent does not give gets
 * those whose hash its digest is, where they are one of the few that all guests measure and that parsers
 * ask for; else a text that says so.
 *
 * Return: 0; -ENOMEM; -EFBIG where it would be larger than any agent's answer makes it.
 */
int ccel_data(struct buf *out, const struct agent_event_log *log);

/* ccel_replay() - the registers that the log leaves, from zero: RTMR := SHA-384(RTMR, digest). */
void ccel_replay(uint8_t rtmr[static EVENT_RTMR_COUNT][SHA384_SIZE],
		 const struct agent_event_log *log);

#endif
