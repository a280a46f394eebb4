/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 32-bit program without a C library, so that it can be built where no 32-bit one is installed:
 * opens its first argument; the exit status is the error's number.
 */
static long call3(long number, long first, long second, long third)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(number), "b"(first), "c"(second), "d"(third)
			 : "memory");
	return ret;
}

__attribute__((used)) void start_c(long *stack);

void start_c(long *stack)
{
	long fd = call3(5, stack[2], 0, 0); /* open */

	call3(1, fd < 0 ? -fd : 0, 0, 0); /* exit */
	__builtin_unreachable();
}

__asm__(".globl _start\n_start: mov %esp, %eax\n\tpush %eax\n\tcall start_c\n");
