/* SPDX-License-Identifier: Apache-2.0 */
/* inblob within one process: what is taken, what is refused, and what that commits. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "rules.h"

static void run_write(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY | (int)rule->n);

	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got("generation %s", generation());
	got_call(close(fd));
	got_state();
}

static void run_length(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	got_call(write(fd, report_data(1), (size_t)rule->n));
	got_call(close(fd));
	got_state();
}

static void run_chunks(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY | (rule->b ? O_APPEND : 0));
	size_t done = 0;

	while (done < INBLOB_SIZE) {
		size_t len = INBLOB_SIZE - done;

		if (len > (size_t)rule->n)
			len = (size_t)rule->n;
		if (write(fd, report_data(1) + done, len) != (ssize_t)len) {
			got("%s at %zu", errno_name(errno), done);
			break;
		}
		done += len;
	}
	got_call(close(fd));
	got_state();
}

static void run_vector(const struct rule *rule)
{
	uint8_t data[INBLOB_SIZE];
	struct iovec parts[3] = {{data, 10}, {data + 10, 0}, {data + 10, 54}};
	int fd = open_attribute("inblob", O_WRONLY);

	memcpy(data, report_data(1), sizeof(data));
	if (rule->n)
		got_call(pwritev(fd, parts, 3, 0));
	else
		got_call(writev(fd, parts, 3));
	got_call(close(fd));
	got_state();
}

static void run_vector_long(const struct rule *rule)
{
	struct iovec parts[2] = {{(void *)report_data(1), 64}, {(void *)report_data(1), 1}};
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(writev(fd, parts, 2));
	got_call(close(fd));
	got_state();
}

static void run_pwrite_order(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY | (int)rule->n);

	got_call(pwrite(fd, report_data(1) + 32, 32, 32));
	got_call(pwrite(fd, report_data(1), 32, 0));
	got_call(close(fd));
	got_state();
}

static void run_gap(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(pwrite(fd, report_data(1), 1, 63));
	got_call(close(fd));
	got("generation %s", generation());
	fd = open_attribute("outblob", O_RDONLY);
	{
		static uint8_t quote[QUOTE_MAX];
		uint8_t zeros[INBLOB_SIZE - 1] = {0};
		ssize_t len = read(fd, quote, sizeof(quote));
		const uint8_t *data = quoted_data(quote, len);

		got("%s", data && memcmp(data, zeros, sizeof(zeros)) == 0 &&
					  data[INBLOB_SIZE - 1] == report_data(1)[0]
				  ? "zeros before it"
				  : "something else");
	}
}

static void run_overwrite(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(write(fd, report_data(2), INBLOB_SIZE));
	got_call(pwrite(fd, report_data(1), INBLOB_SIZE, 0));
	got_call(close(fd));
	got_state();
}

static void run_seek(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(lseek(fd, 0, SEEK_SET));
	got_call(lseek(fd, 0, SEEK_END));
	got_call(close(fd));
	got_state();
}

static void run_too_long(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	got_call(rule->n < 0 ? write(fd, report_data(1), INBLOB_SIZE + 1)
			     : pwrite(fd, report_data(1), 1, rule->n));
	got_call(close(fd));
	got_state();
}

static void run_too_long_after(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(write(fd, report_data(1), 1));
	got_call(pwrite(fd, report_data(1), 2, 63));
	got_call(close(fd));
	got_state();
}

static void run_negative(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(pwrite(fd, report_data(1), INBLOB_SIZE, -1));
	got_call(close(fd));
	got_state();
}

static void run_zero(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	got_call(rule->n ? pwrite(fd, "", 0, 0) : write(fd, "", 0));
	got_call(close(fd));
	got_state();
}

static void run_bad_pointer(const struct rule *rule)
{
	const void *bad = rule->n ? page_closed() : NULL;
	int fd = open_attribute("inblob", O_WRONLY);

	got_call(write(fd, bad, INBLOB_SIZE));
	got_call(close(fd));
	got("generation %s", generation());
	fd = open_attribute("outblob", O_RDONLY);
	{
		static uint8_t quote[QUOTE_MAX];
		uint8_t zeros[INBLOB_SIZE] = {0};
		ssize_t len = read(fd, quote, sizeof(quote));
		const uint8_t *data = quoted_data(quote, len);

		got("%s", data && memcmp(data, zeros, sizeof(zeros)) == 0 ? "quote over zeros"
									  : "something else");
	}
}

static void run_nothing_written(const struct rule *rule)
{
	write_inblob(1, INBLOB_SIZE);
	got_call(close(open_attribute("inblob", O_WRONLY | (int)rule->n)));
	got_state();
}

static void run_truncate(const struct rule *rule)
{
	int fd;

	write_inblob(1, INBLOB_SIZE);
	got_call(truncate(at("E/inblob"), rule->n));
	fd = open_attribute("inblob", O_WRONLY);
	got_call(ftruncate(fd, rule->n));
	got_call(close(fd));
	got_state();
}

static void run_truncate_written(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(ftruncate(fd, rule->n));
	got_call(truncate(at("E/inblob"), rule->n));
	got_call(close(fd));
	got_state();
}

static void run_truncate_negative(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);

	(void)rule;
	got_call(ftruncate(fd, -1));
	got_call(truncate(at("E/inblob"), -1));
}

static void run_touch(const struct rule *rule)
{
	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got_call(utimensat(AT_FDCWD, at("E/inblob"), NULL, 0));
	got_state();
}

static void run_read(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);
	char byte;

	(void)rule;
	got_call(read(fd, &byte, 1));
	got_call(pread(fd, &byte, 1, 0));
	got_call(close(fd));
	got("generation %s", generation());
}

static void run_fstat(const struct rule *rule)
{
	int fd = open_attribute("inblob", O_WRONLY);
	struct stat st;

	(void)rule;
	got_call(write(fd, report_data(1), INBLOB_SIZE));
	got_call(fstat(fd, &st));
	got("size %jd", (intmax_t)st.st_size);
	got_call(close(fd));
	got_call(stat(at("E/inblob"), &st));
	got("size %jd", (intmax_t)st.st_size);
}

static void run_umask(const struct rule *rule)
{
	umask(0777);
	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	got_state();
}

static void run_stdio(const struct rule *rule)
{
	FILE *stream = fopen(at("E/inblob"), rule->a);

	if (!stream) {
		got("%s", errno_name(errno));
		return;
	}
	if (rule->n)
		setvbuf(stream, NULL, _IONBF, 0);
	for (int i = 0; i < INBLOB_SIZE; i++)
		putc(report_data(1)[i], stream);
	got("%d", fclose(stream));
	got_state();
}

static const struct rule rules[] = {
	{"write 64, generation, close, generation, outblob", run_write,
	 "64, generation 0, 0, generation 1, quote 1"},
	{"the same opened with O_TRUNC|O_CREAT", run_write,
	 "64, generation 0, 0, generation 1, quote 1", .n = O_TRUNC | O_CREAT},
	{"write 64 one byte at a time", run_chunks, "0, generation 1, quote 1", .n = 1},
	{"write 64 in chunks of 16", run_chunks, "0, generation 1, quote 1", .n = 16},
	{"write 64 in chunks of 63", run_chunks, "0, generation 1, quote 1", .n = 63},
	{"write 64 in chunks of 16 with O_APPEND", run_chunks, "0, generation 1, quote 1", .b = "",
	 .n = 16},
	{"writev of 10, 0 and 54 bytes", run_vector, "64, 0, generation 1, quote 1"},
	{"pwritev of 10, 0 and 54 bytes at 0", run_vector, "64, 0, generation 1, quote 1", .n = 1},
	{"writev of 64 and 1 bytes", run_vector_long, "EFBIG, 0, generation 1, EINVAL",
	 "65, 0, generation 1, EINVAL", "D-efbig-unseen"},
	{"pwrite 32 at 32, then 32 at 0", run_pwrite_order, "32, 32, 0, generation 1, quote 1"},
	{"the same with O_APPEND, which is ignored", run_pwrite_order,
	 "32, 32, 0, generation 1, quote 1", .n = O_APPEND},
	{"pwrite 1 at 63: the gap", run_gap, "1, 0, generation 1, zeros before it"},
	{"write 64, then pwrite 64 others at 0", run_overwrite, "64, 64, 0, generation 1, quote 1"},
	{"lseek; write 64; lseek 0; lseek end", run_seek,
	 "ESPIPE, 64, ESPIPE, ESPIPE, 0, generation 1, quote 1"},
	{"write 1", run_length, "1, 0, generation 1, EINVAL", .n = 1},
	{"write 32", run_length, "32, 0, generation 1, EINVAL", .n = 32},
	{"write 63", run_length, "63, 0, generation 1, EINVAL", .n = 63},
	{"write 65: refused, and an empty inblob committed", run_too_long,
	 "EFBIG, 0, generation 1, EINVAL", .n = -1},
	{"pwrite 1 at 64", run_too_long, "EFBIG, 0, generation 1, EINVAL", .n = 64},
	{"pwrite 1 at 2^40", run_too_long, "EFBIG, 0, generation 1, EINVAL", .n = 1L << 40},
	{"write 64, write 1, pwrite 2 at 63: the 64 stay", run_too_long_after,
	 "64, EFBIG, EFBIG, 0, generation 1, quote 1"},
	{"pwrite 64 at -1: no write", run_negative, "EINVAL, 0, generation 0, EINVAL"},
	{"write of length 0: refused, and an empty inblob committed", run_zero,
	 "EFAULT, 0, generation 1, EINVAL"},
	{"pwrite of length 0", run_zero, "EFAULT, 0, generation 1, EINVAL", .n = 1},
	{"write 64 from NULL: 64 zero bytes committed", run_bad_pointer,
	 "EFAULT, 0, generation 1, quote over zeros"},
	{"write 64 from a closed page", run_bad_pointer,
	 "EFAULT, 0, generation 1, quote over zeros", .n = 1},
	{"after an inblob: open and close", run_nothing_written, "0, generation 1, quote 1"},
	{"after an inblob: open with O_TRUNC and close", run_nothing_written,
	 "0, generation 1, quote 1", .n = O_TRUNC},
	{"after an inblob: open with O_APPEND and close", run_nothing_written,
	 "0, generation 1, quote 1", .n = O_APPEND},
	{"after an inblob: truncate 0, ftruncate 0, close", run_truncate,
	 "0, 0, 0, generation 1, quote 1", .n = 0},
	{"after an inblob: truncate 10, ftruncate 10, close", run_truncate,
	 "0, 0, 0, generation 1, quote 1", .n = 10},
	{"write 64, ftruncate 0, truncate 0, close", run_truncate_written,
	 "64, 0, 0, 0, generation 1, quote 1", .n = 0},
	{"write 64, ftruncate 100, truncate 100, close", run_truncate_written,
	 "64, 0, 0, 0, generation 1, quote 1", .n = 100},
	{"ftruncate -1, truncate -1", run_truncate_negative, "EINVAL, EINVAL"},
	{"after an inblob: touch", run_touch, "0, generation 1, quote 1"},
	{"read, pread on inblob", run_read, "EBADF, EBADF, 0, generation 0"},
	{"write 64, fstat, close, stat", run_fstat, "64, 0, size 0, 0, 0, size 0"},
	{"write 64 under umask 0777", run_umask, "generation 1, quote 1"},
	{"fopen \"w\", 64 bytes, fclose", run_stdio, "0, generation 1, quote 1", .a = "w"},
	{"fopen \"a\", 64 bytes, fclose", run_stdio, "0, generation 1, quote 1", .a = "a"},
	{"fopen \"w\", unbuffered, 64 bytes, fclose", run_stdio, "0, generation 1, quote 1",
	 .a = "w", .n = 1},
};
RULE_GROUP(group_inblob, "inblob: writing", rules);
