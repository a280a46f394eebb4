/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries loaded late.  PLUGIN, LIBRARY: paths of plugin.so and of libteeshim.so. */
#include "stranger.h"

#include <dlfcn.h>

static void plugin_expect(void *plugin, bool served)
{
	int (*quote)(void) = (int (*)(void))dlsym(plugin, "plugin_quote");
	void (*ordinary)(void) = (void (*)(void))dlsym(plugin, "plugin_ordinary");
	int ret;

	CHECK(quote && ordinary, "dlsym: %s", dlerror());
	ordinary();
	ret = quote();
	CHECK(served ? ret == 0 : is_refusal(-ret), "the plugin's quote: %d", ret);
}

/* A plugin's calls are the program's: they are served like those of main(). */
static void test_dlopen(void)
{
	void *plugin = dlopen(getenv("PLUGIN"), RTLD_NOW | RTLD_LOCAL);
	void *library;

	CHECK(plugin, "dlopen: %s", dlerror());
	plugin_expect(plugin, stranger_served());
	CHECK(dlclose(plugin) == 0, "dlclose");
	/* the library itself, a second time where it was preloaded, and unloaded where it was not */
	library = dlopen(getenv("LIBRARY"), RTLD_NOW | RTLD_LOCAL);
	CHECK(library, "dlopen of the library: %s", dlerror());
	ordinary_expect("with the library loaded late");
	CHECK(dlclose(library) == 0, "dlclose of the library");
	ordinary_expect("after dlclose");
	quote_expect("after dlclose");
}

#ifdef __GLIBC__
static void test_dlmopen(void)
{
	void *plugin = dlmopen(LM_ID_NEWLM, getenv("PLUGIN"), RTLD_NOW);
	int (*next_open)(const char *, int, ...);
	void *library;
	int fd;

	/* the new namespace has a C library of its own and nothing preloaded */
	CHECK(plugin, "dlmopen: %s", dlerror());
	plugin_expect(plugin, false);
	quote_expect("beside a namespace");
	library = dlmopen(LM_ID_NEWLM, getenv("LIBRARY"), RTLD_NOW);
	CHECK(library, "dlmopen of the library: %s", dlerror());
	next_open = (int (*)(const char *, int, ...))dlsym(library, "open");
	CHECK(next_open, "dlsym: %s", dlerror());
	fd = next_open(ORDINARY, O_RDONLY);
	CHECK(fd >= 0 && close(fd) == 0, "open through the namespace");
	CHECK(dlclose(library) == 0 && dlclose(plugin) == 0, "dlclose");
	ordinary_expect("after namespaces");
	quote_expect("after namespaces");
}
#else
static void test_dlmopen(void)
{
	/* musl has one namespace only */
}
#endif

STRANGER_MAIN({"dlopen", test_dlopen}, {"dlmopen", test_dlmopen})
