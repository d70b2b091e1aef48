/* SPDX-License-Identifier: MIT */
/* A plan in words, for the expectations beside the scenes. */
#include "../../src/steps.h"
#include "scene.h"

static const char *text;

static void __attribute__((format(printf, 1, 2))) add(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text = unit_format("%s%s", text, ck_vformat(&unit_arena, format, ap));
	va_end(ap);
}

static const char *caps(uint64_t mask)
{
	if (mask == CK_CAP(41) - 1)
		return "all";
	if (mask == UINT64_C(0xa80425fb))
		return "docker";
	return ck_cap_text(&unit_arena, mask);
}

static void add_sets(const struct ck_sets *sets)
{
	add("bounding     %s\n", caps(sets->bounding));
	add("permitted    %s\n", caps(sets->permitted));
	add("effective    %s\n", caps(sets->effective));
	add("inheritable  %s\n", caps(sets->inheritable));
	add("ambient      %s\n", caps(sets->ambient));
}

static void add_steps(const struct ck_plan *plan)
{
	int i;

	add("steps       ");
	for (i = 0; i < CK_STEPS; i++)
		if (ck_plan_has(plan, (enum ck_step_id)i))
			add(" %s", ck_steps[i].name);
	add("\n");
}

static void add_ids(const struct ck_state *state)
{
	size_t i;

	add("uid          %u %u %u\n", state->ruid, state->euid, state->suid);
	add("gid          %u %u %u\n", state->rgid, state->egid, state->sgid);
	add("groups      ");
	for (i = 0; i < state->ngroups; i++)
		add(" %u", state->groups[i]);
	add("\n");
}

static void add_process(const struct ck_plan *plan)
{
	size_t i;

	for (i = 0; i < CK_LIMITS; i++)
		if (plan->limits[i].rlim_cur != plan->around.limits[i].rlim_cur ||
		    plan->limits[i].rlim_max != plan->around.limits[i].rlim_max)
			add("limit        %s %llu:%llu\n", ck_limit_names[i],
			    (unsigned long long)plan->limits[i].rlim_cur,
			    (unsigned long long)plan->limits[i].rlim_max);
	if (plan->parent_death_signal)
		add("death signal %d\n", plan->parent_death_signal);
	for (i = 0; i < plan->nclose; i++)
		add("close        %u-%u\n", plan->close[i].first, plan->close[i].last);
}

/* Who the command is searched for. */
static void add_seeker(const struct ck_plan *plan)
{
	const struct ck_state *after = &plan->after;
	struct ck_seeker seeker;

	ck_plan_seeker(plan, &seeker);
	add("seeker       %s\n", seeker.self ? "this process" : "as planned");
	assert_int_equal(seeker.uid, after->ruid);
	assert_int_equal(seeker.gid, after->rgid);
	assert_ptr_equal(seeker.groups, after->groups);
	assert_int_equal(seeker.ngroups, after->ngroups);
	assert_true(seeker.effective == after->sets.effective);
	assert_ptr_equal(seeker.directory, plan->profile->working_directory);
}

static void add_exec(const struct ck_exec_result *result)
{
	add("after exec: uid %u, gid %u%s\n", result->euid, result->egid,
	    result->secure ? ", AT_SECURE" : "");
	add_sets(&result->sets);
}

const char *scene_text(const struct scene *scene)
{
	const struct ck_plan *plan = &scene->plan;

	text = "";
	add_steps(plan);
	add("keep         %s\n", caps(plan->keep));
	if (plan->absent)
		add("absent       %s\n", caps(plan->absent));
	if (plan->working != plan->keep)
		add("working      %s\n", caps(plan->working));
	add("flags       %s%s%s\n", plan->root_stays ? " root-stays" : "",
	    plan->bounding_waived ? " bounding-waived" : "",
	    plan->keepcaps ? " keepcaps" : "");
	add_sets(&plan->after.sets);
	add_ids(&plan->after);
	add("securebits   0x%x\n", plan->after.securebits);
	add("no_new_privs %s\n", plan->after.no_new_privs ? "yes" : "no");
	add_process(plan);
	if (plan->profile->seccomp.origin.file)
		add("filter       %s\nflags        0x%x\n",
		    ck_filter_text(&unit_arena, plan), plan->filter.flags);
	add_seeker(plan);
	add_exec(&plan->after_exec);
	return text;
}
