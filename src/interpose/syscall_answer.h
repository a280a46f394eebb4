/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to make of the kernel's answer to a call by number: the counterpart, for syscall(2), of what the
 * wrappers of the named functions do after their call.
 *
 * Each returns the result for the program; errno is as the kernel left it on entry, and as in front.h on
 * return.  @before: errno of before the call.
 */
#ifndef TEESHIM_INTERPOSE_SYSCALL_ANSWER_H
#define TEESHIM_INTERPOSE_SYSCALL_ANSWER_H

/* The call's six possible arguments; those that a call does not have hold rubbish. */
struct arguments {
	long at[6];
};

static inline const char *syscall_text(const struct arguments *args, int index)
{
	return (const char *)args->at[index];
}

/* Not in the headers of every release that we build on. */
enum { SYS_FCHMODAT2 = 452 };

/* syscall_refused() - the call was refused as a missing interface is. */
long syscall_refused(long number, const struct arguments *args, int before);

/*
 * syscall_misjudged() - the kernel found an object of ours by a relative name, and refused it for what it
 * really is: a socket that cannot be truncated, a file system that has extended attributes.
 */
long syscall_misjudged(long number, const struct arguments *args, int before);

/* syscall_done_by_root() - root's call made or removed something. */
long syscall_done_by_root(long number, const struct arguments *args, long ret, int before);

/* syscall_succeeded() - the result may carry our mark or show our state folder. */
long syscall_succeeded(long number, const struct arguments *args, long ret);

#endif
