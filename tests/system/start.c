/* SPDX-License-Identifier: MIT */
/*
 * start.c - puts itself into a starting state, then execs: start [OP[=VALUE]]... --
 * COMMAND...
 *
 * The operations run in the order in which they are given, each by raw system calls, and
 * each must succeed: a state that could not be brought about is exit status 99, never a
 * quiet skip. The table at the end of this file says what there is.
 */
#define _GNU_SOURCE
#include "place.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *argv0; /* in place of the command's name */
static bool no_arguments; /* argc 0 */

/* ---- capabilities ---- */

static void change_caps(const char *value, size_t offset)
{
	struct caps caps;

	must(caps_get(&caps), "capget");
	*(uint64_t *)(void *)((char *)&caps + offset) = number(value, 16);
	must(caps_set(&caps), "capset");
}

static void op_permitted(const char *value)
{
	change_caps(value, offsetof(struct caps, permitted));
}

static void op_effective(const char *value)
{
	change_caps(value, offsetof(struct caps, effective));
}

static void op_inheritable(const char *value)
{
	change_caps(value, offsetof(struct caps, inheritable));
}

/* P:E:I in one call */
static void op_caps(const char *value)
{
	uint64_t set[3];
	struct caps caps;

	if (numbers(value, ":", 16, set, 3) != 3)
		die("caps=P:E:I");
	caps = (struct caps){ set[0], set[1], set[2] };
	must(caps_set(&caps), "capset");
}

static void op_bounding(const char *value)
{
	uint64_t keep = number(value, 16);

	for (unsigned int i = 0; i < 64; i++)
		if (!(keep >> i & 1) && prctl5(PR_CAPBSET_READ, i, 0) == 1)
			must(prctl5(PR_CAPBSET_DROP, i, 0), "PR_CAPBSET_DROP");
}

static void op_ambient(const char *value)
{
	uint64_t raise = number(value, 16);

	must(prctl5(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0),
	     "PR_CAP_AMBIENT_CLEAR_ALL");
	for (unsigned int i = 0; i < 64; i++)
		if (raise >> i & 1)
			must(prctl5(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i),
			     "PR_CAP_AMBIENT_RAISE");
}

static void op_securebits(const char *value)
{
	must(prctl5(PR_SET_SECUREBITS, number(value, 16), 0), "PR_SET_SECUREBITS");
}

static void op_keepcaps(const char *value)
{
	must(prctl5(PR_SET_KEEPCAPS, number(value, 10), 0), "PR_SET_KEEPCAPS");
}

static void op_nnp(const char *value)
{
	(void)value;
	must(prctl5(PR_SET_NO_NEW_PRIVS, 1, 0), "PR_SET_NO_NEW_PRIVS");
}

/* ---- ids
 * ---------------------------------------------------------------------------------------
 */

/* N, or R:E:S */
static void three(const char *value, unsigned int ret[3])
{
	uint64_t id[3];
	size_t n = numbers(value, ":", 10, id, 3);

	if (n != 1 && n != 3)
		die("one id or three: \"%s\"", value);
	for (size_t i = 0; i < 3; i++)
		ret[i] = (unsigned int)id[n == 1 ? 0 : i];
}

static void op_uid(const char *value)
{
	unsigned int id[3];

	three(value, id);
	must(syscall(SYS_setresuid, id[0], id[1], id[2]), "setresuid");
}

static void op_gid(const char *value)
{
	unsigned int id[3];

	three(value, id);
	must(syscall(SYS_setresgid, id[0], id[1], id[2]), "setresgid");
}

static void op_groups(const char *value)
{
	uint64_t list[64];
	gid_t groups[64];
	size_t n = strcmp(value, "none") ? numbers(value, ",", 10, list, 64) : 0;

	for (size_t i = 0; i < n; i++)
		groups[i] = (gid_t)list[i];
	must(syscall(SYS_setgroups, n, groups), "setgroups");
}

/* ---- signals ---- */

