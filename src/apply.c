/* SPDX-License-Identifier: MIT */
/*
 * The functions behind the steps. Each does one thing, through the table of the kernel,
 * and touches only what differs. Nothing here allocates, parses or prints. A change that
 * can be read back is read back in verify.c; one that cannot is made twice here, between
 * two questions that the kernel must refuse, so that neither a filter around us nor a
 * single false answer goes unnoticed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "steps.h"

#ifdef SYS_setresuid32
#define CALL_SETRESUID SYS_setresuid32
#define CALL_SETRESGID SYS_setresgid32
#define CALL_SETGROUPS SYS_setgroups32
#else
#define CALL_SETRESUID SYS_setresuid
#define CALL_SETRESGID SYS_setresgid
#define CALL_SETGROUPS SYS_setgroups
#endif

static long call(const struct ck_sys *sys, struct ck_progress *progress, const char *name,
		 long nr, long a, long b, long c)
{
	progress->call = name;
	return sys->call(nr, a, b, c, 0, 0);
}

/* For calls that answer 0 or an error. */
static int done(long rc)
{
	return rc > 0 ? -EPROTO : (int)rc;
}

int ck_run_no_new_privs(const struct ck_plan *plan, const struct ck_sys *sys,
			struct ck_progress *progress)
{
	(void)plan;
	return done(call(sys, progress, "prctl(PR_SET_NO_NEW_PRIVS)", SYS_prctl,
			 PR_SET_NO_NEW_PRIVS, 1, 0));
}

int ck_run_effective(const struct ck_plan *plan, const struct ck_sys *sys,
		     struct ck_progress *progress)
{
	const struct ck_sets *sets = &plan->before.sets;

	progress->call = "capset";
	return sys->set(sets->permitted, sets->permitted, sets->inheritable);
}

int ck_run_limits(const struct ck_plan *plan, const struct ck_sys *sys,
		  struct ck_progress *progress)
{
	int i;
	long rc;

	progress->call = "prlimit";
	for (i = 0; i < CK_LIMITS; i++) {
		if (!memcmp(&plan->limits[i], &plan->around.limits[i],
			    sizeof(plan->limits[i])))
			continue;
		rc = sys->call(SYS_prlimit64, 0, i, (long)&plan->limits[i], 0, 0);
		if (rc != 0)
			return done(rc);
	}
	return 0;
}

int ck_run_umask(const struct ck_plan *plan, const struct ck_sys *sys,
		 struct ck_progress *progress)
{
	long mask = plan->profile->umask, other = 0777 & ~mask, rc;

	/* umask(2) cannot fail, and answers the mask before: each call proves the one
	 * before it. */
	rc = call(sys, progress, "umask", SYS_umask, other, 0, 0);
	if (rc < 0)
		return (int)rc;
	rc = call(sys, progress, "umask", SYS_umask, mask, 0, 0);
	if (rc == other)
		rc = call(sys, progress, "umask", SYS_umask, mask, 0, 0);
	else
		rc = rc < 0 ? rc : -EPROTO;
	if (rc < 0)
		return (int)rc;
	return rc == mask ? 0 : -EPROTO;
}

int ck_run_ambient_clear(const struct ck_plan *plan, const struct ck_sys *sys,
			 struct ck_progress *progress)
{
	uint64_t extra = plan->before.sets.ambient & ~plan->after.sets.ambient;
	unsigned int cap;
	long rc;

	progress->call = "prctl(PR_CAP_AMBIENT)";
	if (!(plan->before.sets.ambient & plan->after.sets.ambient))
		return sys->ambient(0);
	/* libcap-ng would clear all and raise again, which NO_CAP_AMBIENT_RAISE may
	 * forbid. */
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (!(extra & CK_CAP(cap)))
			continue;
		rc = sys->call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, (long)cap,
			       0, 0);
		if (rc != 0)
			return done(rc);
	}
	return 0;
}

/* Drops by number what is left of extra. */
static int drop_left(const struct ck_sys *sys, struct ck_progress *progress,
		     uint64_t extra)
{
	unsigned int cap;
	long rc;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (!(extra & CK_CAP(cap)))
			continue;
		rc = call(sys, progress, "prctl(PR_CAPBSET_READ)", SYS_prctl,
			  PR_CAPBSET_READ, (long)cap, 0);
		if (rc > 0)
			rc = done(call(sys, progress, "prctl(PR_CAPBSET_DROP)", SYS_prctl,
				       PR_CAPBSET_DROP, (long)cap, 0));
		if (rc < 0)
			return (int)rc;
	}
	return 0;
}

int ck_run_bounding(const struct ck_plan *plan, const struct ck_sys *sys,
		    struct ck_progress *progress)
{
	uint64_t extra = plan->before.sets.bounding & ~plan->after.sets.bounding;
	uint64_t last = CK_CAP(63 - __builtin_clzll(extra));
	int rc = sys->bound(plan->after.sets.bounding);

	/* Some builds of libcap-ng report success after failing to drop, and none drops
	 * what lies above the last number that it knows. Where it did all of it, the last
	 * is gone; 'verify' looks at each. */
	if (rc == 0)
		rc = call(sys, progress, "prctl(PR_CAPBSET_READ)", SYS_prctl,
			  PR_CAPBSET_READ, (long)__builtin_ctzll(last), 0) != 0;
	return rc == 0 ? 0 : drop_left(sys, progress, extra);
}

