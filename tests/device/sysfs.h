/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows of registers and of the event log have in common: both are binary files of sysfs.  In
 * registers.c.
 */
#ifndef DEVICE_SYSFS_H
#define DEVICE_SYSFS_H

struct rule;

/* register_open() - open it for reading; ends the rule with a line in the outcome where that fails. */
int register_open(const char *path);

/* Each on the file rule->a; run_open() with the flags rule->n. */
void run_open(const struct rule *rule);
void run_map(const struct rule *rule);
void run_poll(const struct rule *rule);
void run_epoll(const struct rule *rule);
void run_sync(const struct rule *rule);
void run_bad_pointer(const struct rule *rule);
void run_stat(const struct rule *rule);
void run_fstat(const struct rule *rule);
void run_access(const struct rule *rule);
void run_statfs(const struct rule *rule);
void run_list(const struct rule *rule);
void run_text(const struct rule *rule);
void run_write_uevent(const struct rule *rule);

#endif
