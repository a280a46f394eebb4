/* SPDX-License-Identifier: Apache-2.0 */
/* Listings, of which glibc makes many inside itself. */
#include <ftw.h>
#include <glob.h>
#include <wordexp.h>
#ifdef __GLIBC__
#include <fts.h>
#endif

#include "routes.h"

/* Deprecated names are still called by programs of their time. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static bool list_stream(DIR *dir)
{
	struct listing listing = {0};
	struct dirent *entry;

	if (!dir)
		return check_success(-1);
	while ((entry = readdir(dir)))
		check_listed(&listing, entry->d_name, entry->d_type);
	closedir(dir);
	return check_listing(&listing);
}

static bool try_opendir(const struct target *t)
{
	return list_stream(opendir(t->path));
}

static bool try_fdopendir(const struct target *t)
{
	return list_stream(fdopendir(openat(t->dirfd, t->path, O_RDONLY | O_DIRECTORY)));
}

static bool try_readdir_r(const struct target *t)
{
	struct listing listing = {0};
	struct dirent *entry, room;
	DIR *dir = opendir(t->path);

	if (!dir)
		return check_success(-1);
	while (readdir_r(dir, &room, &entry) == 0 && entry)
		check_listed(&listing, entry->d_name, entry->d_type);
	closedir(dir);
	return check_listing(&listing);
}

static bool list_names(struct dirent **names, int count)
{
	struct listing listing = {0};

	if (count < 0)
		return check_success(-1);
	for (int i = 0; i < count; i++)
		check_listed(&listing, names[i]->d_name, names[i]->d_type);
	return check_listing(&listing);
}

static bool try_scandir(const struct target *t)
{
	struct dirent **names = NULL;
	int count = scandir(t->path, &names, NULL, alphasort);

	return list_names(names, count);
}

/* last_name() - what follows the last slash. */
static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *pattern_below(const struct target *t)
{
	char *pattern;

	if (asprintf(&pattern, "%s/*", t->path) < 0)
		abort();
	return pattern;
}

static bool list_paths(char **paths, size_t count)
{
	struct listing listing = {0};

	for (size_t i = 0; i < count; i++)
		check_listed(&listing, last_name(paths[i]), DT_UNKNOWN);
	return check_listing(&listing);
}

static bool try_glob(const struct target *t)
{
	glob_t found = {0};

	return glob(pattern_below(t), 0, NULL, &found) == 0 &&
	       list_paths(found.gl_pathv, found.gl_pathc);
}

/* Without a wild card glob() asks for that one name. */
static bool try_glob_plain(const struct target *t)
{
	glob_t found = {0};

	return glob(t->path, 0, NULL, &found) == 0 && found.gl_pathc == 1;
}

static bool try_wordexp(const struct target *t)
{
	wordexp_t words = {0};

	return wordexp(pattern_below(t), &words, 0) == 0 &&
	       list_paths(words.we_wordv, words.we_wordc);
}

/* ftw() has no argument for its callback. */
static struct listing walk;

static int walk_file(const char *path, const struct stat *st, int type)
{
	if (type == FTW_F)
		check_listed(&walk, last_name(path), S_ISREG(st->st_mode) ? DT_REG : DT_SOCK);
	return 0;
}

static int walk_file_n(const char *path, const struct stat *st, int type, struct FTW *level)
{
	(void)level;
	return walk_file(path, st, type);
}

static bool try_ftw(const struct target *t)
{
	return check_success(ftw(t->path, walk_file, 8)) && check_listing(&walk);
}

static bool try_nftw(const struct target *t)
{
	return check_success(nftw(t->path, walk_file_n, 8, FTW_PHYS)) && check_listing(&walk);
}

#ifdef __GLIBC__
static bool try_readdir64(const struct target *t)
{
	struct listing listing = {0};
	struct dirent64 *entry;
	DIR *dir = opendir(t->path);

	if (!dir)
		return check_success(-1);
	while ((entry = readdir64(dir)))
		check_listed(&listing, entry->d_name, entry->d_type);
	closedir(dir);
	return check_listing(&listing);
}

static bool try_readdir64_r(const struct target *t)
{
	struct listing listing = {0};
	struct dirent64 *entry, room;
	DIR *dir = opendir(t->path);

	if (!dir)
		return check_success(-1);
	while (readdir64_r(dir, &room, &entry) == 0 && entry)
		check_listed(&listing, entry->d_name, entry->d_type);
	closedir(dir);
	return check_listing(&listing);
}

static bool try_scandir64(const struct target *t)
{
	struct dirent64 **names = NULL;
	int count = scandir64(t->path, &names, NULL, alphasort64);

	return list_names((struct dirent **)names, count);
}