static uint64_t signal_mask(const char *value)
{
	uint64_t list[64], mask = 0;
	size_t n = numbers(value, ",", 10, list, 64);

	for (size_t i = 0; i < n; i++)
		mask |= UINT64_C(1) << (list[i] - 1);
	return mask;
}

static void op_block(const char *value)
{
	uint64_t mask = strcmp(value, "none") ? signal_mask(value) : 0;

	must(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8), "rt_sigprocmask");
}

static void op_ignore(const char *value)
{
	uint64_t mask = signal_mask(value);

	for (int i = 1; i <= 64; i++)
		if (mask >> (i - 1) & 1 && signal(i, SIG_IGN) == SIG_ERR)
			die("signal %d", i);
}

/* blocks and sends */
static void op_pending(const char *value)
{
	uint64_t mask = signal_mask(value);

	must(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL, 8), "rt_sigprocmask");
	for (int i = 1; i <= 64; i++)
		if (mask >> (i - 1) & 1)
			must(kill(getpid(), i), "kill");
}

static void op_pdeathsig(const char *value)
{
	must(prctl5(PR_SET_PDEATHSIG, number(value, 10), 0), "PR_SET_PDEATHSIG");
}

/* ---- descriptors and limits ---- */

static void op_close(const char *value)
{
	must(close((int)number(value, 10)), "close");
}

static void open_at(int fd, const char *path, int flags)
{
	int from = open(path, flags);

	if (from < 0)
		die("%s", path);
	if (from == fd)
		return;
	must(dup2(from, fd), "dup2");
	close(from);
}

/* What a test inherits from whoever runs the suite is no part of any case. */
static void op_reset(const char *value)
{
	/* The kernel's struct sigaction: libc keeps 32 and 33 for itself. */
	const uint64_t standard[4] = { 0 };
	uint64_t none = 0;

	(void)value;
	must(syscall(SYS_close_range, 3, ~0U, 0), "close_range");
	for (int i = 1; i <= 64; i++)
		if (i != SIGKILL && i != SIGSTOP)
			must(syscall(SYS_rt_sigaction, i, standard, NULL, 8),
			     "rt_sigaction");
	must(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8), "rt_sigprocmask");
	must(syscall(SYS_setgroups, 0, NULL), "setgroups");
	must(prctl5(PR_SET_PDEATHSIG, 0, 0), "PR_SET_PDEATHSIG");
	umask(022);
}

/* FD: /dev/null there; FD:PATH */
static void op_open(const char *value)
{
	const char *path = strchr(value, ':');
	char *copy = strndup(value, path ? (size_t)(path - value) : strlen(value));

	if (!copy)
		die("memory");
	open_at((int)number(copy, 10), path ? path + 1 : "/dev/null",
		path ? O_RDONLY : O_RDWR);
	free(copy);
}

static void op_cloexec(const char *value)
{
	must(fcntl((int)number(value, 10), F_SETFD, FD_CLOEXEC), "F_SETFD");
}

/* NAME:SOFT:HARD */
static void op_limit(const char *value)
{
	struct {
		uint64_t soft, hard;
	} limit;
	const char *colon = strchr(value, ':');
	uint64_t pair[2];
	int resource = colon ? limit_number(value, (size_t)(colon - value)) : -1;

	if (resource < 0 || numbers(colon, ":", 10, pair, 2) != 2)
		die("limit=NAME:SOFT:HARD");
	limit.soft = pair[0];
	limit.hard = pair[1];
	must(syscall(SYS_prlimit64, 0, resource, &limit, NULL), "prlimit64");
}

/* ---- the command line ---- */

static void op_argv0(const char *value)
{
	argv0 = value;
}

static void op_argc0(const char *value)
{
	(void)value;
	no_arguments = true;
}

static void op_env(const char *value)
{
	must(putenv(strdup(value)), "putenv");
}

static void op_clearenv(const char *value)
{
	(void)value;
	must(clearenv(), "clearenv");
}

/* LISTEN_PID follows the process */
static void op_listen(const char *value)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	must(setenv("LISTEN_FDS", value, 1), "setenv");
	must(setenv("LISTEN_PID", pid, 1), "setenv");
}

