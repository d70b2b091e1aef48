/* SPDX-License-Identifier: MIT */
/*
 * place.c - operations of start: processes, terminals, directories, user namespaces, and
 * an outer seccomp filter.
 */
#define _GNU_SOURCE
#include "place.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int arm_state; /* 0: nobody, 1: waiting, 2: to load, 3: loaded, 4: failed */
static const char *arm_spec;

/* ---- processes and terminals ---- */

/* Waits for child and ends as it did. */
static _Noreturn void follow(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	if (WIFSIGNALED(status))
		_exit(128 + WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

/* Goes on in a child: neither session nor group leader. */
void op_fork(const char *value)
{
	pid_t child = fork();

	(void)value;
	must(child, "fork");
	if (child)
		follow(child);
	atomic_store(&arm_state, 0); /* threads do not come along */
}

void op_setsid(const char *value)
{
	(void)value;
	if (getpgrp() == getpid())
		op_fork(NULL);
	must(setsid(), "setsid");
}

void op_pgrp(const char *value)
{
	(void)value;
	must(setpgid(0, 0), "setpgid");
}

/* Goes on in a child that leads a group, while the parent has left the session. */
void op_estrange(const char *value)
{
	int left[2];
	pid_t child;
	char c = 0;

	(void)value;
	must(pipe2(left, O_CLOEXEC), "pipe2");
	child = fork();
	must(child, "fork");
	if (child) {
		must(setsid(), "setsid");
		must(write(left[1], &c, 1), "pipe");
		follow(child);
	}
	must(setpgid(0, 0), "setpgid");
	if (read(left[0], &c, 1) != 1)
		die("the parent is gone");
}

/* Goes on in a child that leads a session with a new terminal, the master held open by
 * the parent. in: the terminal becomes descriptor 0 as well. */
void op_pty(const char *value)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), slave, zero = 0;
	char path[32];
	unsigned int n;

	must(master, "/dev/ptmx");
	must(ioctl(master, TIOCSPTLCK, &zero), "TIOCSPTLCK");
	must(ioctl(master, TIOCGPTN, &n), "TIOCGPTN");
	snprintf(path, sizeof(path), "/dev/pts/%u", n);
	op_fork(NULL);
	must(setsid(), "setsid");
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	must(slave, path);
	must(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
	if (*value)
		must(dup2(slave, 0), "dup2");
	close(master);
}

/* Makes this process' group the foreground one of its terminal. */
void op_foreground(const char *value)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC), group = getpgrp();

	(void)value;
	must(tty, "/dev/tty");
	signal(SIGTTOU, SIG_IGN);
	must(ioctl(tty, TIOCSPGRP, &group), "TIOCSPGRP");
	signal(SIGTTOU, SIG_DFL);
	close(tty);
}

/* ---- namespaces and places ---- */

void op_chdir(const char *value)
{
	must(chdir(value), value);
}

void op_chroot(const char *value)
{
	must(chroot(value), value);
	must(chdir("/"), "/");
}

void op_umask(const char *value)
{
	umask((mode_t)number(value, 8));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("%s", path);
	close(fd);
}

static void write_maps(const char *map, const char *setgroups, pid_t pid)
{
	char path[64];

	if (setgroups) {
		snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)pid);
		write_file(path, setgroups);
	}
	snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)pid);
	write_file(path, map);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	write_file(path, map);
}

/* A user namespace with "INSIDE OUTSIDE COUNT" as both maps, written from outside. */
static void user_namespace(const char *map, const char *setgroups)
{
	int ready[2], mapped[2];
	pid_t child;
	char c = 0;

	must(prctl(PR_SET_DUMPABLE, 1),
	     "PR_SET_DUMPABLE"); /* else its files in /proc are root's */
	must(pipe2(ready, O_CLOEXEC), "pipe2");
	must(pipe2(mapped, O_CLOEXEC), "pipe2");
	child = fork();
	must(child, "fork");
	if (child) {
		if (read(ready[0], &c, 1) != 1)
			die("the child is gone");
		if (map)
			write_maps(map, setgroups, child);
		must(write(mapped[1], &c, 1), "pipe");
		follow(child);
	}
	must(unshare(CLONE_NEWUSER), "CLONE_NEWUSER");
	must(write(ready[1], &c, 1), "pipe");
	if (read(mapped[0], &c, 1) != 1)
		die("the parent is gone");
}

void op_userns(const char *value)
{
	user_namespace(value, NULL);
}

void op_userns_deny(const char *value)
{
	user_namespace(value, "deny");
}

void op_userns_unmapped(const char *value)
{
	(void)value;
	user_namespace(NULL, NULL);
}

/* ---- an outer seccomp filter ---- */

static void *arm_wait(void *unused)
{
	(void)unused;
	while (atomic_load(&arm_state) != 2)
		;
	atomic_store(&arm_state,
		     filter_load(arm_spec, SECCOMP_FILTER_FLAG_TSYNC) ? 4 : 3);
	for (;;)
		;
	return NULL;
}

/* From here a thread keeps today's privileges, to load the filter after they are gone: as
 * a container runtime does it, whose filter does not have to let its own calls through.
 */
void op_arm(const char *value)
{
	pthread_t thread;

	(void)value;
	atomic_store(&arm_state, 1);
	if (pthread_create(&thread, NULL, arm_wait, NULL))
		die("pthread_create");
}

void op_filter(const char *value)
{
	if (!atomic_load(&arm_state)) {
		must(filter_load(value, 0), "seccomp");
		return;
	}
	arm_spec = value;
	atomic_store(&arm_state, 2);
	while (atomic_load(&arm_state) == 2)
		;
	if (atomic_load(&arm_state) == 4)
		die("seccomp");
}
