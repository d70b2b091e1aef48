/* SPDX-License-Identifier: MIT */
/*
 * tool.c - shared by the helpers: messages, strict numbers, raw capability calls, the
 * names of system calls and limits, and an outer seccomp filter.
 */
#define _GNU_SOURCE
#include "tool.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "teach tool.c and tracer.c this architecture"
#endif

const char *tool_name = "tool";

const char *const limit_names[LIMITS] = {
	"cpu",	   "fsize", "data",  "stack",	   "core",     "rss",  "nproc",	 "nofile",
	"memlock", "as",    "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime",
};

void die(const char *format, ...)
{
	int error = errno;
	va_list ap;

	fprintf(stderr, "%s: ", tool_name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	if (error)
		fprintf(stderr, ": %s", strerror(error));
	fputc('\n', stderr);
	_exit(TOOL_FAILED);
}

uint64_t number(const char *text, int base)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, base);
	if (errno || end == text || *end || *text == '-' || *text == '+' ||
	    *text == ' ') {
		errno = 0;
		die("not a number: \"%s\"", text);
	}
	return value;
}

size_t numbers(const char *text, const char *separators, int base, uint64_t *ret,
	       size_t room)
{
	char *copy = strdup(text), *save;
	size_t n = 0;

	if (!copy)
		die("memory");
	for (char *w = strtok_r(copy, separators, &save); w;
	     w = strtok_r(NULL, separators, &save)) {
		if (n == room)
			die("too many in \"%s\"", text);
		ret[n++] = number(w, base);
	}
	free(copy);
	return n;
}

void must(long rc, const char *what)
{
	if (rc < 0)
		die("%s", what);
}

long prctl5(int op, unsigned long a, unsigned long b)
{
	return syscall(SYS_prctl, op, a, b, 0, 0);
}

int limit_number(const char *name, size_t length)
{
	for (int i = 0; i < LIMITS; i++)
		if (strlen(limit_names[i]) == length &&
		    !memcmp(limit_names[i], name, length))
			return i;
	return -1;
}

int caps_get(struct caps *ret)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	memset(data, 0xa5, sizeof(data));
	if (syscall(SYS_capget, &head, data))
		return -1;
	ret->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	ret->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	ret->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

int caps_set(const struct caps *caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)caps->effective, (uint32_t)caps->permitted,
		  (uint32_t)caps->inheritable },
		{ (uint32_t)(caps->effective >> 32), (uint32_t)(caps->permitted >> 32),
		  (uint32_t)(caps->inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &head, data);
}

#define C(name)                   \
	{                         \
#name, SYS_##name \
	}

static const struct {
	const char *name;
	long nr;
} calls[] = {
	C(brk),
	C(capget),
	C(capset),
	C(chdir),
	C(chroot),
	C(clock_gettime),
	C(clock_settime),
	C(clone),
	C(clone3),
	C(close),
	C(close_range),
	C(dup),
	C(dup3),
	C(execve),
	C(execveat),
	C(exit),
	C(exit_group),
	C(faccessat),
	C(faccessat2),
	C(fchdir),
	C(fcntl),
	C(fgetxattr),
	C(fstat),
	C(fstatfs),
	C(futex),
	C(getcwd),
	C(getdents64),
	C(getegid),
	C(geteuid),
	C(getgid),
	C(getgroups),
	C(getpgid),
	C(getpid),
	C(getppid),
	C(getrandom),
	C(getresgid),
	C(getresuid),
	C(getsid),
	C(gettid),
	C(getuid),
	C(getxattr),
	C(init_module),
	C(ioctl),
	C(kill),
	C(lgetxattr),
	C(lseek),
	C(madvise),
	C(mmap),
	C(mount),
	C(mprotect),
	C(mremap),
	C(munmap),
	C(newfstatat),
	C(openat),
	C(openat2),
	C(pipe2),
	C(ppoll),
	C(prctl),
	C(pread64),
	C(prlimit64),
	C(ptrace),
	C(read),
	C(readlinkat),
	C(readv),
	C(rseq),
	C(rt_sigaction),
	C(rt_sigpending),
	C(rt_sigprocmask),
	C(rt_sigreturn),
	C(rt_sigtimedwait),
	C(sched_getaffinity),
	C(sched_getscheduler),
	C(sched_setscheduler),
	C(sched_yield),
	C(seccomp),
	C(set_robust_list),
	C(set_tid_address),
	C(setgid),
	C(setgroups),
	C(setpgid),
	C(setregid),
	C(setresgid),
	C(setresuid),
	C(setreuid),
	C(setsid),
	C(settimeofday),
	C(setuid),
	C(socket),
	C(statfs),
	C(statx),
	C(tgkill),
	C(umask),
	C(uname),
	C(unshare),
	C(write),
	C(writev),
#ifdef SYS_getrlimit
	C(getrlimit),
	C(setrlimit),
#endif
#ifdef __x86_64__
	C(access),
	C(arch_prctl),
	C(dup2),
	C(fork),
	C(getpgrp),
	C(lstat),
	C(open),
	C(poll),
	C(readlink),
	C(stat),
	C(vfork),
#endif
};

const char *call_name(long nr)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	return NULL;
}

long call_number(const char *name)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].nr;
	return *name >= '0' && *name <= '9' ? (long)number(name, 10) : -1;
}

#define RULES 64
#define INSNS (RULES * 6 + 4)

static void emit(struct sock_filter *code, unsigned short *n, struct sock_filter insn)
{
	if (*n >= INSNS)
		die("the filter is too long");
	code[(*n)++] = insn;
}

static uint32_t arg_offset(int arg)
{
	return (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)arg * 8);
}

/* One rule; arguments are compared by their low half, as prctl's and ioctl's are ints. */
static void emit_rule(struct sock_filter *code, unsigned short *n, char *rule)
{
	char *save, *name, *value = strchr(rule, '=');
	long nr, args[2];
	int nargs = 0;

	if (!value)
		die("no errno in \"%s\"", rule);
	*value++ = 0;
	name = strtok_r(rule, ":", &save);
	nr = name ? call_number(name) : -1;
	if (nr < 0)
		die("no such call: \"%s\"", rule);
	for (char *a; nargs < 2 && (a = strtok_r(NULL, ":", &save)); nargs++)
		args[nargs] = (long)number(a, 10);
	emit(code, n,
	     (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
	emit(code, n,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0,
					  (unsigned char)(1 + 2 * nargs)));
	for (int i = 0; i < nargs; i++) {
		emit(code, n,
		     (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  arg_offset(i)));
		emit(code, n,
		     (struct sock_filter)BPF_JUMP(
			     BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)args[i], 0,
			     (unsigned char)(1 + 2 * (nargs - i - 1))));
	}
	emit(code, n,
	     (struct sock_filter)BPF_STMT(
		     BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)number(value, 10)));
}

int filter_load(const char *spec, unsigned int flags)
{
	static struct sock_filter code[INSNS];
	struct sock_fprog program = { 0, code };
	unsigned short n = 0;
	char *copy = strdup(spec), *save;

	if (!copy)
		die("memory");
	emit(code, &n,
	     (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, arch)));
	emit(code, &n,
	     (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
	emit(code, &n, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	for (char *r = strtok_r(copy, ",", &save); r; r = strtok_r(NULL, ",", &save))
		emit_rule(code, &n, r);
	emit(code, &n, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	free(copy);
	program.len = n;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) ? -1 : 0;
}
