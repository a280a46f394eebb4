/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson's public configuration for x86-64 Linux with gcc or clang. The distribution's source
 * package carries no configure script, and every answer is known here anyway.
 */
#ifndef JANSSON_CONFIG_H
#define JANSSON_CONFIG_H

#define JSON_INLINE               inline
#define JSON_INTEGER_IS_LONG_LONG 1
/* A host program may have set a locale with a decimal comma. */
#define JSON_HAVE_LOCALECONV      1
#define JSON_HAVE_ATOMIC_BUILTINS 1
#define JSON_HAVE_SYNC_BUILTINS   1

/*
 * The parser recurses, and it runs on the host program's stack, which may be a coroutine's 64 KB.
 * The agent's answers are three levels deep.
 */
#define JSON_PARSER_MAX_DEPTH 16

#endif
