/* SPDX-License-Identifier: MIT */
/*
 * The proof: asks the kernel, not libcap-ng, for everything that the plan says, and
 * compares. Runs after the last change; what follows is only the exec.
 */
#include <errno.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "steps.h"

/* A stack may be small, and nothing is allocated here; common: see launch.c. */
gid_t ck_verify_groups[CK_GROUPS_MAX] __attribute__((common));

static long flag(const struct ck_sys *sys, long op, long value)
{
	return sys->call(SYS_prctl, op, value, 0, 0, 0);
}

/*
 * PR_GET_SECUREBITS takes no argument that the kernel could refuse, so it is shown to be
 * live by a bit that we may turn ourselves, unless its lock, which then has to show,
 * forbids it.
 */
static int securebits_are_live(const struct ck_plan *plan, const struct ck_sys *sys)
{
	long bits = plan->after.securebits, rc = flag(sys, PR_SET_KEEPCAPS, 1);

	if (rc == -EPERM)
		return bits & SECBIT_KEEP_CAPS_LOCKED ? 0 : -EPERM;
	if (rc != 0 || bits & SECBIT_KEEP_CAPS_LOCKED)
		return rc < 0 ? (int)rc : -EPROTO;
	if (flag(sys, PR_GET_SECUREBITS, 0) != (bits | SECBIT_KEEP_CAPS))
		return -EPROTO;
	rc = flag(sys, PR_SET_KEEPCAPS, bits & SECBIT_KEEP_CAPS ? 1 : 0);
	if (rc != 0)
		return rc < 0 ? (int)rc : -EPROTO;
	return flag(sys, PR_GET_SECUREBITS, 0) == bits ? 0 : -EPROTO;
}

static int verify_limits(const struct ck_plan *plan, const struct ck_sys *sys)
{
	struct rlimit now[CK_LIMITS];
	int rc = ck_limits_read(sys, now), i;

	if (rc < 0)
		return rc;
	for (i = 0; i < CK_LIMITS; i++)
		if (now[i].rlim_cur != plan->limits[i].rlim_cur ||
		    now[i].rlim_max != plan->limits[i].rlim_max)
			return -ENOTRECOVERABLE;
	return 0;
}

static int verify_death_signal(const struct ck_plan *plan, const struct ck_sys *sys)
{
	int number, rc = ck_death_signal_read(sys, &number);

	if (rc < 0)
		return rc;
	return number == plan->parent_death_signal ? 0 : -ENOTRECOVERABLE;
}

/* Borrowed while something is said or the terminal given up. */
static int verify_signal_mask(const struct ck_plan *plan, const struct ck_sys *sys)
{
	uint64_t mask;
	int rc = ck_signal_mask_read(sys, &mask);

	if (rc < 0)
		return rc;
	return mask == plan->around.signal_mask ? 0 : -ENOTRECOVERABLE;
}

/* A library that believes in a forged descriptor 0 closes what is not its own. */
static int verify_standard(const struct ck_plan *plan, const struct ck_sys *sys)
{
	unsigned int open;
	int rc = ck_standard_read(sys, &open);

	if (rc < 0)
		return rc;
	return open == plan->around.standard ? 0 : -ENOTRECOVERABLE;
}

/* Of all 64 numbers, those above the last that has been read: the kernel must not know
 * them, as it has no gaps. */
static int verify_unknown(const struct ck_sys *sys, uint64_t known)
{
	unsigned int cap;
	long rc;

	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		if (known & CK_CAP(cap))
			continue;
		rc = flag(sys, PR_CAPBSET_READ, (long)cap);
		if (rc != -EINVAL)
			return rc < 0 ? (int)rc : -EPROTO;
	}
	return 0;
}

int ck_run_verify(const struct ck_plan *plan, const struct ck_sys *sys,
		  struct ck_progress *progress)
{
	struct ck_state now;
	const char *part;
	int rc;

	progress->call = "prctl(PR_SET_KEEPCAPS)";
	rc = securebits_are_live(plan, sys);
	if (rc < 0)
		return rc;
	rc = ck_state_read(sys, ck_verify_groups, &progress->call, &now);
	if (rc < 0)
		return rc;
	part = ck_state_differs(&now, &plan->after);
	if (part) {
		progress->call = part;
		return -ENOTRECOVERABLE;
	}
	progress->call = "prctl(PR_CAPBSET_READ)";
	rc = verify_unknown(sys, now.known);
	if (rc < 0)
		return rc;
	progress->call = "limits";
	rc = ck_plan_has(plan, CK_STEP_LIMITS) ? verify_limits(plan, sys) : 0;
	if (rc < 0)
		return rc;
	progress->call = "which of descriptors 0 to 2 are open";
	rc = verify_standard(plan, sys);
	if (rc < 0)
		return rc;
	progress->call = "the signal mask";
	rc = verify_signal_mask(plan, sys);
	if (rc < 0)
		return rc;
	progress->call = "parent-death-signal";
	rc = verify_death_signal(plan, sys);
	return rc < 0 ? rc : ck_memory_verify(plan, sys, progress);
}
