/* SPDX-License-Identifier: MIT */
/* What each step does in a plan, in one line; for -n and -v. */
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <string.h>

#include "steps.h"

static const char nothing[] = "nothing to do";

static bool has(const struct ck_plan *plan, enum ck_step_id step)
{
	return ck_plan_has(plan, step);
}

const char *ck_tell_no_new_privs(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	if (has(plan, CK_STEP_NO_NEW_PRIVS))
		return "set";
	return plan->after.no_new_privs ? "set already" : "not set: no-new-privs = no";
}

const char *ck_tell_effective(struct ck_arena *arena, const struct ck_plan *plan)
{
	if (!has(plan, CK_STEP_EFFECTIVE))
		return nothing;
	return ck_format(arena, "raise %s, permitted already",
			 ck_cap_text(arena, plan->before.sets.permitted &
						    ~plan->before.sets.effective));
}

static const char *limit_text(struct ck_arena *arena, rlim_t value)
{
	return value == RLIM_INFINITY ?
		       "unlimited" :
		       ck_format(arena, "%llu", (unsigned long long)value);
}

const char *ck_tell_limits(struct ck_arena *arena, const struct ck_plan *plan)
{
	const char *text = "";
	int i;

	for (i = 0; i < CK_LIMITS; i++)
		if (memcmp(&plan->limits[i], &plan->around.limits[i],
			   sizeof(plan->limits[i])))
			text = ck_format(arena, "%s%s%s %s:%s", text, *text ? ", " : "",
					 ck_limit_names[i],
					 limit_text(arena, plan->limits[i].rlim_cur),
					 limit_text(arena, plan->limits[i].rlim_max));
	return *text ? text : nothing;
}

const char *ck_tell_umask(struct ck_arena *arena, const struct ck_plan *plan)
{
	if (!has(plan, CK_STEP_UMASK))
		return nothing;
	return ck_format(arena, "%04o", (unsigned int)plan->profile->umask);
}

const char *ck_tell_session(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	if (!has(plan, CK_STEP_SESSION))
		return plan->profile->new_session ? "there is no controlling terminal" :
						    nothing;
	if (plan->around.session == plan->around.pid)
		return "give up the controlling terminal";
	return "begin a new one, without a controlling terminal";
}

const char *ck_tell_ambient_clear(struct ck_arena *arena, const struct ck_plan *plan)
{
	const struct ck_sets *before = &plan->before.sets;

	if (!has(plan, CK_STEP_AMBIENT_CLEAR))
		return nothing;
	return ck_format(arena, "drop %s",
			 ck_cap_text(arena, before->ambient & ~plan->after.sets.ambient));
}

const char *ck_tell_bounding(struct ck_arena *arena, const struct ck_plan *plan)
{
	uint64_t extra = plan->before.sets.bounding & ~plan->keep;

	if (plan->bounding_waived)
		return ck_format(arena,
				 "NOT CUT, since SETPCAP is missing: %s stay in it; "
				 "no_new_privs stands in",
				 ck_sets_text(arena, extra, plan->before.known));
	if (!has(plan, CK_STEP_BOUNDING))
		return "right already";
	return ck_format(arena, "drop %d, keep %s", __builtin_popcountll(extra),
			 ck_cap_text(arena, plan->after.sets.bounding));
}

static const char *groups_text(struct ck_arena *arena, const struct ck_state *state)
{
	/* Of 65,536 groups no text is made anew for each. */
	size_t room = state->ngroups * sizeof("4294967295"), length = 0, i;
	char *text = ck_alloc(arena, room);

	for (i = 0; i < state->ngroups; i++)
		length += (size_t)snprintf(text + length, room - length, "%s%u",
					   i ? " " : "", state->groups[i]);
	return length ? text : "none";
}

const char *ck_tell_groups(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "%s%s", groups_text(arena, &plan->after),
			 has(plan, CK_STEP_GROUPS) ? "" : ", already");
}

const char *ck_tell_gid(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "%u%s", plan->after.rgid,
			 has(plan, CK_STEP_GID) ? "" : ", already");
}

const char *ck_tell_uid(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "%u%s%s", plan->after.ruid,
			 has(plan, CK_STEP_UID) ? "" : ", already",
			 plan->keepcaps ? ", with KEEPCAPS" : "");
}

const char *ck_tell_sets(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "permitted and effective %s; inheritable %s%s",
			 ck_cap_text(arena, plan->working),
			 ck_cap_text(arena, plan->after.sets.inheritable),
			 has(plan, CK_STEP_SETS) ? "" : "; already");
}

const char *ck_tell_ambient(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "%s%s", ck_cap_text(arena, plan->after.sets.ambient),
			 has(plan, CK_STEP_AMBIENT) ? "" : ", already");
}

const char *ck_tell_securebits(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "0x%x%s", plan->after.securebits,
			 has(plan, CK_STEP_SECUREBITS) ? "" : ", already");
}

const char *ck_tell_final_sets(struct ck_arena *arena, const struct ck_plan *plan)
{
	if (!has(plan, CK_STEP_FINAL_SETS))
		return nothing;
	return ck_format(arena, "permitted and effective %s",
			 ck_cap_text(arena, plan->keep));
}

