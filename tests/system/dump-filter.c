/* SPDX-License-Identifier: MIT */
/*
 * dump-filter.c - the seccomp filters of a live process, as the kernel has them.
 *
 *   dump-filter PID FILE   writes the program of each filter to FILE.0, FILE.1 ..., the
 *                          last that was loaded first; prints how many there are
 *   dump-filter            waits to be looked at, and needs no file to run: a workload
 *
 * Takes SYS_ADMIN, and no filter around itself: seccomp_get_filter() of the kernel.
 */
#define _GNU_SOURCE
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long pt(long request, pid_t pid, unsigned long addr, void *data)
{
	return syscall(SYS_ptrace, request, pid, addr, data);
}

static void write_program(const char *prefix, unsigned int index,
			  const struct sock_filter *code, size_t size)
{
	char path[4096];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s.%u", prefix, index) >= sizeof(path))
		die("%s: too long", prefix);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd, path);
	if (write(fd, code, size) != (ssize_t)size)
		die("%s", path);
	close(fd);
}

/* The kernel says ENOENT behind the last one. */
static unsigned int dump(pid_t pid, const char *prefix)
{
	static struct sock_filter code[BPF_MAXINSNS];
	unsigned int index = 0;
	long count;

	for (;; index++) {
		count = pt(PTRACE_SECCOMP_GET_FILTER, pid, index, code);
		if (count < 0 && errno == ENOENT)
			return index;
		must(count, "PTRACE_SECCOMP_GET_FILTER");
		write_program(prefix, index, code, (size_t)count * sizeof(*code));
	}
}

int main(int argc, char **argv)
{
	unsigned int filters;
	int status;
	pid_t pid;

	tool_name = "dump-filter";
	if (argc == 1)
		for (;;)
			pause();
	if (argc != 3)
		die("usage: dump-filter [PID FILE]");
	pid = (pid_t)number(argv[1], 10);
	must(pt(PTRACE_SEIZE, pid, 0, NULL), "PTRACE_SEIZE");
	must(pt(PTRACE_INTERRUPT, pid, 0, NULL), "PTRACE_INTERRUPT");
	must(waitpid(pid, &status, __WALL), "waitpid");
	filters = dump(pid, argv[2]);
	must(pt(PTRACE_DETACH, pid, 0, NULL), "PTRACE_DETACH");
	printf("%u\n", filters);
	return 0;
}
