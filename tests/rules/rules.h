/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of configfs-tsm as a table: what a program does, and what the kernel answers.
 *
 * A rule runs in a process of its own, in which a fresh entry exists and "/" is the current directory.
 * It appends what it saw to its outcome (got*), which main.c compares with the row.  Nothing here
 * knows how the interface is served: only the columns teeshim and why name answers that differ.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	RULE_USER = 1,   /* about a user other than root */
	RULE_GLIBC = 2,  /* where musl's own function differs before the kernel is asked */
	RULE_ASKS = 4,   /* questions is what the outcome costs the guest agent */
	RULE_EITHER = 8, /* under teeshim one of both answers: a file system below it decides */
	RULE_TDX = 16,   /* about tdx_guest: other providers' entries have other attributes */
};

/* Rows name only what they need. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct rule {
	const char *operation; /* in words */
	void (*run)(const struct rule *rule);
	const char *kernel;  /* the kernel's answer */
	const char *teeshim; /* the answer under teeshim where it differs; NULL: as the kernel */
	const char *why;     /* it differs: the row's id in docs/differences.md, and a reason */
	const char *a;       /* paths in the notation of at() */
	const char *b;
	long n; /* flags, mode, number: what run makes of it */
	unsigned flags;
	unsigned questions; /* of those that cost a quote, with RULE_ASKS */
};

struct rule_group {
	const char *title;
	const struct rule *rules;
	size_t count;
};

#define RULE_GROUP(variable, text, table)                                                          \
	const struct rule_group variable = {text, table, sizeof(table) / sizeof((table)[0])}

extern const struct rule_group group_make, group_remove, group_move, group_modes, group_gone,
	group_attributes, group_listing, group_open, group_open_flags, group_text, group_inblob,
	group_commit, group_pass, group_flock, group_outblob, group_fd, group_names, group_cwd,
	group_pointers, group_results;

enum { INBLOB_SIZE = 64, QUOTE_MAX = 16384, TEXT_MAX = 64, SNP_REPORT_SIZE = 1184 };

/*
 * at() - a path: the first letter stands for a place, the rest follows unchanged.
 * E the fresh entry, N an absent name beside it, R, T, C the report, tsm and config folders above,
 * F an existing file and X an absent name on another file system; anything else is taken as it is.
 * Return: a string that lives until the eighth next call.
 */
const char *at(const char *notation);

/* entry_name() - the last component of "E". */
const char *entry_name(void);

/* got() - append to the outcome, after ", ". */
void got(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* got_call() - the result of a call: the number, or the errno's name where it is -1. */
long got_call(long result);

/* got_open() - the same for a new descriptor, whose number is not the matter: "open". */
int got_open(int fd);

/* got_bytes() - text as it is, with \n and the like for what does not print. */
void got_bytes(const char *bytes, size_t len);

/* got_read() - the text that read() gives, or the errno's name. */
void got_read(int fd, size_t len);

/* errno_name() - "EPERM" for EPERM. */
const char *errno_name(int error);

/* report_data() - 64 bytes, other ones for another seed. */
const uint8_t *report_data(uint8_t seed);

/* open_attribute() - of the fresh entry; exits with a line in the outcome where that fails. */
int open_attribute(const char *name, int flags);

/* write_inblob() - open, write len bytes of report_data(seed), close. */
void write_inblob(uint8_t seed, size_t len);

/* generation() - the attribute's text without the newline, from a fresh open. */
const char *generation(void);

/* read_all() - until the end, in reads of step bytes. Return: bytes, or -1 and errno. */
ssize_t read_all(int fd, uint8_t *data, size_t size, size_t step);

/* got_quote() - "quote N": over report_data(N); or what outblob gives instead. */
void got_quote(void);

/* got_state() - "generation N" and got_quote(). */
void got_state(void);

/* open_written() - inblob open for writing, with report_data(seed) written. */
int open_written(uint8_t seed);

/* quoted_data() - the 64 bytes that a quote, or an SEV-SNP report, is over; NULL where it is too short. */
const uint8_t *quoted_data(const uint8_t *quote, ssize_t len);

/* quote_seed() - the N of a quote, or of an SEV-SNP report; or -1. */
int quote_seed(const uint8_t *quote, ssize_t len);

/* spawn() - fork a child that runs and exits; child_end() waits for it and reaps it. */
pid_t spawn(void (*child)(void *arg), void *arg);
void child_end(pid_t pid);

/* statvfs_type() - f_type, which headers before glibc 2.41 and musl 1.2.5 have no name for. */
struct statvfs;
unsigned statvfs_type(const struct statvfs *fs);

/* NULL, unseen by the compiler; a page that may not be touched, one that may only be read, and a text
 * that runs into the former. */
void *page_none(void);
void *page_closed(void);
void *page_readonly(void);
const char *text_unterminated(void);

#endif
