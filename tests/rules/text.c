/* SPDX-License-Identifier: Apache-2.0 */
/* The text attributes: provider and generation. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "rules.h"

static void got_pread(int fd, off_t where)
{
	char text[TEXT_MAX];
	ssize_t have = pread(fd, text, sizeof(text), where);

	if (have < 0)
		got("%s", errno_name(errno));
	else
		got_bytes(text, (size_t)have);
}

static int open_text(const struct rule *rule)
{
	return open_attribute(rule->a, O_RDONLY);
}

static void run_read(const struct rule *rule)
{
	int fd = open_text(rule);

	got_read(fd, TEXT_MAX);
	got_read(fd, TEXT_MAX);
}

static void run_committed(const struct rule *rule)
{
	for (long i = 0; i < rule->n; i++)
		write_inblob((uint8_t)i, INBLOB_SIZE);
	run_read(rule);
}

static void run_pieces(const struct rule *rule)
{
	int fd = open_text(rule);

	for (int i = 0; i < 4; i++)
		got_read(fd, 3);
}

static void run_vector(const struct rule *rule)
{
	char first[4] = "";
	char second[16] = "";
	struct iovec parts[2] = {{first, 3}, {second, 15}};

	got_call(readv(open_text(rule), parts, 2));
	got_bytes(first, strlen(first));
	got_bytes(second, strlen(second));
}

static void run_positions(const struct rule *rule)
{
	int fd = open_text(rule);

	got_pread(fd, 0);
	got_pread(fd, 4);
	got_pread(fd, 10);
	got_pread(fd, 5000);
	got_pread(fd, -1);
	got_call(lseek(fd, 0, SEEK_CUR));
}

static void run_seek(const struct rule *rule)
{
	int fd = open_text(rule);

	got_call(lseek(fd, 0, SEEK_END));
	got_read(fd, TEXT_MAX);
	got_call(lseek(fd, -4092, SEEK_END));
	got_read(fd, TEXT_MAX);
	got_call(lseek(fd, 5000, SEEK_SET));
	got_call(lseek(fd, 1, SEEK_CUR));
	got_read(fd, TEXT_MAX);
	got_call(lseek(fd, -1, SEEK_SET));
	got_call(lseek(fd, 1L << 40, SEEK_SET));
	got_call(lseek(fd, 0, SEEK_SET));
	got_read(fd, TEXT_MAX);
}

static void run_seek_whence(const struct rule *rule)
{
	got_call(lseek(open_text(rule), 0, 99));
}

static void run_cached(const struct rule *rule)
{
	int fd = open_attribute("generation", O_RDONLY);

	if (rule->n)
		got_read(fd, TEXT_MAX);
	write_inblob(1, INBLOB_SIZE);
	got_call(lseek(fd, 0, SEEK_SET));
	got_read(fd, TEXT_MAX);
	got_pread(fd, 0);
	got("anew %s", generation());
}

static void run_zero(const struct rule *rule)
{
	char byte;

	got_call(read(open_text(rule), &byte, 0));
}

static void run_zero_at_end(const struct rule *rule)
{
	int fd = open_text(rule);

	got_read(fd, TEXT_MAX);
	got_read(fd, 0);
}

static void run_bad_pointer(const struct rule *rule)
{
	int fd = open_text(rule);

	got_call(read(fd, page_none(), 4));
	got_call(read(fd, page_closed(), 4));
	got_call(pread(fd, page_readonly(), 4, 0));
	got_read(fd, TEXT_MAX);
}

static void run_write(const struct rule *rule)
{
	int fd = open_text(rule);

	got_call(write(fd, "x", 1));
	got_call(pwrite(fd, "x", 1, 0));
	got_call(ftruncate(fd, 0));
}

static void run_dup(const struct rule *rule)
{
	int fd = open_text(rule);
	int copy = dup(fd);

	got_read(fd, 3);
	got_read(copy, 3);
	got_call(close(fd));
	got_read(copy, TEXT_MAX);
}

static void run_failed_reads(const struct rule *rule)
{
	(void)rule;
	for (int i = 0; i < 3; i++)
		got_quote();
	got("generation %s", generation());
	got_open(open(at("E/outblob"), O_RDONLY));
	got("generation %s", generation());
}

static void run_other_entry(const struct rule *rule)
{
	(void)rule;
	got_call(mkdir(at("N"), 0700));
	write_inblob(1, INBLOB_SIZE);
	got("generation %s", generation());
	{
		int fd = open(at("N/generation"), O_RDONLY);

		got_read(fd, TEXT_MAX);
	}
}

static void run_made_again(const struct rule *rule)
{
	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got("generation %s", generation());
	got_call(rmdir(at("E")));
	got_call(mkdir(at("E"), 0700));
	got("generation %s", generation());
	got_quote();
}

static const struct rule rules[] = {
	{"read provider, and again", run_read, "\"tdx_guest\\n\", \"\"", .a = "provider"},
	{"read generation of a new entry, and again", run_read, "\"0\\n\", \"\"",
	 .a = "generation"},
	{"generation after 1 inblob", run_committed, "\"1\\n\", \"\"", .a = "generation", .n = 1},
	{"generation after 12 inblobs", run_committed, "\"12\\n\", \"\"", .a = "generation",
	 .n = 12},
	{"generation of another entry after an inblob in this", run_other_entry,
	 "0, generation 1, \"0\\n\""},
	{"generation after outblob was read in vain and opened", run_failed_reads,
	 "EINVAL, EINVAL, EINVAL, generation 0, open, generation 0"},
	{"an entry removed and made again: generation, outblob", run_made_again,
	 "generation 1, 0, 0, generation 0, EINVAL"},
	{"read provider 3 bytes at a time", run_pieces, "\"tdx\", \"_gu\", \"est\", \"\\n\"",
	 .a = "provider"},
	{"readv provider into 3 and 15 bytes", run_vector, "10, \"tdx\", \"_guest\\n\"",
	 .a = "provider"},
	{"read provider by turns over a dup", run_dup, "\"tdx\", \"_gu\", 0, \"est\\n\"",
	 .a = "provider"},
	{"pread provider at 0, 4, 10, 5000, -1; offset", run_positions,
	 "\"tdx_guest\\n\", \"guest\\n\", \"\", \"\", EINVAL, 0", .a = "provider"},
	{"lseek provider to the end, read; 4 from the start, read; 5000, +1, read; -1; 2^40; 0, "
	 "read",
	 run_seek,
	 "4096, \"\", 4, \"guest\\n\", 5000, 5001, \"\", EINVAL, 1099511627776, 0, "
	 "\"tdx_guest\\n\"",
	 .a = "provider"},
	{"lseek provider with an unknown whence", run_seek_whence, "EINVAL", .a = "provider"},
	{"generation read; inblob; lseek 0, read, pread, and a new open", run_cached,
	 "\"0\\n\", 0, \"0\\n\", \"0\\n\", anew 1", .n = 1},
	{"generation opened; inblob; lseek 0, read, pread, and a new open", run_cached,
	 "0, \"1\\n\", \"1\\n\", anew 1", "0, \"0\\n\", \"0\\n\", anew 1", "D-snapshot-at-open",
	 .n = 0},
	{"read provider, length 0", run_zero, "EFAULT", .a = "provider"},
	{"read provider, length 0 at the end", run_zero_at_end, "\"tdx_guest\\n\", \"\"",
	 .a = "provider"},
	{"read provider into NULL, a closed page, a read-only page; read", run_bad_pointer,
	 "EFAULT, EFAULT, EFAULT, \"tdx_guest\\n\"", .a = "provider"},
	{"write, pwrite, ftruncate provider", run_write, "EBADF, EBADF, EINVAL", .a = "provider"},
	{"write, pwrite, ftruncate generation", run_write, "EBADF, EBADF, EINVAL",
	 .a = "generation"},
};
RULE_GROUP(group_text, "Text attributes", rules);
