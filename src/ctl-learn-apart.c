/* SPDX-License-Identifier: MIT */
/*
 * The runs are made by a process of their own, whose children are those of the runs and
 * no others: the caller may have had children before it became us (sh -c 'server & exec
 * capkeepctl learn ...'), and what is left of a run could not be told from them. The one
 * that the caller knows only hands on signals and waits.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl-learn.h"

/* Those that are waited for, and SIGCHLD. They may be ignored by the caller, which would
 * leave nothing to wait for: that of SIGCHLD is undone. */
static int block(sigset_t *ret_set, sigset_t *ret_before)
{
	static const int signals[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP };
	size_t i;

	sigemptyset(ret_set);
	for (i = 0; i < CK_ARRAY_SIZE(signals); i++)
		sigaddset(ret_set, signals[i]);
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, ret_set, ret_before) < 0)
		return -errno;
	return 0;
}

/* SIGTERM, not SIGKILL: it ends its runs and removes what it has made. */
static int become_worker(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0UL, 0UL, 0UL) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH; /* it has gone before the first call */
}

static int hand_on(pid_t worker, const sigset_t *set)
{
	int status, signal;

	for (;;) {
		signal = sigwaitinfo(set, NULL);
		if (signal > 0 && signal != SIGCHLD)
			kill(worker, signal);
		else if (waitpid(worker, &status, WNOHANG) == worker)
			return status;
	}
}

int ck_learn_apart(struct ck_learn *learn, int *ret_status)
{
	sigset_t set;
	int rc = block(&set, &learn->mask);
	pid_t worker;

	if (rc < 0)
		return rc;
	learn->self = getpid();
	worker = fork();
	if (worker < 0)
		return -errno;
	if (worker == 0)
		return become_worker(learn->self);
	*ret_status = hand_on(worker, &set);
	return 1;
}

/* ---- what it may do ---- */

static void __attribute__((noreturn)) be_seized(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
	while (getppid() == parent) /* else it has gone before the call */
		pause();
	_exit(CK_EXIT_REFUSED);
}

int ck_learn_may_trace(void)
{
	pid_t parent = getpid(), child = fork();
	int rc, status;

	if (child < 0)
		return -errno;
	if (child == 0)
		be_seized(parent);
	rc = ptrace(PTRACE_SEIZE, child, NULL, (void *)CK_WATCH_OPTIONS) < 0 ? -errno : 0;
	kill(child, SIGKILL);
	do {
		if (waitpid(child, &status, __WALL) < 0)
			return -errno;
	} while (!WIFEXITED(status) && !WIFSIGNALED(status));
	return rc;
}
