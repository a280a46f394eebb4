/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Since glibc 2.34 dlsym() is in libc.so.6, as it always was in musl; before, it was in libdl.so.2.
 * Naming libdl.so.2 as needed would serve all of them, but costs each process start 38 us for a
 * library that today is empty.  So dlsym is a weak symbol, with the version that it has had in both
 * places; where nobody has loaded it, the old libc's own door to the loader (which nss used) does.
 */
#include "interpose/loader.h"

#include <dlfcn.h>
#include <stddef.h>

extern void *dlsym(void *restrict handle, const char *restrict name) __attribute__((weak));
extern void *dlvsym(void *handle, const char *name, const char *version) __attribute__((weak));
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
__asm__(".symver dlvsym,dlvsym@GLIBC_2.2.5");

extern void *__libc_dlopen_mode(const char *name, int mode) __attribute__((weak));
extern void *__libc_dlsym(void *handle, const char *name) __attribute__((weak));

/* __RTLD_DLOPEN of glibc's include/dlfcn.h: what dlopen() itself adds to its mode. */
enum { RTLD_DLOPEN_CALL = (int)0x80000000 };

typedef void *find_function(void *handle, const char *name);
typedef void *find_version_function(void *handle, const char *name, const char *version);

static find_function *find;
static find_version_function *find_version;

/* Idempotent: threads that come here at once store the same addresses. */
static void loader_bind(void)
{
	void *libdl = NULL;

	if (dlsym) {
		find_version = dlvsym;
		__atomic_store_n(&find, dlsym, __ATOMIC_RELEASE);
		return;
	}
	if (__libc_dlopen_mode && __libc_dlsym)
		libdl = __libc_dlopen_mode("libdl.so.2", RTLD_DLOPEN_CALL | RTLD_NOW);
	if (!libdl)
		return;
	find_version = (find_version_function *)__libc_dlsym(libdl, "dlvsym");
	__atomic_store_n(&find, (find_function *)__libc_dlsym(libdl, "dlsym"), __ATOMIC_RELEASE);
}

void *loader_next(const char *name, const char *version)
{
	void *next = NULL;

	if (!__atomic_load_n(&find, __ATOMIC_ACQUIRE))
		loader_bind();
	if (*version && find_version)
		next = find_version(RTLD_NEXT, name, version);
	if (!next && find)
		next = find(RTLD_NEXT, name);
	return next;
}

bool loader_is_glibc(void)
{
	if (!__atomic_load_n(&find, __ATOMIC_ACQUIRE))
		loader_bind();
	return find_version != NULL;
}
