/* SPDX-License-Identifier: MIT */
/*
 * In place of the filter where it was left out (--without-seccomp). A profile that has
 * one is refused before any of this could be called; if it were, it would fail.
 */
#include <errno.h>

#include "steps.h"

#define MISSING(name)                                                           \
	int ck_run_##name(const struct ck_plan *plan, const struct ck_sys *sys, \
			  struct ck_progress *progress)                         \
	{                                                                       \
		(void)plan;                                                     \
		(void)sys;                                                      \
		progress->call = "seccomp";                                     \
		return -ENOSYS;                                                 \
	}

int ck_memory_close(const struct ck_plan *plan, const struct ck_sys *sys,
		    struct ck_progress *progress)
{
	(void)plan;
	(void)sys;
	(void)progress;
	return 0;
}

int ck_memory_verify(const struct ck_plan *plan, const struct ck_sys *sys,
		     struct ck_progress *progress)
{
	return ck_memory_close(plan, sys, progress);
}

MISSING(loader)
MISSING(filter)
MISSING(probe)

int ck_filter_read(const struct ck_profile *profile, uint64_t keep,
		   struct ck_diags *diags, struct ck_rules *ret)
{
	(void)profile;
	(void)keep;
	(void)diags;
	(void)ret;
	return -ENOSYS;
}

int ck_plan_filter(const struct ck_sys *sys, struct ck_plan *plan, struct ck_diags *diags)
{
	(void)sys;
	(void)diags;
	return plan->profile->seccomp.origin.file ? -ENOSYS : 0;
}

int ck_plan_arguments(const struct ck_plan *plan, struct ck_diags *diags)
{
	(void)plan;
	(void)diags;
	return -ENOSYS;
}

const char *ck_tell_loader(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	(void)plan;
	return "nothing to do";
}

const char *ck_tell_filter(struct ck_arena *arena, const struct ck_plan *plan)
{
	(void)arena;
	(void)plan;
	return "none";
}

const char *ck_tell_probe(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_tell_loader(arena, plan);
}

const char *ck_filter_text(struct ck_arena *arena, const struct ck_plan *plan)
{
	return ck_tell_filter(arena, plan);
}
