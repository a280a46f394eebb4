/* SPDX-License-Identifier: Apache-2.0 */
/* outblob and auxblob: of one report, whichever comes first, until something is written. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sev/sev.h"

static uint8_t blob[QUOTE_MAX];
static uint8_t other[QUOTE_MAX];

static ssize_t blob_read(const char *name, uint8_t *to)
{
	int fd = open_attribute(name, O_RDONLY | O_CLOEXEC);
	ssize_t len = read_all(fd, to, QUOTE_MAX, 700);
	const int error = errno;

	close(fd);
	if (len < 0)
		got("%s", errno_name(error));
	return len;
}

static void option_write(const char *text)
{
	int fd = open_attribute("privlevel", O_WRONLY);

	got_call(write(fd, text, strlen(text)));
	close(fd);
}

/* The agent of this table gives a table of certificates. */
static void got_table(ssize_t len, const uint8_t *table)
{
	static const uint8_t vcek[] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
				       0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};

	for (ssize_t at = 0; at + 24 <= len; at += 24)
		if (memcmp(table + at, vcek, sizeof(vcek)) == 0) {
			got("a VCEK");
			return;
		}
	got("%zd bytes", len);
}

static void run_before(const struct rule *rule)
{
	int fd = open_attribute(rule->a, O_RDONLY);

	got_call(read(fd, blob, sizeof(blob)));
	got_call(pread(fd, blob, 10, 0));
	got_call(lseek(fd, 0, SEEK_SET));
	got("generation %s", generation());
}

static void run_lengths(const struct rule *rule)
{
	write_inblob(1, (size_t)rule->n);
	blob_read("outblob", blob);
	blob_read("auxblob", blob);
	got("generation %s", generation());
}

static void run_option_alone(const struct rule *rule)
{
	(void)rule;
	option_write("1");
	blob_read("outblob", blob);
	blob_read("auxblob", blob);
	got("generation %s", generation());
}

static void run_outblob(const struct rule *rule)
{
	ssize_t len;

	(void)rule;
	write_inblob(1, INBLOB_SIZE);
	len = blob_read("outblob", blob);
	got("%zd bytes of quote %d", len, quote_seed(blob, len));
	len = blob_read("auxblob", blob);
	got_table(len, blob);
	got_quote();
}

static void run_auxblob_first(const struct rule *rule)
{
	ssize_t len;

	(void)rule;
	write_inblob(2, INBLOB_SIZE);
	len = blob_read("auxblob", blob);
	got_table(len, blob);
	got_quote();
	got("%s", blob_read("auxblob", other) == len && memcmp(blob, other, (size_t)len) == 0
			  ? "the same table"
			  : "another");
	got("generation %s", generation());
}

static void run_auxblob_calls(const struct rule *rule)
{
	int fd;
	ssize_t len;

	(void)rule;
	write_inblob(3, INBLOB_SIZE);
	len = blob_read("auxblob", blob);
	fd = open_attribute("auxblob", O_RDONLY);
	got_call(pread(fd, other, 24, 24));
	got("%s", memcmp(blob + 24, other, 24) == 0 ? "the same" : "others");
	got_call(pread(fd, other, 24, len));
	got_call(lseek(fd, 0, SEEK_CUR));
	got_call(read(fd, other, 0));
	got_call(read(fd, page_none(), 10));
	got_call(fsync(fd));
	got_call(ftruncate(fd, 0));
}

/* What was read stays; an inblob and an option each ask anew. */
static void run_stale(const struct rule *rule)
{
	ssize_t len;
	ssize_t again;

	(void)rule;
	write_inblob(4, INBLOB_SIZE);
	len = blob_read("outblob", blob);
	option_write("2");
	got("generation %s", generation());
	again = blob_read("outblob", other);
	got("%s", again == len && memcmp(blob, other, (size_t)len) == 0 ? "the old report"
									: "a new report");
	got("quote %d", quote_seed(other, again));
	got("%s", blob_read("auxblob", blob) > 0 ? "a table" : "none");
	write_inblob(5, INBLOB_SIZE);
	got_state();
}

