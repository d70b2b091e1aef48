/* SPDX-License-Identifier: MIT */
/*
 * hostile.c - a workload that tries to get privileges back: hostile ATTACK [ARGUMENT].
 *
 * Prints "ATTACK: gained HOW" and exits 0, or "ATTACK: blocked WHERE" and exits 1.
 * Whether something was gained is asked of the kernel after the attack: the prize is
 * CAP_NET_ADMIN in the effective set, uid 0 for who was not root, or what the attack was
 * about.
 */
#define _GNU_SOURCE
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PRIZE CAP_NET_ADMIN

static const char *attack;

static int gained(const char *how)
{
	printf("%s: gained %s\n", attack, how);
	return 0;
}

static int blocked(const char *where)
{
	printf("%s: blocked %s: %s\n", attack, where, strerror(errno));
	return 1;
}

static bool has_prize(void)
{
	struct caps caps;

	must(caps_get(&caps), "capget");
	return caps.effective >> PRIZE & 1;
}

static int report(const char *where)
{
	if (has_prize())
		return gained("CAP_NET_ADMIN");
	return blocked(where);
}

/* ---- in this process ---- */

static int try_setuid0(const char *unused)
{
	uid_t was = geteuid(), r = 1, e = 1, s = 1;

	(void)unused;
	errno = 0;
	(void)!syscall(SYS_setuid, 0);
	(void)!syscall(SYS_setreuid, -1, 0);
	(void)!syscall(SYS_setresuid, 0, 0, 0);
	must(syscall(SYS_getresuid, &r, &e, &s), "getresuid");
	if (was && (!r || !e || !s))
		return gained("uid 0");
	return report("setuid(0)");
}

static int try_setgroups(const char *unused)
{
	gid_t groups[] = { 0, 4, 6, 42 };

	(void)unused;
	if (!syscall(SYS_setgroups, COUNT(groups), groups))
		return gained("groups");
	if (!syscall(SYS_setresgid, 42, 42, 42))
		return gained("gid 42");
	return blocked("setgroups and setresgid");
}

/* Every way to ask, for all and for the prize alone. */
static int try_capset(const char *unused)
{
	struct caps now, wish;

	(void)unused;
	must(caps_get(&now), "capget");
	wish = (struct caps){ UINT64_MAX >> 23, UINT64_MAX >> 23, UINT64_MAX >> 23 };
	(void)!caps_set(&wish);
	wish = (struct caps){ now.permitted | 1 << PRIZE, now.effective | 1 << PRIZE,
			      now.inheritable };
	(void)!caps_set(&wish);
	wish = (struct caps){ now.permitted, now.effective,
			      now.inheritable | 1 << PRIZE };
	if (!caps_set(&wish) && !(now.inheritable >> PRIZE & 1))
		return gained("an inheritable capability");
	return report("capset");
}

static int try_ambient(const char *unused)
{
	struct caps caps;

	(void)unused;
	must(caps_get(&caps), "capget");
	caps.inheritable |= 1 << PRIZE;
	(void)!caps_set(&caps);
	(void)!prctl5(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, PRIZE);
	if (prctl5(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, PRIZE) == 1)
		return gained("an ambient capability");
	return blocked("PR_CAP_AMBIENT_RAISE");
}

static int try_securebits(const char *unused)
{
	long now = prctl5(PR_GET_SECUREBITS, 0, 0);

	(void)unused;
	must(now, "PR_GET_SECUREBITS");
	if (!prctl5(PR_SET_SECUREBITS, (unsigned long)now ^ 5,
		    0)) /* noroot, no-setuid-fixup */
		return gained("other securebits");
	return blocked("PR_SET_SECUREBITS");
}

static int try_nnp(const char *unused)
{
	(void)unused;
	(void)!prctl5(PR_SET_NO_NEW_PRIVS, 0, 0);
	if (prctl5(PR_GET_NO_NEW_PRIVS, 0, 0) == 0)
		return gained("no no_new_privs");
	return blocked("PR_SET_NO_NEW_PRIVS");
}

/* ---- by another program ---- */

/* PATH is a copy of this program that somebody made set-user-ID or gave file
 * capabilities; as "look" it says what it has got. */
static int try_exec(const char *path)
{
	int status;
	pid_t child = fork();

	must(child, "fork");
	if (!child) {
		execl(path, path, "look", NULL);
		_exit(TOOL_FAILED);
	}
	must(waitpid(child, &status, 0), "waitpid");
	errno = EPERM;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return blocked("execve");
	return WEXITSTATUS(status) ? blocked("what execve gives") : gained("by execve");
}

/* For try_exec: 0 where there is something to gain. */
static int try_look(const char *unused)
{
	struct caps caps;

	(void)unused;
	must(caps_get(&caps), "capget");
	return (getuid() && !geteuid()) || caps.permitted >> PRIZE & 1 ? 0 : 1;
}

static int try_ptrace(const char *pid)
{
	pid_t target = (pid_t)number(pid, 10);
	int status;

	if (ptrace(PTRACE_ATTACH, target, NULL, NULL) < 0)
		return blocked("PTRACE_ATTACH");
	waitpid(target, &status, __WALL);
	ptrace(PTRACE_DETACH, target, NULL, NULL);
	return gained("control of another process");
}

static int try_pidfd(const char *pid)
{
	long fd = syscall(SYS_pidfd_open, number(pid, 10), 0);

	must(fd, "pidfd_open");
	if (syscall(SYS_pidfd_getfd, fd, 0, 0) < 0)
		return blocked("pidfd_getfd");
	return gained("a descriptor of another process");
}

static int try_memory(const char *pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return blocked("/proc/PID/mem");
	close(fd);
	return gained("the memory of another process");
}

/* ---- the terminal ---- */

/* Descriptor 0 is a terminal; try to type into it, as it is or by the controlling
 * terminal. */
static int try_tiocsti(const char *unused)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	(void)unused;
	if (!isatty(0))
		die("descriptor 0 is no terminal");
	if (tty >= 0 && !ioctl(tty, TIOCSTI, "x"))
		return gained("input by /dev/tty");
	if (!ioctl(0, TIOCSTI, "x"))
		return gained("input by descriptor 0");
	(void)!ioctl(0, TIOCSCTTY, 0);
	(void)!ioctl(0, TIOCSCTTY, 1);
	if (!ioctl(0, TIOCSTI, "x"))
		return gained("input after TIOCSCTTY");
	return blocked("TIOCSTI");
}

/* Is there more to use than 0 to 2? */
static int try_descriptors(const char *unused)
{
	(void)unused;
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return gained("an open descriptor");
	return blocked("F_GETFD");
}

static const struct {
	const char *name;
	int (*run)(const char *argument);
} attacks[] = {
	{ "setuid0", try_setuid0 },
	{ "setgroups", try_setgroups },
	{ "capset", try_capset },
	{ "ambient", try_ambient },
	{ "securebits", try_securebits },
	{ "nnp", try_nnp },
	{ "exec", try_exec },
	{ "look", try_look },
	{ "ptrace", try_ptrace },
	{ "pidfd", try_pidfd },
	{ "memory", try_memory },
	{ "tiocsti", try_tiocsti },
	{ "descriptors", try_descriptors },
};

int main(int argc, char **argv)
{
	tool_name = "hostile";
	attack = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < COUNT(attacks); i++) {
		if (strcmp(attacks[i].name, attack) != 0)
			continue;
		setvbuf(stdout, NULL, _IOLBF, 0);
		return attacks[i].run(argc > 2 ? argv[2] : NULL);
	}
	die("usage: hostile ATTACK [ARGUMENT]");
}
