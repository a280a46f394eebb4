/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jansson's private configuration. open() is not offered: its hash seed would be read from
 * /dev/urandom through a descriptor without close-on-exec, in the middle of somebody's program.
 * Whoever wants an unpredictable seed calls json_object_seed(). Nor are atomics: with them the seed is
 * made under a spin lock, which a child forked in that instant would wait for for ever; without them
 * two threads may make it at once.
 */
#ifndef JANSSON_PRIVATE_CONFIG_H
#define JANSSON_PRIVATE_CONFIG_H

#define HAVE_STDINT_H     1
#define HAVE_UNISTD_H     1
#define HAVE_SYS_TIME_H   1
#define HAVE_SYS_TYPES_H  1
#define HAVE_SCHED_H      1
#define HAVE_SCHED_YIELD  1
#define HAVE_GETTIMEOFDAY 1
#define HAVE_GETPID       1

#endif
