/* SPDX-License-Identifier: MIT */
/* The filter of a profile, for show, check and convert. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "ctl-filter.h"
#include "ctl-seccomp.h"

#define PROBE_NONCE UINT64_C(0x6361706b65657021)
#define PROBE_ERRNO 3000U
#define NONE "[seccomp] is not there: the profile has no filter"

static const struct ck_probe probe = { PROBE_NONCE, PROBE_ERRNO };

int ck_filter_build(struct ck_ctl *ctl, const char *name, bool notify,
		    struct ck_built *ret)
{
	const struct ck_profile *profile = &ret->profile;

	if (ck_ctl_profile(ctl, name, &ret->profile) < 0) {
		ck_ctl_complain(ctl);
		return CK_CTL_FAILED;
	}
	if (!profile->seccomp.origin.file)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, name, NONE);
	if (ck_filter_read(profile, profile->keep.mask | profile->optional.mask,
			   &ctl->diags, &ret->rules) == 0) {
		if (notify)
			ret->rules.mode = CK_MODE_NOTIFY;
		if (ck_filter_compile(ctl->arena, &ret->rules, notify ? NULL : &probe,
				      &ctl->diags, &ret->program) == 0)
			return 0;
	}
	ck_ctl_complain(ctl);
	return CK_CTL_FAILED;
}

bool ck_loads_filter(struct ck_ctl *ctl, const struct ck_profile *profile)
{
	struct ck_rules rules;

	return profile->seccomp.origin.file &&
	       ck_filter_read(profile, profile->keep.mask | profile->optional.mask,
			      &ctl->diags, &rules) == 0 &&
	       rules.mode != CK_MODE_OFF;
}

/* ---- show --filter ---- */

static json_t *program_json(struct ck_ctl *ctl, const struct ck_built *built)
{
	const char *text = ck_program_text(ctl->arena, &built->program);
	json_t *object = ck_json_object(), *lines = ck_json_array();

	for (size_t i = 0; i < built->program.count; i++) {
		const struct ck_insn *insn = &built->program.code[i];
		size_t length = strcspn(text, "\n");
		json_t *one = ck_json_object();

		ck_json_set(one, "code", ck_json_number(insn->code));
		ck_json_set(one, "jt", ck_json_number(insn->jt));
		ck_json_set(one, "jf", ck_json_number(insn->jf));
		ck_json_set(one, "k", ck_json_number(insn->k));
		ck_json_set(one, "text",
			    ck_json_text(ck_strndup(ctl->arena, text, length)));
		ck_json_add(lines, one);
		text += length + (text[length] ? 1 : 0);
	}
	ck_json_set(object, "profile", ck_json_text(built->profile.name));
	ck_json_set(object, "instructions", lines);
	return object;
}

int ck_show_filter(struct ck_ctl *ctl)
{
	static struct ck_built built;
	int status;

	if (ctl->operands.count)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "show",
				   "--filter PROFILE stands without pids");
	status = ck_filter_build(ctl, ck_ctl_value(ctl, "filter"), false, &built);
	if (status != 0)
		return status;
	if (ctl->json)
		ck_json_print(ctl, program_json(ctl, &built));
	else
		ck_print(ctl, "%s", ck_program_text(ctl->arena, &built.program));
	return CK_CTL_FINE;
}

/* ---- check ---- */

static void add_notes(struct ck_check *check, const struct ck_rules *rules)
{
	struct ck_diags notes = { .arena = check->arena };
	size_t i;

	ck_rules_notes(rules, &notes);
	for (i = 0; i < notes.count; i++)
		ck_finding_add(check, CK_FINDING_WARNING, "filter-no-effect",
			       notes.list[i].where, "%s", notes.list[i].text);
}

/* Every number of every ABI, and the boundaries of every compared argument. */
static void prove(struct ck_check *check, const struct ck_built *built)
{
	const char *at = ck_origin_text(check->arena, &check->profile.seccomp.origin);

	if (ck_prove(&built->rules, &probe, &built->program, CK_PROVE_LIMIT,
		     &check->proof) < 0)
		ck_finding_add(check, CK_FINDING_ERROR, "filter-malformed", at,
			       "the kernel would not take the program of the filter");
	else if (check->proof.different)
		ck_finding_add(check, CK_FINDING_ERROR, "filter-differs", at,
			       "the program and the rules differ in %llu of %llu calls; "
			       "please report it",
			       (unsigned long long)check->proof.different,
			       (unsigned long long)check->proof.compared);
	check->instructions = built->program.count;
}