static void run_refused_option(const struct rule *rule)
{
	(void)rule;
	write_inblob(6, INBLOB_SIZE);
	got_quote();
	option_write("4");
	got_state();
}

static void run_snapshots(const struct rule *rule)
{
	int out;
	int aux;
	ssize_t len;

	(void)rule;
	write_inblob(7, INBLOB_SIZE);
	out = open_attribute("outblob", O_RDONLY);
	aux = open_attribute("auxblob", O_RDONLY);
	got_call(read(out, blob, 100));
	got_call(read(aux, other, 10));
	write_inblob(8, INBLOB_SIZE);
	got_quote();
	len = 100 + read_all(out, blob + 100, sizeof(blob) - 100, 64);
	got("quote %d", quote_seed(blob, len));
	got("%s", read_all(aux, other + 10, sizeof(other) - 10, 64) > 100 ? "the table" : "less");
}

static void run_entries(const struct rule *rule)
{
	int fd;

	(void)rule;
	got_call(mkdir(at("N"), 0700));
	write_inblob(9, INBLOB_SIZE);
	fd = open(at("N/inblob"), O_WRONLY);
	got_call(write(fd, report_data(10), INBLOB_SIZE));
	got_call(close(fd));
	got_quote();
	fd = open(at("N/outblob"), O_RDONLY);
	got("quote %d", quote_seed(blob, read_all(fd, blob, sizeof(blob), sizeof(blob))));
}

#define ASKS(count) .flags = RULE_ASKS, .questions = count

static const struct rule rules[] = {
	{"outblob before an inblob: read, pread, lseek", run_before,
	 "EINVAL, EINVAL, ESPIPE, generation 0", .a = "outblob", ASKS(0)},
	{"auxblob before an inblob: read, pread, lseek", run_before,
	 "EINVAL, EINVAL, ESPIPE, generation 0", .a = "auxblob", ASKS(0)},
	{"inblob of 1 byte: outblob, auxblob", run_lengths, "EINVAL, EINVAL, generation 1", .n = 1,
	 ASKS(0)},
	{"inblob of 32 bytes", run_lengths, "EINVAL, EINVAL, generation 1", .n = 32, ASKS(0)},
	{"inblob of 63 bytes", run_lengths, "EINVAL, EINVAL, generation 1", .n = 63, ASKS(0)},
	{"privlevel without an inblob", run_option_alone, "1, EINVAL, EINVAL, generation 1",
	 ASKS(0)},
	{"outblob, auxblob, outblob", run_outblob, "1184 bytes of quote 1, a VCEK, quote 1",
	 ASKS(1)},
	{"auxblob, outblob, auxblob", run_auxblob_first,
	 "a VCEK, quote 2, the same table, generation 1", ASKS(1)},
	{"auxblob: pread inside, at the end; offset; read of nothing, into NULL; fsync, ftruncate",
	 run_auxblob_calls, "24, the same, 0, ESPIPE, EFAULT, EFAULT, EINVAL, EINVAL", ASKS(1)},
	{"outblob; privlevel: outblob, auxblob; inblob: outblob", run_stale,
	 "1, generation 2, a new report, quote 4, a table, generation 3, quote 5", ASKS(3)},
	{"outblob; a privlevel that is refused; outblob", run_refused_option,
	 "quote 6, EINVAL, generation 1, quote 6", ASKS(1)},
	{"outblob and auxblob open and half read; inblob; outblob; the rest of both", run_snapshots,
	 "100, 10, quote 8, quote 7, the table", ASKS(2)},
	{"two entries", run_entries, "0, 64, 0, quote 9, quote 10", ASKS(2)},
};
RULE_GROUP(group_sev_blobs, "outblob and auxblob", rules);
