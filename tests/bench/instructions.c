/* SPDX-License-Identifier: MIT */
/*
 * instructions.c - counts the instructions that a launcher executes itself, one by one.
 *
 *	instructions PROGRAM [ARG...]
 *
 * Runs PROGRAM under ptrace(2) in single steps up to its execve of the workload (or its
 * end) and prints one line "ADDRESS COUNT" for each address executed, sorted by address.
 * Unlike a hardware counter this works in any virtual machine, and the addresses tell
 * where the time in user space goes. What the kernel does in a system call counts as one.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESSES_MAX ((size_t)1 << 18) /* a power of two */

struct place {
	uint64_t address; /* 0: this place of the table is free */
	uint64_t count;
};

static void die(const char *what)
{
	fprintf(stderr, "instructions: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t instruction_pointer(pid_t pid)
{
	struct user_regs_struct registers;
	struct iovec iov = { &registers, sizeof(registers) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov) < 0)
		die("PTRACE_GETREGSET");
#if defined(__x86_64__)
	return registers.rip;
#elif defined(__aarch64__) || defined(__riscv)
	return registers.pc;
#else
#error "name the register"
#endif
}

static void count(struct place *table, uint64_t address)
{
	size_t mask = ADDRESSES_MAX - 1;
	size_t i = (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 40) & mask;

	for (size_t tries = 0; tries < ADDRESSES_MAX; tries++, i = (i + 1) & mask) {
		if (table[i].address != 0 && table[i].address != address)
			continue;
		table[i].address = address;
		table[i].count++;
		return;
	}
	fputs("instructions: too many addresses\n", stderr);
	exit(2);
}

static pid_t start(char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			die("PTRACE_TRACEME");
		execv(argv[0], argv);
		die(argv[0]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("cannot be traced");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) <
	    0)
		die("PTRACE_SETOPTIONS");
	return pid;
}

static void step_through(pid_t pid, struct place *table)
{
	int status, signal = 0;

	for (;;) {
		count(table, instruction_pointer(pid));
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, (void *)(intptr_t)signal) < 0)
			die("PTRACE_SINGLESTEP");
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			break;
		signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
	}
	if (kill(pid, SIGKILL) < 0 || waitpid(pid, &status, 0) != pid)
		die("kill");
}

static int ascending(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

int main(int argc, char **argv)
{
	static struct place table[ADDRESSES_MAX];

	if (argc < 2) {
		fputs("usage: instructions PROGRAM [ARG...]\n", stderr);
		return 2;
	}
	step_through(start(argv + 1), table);
	qsort(table, ADDRESSES_MAX, sizeof(*table), ascending);
	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		if (table[i].address != 0)
			printf("0x%" PRIx64 " %" PRIu64 "\n", table[i].address,
			       table[i].count);
	return 0;
}
