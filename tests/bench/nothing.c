/* SPDX-License-Identifier: MIT */
/*
 * nothing.c - the workload of the benchmark: exits with status 0 and does nothing else.
 * It is linked without a C library, so that its own start adds as little as possible to
 * what is measured.
 */
#if defined(__x86_64__)
__attribute__((naked, noreturn)) void _start(void);
__attribute__((naked, noreturn)) void _start(void)
{
	__asm__ volatile("movl $231, %eax\n\t" /* exit_group */
			 "xorl %edi, %edi\n\t"
			 "syscall\n\t"
			 "hlt");
}
#elif defined(__aarch64__)
__attribute__((noreturn)) void _start(void);
__attribute__((noreturn)) void _start(void)
{
	register long number __asm__("x8") = 94; /* exit_group */
	register long status __asm__("x0") = 0;

	__asm__ volatile("svc #0" : : "r"(number), "r"(status));
	__builtin_unreachable();
}
#else
#error "write the few instructions of exit_group(0)"
#endif