void ck_check_filter(struct ck_ctl *ctl, struct ck_check *check)
{
	const struct ck_profile *profile = &check->profile;
	struct ck_built built;
	uint64_t keep = check->planned ? check->plan.keep :
					 profile->keep.mask | profile->optional.mask;

	if (!profile->seccomp.origin.file)
		return;
	/* The whole of it, with who may load it; else what can be said of the rules. */
	if (check->planned &&
	    ck_plan_filter(&ck_sys_kernel, &check->plan, &ctl->diags) < 0)
		return;
	if (ck_filter_read(profile, keep, &ctl->diags, &built.rules) < 0)
		return;
	if (built.rules.mode == CK_MODE_OFF) {
		ck_finding_add(check, CK_FINDING_WARNING, "filter-off",
			       ck_origin_text(check->arena, &profile->seccomp.origin),
			       "mode = off: no filter is loaded");
		return;
	}
	if (ck_filter_compile(ctl->arena, &built.rules, &probe, &ctl->diags,
			      &built.program) < 0)
		return;
	prove(check, &built);
	add_notes(check, &built.rules);
	ck_check_groups(check, keep);
	if (built.rules.mode == CK_MODE_LOG)
		ck_finding_add(check, CK_FINDING_WARNING, "filter-log",
			       ck_origin_text(check->arena, &profile->seccomp.origin),
			       "mode = log: what would be denied is only logged");
}

/* ---- convert ---- */

static unsigned int running_kernel(void)
{
	unsigned long major, minor = 0;
	struct utsname name;
	char *end;

	if (uname(&name) < 0)
		return 0;
	major = strtoul(name.release, &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, NULL, 10);
	return CK_KERNEL((unsigned int)major, (unsigned int)minor, 0U);
}

/* Parsed by the profile's own parser, over what there is already. */
static int take_text(struct ck_convert *convert, const char *text)
{
	struct ck_diags *diags = &convert->ctl->diags;

	if (ck_profile_parse("the result", text, strlen(text), diags,
			     &convert->profile) == 0)
		return 0;
	ck_ctl_complain(convert->ctl);
	return CK_CTL_FAILED;
}

static int take_keep(struct ck_convert *convert, const char *name)
{
	const char *list = ck_ctl_value(convert->ctl, "keep");

	ck_profile_empty(name, &convert->profile);
	if (!list)
		ck_note(convert,
			"resolved for what docker keeps by default; --keep LIST says what "
			"the program needs, and is the keep of the profile then");
	return take_text(convert, ck_format(convert->ctl->arena,
					    "[capabilities]\nkeep = %s\n\n[process]\n"
					    "user = unchanged\n",
					    list ? list : "@docker-default"));
}

/* Resolved for what the container keeps, which such a file does not say itself. */
int ck_read_seccomp(struct ck_convert *convert, const struct ck_input *input, bool alone)
{
	struct ck_ctl *ctl = convert->ctl;
	struct ck_seccomp_input seccomp = { .name = input->name,
					    .json = input->bytes,
					    .length = input->length,
					    .machine = CK_MACHINE_NATIVE,
					    .kernel = running_kernel(),
					    .raw64 = ck_ctl_value(ctl, "raw64") };
	int status = alone ? take_keep(convert, input->name) : 0;
	const char *section;

	if (status != 0)
		return status;
	seccomp.keep = convert->profile.keep.mask;
	if (ck_seccomp_from_oci(ctl->arena, &seccomp, &ctl->diags, &convert->notes,
				&section) == 0)
		return take_text(convert, section);
	ck_ctl_complain(ctl);
	return CK_CTL_FAILED;
}

const char *ck_seccomp_json(struct ck_convert *convert)
{
	struct ck_ctl *ctl = convert->ctl;
	const struct ck_profile *profile = &convert->profile;
	struct ck_rules rules;
	const char *text;

	if (!profile->seccomp.origin.file)
		return NULL;
	if (ck_filter_read(profile, profile->keep.mask, &ctl->diags, &rules) < 0) {
		ck_ctl_complain(ctl);
		return "";
	}
	if (rules.mode == CK_MODE_OFF) {
		ck_note(convert, "[seccomp] has mode = off, which loads no filter; "
				 "there is no linux.seccomp");
		return NULL;
	}
	if (ck_seccomp_to_oci(ctl->arena, &rules, &convert->notes, &text) == 0)
		return text;
	ck_ctl_complain(ctl);
	return "";
}
