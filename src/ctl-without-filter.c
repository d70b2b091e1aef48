/* SPDX-License-Identifier: MIT */
/* In place of the filter's commands where the filter was left out (--without-seccomp). */
#include "ctl-filter.h"
#include "ctl-learn.h"

#define MISSING "this " CK_CTL " was built without the filter (--without-seccomp)"
#define REMEDY "take one that was built with it"

static int missing(struct ck_ctl *ctl, const char *command)
{
	return ck_ctl_fail(ctl, CK_CTL_FAILED, command, MISSING "; " REMEDY);
}

bool ck_loads_filter(struct ck_ctl *ctl, const struct ck_profile *profile)
{
	(void)ctl;
	(void)profile;
	return false;
}

int ck_show_filter(struct ck_ctl *ctl)
{
	return missing(ctl, "show");
}

void ck_check_filter(struct ck_ctl *ctl, struct ck_check *check)
{
	(void)ctl;
	(void)check;
}

bool ck_explain_asks_call(const struct ck_ctl *ctl)
{
	(void)ctl;
	return false;
}

int ck_explain_call(struct ck_ctl *ctl, json_t *array)
{
	(void)array;
	return missing(ctl, "explain");
}

int ck_list_groups(struct ck_ctl *ctl)
{
	return missing(ctl, "list");
}

int ck_list_calls(struct ck_ctl *ctl)
{
	return missing(ctl, "list");
}

int ck_read_seccomp(struct ck_convert *convert, const struct ck_input *input, bool alone)
{
	return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, input->name,
			   MISSING ", and cannot convert %s; " REMEDY "%s",
			   alone ? "a seccomp profile" : "linux.seccomp",
			   alone ? "" : ", or take it out of the file");
}

const char *ck_seccomp_json(struct ck_convert *convert)
{
	(void)convert;
	return NULL;
}

int ck_ctl_trace(struct ck_ctl *ctl)
{
	return missing(ctl, "trace");
}

const char *ck_learn_foreign_name(const struct ck_call *call)
{
	(void)call;
	return NULL;
}

void ck_learn_see(struct ck_learn *learn, const struct ck_call *call)
{
	(void)learn;
	(void)call;
}

void ck_learn_filter(struct ck_learn *learn)
{
	(void)learn;
}

const char *ck_learn_no_filter(void)
{
	return MISSING "; " REMEDY;
}
