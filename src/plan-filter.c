/* SPDX-License-Identifier: MIT */
/*
 * The filter of a plan: rules, program, flags, and who loads it. After the load nothing
 * can be asked any more, so that what exec could still fail with is looked for before.
 */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/auxv.h>

#include "steps.h"

#define PROBE_ERRNO 3000U /* no call gives an errno from here on; at most 4095 */
#define PROBE_SPREAD 1000U

/* MAX_ARG_STRLEN, ARG_MAX, BINPRM_BUF_SIZE and bprm_stack_limits() of fs/exec.c */
#define STRING_PAGES 32U
#define ARGUMENTS_MIN 131072U
#define LINE_MAX_SCRIPT 256U
#define STACK_MAX ((rlim_t)8 << 20)

/* Eight of the sixteen bytes that the kernel gives each program. libc makes the guard of
 * its stacks of the first eight, and glibc that of its pointers of these: they are a
 * secret of the launcher's alone, whose guards end at exec. */
static int make_probe(struct ck_probe *ret)
{
	const char *random = (const char *)getauxval(AT_RANDOM);

	if (!random)
		return -ENODATA;
	memcpy(&ret->nonce, random + 8, sizeof(ret->nonce));
	ret->error = PROBE_ERRNO + (unsigned int)(ret->nonce % PROBE_SPREAD);
	return 0;
}

static void check_loader(struct ck_plan *plan, struct ck_diags *diags)
{
	const struct ck_profile *profile = plan->profile;

	if (plan->after.no_new_privs)
		return;
	plan->todo |= 1U << CK_STEP_LOADER;
	if (plan->before.sets.permitted & CK_CAP(CAP_SYS_ADMIN))
		return;
	ck_diag_add(
		diags,
		ck_profile_where(diags->arena, profile, "process", "no-new-privs",
				 "filter"),
		"no-new-privs = no: loading the filter then needs SYS_ADMIN, and it is "
		"missing in the permitted set; write no-new-privs = yes, or grant it for "
		"the start (docker run --cap-add SYS_ADMIN): the workload does not get it");
}

/* Strings, their pointers, and what is longer than any string may be. */
static size_t strings_size(char *const *strings, size_t most, bool *too_long)
{
	size_t size = 0;

	for (; *strings; strings++) {
		size_t length = strlen(*strings) + 1;

		*too_long = *too_long || length > most;
		size += length + sizeof(char *);
	}
	return size;
}

/* The kernel would notice it only behind the filter. */
int ck_plan_arguments(const struct ck_plan *plan, struct ck_diags *diags)
{
	const struct ck_target *target = &plan->targets.list[plan->targets.chosen];
	rlim_t stack = plan->limits[RLIMIT_STACK].rlim_cur, limit = stack / 4;
	size_t most = STRING_PAGES * getauxval(AT_PAGESZ);
	bool too_long = false;
	size_t size = strings_size(plan->argv, most, &too_long) +
		      strings_size(plan->envp, most, &too_long) + strlen(target->path) +
		      1;

	if (target->interpreter) /* its line and the path again become arguments */
		size += strlen(target->path) + 1 + LINE_MAX_SCRIPT;
	if (limit > STACK_MAX / 4 * 3)
		limit = STACK_MAX / 4 * 3;
	if (limit < ARGUMENTS_MIN)
		limit = ARGUMENTS_MIN;
	if (limit > stack)
		limit = stack;
	if (size <= limit && !too_long)
		return 0;
	ck_diag_add(
		diags, "exec",
		"the arguments and the environment are too long: %zu bytes, and execve "
		"takes %llu, %zu in one of them; pass less, or raise the limit stack",
		size, (unsigned long long)limit, most);
	return -E2BIG;
}

int ck_filter_read(const struct ck_profile *profile, uint64_t keep,
		   struct ck_diags *diags, struct ck_rules *ret)
{
	const struct ck_filter_input input = { .entries = profile->seccomp.list,
					       .count = profile->seccomp.count,
					       .keep = keep,
					       .machine = CK_MACHINE_NATIVE };
	int rc = ck_filter_rules(diags->arena, &input, diags, ret);

	if (rc == 0 && !ret->origin.file) /* a section without a line */
		ret->origin = profile->seccomp.origin;
	return rc;
}

static bool answers(const struct ck_program *program, uint32_t action)
{
	for (size_t i = 0; i < program->count; i++)
		if (program->code[i].code == CK_RET && program->code[i].k == action)
			return true;
	return false;
}

/* The actions that are younger than filters. kill has always killed, if only a thread. */
static void check_actions(const struct ck_sys *sys, const struct ck_plan *plan,
			  struct ck_diags *diags)
{
	static const struct {
		uint32_t action;
		const char *words;
	} young[] = {
		{ CK_ACT_LOG, "log; write mode = enforce, and no answer log" },
		{ CK_ACT_KILL,
		  "kill, which calls of other ABIs get; take a kernel from 4.14 on" },
	};

	for (size_t i = 0; i < CK_ARRAY_SIZE(young); i++)
		if (answers(&plan->filter.program, young[i].action) &&
		    !ck_filter_action_known(sys, young[i].action))
			ck_diag_add(diags, "filter",
				    "this kernel's filters do not know the action %s",
				    young[i].words);
}

int ck_plan_filter(const struct ck_sys *sys, struct ck_plan *plan, struct ck_diags *diags)
{
	struct ck_plan_filter *filter = &plan->filter;
	size_t before = diags->count;

	if (!plan->profile->seccomp.origin.file)
		return 0;
	if (ck_filter_read(plan->profile, plan->keep, diags, &filter->rules) < 0)
		return -EINVAL;
	if (filter->rules.mode == CK_MODE_OFF)
		return 0;
	if (make_probe(&filter->probe) < 0) {
		ck_diag_add(
			diags, "filter",
			"the kernel gave no random bytes (AT_RANDOM), which its proof "
			"needs");
		return -EINVAL;
	}
	if (ck_filter_compile(diags->arena, &filter->rules, &filter->probe, diags,
			      &filter->program) < 0)
		return -EINVAL;
	filter->flags = ck_filter_flags(sys, filter->rules.flags);
	plan->todo |= 1U << CK_STEP_FILTER | 1U << CK_STEP_PROBE;
	check_actions(sys, plan, diags);
	check_loader(plan, diags);
	return diags->count > before ? -EINVAL : 0;
}
