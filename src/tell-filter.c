/* SPDX-License-Identifier: MIT */
/* What the steps of the filter do in a plan; for -n and -v. */
#include <string.h>

#include "steps.h"

static const char nothing[] = "nothing to do";

const char *ck_tell_loader(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	return ck_plan_has(plan, CK_STEP_LOADER) ?
		       "a thread that keeps SYS_ADMIN alone, until exec" :
		       nothing;
}

static const char *abis_text(struct ck_arena *arena, const struct ck_rules *rules)
{
	const char *text = "";
	unsigned int abi;

	for (abi = 0; abi < CK_ABIS; abi++)
		if (rules->abis >> abi & 1U)
			text = ck_format(arena, "%s%s%s", text, *text ? " " : "",
					 ck_abi_name((enum ck_abi)abi));
	return text;
}

/* A flag that this kernel does not know is left out, and said to be. */
static const char *flags_text(struct ck_arena *arena, const struct ck_plan_filter *filter)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} flags[] = { { CK_FLAG_SPEC_ALLOW, "spec-allow" }, { CK_FLAG_LOG, "log" } };
	const char *text = "";
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(flags); i++)
		if (filter->rules.flags & flags[i].flag)
			text = ck_format(arena,
					 filter->flags & flags[i].flag ?
						 "%s; flag %s" :
						 "%s; LEFT OUT: flag %s, which this "
						 "kernel does not take",
					 text, flags[i].name);
	return text;
}

const char *ck_filter_text(struct ck_arena *arena, const struct ck_plan *plan)
{
	const struct ck_rules *rules = &plan->filter.rules;

	if (!ck_plan_has(plan, CK_STEP_FILTER))
		return "none: mode = off";
	if (rules->mode == CK_MODE_LOG)
		return ck_format(
			arena,
			"mode = log: what would be denied is logged and let through "
			"(default %s, unknown %s, abi %s)",
			ck_action_text(arena, rules->default_action),
			ck_action_text(arena, rules->unknown_action),
			abis_text(arena, rules));
	return ck_format(arena, "mode = enforce: default %s, unknown %s, abi %s",
			 ck_action_text(arena, rules->default_action),
			 ck_action_text(arena, rules->unknown_action),
			 abis_text(arena, rules));
}

const char *ck_tell_filter(struct ck_arena *arena, const struct ck_plan *plan)
{
	const struct ck_plan_filter *filter = &plan->filter;

	if (!plan->profile->seccomp.origin.file)
		return "none";
	if (!ck_plan_has(plan, CK_STEP_FILTER))
		return ck_filter_text(arena, plan);
	return ck_format(arena, "%zu instructions, %s%s%s", filter->program.count,
			 ck_filter_text(arena, plan), flags_text(arena, filter),
			 ck_plan_has(plan, CK_STEP_LOADER) ? "; loaded by the thread" :
							     "");
}

const char *ck_tell_probe(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	return ck_plan_has(plan, CK_STEP_PROBE) ? "the filter answers an execve of ours" :
						  nothing;
}