int ck_run_groups(const struct ck_plan *plan, const struct ck_sys *sys,
		  struct ck_progress *progress)
{
	return done(call(sys, progress, "setgroups", CALL_SETGROUPS,
			 (long)plan->after.ngroups, (long)plan->after.groups, 0));
}

int ck_run_gid(const struct ck_plan *plan, const struct ck_sys *sys,
	       struct ck_progress *progress)
{
	long gid = plan->after.rgid;
	long rc = call(sys, progress, "setresgid", CALL_SETRESGID, gid, gid, gid);

	return rc != 0 ? done(rc) : ck_memory_close(plan, sys, progress);
}

int ck_run_uid(const struct ck_plan *plan, const struct ck_sys *sys,
	       struct ck_progress *progress)
{
	long uid = plan->after.ruid, rc = 0;

	if (plan->keepcaps)
		rc = call(sys, progress, "prctl(PR_SET_KEEPCAPS)", SYS_prctl,
			  PR_SET_KEEPCAPS, 1, 0);
	if (rc == 0)
		rc = call(sys, progress, "setresuid", CALL_SETRESUID, uid, uid, uid);
	if (rc == 0 && plan->keepcaps)
		rc = call(sys, progress, "prctl(PR_SET_KEEPCAPS)", SYS_prctl,
			  PR_SET_KEEPCAPS, 0, 0);
	return rc != 0 ? done(rc) : ck_memory_close(plan, sys, progress);
}

int ck_run_sets(const struct ck_plan *plan, const struct ck_sys *sys,
		struct ck_progress *progress)
{
	progress->call = "capset";
	return sys->set(plan->working, plan->working, plan->after.sets.inheritable);
}

int ck_run_ambient(const struct ck_plan *plan, const struct ck_sys *sys,
		   struct ck_progress *progress)
{
	progress->call = "prctl(PR_CAP_AMBIENT_RAISE)";
	return sys->ambient(plan->after.sets.ambient);
}

int ck_run_securebits(const struct ck_plan *plan, const struct ck_sys *sys,
		      struct ck_progress *progress)
{
	return done(call(sys, progress, "prctl(PR_SET_SECUREBITS)", SYS_prctl,
			 PR_SET_SECUREBITS, (long)plan->after.securebits, 0));
}

int ck_run_final_sets(const struct ck_plan *plan, const struct ck_sys *sys,
		      struct ck_progress *progress)
{
	const struct ck_sets *sets = &plan->after.sets;

	progress->call = "capset";
	return sys->set(sets->permitted, sets->effective, sets->inheritable);
}

int ck_run_parent_death_signal(const struct ck_plan *plan, const struct ck_sys *sys,
			       struct ck_progress *progress)
{
	long rc = call(sys, progress, "prctl(PR_SET_PDEATHSIG)", SYS_prctl,
		       PR_SET_PDEATHSIG, plan->parent_death_signal, 0);

	if (rc != 0)
		return done(rc);
	/* A parent that ended before the signal was set would never send it. */
	rc = call(sys, progress, "getppid", SYS_getppid, 0, 0, 0);
	return rc == plan->around.parent ? 0 : -ESRCH;
}

/* close_range(2) refuses a range that ends before it begins. */
static bool close_range_is_live(const struct ck_sys *sys)
{
	return sys->call(SYS_close_range, 1, 0, 0, 0, 0) == -EINVAL;
}

int ck_run_descriptors(const struct ck_plan *plan, const struct ck_sys *sys,
		       struct ck_progress *progress)
{
	size_t i;
	int twice;
	long rc;

	for (twice = 0; twice < 2; twice++) {
		progress->call =
			"close_range (Linux 5.9; without it write close-fds = no)";
		if (!close_range_is_live(sys))
			return -ENOSYS;
		for (i = 0; i < plan->nclose; i++) {
			rc = call(sys, progress, "close_range", SYS_close_range,
				  plan->close[i].first, plan->close[i].last, 0);
			if (rc != 0)
				return done(rc);
		}
	}
	return close_range_is_live(sys) ? 0 : -EPROTO;
}

/* Only now the ids are those of the workload: which of the files can it execute? */
int ck_run_command(const struct ck_plan *plan, const struct ck_sys *sys,
		   struct ck_progress *progress)
{
	const struct ck_targets *targets = &plan->targets;
	long rc = 0;
	size_t i;

	progress->target = &targets->list[targets->chosen];
	progress->call = "faccessat2";
	if (targets->count == 1)
		return 0; /* execve itself will tell */
	for (i = 0, rc = -EACCES; i < targets->count; i++) {
		if (targets->list[i].error && !targets->list[i].by_rights)
			continue; /* a directory, say, which the question below allows */
		rc = sys->call(SYS_faccessat2, AT_FDCWD, (long)targets->list[i].path,
			       X_OK, AT_EACCESS, 0);
		if (rc == -ENOSYS || rc == -EPERM)
			return (int)rc;
		if (rc != 0)
			continue;
		progress->target = &targets->list[i];
		return targets->list[i].refused ? -ENOTRECOVERABLE : 0;
	}
	return (int)rc;
}

int ck_run_exec(const struct ck_plan *plan, const struct ck_sys *sys,
		struct ck_progress *progress)
{
	long rc = call(sys, progress, "execve", SYS_execve, (long)progress->target->path,
		       (long)plan->argv, (long)plan->envp);

	return rc < 0 ? (int)rc : -EPROTO;
}