static bool try_scandirat(const struct target *t)
{
	struct dirent **names = NULL;
	int count = scandirat(t->dirfd, t->path, &names, NULL, alphasort);

	return list_names(names, count);
}

static bool try_scandirat64(const struct target *t)
{
	struct dirent64 **names = NULL;
	int count = scandirat64(t->dirfd, t->path, &names, NULL, alphasort64);

	return list_names((struct dirent **)names, count);
}

static bool try_getdents64(const struct target *t)
{
	struct listing listing = {0};
	char room[4096];
	int fd = open(t->path, O_RDONLY | O_DIRECTORY);
	ssize_t len = fd < 0 ? -1 : getdents64(fd, room, sizeof(room));

	for (ssize_t at = 0; at < len; at += ((struct dirent64 *)(room + at))->d_reclen) {
		struct dirent64 *entry = (struct dirent64 *)(room + at);

		check_listed(&listing, entry->d_name, entry->d_type);
	}
	return check_listing(&listing);
}

static bool try_glob64(const struct target *t)
{
	glob64_t found = {0};

	return glob64(pattern_below(t), 0, NULL, &found) == 0 &&
	       list_paths(found.gl_pathv, found.gl_pathc);
}

static int walk_file64(const char *path, const struct stat64 *st, int type)
{
	return walk_file(path, (const struct stat *)st, type);
}

static int walk_file64_n(const char *path, const struct stat64 *st, int type, struct FTW *level)
{
	(void)level;
	return walk_file64(path, st, type);
}

static bool try_ftw64(const struct target *t)
{
	return check_success(ftw64(t->path, walk_file64, 8)) && check_listing(&walk);
}

static bool try_nftw64(const struct target *t)
{
	return check_success(nftw64(t->path, walk_file64_n, 8, FTW_PHYS)) && check_listing(&walk);
}

static bool try_fts(const struct target *t)
{
	struct listing listing = {0};
	char *const roots[] = {(char *)(uintptr_t)t->path, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while (fts && (entry = fts_read(fts)))
		if (entry->fts_level == 1)
			check_listed(&listing, entry->fts_name,
				     entry->fts_info == FTS_F ? DT_REG : DT_SOCK);
	return check_listing(&listing);
}

static bool try_fts64(const struct target *t)
{
	struct listing listing = {0};
	char *const roots[] = {(char *)(uintptr_t)t->path, NULL};
	FTS64 *fts = fts64_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT64 *entry;

	while (fts && (entry = fts64_read(fts)))
		if (entry->fts_level == 1)
			check_listed(&listing, entry->fts_name,
				     entry->fts_info == FTS_F ? DT_REG : DT_SOCK);
	return check_listing(&listing);
}
#endif

const struct route routes_dir[] = {
	{"opendir, readdir", FORMS_PATH, "", IN_BOTH(try_opendir)},
	{"readdir64", FORMS_PATH, "", IN_GLIBC(try_readdir64)},
	{"readdir_r", FORMS_PATH, "", IN_BOTH(try_readdir_r)},
	{"readdir64_r", FORMS_PATH, "", IN_GLIBC(try_readdir64_r)},
	{"fdopendir", FORMS_AT, "", IN_BOTH(try_fdopendir)},
	{"getdents64", FORMS_PATH, "", IN_GLIBC(try_getdents64)},
	{"scandir", FORMS_PATH, "", IN_BOTH(try_scandir)},
	{"scandir64", FORMS_PATH, "", IN_GLIBC(try_scandir64)},
	{"scandirat", FORMS_AT, "", IN_GLIBC(try_scandirat)},
	{"scandirat64", FORMS_AT, "", IN_GLIBC(try_scandirat64)},
	{"glob", FORMS_PATH, "", IN_BOTH(try_glob)},
	{"glob64", FORMS_PATH, "", IN_GLIBC(try_glob64)},
	{"glob of one name", FORMS_PATH, "provider", IN_BOTH(try_glob_plain)},
	{"wordexp", FORMS_PATH, "", IN_BOTH(try_wordexp)},
	{"ftw", FORMS_PATH, "", IN_BOTH(try_ftw)},
	{"ftw64", FORMS_PATH, "", IN_GLIBC(try_ftw64)},
	{"nftw", FORMS_PATH, "", IN_BOTH(try_nftw)},
	{"nftw64", FORMS_PATH, "", IN_GLIBC(try_nftw64)},
	{"fts_open", FORMS_PATH, "", IN_GLIBC(try_fts)},
	{"fts64_open", FORMS_PATH, "", IN_GLIBC(try_fts64)},
	{0},
};
