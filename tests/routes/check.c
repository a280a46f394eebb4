/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's own tree answers, and how one notices that it was not the one that answered. */
#include "routes.h"

static bool complain(const char *what)
{
	fprintf(stderr, "%s", what);
	return false;
}

static bool complain_errno(const char *what)
{
	fprintf(stderr, "%s: %s", what, strerror(errno));
	return false;
}

bool check_text(const char *found, const char *expected)
{
	if (!found)
		return complain_errno("no answer");
	if (strcmp(found, expected) == 0)
		return true;
	fprintf(stderr, "answered \"%s\"", found);
	return false;
}

bool check_provider(int fd)
{
	char text[64];
	ssize_t len;

	if (fd < 0)
		return complain_errno("open");
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return complain_errno("read");
	text[len] = '\0';
	close(fd);
	return check_text(text, "tdx_guest\n");
}

bool check_inblob(int fd)
{
	static const char report_data[64] = "routes";

	if (fd < 0)
		return complain_errno("open");
	if (write(fd, report_data, sizeof(report_data)) != sizeof(report_data))
		return complain_errno("write");
	return close(fd) == 0 || complain_errno("close");
}

static bool check_mode(long ret, const struct stat *st, mode_t mode)
{
	if (ret != 0)
		return complain_errno("refused");
	if (st->st_mode == mode && st->st_uid == 0 && st->st_gid == 0)
		return true;
	fprintf(stderr, "mode %o, uid %u", st->st_mode, st->st_uid);
	return false;
}

bool check_attribute(long ret, const struct stat *st)
{
	return check_mode(ret, st, S_IFREG | 0444) &&
	       (st->st_size == 4096 || complain("another size than 4096"));
}

bool check_folder(long ret, const struct stat *st)
{
	return check_mode(ret, st, S_IFDIR | 0755);
}

bool check_refused(long ret, int error)
{
	if (ret >= 0)
		return complain("was not refused");
	return errno == error || complain_errno("refused");
}

bool check_success(long ret)
{
	return ret >= 0 || complain_errno("refused");
}

static char *join(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

bool check_unchanged(const struct target *target, long ret)
{
	const char *name = strrchr(target->path, '/');
	char *path = join(target->folder, name ? name + 1 : target->path);
	struct stat st = {0};
	bool is_writable = strcmp(path + strlen(path) - strlen("inblob"), "inblob") == 0;

	return check_success(ret) &&
	       check_mode(stat(path, &st), &st, S_IFREG | (is_writable ? 0200 : 0444));
}

bool check_made(const struct target *target, const char *name, long ret)
{
	const char *last = strrchr(name, '/');
	char *path = join(target->folder, last ? last + 1 : name);
	struct stat st = {0};

	if (ret != 0)
		return complain_errno("refused");
	if (!check_folder(stat(path, &st), &st))
		return false;
	return rmdir(path) == 0 || complain_errno("cannot be removed");
}

bool check_gone(const struct target *target, long ret)
{
	struct stat st;

	if (ret != 0)
		return complain_errno("refused");
	return (stat(target->entry, &st) < 0 && errno == ENOENT) || complain("is still there");
}

void check_listed(struct listing *listing, const char *name, unsigned char type)
{
	static const char *const attributes[] = {"outblob", "inblob", "provider", "generation"};

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (type != DT_REG && type != DT_UNKNOWN) {
		fprintf(stderr, "%s has type %u; ", name, type);
		listing->strange = true;
	}
	for (unsigned i = 0; i < 4; i++) {
		if (strcmp(name, attributes[i]) == 0) {
			listing->seen |= 1U << i;
			return;
		}
	}
	fprintf(stderr, "%s is listed; ", name);
	listing->strange = true;
}

bool check_listing(const struct listing *listing)
{
	if (listing->seen != 15)
		return complain_errno("attributes are missing");
	return !listing->strange;
}

char *scratch(const char *name)
{
	const char *folder = getenv("ROUTES_SCRATCH");

	return join(folder ? folder : "/tmp", name);
}