const char *ck_tell_parent_death_signal(struct ck_arena *arena,
					const struct ck_plan *plan)
{
	if (!has(plan, CK_STEP_PARENT_DEATH_SIGNAL))
		return nothing;
	return ck_format(arena, "%s, when process %d ends",
			 ck_signal_name(plan->parent_death_signal),
			 (int)plan->around.parent);
}

const char *ck_tell_working_directory(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	return has(plan, CK_STEP_WORKING_DIRECTORY) ? plan->profile->working_directory :
						      nothing;
}

const char *ck_tell_descriptors(struct ck_arena *arena, const struct ck_plan *plan)
{
	const char *text = "close";
	size_t i;

	for (i = 0; i < plan->nclose; i++) {
		const struct ck_range *range = &plan->close[i];

		text = ck_format(arena, "%s%s%u", text, i ? ", " : " ", range->first);
		if (range->last == UINT_MAX)
			text = ck_format(arena, "%s and above", text);
		else if (range->last > range->first)
			text = ck_format(arena, "%s-%u", text, range->last);
	}
	return plan->nclose ? text : "leave all open: close-fds = no";
}

const char *ck_tell_command(struct ck_arena *arena, const struct ck_plan *plan)
{
	const struct ck_targets *targets = &plan->targets;
	const struct ck_target *target = &targets->list[targets->chosen];

	if (!target->interpreter)
		return target->path;
	return ck_format(arena, "%s, run by %s", target->path, target->interpreter);
}

const char *ck_tell_verify(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	(void)plan;
	return "read everything back from the kernel and compare";
}

const char *ck_tell_exec(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_format(arena, "%s", plan->targets.list[plan->targets.chosen].path);
}

static const char *row(struct ck_arena *arena, const char *name, const char *value)
{
	return ck_format(arena, "  %-20s %s\n", name, value);
}

static const char *change(struct ck_arena *arena, const char *before, const char *after)
{
	return strcmp(before, after) ? ck_format(arena, "%s  (now: %s)", after, before) :
				       after;
}

static const char *set_row(struct ck_arena *arena, const struct ck_plan *plan,
			   const char *name, uint64_t before, uint64_t after)
{
	uint64_t known = plan->before.known;

	return row(arena, name,
		   change(arena, ck_sets_text(arena, before, known),
			  ck_sets_text(arena, after, known)));
}

static const char *ids(struct ck_arena *arena, uid_t uid, gid_t gid,
		       const struct ck_state *state)
{
	return ck_format(arena, "uid %u, gid %u, groups %s", uid, gid,
			 groups_text(arena, state));
}

static const char *after_exec(struct ck_arena *arena, const struct ck_plan *plan)
{
	const struct ck_state *now = &plan->before, *after = &plan->after;
	const struct ck_exec_result *exec = &plan->after_exec;

	return ck_format(
		arena, "after exec\n%s%s%s%s%s%s%s%s%s",
		row(arena, "ids",
		    change(arena, ids(arena, now->euid, now->egid, now),
			   ids(arena, exec->euid, exec->egid, after))),
		set_row(arena, plan, "bounding", now->sets.bounding, exec->sets.bounding),
		set_row(arena, plan, "permitted", now->sets.permitted,
			exec->sets.permitted),
		set_row(arena, plan, "effective", now->sets.effective,
			exec->sets.effective),
		set_row(arena, plan, "inheritable", now->sets.inheritable,
			exec->sets.inheritable),
		set_row(arena, plan, "ambient", now->sets.ambient, exec->sets.ambient),
		row(arena, "securebits",
		    ck_format(arena, "0x%x",
			      after->securebits & ~(unsigned int)SECBIT_KEEP_CAPS)),
		row(arena, "no_new_privs", after->no_new_privs ? "yes" : "no"),
		plan->profile->seccomp.origin.file ?
			row(arena, "filter", ck_filter_text(arena, plan)) :
			"");
}

static const char *attributes(struct ck_arena *arena, const struct ck_plan *plan)
{
	const struct ck_target *target = &plan->targets.list[plan->targets.chosen];
	const char *caps = "none";

	if (target->fcaps.present)
		caps = ck_format(arena, "%s%s",
				 ck_cap_text(arena, target->fcaps.permitted),
				 target->fcaps.effective ? ", effective" : "");
	return ck_format(arena, "command\n%s%s%s%s%s",
			 row(arena, "file", ck_tell_command(arena, plan)),
			 row(arena, "owner and mode",
			     ck_format(arena, "%u:%u %04o", target->uid, target->gid,
				       (unsigned int)target->mode & 07777)),
			 row(arena, "file capabilities", caps),
			 row(arena, "nosuid mount", target->nosuid ? "yes" : "no"),
			 row(arena, "AT_SECURE", plan->after_exec.secure ? "yes" : "no"));
}

const char *ck_plan_text(struct ck_arena *arena, const struct ck_plan *plan)
{
	const char *text = ck_format(arena, "profile %s\n%ssteps\n", plan->profile->name,
				     attributes(arena, plan));
	size_t i;

	for (i = 0; i < CK_STEPS; i++)
		text = ck_format(
			arena, "%s%s", text,
			row(arena, ck_steps[i].name, ck_steps[i].tell(arena, plan)));
	if (plan->absent)
		text = ck_format(arena, "%s%s", text,
				 row(arena, "not held, left out",
				     ck_cap_text(arena, plan->absent)));
	return ck_format(arena, "%s%s", text, after_exec(arena, plan));
}
