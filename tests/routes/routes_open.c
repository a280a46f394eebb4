/* SPDX-License-Identifier: Apache-2.0 */
/* The open family, and stdio, which calls libc's own open inside. */
#include "routes.h"

#define OPEN_ROUTE(name, call)                                                                     \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_provider(call);                                                       \
	}

OPEN_ROUTE(open, open(t->path, O_RDONLY))
OPEN_ROUTE(openat, openat(t->dirfd, t->path, O_RDONLY))

#ifdef __GLIBC__
/* glibc's headers have the fortified names only in inline functions, the __ names not at all. */
int __open(const char *path, int flags, ...);
int __open64(const char *path, int flags, ...);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);

OPEN_ROUTE(open64, open64(t->path, O_RDONLY))
OPEN_ROUTE(__open, __open(t->path, O_RDONLY))
OPEN_ROUTE(__open64, __open64(t->path, O_RDONLY))
OPEN_ROUTE(__open_2, __open_2(t->path, O_RDONLY))
OPEN_ROUTE(__open64_2, __open64_2(t->path, O_RDONLY))
OPEN_ROUTE(openat64, openat64(t->dirfd, t->path, O_RDONLY))
OPEN_ROUTE(__openat_2, __openat_2(t->dirfd, t->path, O_RDONLY))
OPEN_ROUTE(__openat64_2, __openat64_2(t->dirfd, t->path, O_RDONLY))
#endif

#define WRITER_ROUTE(name, call)                                                                   \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_inblob(call);                                                         \
	}

WRITER_ROUTE(open_create, open(t->path, O_WRONLY | O_CREAT | O_TRUNC, 0600))
WRITER_ROUTE(openat_create, openat(t->dirfd, t->path, O_WRONLY | O_CREAT | O_TRUNC, 0600))
WRITER_ROUTE(creat, creat(t->path, 0600))
#ifdef __GLIBC__
WRITER_ROUTE(creat64, creat64(t->path, 0600))
#endif

static bool try_open_new(const struct target *t)
{
	return check_refused(open(t->path, O_WRONLY | O_CREAT, 0600), EACCES);
}

static bool check_stream(FILE *file)
{
	char line[64];

	if (!file) {
		fprintf(stderr, "%s", strerror(errno));
		return false;
	}
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return check_text(line, "tdx_guest\n");
}

#define STREAM_ROUTE(name, call)                                                                   \
	static bool try_##name(const struct target *t)                                             \
	{                                                                                          \
		return check_stream(call);                                                         \
	}

STREAM_ROUTE(fopen, fopen(t->path, "re"))
STREAM_ROUTE(freopen, freopen(t->path, "r", stdin))
STREAM_ROUTE(fdopen, fdopen(open(t->path, O_RDONLY), "r"))
#ifdef __GLIBC__
STREAM_ROUTE(fopen64, fopen64(t->path, "r"))
STREAM_ROUTE(freopen64, freopen64(t->path, "r", stdin))
#endif

static bool try_fopen_write(const struct target *t)
{
	FILE *file = fopen(t->path, "w");

	return file ? check_inblob(fileno(file)) : check_success(-1);
}

const struct route routes_open[] = {
	{"open", FORMS_PATH, "provider", IN_BOTH(try_open)},
	{"open64", FORMS_PATH, "provider", IN_GLIBC(try_open64)},
	{"__open", FORMS_PATH, "provider", IN_GLIBC(try___open)},
	{"__open64", FORMS_PATH, "provider", IN_GLIBC(try___open64)},
	{"__open_2", FORMS_PATH, "provider", IN_GLIBC(try___open_2)},
	{"__open64_2", FORMS_PATH, "provider", IN_GLIBC(try___open64_2)},
	{"openat", FORMS_AT, "provider", IN_BOTH(try_openat)},
	{"openat64", FORMS_AT, "provider", IN_GLIBC(try_openat64)},
	{"__openat_2", FORMS_AT, "provider", IN_GLIBC(try___openat_2)},
	{"__openat64_2", FORMS_AT, "provider", IN_GLIBC(try___openat64_2)},
	{"open(O_CREAT)", FORMS_PATH, "inblob", IN_BOTH(try_open_create)},
	{"open(O_CREAT), a new name", FORMS_PATH, NEW, IN_BOTH(try_open_new)},
	{"openat(O_CREAT)", FORMS_AT, "inblob", IN_BOTH(try_openat_create)},
	{"creat", FORMS_PATH, "inblob", IN_BOTH(try_creat)},
	{"creat64", FORMS_PATH, "inblob", IN_GLIBC(try_creat64)},
	{"fopen", FORMS_PATH, "provider", IN_BOTH(try_fopen)},
	{"fopen64", FORMS_PATH, "provider", IN_GLIBC(try_fopen64)},
	{"fopen(\"w\")", FORMS_PATH, "inblob", IN_BOTH(try_fopen_write)},
	{"freopen", FORMS_PATH, "provider", IN_BOTH(try_freopen)},
	{"freopen64", FORMS_PATH, "provider", IN_GLIBC(try_freopen64)},
	{"fdopen", FORMS_PATH, "provider", IN_BOTH(try_fdopen)},
	{0},
};
