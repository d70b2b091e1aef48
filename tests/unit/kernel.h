/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - a model of what the kernel keeps for a process and of its rules for changing
 * that, as far as the launcher can tell. A plain value: a copy is another process. The
 * test `model` compares it with the real kernel, call by call.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "unit.h"

#define KERNEL_GROUPS 8
#define KERNEL_FDS 32

struct kernel {
	uint64_t known;
	struct ck_sets sets;
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	gid_t groups[KERNEL_GROUPS]; /* sorted, as the kernel keeps them */
	size_t ngroups;
	unsigned int securebits;
	bool no_new_privs;
	bool no_ambient;  /* Linux before 4.3 */
	bool deny_groups; /* setgroups = deny of a user namespace */
	struct rlimit limits[CK_LIMITS];
	int death_signal;
	uint64_t blocked; /* bit N-1 is signal N */
	mode_t umask;
	const char *directory;
	pid_t pid, parent, session, group, parent_group;
	bool terminal;		/* of the session */
	bool tty_hidden;	/* there is no /dev/tty to open */
	uint32_t open, cloexec; /* descriptors */
	bool no_seccomp;	/* Linux before 3.17 */
	bool no_actions;	/* Linux before 4.14 */
	bool no_log;		/* no SECCOMP_RET_LOG */
	bool no_kill;		/* no SECCOMP_RET_KILL_PROCESS */
	unsigned int flags;	/* of seccomp(2) that it knows */
	bool undumpable;
	bool helper;		      /* a second thread waits */
	uint64_t helper_caps;	      /* that it has */
	const struct ck_insn *filter; /* the newest; NULL: none */
	size_t filter_count;
	unsigned int filters, filter_flags;
	const char *executed; /* what execve was given; NULL: not reached */
	char *const *argv, *const *envp;
};

/* Root with everything that the model's kernel has, 0..40. */
void kernel_init(struct kernel *kernel);
/* The raw system call nr: its value or -errno. execve is recorded, with -ECANCELED. */
long kernel_call(struct kernel *k, long nr, long a, long b, long c, long d, long e);
/* The part of kernel_call() that is not about credentials. */
long kernel_process_call(struct kernel *k, long nr, long a, long b, long c, long d,
			 long e);
/* A thread that keeps SYS_ADMIN, and what it does when it is asked; see kernel-filter.c.
 */
int kernel_loader_start(struct kernel *k);
long kernel_loader_load(struct kernel *k, unsigned int flags,
			const struct ck_program *program);
/* seccomp(2), and prctl(2) of it. */
long kernel_seccomp(struct kernel *k, long operation, unsigned int flags,
		    const void *program);
/* Does the newest filter answer this call? */
bool kernel_filtered(const struct kernel *k, long nr, const long args[5], long *ret);
/* NULL where equal, else the name of what differs. */
const char *kernel_differs(const struct kernel *a, const struct kernel *b);

#endif
