/* SPDX-License-Identifier: MIT */
/* capkeepctl check: the launcher's own parser and planner on a profile, and what to think
 * over. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ctl-filter.h"

static void add_problems(struct ck_check *check, struct ck_ctl *ctl)
{
	size_t i;

	for (i = 0; i < ctl->diags.count; i++)
		ck_finding_add(check, CK_FINDING_ERROR, "refused",
			       ctl->diags.list[i].where, "%s", ctl->diags.list[i].text);
	ctl->diags.count = 0;
}

/* What the planner asks of the surroundings, as calm as they can be. */
static void surroundings(struct ck_surroundings *ret)
{
	struct ck_surroundings around = { .pid = 2, .parent = 1, .session = 1 };

	if (ck_limits_read(&ck_sys_kernel, around.limits) < 0)
		memset(around.limits, 0xff, sizeof(around.limits));
	*ret = around;
}

static void plan(struct ck_ctl *ctl, struct ck_check *check, const struct ck_state *start)
{
	static struct ck_identity identity;
	const char *passwd = ck_ctl_value(ctl, "passwd"),
		   *group = ck_ctl_value(ctl, "group");
	const struct ck_profile *profile = &check->profile;
	struct ck_surroundings around;

	if (ck_identity_resolve(ctl->arena, profile, start,
				passwd ? passwd : CK_CTL_PASSWD,
				group ? group : CK_CTL_GROUP, &ctl->diags, &identity) < 0)
		return;
	surroundings(&around);
	check->planned = ck_plan_build(&(struct ck_plan_input){ profile, start, &around,
								&identity },
				       &ctl->diags, &check->plan) == 0;
}

static void check_one(struct ck_ctl *ctl, const char *name, const struct ck_state *start,
		      struct ck_check *check)
{
	check->arena = ctl->arena;
	check->name = name;
	check->as = ck_ctl_value(ctl, "as");
	if (ck_ctl_profile(ctl, name, &check->profile) == 0) {
		plan(ctl, check, start);
		ck_check_filter(ctl, check);
		add_problems(check, ctl);
		ck_check_warn(check, start);
	}
	add_problems(check, ctl);
}

static void print_findings(struct ck_ctl *ctl, const struct ck_check *check)
{
	struct ck_diags out = { .arena = ctl->arena };
	size_t i;

	for (i = 0; i < check->count; i++) {
		const struct ck_finding *finding = &check->list[i];

		ck_diag_add(&out, finding->where, "%s%s",
			    finding->level == CK_FINDING_WARNING ? "warning: " : "",
			    finding->text);
	}
	ctl->diags = out;
	ck_ctl_complain(ctl);
}

static const char *verdict(struct ck_ctl *ctl, const struct ck_check *check)
{
	const char *as = check->as ? check->as : "root";

	if (check->errors)
		return ck_paint(ctl, CK_RED,
				ck_format(ctl->arena, "does not start as %s", as));
	return ck_paint(ctl, check->warnings ? CK_YELLOW : CK_GREEN,
			ck_format(ctl->arena, "starts as %s, keeps %s", as,
				  ck_compact(ctl->arena, check->plan.keep, 0)));
}

static void print_text(struct ck_ctl *ctl, const struct ck_check *check)
{
	print_findings(ctl, check);
	ck_print(ctl, "%s: %s; problems: %zu, warnings: %zu\n",
		 ck_safe(ctl->arena, check->name), verdict(ctl, check), check->errors,
		 check->warnings);
	if (check->instructions)
		ck_print(ctl,
			 "%s: filter of %zu instructions; %llu calls decided as the "
			 "rules say%s\n",
			 ck_safe(ctl->arena, check->name), check->instructions,
			 (unsigned long long)(check->proof.compared -
					      check->proof.different),
			 check->proof.sampled ?
				 ck_format(ctl->arena,
					   "; of %llu numbers only a sample of the "
					   "arguments, which are too many",
					   (unsigned long long)check->proof.sampled) :
				 "");
	(void)fflush(ctl->out);
}

static json_t *filter_json(const struct ck_check *check)
{
	json_t *object = ck_json_object();

	if (!check->instructions) {
		json_decref(object);
		return ck_json_text(NULL);
	}
	ck_json_set(object, "instructions",
		    ck_json_number((long long)check->instructions));
	ck_json_set(object, "compared", ck_json_number((long long)check->proof.compared));
	ck_json_set(object, "sampled", ck_json_number((long long)check->proof.sampled));
	ck_json_set(object, "different",
		    ck_json_number((long long)check->proof.different));
	return object;
}

static json_t *finding_json(const struct ck_finding *finding)
{
	json_t *one = ck_json_object();

	ck_json_set(
		one, "level",
		ck_json_text(finding->level == CK_FINDING_ERROR ? "error" : "warning"));
	ck_json_set(one, "rule", ck_json_text(finding->rule));
	ck_json_set(one, "where", ck_json_text(finding->where));
	ck_json_set(one, "text", ck_json_text(finding->text));
	return one;
}

static json_t *check_json(const struct ck_check *check)
{
	json_t *object = ck_json_object(), *findings = ck_json_array();
	size_t i;

	for (i = 0; i < check->count; i++)
		ck_json_add(findings, finding_json(&check->list[i]));
	ck_json_set(object, "profile", ck_json_text(check->name));
	ck_json_set(object, "as", ck_json_text(check->as ? check->as : "root"));
	ck_json_set(object, "starts", ck_json_bool(check->planned && check->errors == 0));
	ck_json_set(object, "keeps",
		    check->planned ? ck_json_caps(check->plan.keep) : ck_json_text(NULL));
	ck_json_set(object, "before_exec",
		    check->planned ? ck_json_sets(&check->plan.after.sets) :
				     ck_json_text(NULL));
	ck_json_set(object, "filter", filter_json(check));
	ck_json_set(object, "findings", findings);
	return object;
}

static int parse_options(struct ck_ctl *ctl, struct ck_state *start)
{
	const char *as = ck_ctl_value(ctl, "as");

	if (ctl->operands.count == 0)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "check", "which profile?");
	if (ctl->json && ck_ctl_value(ctl, "sarif"))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "check",
				   "--json or --sarif, not both");
	return ck_start_state(ctl, as ? as : "root", start) < 0 ? CK_CTL_FAILED : 0;
}

int ck_ctl_check(struct ck_ctl *ctl)
{
	bool strict = ck_ctl_value(ctl, "strict"), sarif = ck_ctl_value(ctl, "sarif");
	struct ck_check *checks;
	struct ck_state start;
	json_t *array;
	size_t i, count = ctl->operands.count;
	int rc = parse_options(ctl, &start);

	if (rc != 0)
		return rc;
	array = ck_json_array();
	checks = ck_alloc_array(ctl->arena, count, sizeof(*checks));
	for (i = 0; i < count; i++) {
		check_one(ctl, ctl->operands.list[i], &start, &checks[i]);
		if (ctl->json)
			ck_json_add(array, check_json(&checks[i]));
		else if (!sarif)
			print_text(ctl, &checks[i]);
		if (checks[i].errors || (strict && checks[i].warnings))
			rc = CK_CTL_FINDINGS;
	}
	if (ctl->json)
		ck_json_print(ctl, array);
	else
		json_decref(array);
	if (sarif)
		ck_json_print(ctl, ck_check_sarif(checks, count));
	return rc;
}
