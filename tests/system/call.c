/* SPDX-License-Identifier: MIT */
/*
 * call.c - makes system calls and prints what each answered: "NAME=VALUE" or "NAME=ERRNO"
 * with an E before the number.
 *
 *   call [ABI/]NAME[:ARG...]...
 *
 * ABI: i386 or x32, for the other two ways into an x86_64 kernel; the name is then a
 * number. Arguments are numbers as strtoull(3) has them. Uses nothing but write(2) and
 * exit_group(2) around them.
 */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define X32_BIT 0x40000000L
#define ARGS 6

static long call_i386(long nr, const unsigned long *arg)
{
#if defined(__x86_64__)
	long rc;

	/* The upper halves are not the kernel's business on this way. */
	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(nr), "b"(arg[0]), "c"(arg[1]), "d"(arg[2]), "S"(arg[3]),
			   "D"(arg[4])
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)rc;
#else
	(void)nr;
	(void)arg;
	die("i386 is for x86_64");
#endif
}

static long make_call(const char *abi, long nr, const unsigned long *arg)
{
	long rc;

	if (abi && !strcmp(abi, "i386"))
		return call_i386(nr, arg);
	if (abi)
		nr |= X32_BIT;
	rc = syscall(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	return rc < 0 ? -errno : rc;
}

static void say(const char *name, long rc)
{
	char text[128];
	int length = snprintf(text, sizeof(text), rc < 0 ? "%s=E%ld\n" : "%s=%ld\n", name,
			      rc < 0 ? -rc : rc);

	if (write(STDOUT_FILENO, text, (size_t)length) != length)
		_exit(TOOL_FAILED);
}

static void run(char *spec)
{
	unsigned long arg[ARGS] = { 0 };
	char *slash = strchr(spec, '/'), *abi = slash ? spec : NULL, *cursor;
	const char *name;
	long nr;
	int i;

	if (slash)
		*slash++ = '\0';
	name = cursor = slash ? slash : spec;
	cursor = strchr(cursor, ':');
	if (cursor)
		*cursor++ = '\0';
	for (i = 0; cursor && i < ARGS; i++) {
		arg[i] = strtoull(cursor, &cursor, 0);
		cursor = *cursor == ':' ? cursor + 1 : NULL;
	}
	nr = name[0] >= '0' && name[0] <= '9' ? strtol(name, NULL, 0) : call_number(name);
	if (nr < 0)
		die("there is no call %s", name);
	say(name, make_call(abi, nr, arg));
}

int main(int argc, char **argv)
{
	int i;

	tool_name = "call";
	for (i = 1; i < argc; i++)
		run(argv[i]);
	syscall(SYS_exit_group, 0);
	return 1;
}
