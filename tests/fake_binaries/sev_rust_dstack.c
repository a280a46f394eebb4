/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dstack's sev-snp-attest crate by configfs, as Rust's std calls libc: a probe entry for the provider, an
 * entry that stays for the process, and certificates under three names, of which the kernel has the last.
 * Prints the report and what auxblob had.
 */
#include "common.h"

/* fs::read of a file whose size is 0 or not known: 32, 32, 64, 128, ... */
static size_t rust_read(const char *path, uint8_t *out, size_t max)
{
	size_t used = 0;
	size_t step = 32;
	struct statx_head stx;
	int fd = OK_INT(path, open(path, O_RDONLY | O_CLOEXEC));
	long got;

	OK("statx", fake_statx(fd, "", FAKE_AT_EMPTY_PATH, &stx));
	while (step <= max - used && (got = OK(path, read(fd, out + used, step))) > 0) {
		used += (size_t)got;
		if (used > step)
			step *= 2;
	}
	OK(path, close(fd));
	return used;
}

/* fs::write */
static void rust_write(const char *path, const void *data, size_t size)
{
	int fd = OK_INT(path, open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));

	write_once(path, fd, data, size);
	OK(path, close(fd));
}

static void provider_check(const char *path)
{
	uint8_t text[4097];
	size_t size = rust_read(path, text, sizeof(text));

	if (size != 10 || memcmp(text, "sev_guest\n", 10))
		fail(path, "is not sev_guest");
}

static void probe(void)
{
	char name[64];
	char entry[256];

	FAILS("open R/provider", open(REPORT_DIR "/provider", O_RDONLY | O_CLOEXEC), ENOENT);
	snprintf(name, sizeof(name), "dstack-probe-%d", (int)getpid());
	path_join(entry, sizeof(entry), REPORT_DIR, name);
	OK("mkdir the probe", mkdir(entry, 0777));
	provider_check(PATH_OF(entry, "provider"));
	OK("rmdir the probe", rmdir(entry));
}

int main(int argc, char **argv)
{
	uint8_t report_data[REPORT_DATA_SIZE];
	static uint8_t report[QUOTE_MAX];
	static uint8_t certs[QUOTE_MAX];
	struct statx_head stx;
	char name[64];
	char entry[256];
	size_t certs_size;
	size_t size;

	report_data_parse(argc > 1 ? argv[1] : NULL, report_data);
	probe();
	snprintf(name, sizeof(name), "dstack-%d", (int)getpid());
	path_join(entry, sizeof(entry), REPORT_DIR, name);
	OK("mkdir the entry", mkdir(entry, 0777));
	OK("statx inblob", fake_statx(AT_FDCWD, PATH_OF(entry, "inblob"), 0, &stx));
	OK("statx outblob", fake_statx(AT_FDCWD, PATH_OF(entry, "outblob"), 0, &stx));
	rust_write(PATH_OF(entry, "inblob"), report_data, sizeof(report_data));
	size = rust_read(PATH_OF(entry, "outblob"), report, sizeof(report));
	FAILS("open certs", open(PATH_OF(entry, "certs"), O_RDONLY | O_CLOEXEC), ENOENT);
	FAILS("open cert_chain", open(PATH_OF(entry, "cert_chain"), O_RDONLY | O_CLOEXEC), ENOENT);
	certs_size = rust_read(PATH_OF(entry, "auxblob"), certs, sizeof(certs));
	quote_print(report, size);
	quote_print(certs, certs_size);
	return 0;
}
