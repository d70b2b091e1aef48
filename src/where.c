/* SPDX-License-Identifier: MIT */
/* The steps that give the workload its place: session and working directory, each with
 * proof. */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "steps.h"

/* Those of ours that are pending now. */
static int pending(const sigset_t *ours, sigset_t *ret)
{
	sigset_t all;

	sigemptyset(&all);
	if (sigpending(&all) < 0)
		return -errno;
	*ret = *ours;
	if (!sigismember(&all, SIGHUP))
		sigdelset(ret, SIGHUP);
	if (!sigismember(&all, SIGCONT))
		sigdelset(ret, SIGCONT);
	return 0;
}

static bool has_any(const sigset_t *set)
{
	return sigismember(set, SIGHUP) || sigismember(set, SIGCONT);
}

/* Takes back the signals of ours that came since before; one that was pending stays. */
static int consume(const sigset_t *ours, const sigset_t *before)
{
	static const struct timespec now;
	sigset_t news = *ours, left;

	if (sigismember(before, SIGHUP))
		sigdelset(&news, SIGHUP);
	if (sigismember(before, SIGCONT))
		sigdelset(&news, SIGCONT);
	while (has_any(&news) && sigtimedwait(&news, NULL, &now) > 0)
		continue;
	return pending(&news, &left) < 0 || has_any(&left) ? -EPROTO : 0;
}

/* Blocks ours and looks whether that is so; what was pending before is in *ret_before. */
static int hold(const sigset_t *ours, sigset_t *ret_mask, sigset_t *ret_before)
{
	sigset_t now;

	sigemptyset(&now);
	if (ck_signal_mask(SIG_BLOCK, ours, ret_mask) < 0 ||
	    ck_signal_mask(SIG_BLOCK, NULL, &now) < 0)
		return -EPROTO;
	if (!sigismember(&now, SIGHUP) || !sigismember(&now, SIGCONT))
		return -EPROTO;
	return pending(ours, ret_before);
}

/*
 * Giving up the terminal sends SIGHUP and SIGCONT to its foreground group, which may be
 * ours. While one of them could still arrive the mask stays as it is, and nothing starts.
 */
static long give_up_terminal(const struct ck_sys *sys)
{
	sigset_t ours, mask, before;
	long fd, rc;

	fd = ck_terminal_open(sys);
	if (fd < 0)
		return fd;
	sigemptyset(&ours);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGCONT);
	rc = hold(&ours, &mask, &before);
	if (rc == 0)
		rc = sys->call(SYS_ioctl, fd, TIOCNOTTY, 0, 0, 0);
	if (rc == 0)
		rc = consume(&ours, &before);
	if (rc == 0)
		rc = ck_signal_mask(SIG_SETMASK, &mask, NULL);
	sys->call(SYS_close, fd, 0, 0, 0, 0);
	return rc;
}

/* setsid(2) is refused to a group leader, which goes to its parent's group before. */
static long begin_session(const struct ck_plan *plan, const struct ck_sys *sys,
			  struct ck_progress *progress)
{
	const struct ck_surroundings *around = &plan->around;
	long rc;

	if (around->process_group == around->pid) {
		progress->call = "setpgid";
		rc = sys->call(SYS_setpgid, 0, around->parent_group, 0, 0, 0);
		if (rc != 0)
			return rc;
	}
	progress->call = "setsid";
	rc = sys->call(SYS_setsid, 0, 0, 0, 0, 0);
	if (rc < 0)
		return rc;
	progress->call = "getsid";
	return sys->call(SYS_getsid, 0, 0, 0, 0, 0) == around->pid ? 0 : -EPROTO;
}

int ck_run_session(const struct ck_plan *plan, const struct ck_sys *sys,
		   struct ck_progress *progress)
{
	struct ck_surroundings after;
	const char *what;
	long rc;

	if (plan->around.session != plan->around.pid)
		return (int)begin_session(plan, sys, progress);
	progress->call = "ioctl(TIOCNOTTY)";
	rc = give_up_terminal(sys);
	if (rc != 0)
		return rc < 0 ? (int)rc : -EPROTO;
	rc = ck_surroundings_read(sys, true, 0, &what, &after);
	return rc < 0 ? (int)rc : after.terminal || after.terminal_unknown ? -EPROTO : 0;
}

/* Device and inode of path, in *st; 0 or -errno. */
static int identify(const struct ck_sys *sys, const char *path, struct statx *st)
{
	long rc;

	memset(st, 0xa5, sizeof(*st));
	rc = sys->call(SYS_statx, AT_FDCWD, (long)path, 0, STATX_INO, (long)st);
	if (rc != 0)
		return rc < 0 ? (int)rc : -EPROTO;
	return st->stx_mask & STATX_INO && !(st->stx_mask & STATX__RESERVED) ? 0 :
									       -EPROTO;
}

int ck_run_working_directory(const struct ck_plan *plan, const struct ck_sys *sys,
			     struct ck_progress *progress)
{
	const char *path = plan->profile->working_directory;
	struct statx wanted, found;
	long rc;

	progress->call = "chdir";
	rc = sys->call(SYS_chdir, (long)path, 0, 0, 0, 0);
	if (rc != 0)
		return rc < 0 ? (int)rc : -EPROTO;
	progress->call = "statx";
	rc = identify(sys, path, &wanted);
	if (rc == 0)
		rc = identify(sys, ".", &found);
	if (rc < 0)
		return (int)rc;
	return wanted.stx_ino == found.stx_ino &&
			       wanted.stx_dev_major == found.stx_dev_major &&
			       wanted.stx_dev_minor == found.stx_dev_minor ?
		       0 :
		       -EPROTO;
}
