/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log: /sys/firmware/acpi/tables/CCEL, which announces it, and tables/data/CCEL, which is it.
 *
 * The table is always the same.  Each open() of the log asks the agent and gets a copy of its own; a
 * look at either file asks nobody.
 *
 * Source: drivers/acpi/sysfs.c (acpi_data_objs, acpi_table_attr_init).
 */
#ifndef TEESHIM_TREE_EVENT_LOG_H
#define TEESHIM_TREE_EVENT_LOG_H

struct place;
struct tree;

/* event_log_table_open(), event_log_data_open() - struct place's open(). */
int event_log_table_open(const struct tree *tree, const struct place *place, int flags);
int event_log_data_open(const struct tree *tree, const struct place *place, int flags);

#endif