/* ---- the table ---- */

static const struct {
	const char *name;
	void (*run)(const char *value);
	const char *help;
} ops[] = {
	{ "ambient", op_ambient,
	  "HEX: exactly these, of what is permitted and inheritable" },
	{ "argc0", op_argc0, "an empty argument vector, argc 0" },
	{ "argv0", op_argv0, "TEXT in place of the command's name; may be empty" },
	{ "arm", op_arm, "keep privileges in a thread for filter=, the last operation" },
	{ "block", op_block, "SIGNALS blocked, no others; or none" },
	{ "bounding", op_bounding, "HEX: drop everything else" },
	{ "caps", op_caps, "P:E:I in hex" },
	{ "chdir", op_chdir, "DIR" },
	{ "chroot", op_chroot, "DIR" },
	{ "clearenv", op_clearenv, "an empty environment" },
	{ "cloexec", op_cloexec, "FD" },
	{ "close", op_close, "FD" },
	{ "effective", op_effective, "HEX" },
	{ "env", op_env, "NAME=VALUE" },
	{ "estrange", op_estrange, "lead a group in a session that the parent has left" },
	{ "filter", op_filter, "CALL[:ARG0[:ARG1]]=ERRNO,...: an outer seccomp filter" },
	{ "foreground", op_foreground, "take the terminal" },
	{ "fork", op_fork, "go on in a child" },
	{ "gid", op_gid, "N or R:E:S" },
	{ "groups", op_groups, "LIST or none" },
	{ "ignore", op_ignore, "SIGNALS" },
	{ "inheritable", op_inheritable, "HEX" },
	{ "keepcaps", op_keepcaps, "0 or 1" },
	{ "limit", op_limit, "NAME:SOFT:HARD" },
	{ "listen", op_listen, "N: LISTEN_FDS, and LISTEN_PID of this process" },
	{ "nnp", op_nnp, "no_new_privs" },
	{ "open", op_open, "FD[:PATH]" },
	{ "pdeathsig", op_pdeathsig, "SIGNAL" },
	{ "pending", op_pending, "SIGNALS blocked and sent" },
	{ "permitted", op_permitted, "HEX" },
	{ "pgrp", op_pgrp, "lead a process group" },
	{ "pty", op_pty, "lead a session with a terminal; pty=in: and have it as input" },
	{ "reset", op_reset,
	  "default signals, no groups, nothing open above 2, umask 022" },
	{ "securebits", op_securebits, "HEX" },
	{ "setsid", op_setsid, "lead a session without a terminal" },
	{ "uid", op_uid, "N or R:E:S" },
	{ "umask", op_umask, "OCTAL" },
	{ "userns", op_userns, "INSIDE OUTSIDE COUNT: a user namespace with this map" },
	{ "userns-deny", op_userns_deny, "the same with setgroups denied" },
	{ "userns-unmapped", op_userns_unmapped, "without any map" },
};

static void usage(void)
{
	puts("usage: start [OPERATION[=VALUE]]... -- COMMAND [ARGUMENT]...");
	for (size_t i = 0; i < COUNT(ops); i++)
		printf("  %-16s %s\n", ops[i].name, ops[i].help);
}

static void operate(const char *word)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);

	errno = 0;
	for (size_t i = 0; i < COUNT(ops); i++) {
		if (strlen(ops[i].name) == length && !memcmp(ops[i].name, word, length)) {
			ops[i].run(equals ? equals + 1 : "");
			return;
		}
	}
	die("no such operation: %s", word);
}

int main(int argc, char **argv)
{
	static char *none[] = { NULL };
	char **command, *path;
	int i;

	tool_name = "start";
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		operate(argv[i]);
	if (i + 1 >= argc) {
		usage();
		return TOOL_FAILED;
	}
	command = argv + i + 1;
	path = command[0];
	if (argv0)
		command[0] = strdup(argv0);
	execve(path, no_arguments ? none : command, environ);
	die("%s", path);
}
