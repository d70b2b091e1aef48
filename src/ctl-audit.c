/* SPDX-License-Identifier: MIT */
/* capkeepctl audit: containers, pods, processes and profiles against CIS Docker and the
 * Pod Security Standards. */
#include <errno.h>
#include <string.h>

#include "ctl-audit.h"

static int audit_pids(struct ck_audit *audit)
{
	struct ck_ctl *ctl = audit->ctl;
	struct ck_process process;
	size_t i;
	pid_t pid;
	int rc;

	for (i = 0; i < ctl->operands.count; i++) {
		const char *word = ctl->operands.list[i];

		if (ck_pid_operand(ctl, word, &pid) < 0)
			return CK_CTL_USAGE;
		rc = ck_process_of(ctl->arena, pid, &process);
		if (rc < 0)
			return ck_process_fail(ctl, word, rc);
		ck_audit_process(audit, &process);
	}
	return 0;
}

static int audit_profile(struct ck_audit *audit, const char *path)
{
	struct ck_profile profile;

	if (ck_ctl_profile_file(audit->ctl, path, &profile) < 0) {
		ck_ctl_complain(audit->ctl);
		return CK_CTL_FAILED;
	}
	ck_audit_profile(audit, &profile);
	return 0;
}

static int audit_given(struct ck_audit *audit)
{
	const struct ck_ctl *ctl = audit->ctl;
	int status = 0;
	size_t i;

	for (i = 0; i < ctl->ngiven && status == 0; i++) {
		const char *name = ctl->given[i].option->name,
			   *value = ctl->given[i].value;

		if (!strcmp(name, "docker"))
			status = ck_audit_docker(audit, value);
		else if (!strcmp(name, "compose"))
			status = ck_audit_compose(audit, value);
		else if (!strcmp(name, "kubernetes"))
			status = ck_audit_kubernetes(audit, value);
		else if (!strcmp(name, "profile"))
			status = audit_profile(audit, value);
	}
	return status;
}

static int parse_options(struct ck_audit *audit, uint64_t *threshold)
{
	struct ck_ctl *ctl = audit->ctl;
	const char *level = ck_ctl_value(ctl, "level"),
		   *number = ck_ctl_value(ctl, "threshold");

	audit->level = CK_LEVEL_BASELINE;
	if (level && !strcmp(level, "restricted"))
		audit->level = CK_LEVEL_RESTRICTED;
	else if (level && strcmp(level, "baseline") != 0)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "--level",
				   "'%s' is neither baseline nor restricted", level);
	if (number && ck_number(number, strlen(number), UINT32_MAX, threshold) < 0)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "--threshold", "'%s' is no number",
				   number);
	if (ctl->json && ck_ctl_value(ctl, "junit"))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "audit",
				   "--json or --junit, not both");
	return 0;
}

int ck_ctl_audit(struct ck_ctl *ctl)
{
	struct ck_audit audit = { .ctl = ctl,
				  .item.out_of_memory = ck_ctl_out_of_memory };
	uint64_t threshold = 0;
	int status = parse_options(&audit, &threshold);

	if (status == 0)
		status = audit_pids(&audit);
	if (status == 0)
		status = audit_given(&audit);
	ck_arena_free(&audit.item);
	if (status == 0 && audit.subjects.count == 0)
		status = ck_ctl_fail(ctl, CK_CTL_USAGE, "audit",
				     "what? a PID, --docker, --compose, "
				     "--kubernetes or --profile");
	if (status != 0)
		return status;
	if (ctl->json)
		ck_audit_json(&audit);
	else if (ck_ctl_value(ctl, "junit"))
		ck_audit_junit(&audit);
	else
		ck_audit_print(&audit, ck_ctl_value(ctl, "all") != NULL);
	return audit.counts[CK_FAIL] > threshold ? CK_CTL_FINDINGS : CK_CTL_FINE;
}
