/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in for a symbol that the C library at hand does not define (glibc before 2.33 has no
 * stat(), musl no __xstat()): the system call behind it, with libc's signature.
 */
#ifndef TEESHIM_INTERPOSE_FALLBACK_H
#define TEESHIM_INTERPOSE_FALLBACK_H

#define FALLBACKS(F)                                                                               \
	F(stat)                                                                                    \
	F(lstat)                                                                                   \
	F(fstat)                                                                                   \
	F(fstatat)                                                                                 \
	F(xstat)                                                                                   \
	F(lxstat)                                                                                  \
	F(fxstat)                                                                                  \
	F(fxstatat)                                                                                \
	F(statx) F(renameat2) F(copy_file_range) F(getdents64) F(recv_chk) F(null) F(nosys)

enum fallback {
#define FALLBACK_ID(name) FALLBACK_##name,
	FALLBACKS(FALLBACK_ID)
#undef FALLBACK_ID
};

/* fallback_call() - the function; its type is that of the symbol it stands in for. */
void *fallback_call(enum fallback fallback);

#endif
