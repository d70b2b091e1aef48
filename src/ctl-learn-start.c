/* SPDX-License-Identifier: MIT */
/*
 * The start of a trial: the same modules as capkeep's own start, in the same order, in a
 * child. What they refuse goes to the parent through shared memory, since the steps close
 * every other way.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl-learn.h"

static int fill_profile(const struct ck_learn *learn, uint64_t keep,
			struct ck_diags *diags, struct ck_profile *ret)
{
	ck_profile_default(ret);
	ret->name = "learned";
	ret->keep.mask = keep;
	ret->keep.none = keep == 0;
	ret->no_new_privs = learn->no_new_privs;
	if (learn->as && ck_profile_user(learn->arena, ret, learn->as, diags) < 0)
		return -EINVAL;
	if (!learn->filter)
		return 0;
	return ck_profile_parse("learned", learn->filter, strlen(learn->filter), diags,
				ret);
}

static void __attribute__((noreturn))
refuse(struct ck_report *report, const struct ck_diags *diags, int status)
{
	const struct ck_diag *diag = diags->count ? &diags->list[0] : NULL;

	(void)snprintf(report->text, sizeof(report->text), "%s: %s",
		       diag ? diag->where : "start", diag ? diag->text : "refused");
	report->status = status;
	_exit(status);
}

static int read_state(struct ck_arena *arena, struct ck_diags *diags,
		      struct ck_state *now, struct ck_surroundings *around)
{
	gid_t *groups = ck_alloc_array(arena, CK_GROUPS_MAX, sizeof(*groups));
	const char *call;
	int rc = ck_state_read(&ck_sys_kernel, groups, &call, now);

	if (rc == 0)
		rc = ck_surroundings_read(&ck_sys_kernel, false, CK_LIMITS_ALL, &call,
					  around);
	if (rc < 0)
		ck_diag_add(diags, "state", "%s: %s", call, strerror(-rc));
	return rc;
}

static int make_plan(const struct ck_learn *learn, const struct ck_profile *profile,
		     struct ck_diags *diags, struct ck_plan *plan)
{
	static struct ck_identity identity; /* the plan points to these two */
	static struct ck_state now;
	struct ck_arena *arena = learn->arena;
	struct ck_surroundings around;
	struct ck_seeker seeker;

	if (read_state(arena, diags, &now, &around) < 0 ||
	    ck_identity_resolve(arena, profile, &now, CK_CTL_PASSWD, CK_CTL_GROUP, diags,
				&identity) < 0 ||
	    ck_plan_build(&(struct ck_plan_input){ profile, &now, &around, &identity },
			  diags, plan) < 0)
		return -1;
	plan->argv = learn->argv;
	plan->envp = ck_environ_build(arena, profile, &identity, identity.uid != now.ruid,
				      environ);
	if (ck_descriptors_plan(arena, &ck_sys_kernel, profile, plan->envp, around.pid,
				diags, &plan->close, &plan->nclose) < 0)
		return -1;
	if (plan->nclose)
		plan->todo |= 1U << CK_STEP_DESCRIPTORS;
	if (ck_plan_filter(&ck_sys_kernel, plan, diags) < 0)
		return -1;
	ck_plan_seeker(plan, &seeker);
	if (ck_target_find(arena, learn->argv[0], NULL, plan->envp, &seeker, diags,
			   &plan->targets) < 0)
		return -1;
	return ck_plan_target(plan, diags);
}

void ck_learn_exec(const struct ck_learn *learn, uint64_t keep, struct ck_report *report)
{
	struct ck_progress progress = { .step = CK_STEP_NO_NEW_PRIVS };
	struct ck_diags diags = { .arena = learn->arena };
	static struct ck_profile profile;
	static struct ck_plan plan;
	int error;

	if (fill_profile(learn, keep, &diags, &profile) < 0 ||
	    make_plan(learn, &profile, &diags, &plan) < 0)
		refuse(report, &diags, CK_EXIT_REFUSED);
	error = -ck_apply(&plan, &ck_sys_kernel, NULL, &progress);
	ck_explain(&plan, &progress, error, &diags);
	refuse(report, &diags, ck_exit_status(&progress, error));
}
