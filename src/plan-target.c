/* SPDX-License-Identifier: MIT */
/*
 * The plan against the command: exec can lose what was kept, add what was not, or fail.
 * What is bound to happen is refused before anything has changed.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

void ck_plan_seeker(const struct ck_plan *plan, struct ck_seeker *ret)
{
	const struct ck_state *after = &plan->after;
	unsigned int changes = 1U << CK_STEP_UID | 1U << CK_STEP_GID |
			       1U << CK_STEP_GROUPS | 1U << CK_STEP_SETS |
			       1U << CK_STEP_EFFECTIVE;
	bool denies = ck_plan_has(plan, CK_STEP_FILTER) &&
		      plan->filter.rules.mode == CK_MODE_ENFORCE;

	*ret = (struct ck_seeker){
		.uid = after->ruid,
		.gid = after->rgid,
		.groups = after->groups,
		.ngroups = after->ngroups,
		.effective = after->sets.effective,
		.self = !(plan->todo & changes),
		.directory = plan->profile->working_directory,
		.abis = denies ? plan->filter.rules.abis : 0,
	};
}

/* "/usr/bin/x" or "/bin/sh (the interpreter of /srv/x)" */
static const char *subject(struct ck_arena *arena, const struct ck_target *target)
{
	if (!target->interpreter)
		return target->path;
	return ck_format(arena, "%s (the interpreter of %s)", target->interpreter,
			 target->path);
}

/* ambient = no with no-new-privs = no is how a profile asks that only programs with file
 * capabilities, started by the workload, get what is kept. */
static bool loss_is_wanted(const struct ck_plan *plan, const struct ck_target *target)
{
	return plan->profile->ambient == CK_NO && !plan->after.no_new_privs &&
	       !target->fcaps.present;
}

static const char *loss(struct ck_arena *arena, const struct ck_plan *plan,
			const struct ck_target *target, uint64_t lost)
{
	const char *caps = ck_cap_text(arena, lost), *file = subject(arena, target);

	if (target->fcaps.present && plan->after.sets.ambient)
		return ck_format(
			arena,
			"exec would lose %s: %s has file capabilities, and these "
			"clear the ambient set; take them off the file: setcap -r",
			caps, file);
	if (plan->profile->ambient == CK_NO && target->nosuid)
		return ck_format(
			arena,
			"exec would lose %s: ambient = no leaves it to file "
			"capabilities, and %s is on a nosuid mount; write ambient = auto",
			caps, file);
	if (plan->profile->ambient == CK_NO)
		return ck_format(
			arena,
			"exec would lose %s: with ambient = no %s would need it among "
			"its file capabilities; write ambient = auto",
			caps, file);
	return ck_format(arena, "exec of %s would lose %s", file, caps);
}

static const char *id_change(struct ck_arena *arena, const struct ck_target *target,
			     const struct ck_exec_result *result,
			     const struct ck_state *before)
{
	if (result->euid != before->euid)
		return ck_format(
			arena,
			"%s is set-user-ID, exec would change to uid %u; take the bit "
			"off (chmod u-s) or write no-new-privs = yes",
			subject(arena, target), result->euid);
	return ck_format(
		arena,
		"%s is set-group-ID, exec would change to gid %u; take the bit off "
		"(chmod g-s) or write no-new-privs = yes",
		subject(arena, target), result->egid);
}

static const char *exec_error(struct ck_arena *arena, const struct ck_plan *plan,
			      const struct ck_target *target, int error)
{
	if (error == EPERM)
		return ck_format(
			arena,
			"exec must fail with EPERM: %s has file capabilities that "
			"the bounding set would not hold (%s); keep them, or setcap -r",
			subject(arena, target),
			ck_cap_text(arena, target->fcaps.permitted &
						   ~plan->after.sets.bounding));
	return ck_format(
		arena,
		"exec must fail: the file capabilities of %s are damaged; setcap -r",
		subject(arena, target));
}

/* Why exec of target would not give what the profile says, or NULL. */
static const char *judge(struct ck_arena *arena, const struct ck_plan *plan,
			 const struct ck_target *target, struct ck_exec_result *result)
{
	const struct ck_state *after = &plan->after;
	uint64_t lost, added;

	ck_exec_predict(after, target, result);
	if (target->unseen)
		return ck_format(
			arena,
			"%s cannot be looked at with the rights of the launcher; it "
			"needs DAC_READ_SEARCH, or another place for the program",
			target->path);
	if (target->unread && (!after->no_new_privs || after->sets.ambient))
		return ck_format(
			arena,
			"%s cannot be read by the launcher, so that what exec would "
			"change is not known; chmod a+r, or grant the launcher "
			"DAC_READ_SEARCH",
			subject(arena, target));
	lost = plan->keep & ~result->sets.permitted;
	added = result->sets.permitted & ~plan->keep;
	if (target->fcaps.error == EXDEV)
		return ck_format(
			arena,
			"the file capabilities of %s belong to the root of another "
			"user namespace; setcap -r",
			subject(arena, target));
	if (target->fcaps.error && target->fcaps.error != EINVAL)
		return ck_format(arena, "the file capabilities of %s cannot be read: %s",
				 subject(arena, target), strerror(target->fcaps.error));
	if (result->error)
		return exec_error(arena, plan, target, result->error);
	if (result->euid != after->euid || result->egid != after->egid)
		return id_change(arena, target, result, after);
	if (added)
		return ck_format(arena, "exec of %s would add %s", subject(arena, target),
				 ck_cap_text(arena, added));
	if (!lost && plan->keep & ~result->sets.effective)
		return ck_format(
			arena,
			"exec would leave %s permitted but not effective: the file "
			"capabilities of %s lack the effective bit; setcap NAME=ep",
			ck_cap_text(arena, plan->keep & ~result->sets.effective),
			subject(arena, target));
	if (lost && !loss_is_wanted(plan, target))
		return loss(arena, plan, target, lost);
	if (result->secure && plan->parent_death_signal)
		return ck_format(arena,
				 "parent-death-signal: exec of %s clears it, since that "
				 "changes credentials",
				 subject(arena, target));
	return NULL;
}

int ck_plan_target(struct ck_plan *plan, struct ck_diags *diags)
{
	size_t i;

	for (i = 0; i < plan->targets.count; i++) {
		struct ck_target *target = &plan->targets.list[i];
		struct ck_exec_result result;

		target->refused = judge(diags->arena, plan, target, &result);
		if (i == plan->targets.chosen)
			plan->after_exec = result;
	}
	if (!plan->targets.list[plan->targets.chosen].refused)
		return ck_plan_has(plan, CK_STEP_FILTER) ?
			       ck_plan_arguments(plan, diags) :
			       0;
	ck_diag_add(diags, "exec", "%s",
		    plan->targets.list[plan->targets.chosen].refused);
	return -EINVAL;
}
