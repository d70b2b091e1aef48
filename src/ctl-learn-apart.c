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

/* Those that are waited for: SIGCHLD, and what ends us, unless the caller ignores it as
 * nohup does. A blocked signal is kept even where it is ignored. That SIGCHLD is ignored
 * is undone, since it would leave nothing to wait for. */
static int block(sigset_t *ret_set, sigset_t *ret_before)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action;
	size_t i;

	sigemptyset(ret_set);
	sigaddset(ret_set, SIGCHLD);
	for (i = 0; i < CK_ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], NULL, &action) < 0)
			return -errno;
		if (action.sa_handler != SIG_IGN)
			sigaddset(ret_set, signals[i]);
	}
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, ret_set, ret_before) < 0)
		return -errno;
	return 0;
}

/* A signal of its own, which ends the runs and removes what they have made: SIGKILL would
 * not, and SIGTERM may be one that the caller ignores. */
static int become_worker(struct ck_learn *learn)
{
	sigaddset(&learn->signals, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &learn->signals, NULL) < 0 ||
	    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGUSR1, 0UL, 0UL, 0UL) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) < 0)
		return -errno;
	return getppid() == learn->self ? 0 : -ESRCH; /* it has gone before the call */
}

static int hand_on(pid_t worker, const sigset_t *set)
{
	int status, signal;

	for (;;) {
		signal = sigwaitinfo(set, NULL);
		if (signal > 0 && signal != SIGCHLD)
			(void)kill(worker, signal); /* it may be gone: then wait tells */
		else if (waitpid(worker, &status, WNOHANG) == worker)
			return status;
	}
}

int ck_learn_apart(struct ck_learn *learn, int *ret_status)
{
	int rc = block(&learn->signals, &learn->mask);
	pid_t worker;

	if (rc < 0)
		return rc;
	learn->self = getpid();
	worker = fork();
	if (worker < 0)
		return -errno;
	if (worker == 0)
		return become_worker(learn);
	*ret_status = hand_on(worker, &learn->signals);
	return 1;
}

/* ---- what it may do ---- */

static void __attribute__((noreturn)) be_seized(pid_t parent)
{
	int rc = prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);

	while (getppid() == parent) /* else it has gone before the call */
		(void)sleep(rc < 0 ? 1 : 1000);
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
	(void)kill(child, SIGKILL);
	do {
		if (waitpid(child, &status, __WALL) < 0)
			return -errno;
	} while (!WIFEXITED(status) && !WIFSIGNALED(status));
	return rc;
}
