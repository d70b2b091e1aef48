/* SPDX-License-Identifier: MIT */
/*
 * The one table of steps: their order, and why each stands where it does. -n, -v, the
 * manual's check and the fault tests read it.
 */
#include <errno.h>

#include "steps.h"

#define ROW(id, name, function, why) \
	[id] = { name, ck_run_##function, ck_tell_##function, why }

const struct ck_step ck_steps[CK_STEPS] = {
	ROW(CK_STEP_NO_NEW_PRIVS, "no_new_privs", no_new_privs,
	    "first, so that nothing below can be gained back at exec"),
	ROW(CK_STEP_EFFECTIVE, "effective", effective,
	    "the steps below need what is permitted to be effective"),
	ROW(CK_STEP_LOADER, "loader", loader,
	    "a thread keeps the SYS_ADMIN that a filter without no_new_privs takes"),
	ROW(CK_STEP_LIMITS, "limits", limits,
	    "raising one needs SYS_RESOURCE, which 'sets' gives up"),
	ROW(CK_STEP_UMASK, "umask", umask, "needs nothing and disturbs nothing"),
	ROW(CK_STEP_SESSION, "session", session,
	    "while the parent's group may still be joined and /dev/tty opened"),
	ROW(CK_STEP_AMBIENT_CLEAR, "ambient-clear", ambient_clear,
	    "before the sets that it has to be a part of"),
	ROW(CK_STEP_BOUNDING, "bounding", bounding,
	    "needs SETPCAP, which 'sets' gives up; cutting SETPCAP leaves it effective"),
	ROW(CK_STEP_GROUPS, "groups", groups,
	    "needs SETGID, which leaving uid 0 takes away"),
	ROW(CK_STEP_GID, "gid", gid, "needs SETGID, which leaving uid 0 takes away"),
	ROW(CK_STEP_UID, "uid", uid, "needs SETUID; KEEPCAPS carries permitted over"),
	ROW(CK_STEP_SETS, "sets", sets,
	    "after the ids, which clear effective; the ambient set needs both of its sets"),
	ROW(CK_STEP_AMBIENT, "ambient", ambient,
	    "after the ids, which clear it, and before NO_CAP_AMBIENT_RAISE"),
	ROW(CK_STEP_SECUREBITS, "securebits", securebits,
	    "locked earlier, they would forbid KEEPCAPS and the ambient set"),
	ROW(CK_STEP_FINAL_SETS, "final-sets", final_sets,
	    "gives up the SETPCAP that 'securebits' needed"),
	ROW(CK_STEP_PARENT_DEATH_SIGNAL, "parent-death-signal", parent_death_signal,
	    "a change of ids clears it"),
	ROW(CK_STEP_WORKING_DIRECTORY, "working-directory", working_directory,
	    "with the rights of the workload"),
	ROW(CK_STEP_DESCRIPTORS, "descriptors", descriptors,
	    "after the last file that the launcher opens"),
	ROW(CK_STEP_COMMAND, "command", command,
	    "with the rights and the directory of the workload"),
	ROW(CK_STEP_VERIFY, "verify", verify, "after the last change"),
	ROW(CK_STEP_FILTER, "filter", filter,
	    "the last change: a profile need allow nothing but execve"),
	ROW(CK_STEP_PROBE, "probe", probe,
	    "shows by an answer of its own that the filter is there"),
	ROW(CK_STEP_EXEC, "exec", exec, "the end"),
};

/* Speaking borrows the signal mask, so that nothing is said any more once it is verified:
 * at that step the rest is announced in one go. */
static void announce_from(const struct ck_plan *plan, enum ck_step_id step,
			  void (*announce)(const struct ck_plan *plan,
					   enum ck_step_id step))
{
	int i, last = step == CK_STEP_VERIFY ? CK_STEPS - 1 : (int)step;

	if (!announce || step > CK_STEP_VERIFY)
		return;
	for (i = (int)step; i <= last; i++)
		announce(plan, (enum ck_step_id)i);
}

int ck_apply(const struct ck_plan *plan, const struct ck_sys *sys,
	     void (*announce)(const struct ck_plan *plan, enum ck_step_id step),
	     struct ck_progress *progress)
{
	int i, rc;

	for (i = 0; i < CK_STEPS; i++) {
		progress->step = (enum ck_step_id)i;
		announce_from(plan, progress->step, announce);
		if (!ck_plan_has(plan, progress->step))
			continue;
		rc = ck_steps[i].run(plan, sys, progress);
		if (rc != 0)
			return rc < 0 ? rc : -EPROTO;
	}
	return -EPROTO; /* exec is always among the steps and does not return 0 */
}
