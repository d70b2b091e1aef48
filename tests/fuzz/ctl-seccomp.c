/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as JSON of docker, containers-common or OCI: refused with its reasons, or a
 * [seccomp] that the parser of profiles takes. What goes back to OCI is read again, and
 * allows nothing that was denied.
 */
#include "../../src/ctl-seccomp.h"
#include "fuzz.h"

/* What is only logged is allowed. */
static void forget_log(struct ck_rules *rules)
{
	uint32_t *actions[] = { &rules->default_action, &rules->unknown_action };

	for (size_t i = 0; i < CK_ARRAY_SIZE(actions); i++)
		if (*actions[i] == CK_ACT_LOG)
			*actions[i] = CK_ACT_ALLOW;
	for (unsigned int call = 0; call < ck_calls_count; call++)
		for (struct ck_rule *rule = rules->by_call[call]; rule; rule = rule->next)
			if (rule->action == CK_ACT_LOG)
				rule->action = CK_ACT_ALLOW;
}

static void read_back(struct ck_arena *arena, struct ck_seccomp_input input,
		      struct ck_rules *rules)
{
	struct ck_diags diags = { arena, NULL, 0, 0 }, notes = { arena, NULL, 0, 0 };
	struct ck_profile profile;
	struct ck_program program;
	struct ck_rules again;
	struct ck_proof proof;
	const char *text;

	CLAIM(ck_seccomp_to_oci(arena, rules, &notes, &input.json) == 0);
	input.length = strlen(input.json);
	CLAIM(ck_seccomp_from_oci(arena, &input, &diags, &notes, &text) == 0);
	ck_profile_empty("again", &profile);
	CLAIM(ck_profile_parse("again", text, strlen(text), &diags, &profile) == 0);
	CLAIM(ck_filter_read(&profile, 0, &diags, &again) == 0);
	forget_log(rules);
	forget_log(&again);
	/* OCI has no answer of its own for numbers without a name. */
	again.unknown_action = rules->unknown_action;
	if (ck_filter_compile(arena, &again, NULL, &diags, &program) < 0)
		return;
	CLAIM(ck_prove(rules, NULL, &program, 20, &proof) == 0);
	CLAIM(proof.loosened == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ck_arena arena = { 0 };
	struct ck_diags diags = { &arena, NULL, 0, 0 }, notes = { &arena, NULL, 0, 0 };
	struct ck_seccomp_input input = {
		"input",	   (const char *)bytes,	  length,    length * 77,
		CK_MACHINE_NATIVE, CK_KERNEL(6U, 1U, 0U), length % 2
	};
	struct ck_profile profile;
	struct ck_rules rules;
	const char *text;
	int rc = ck_seccomp_from_oci(&arena, &input, &diags, &notes, &text);

	claim_reasons(rc, &diags);
	if (rc == 0) {
		ck_profile_empty("input", &profile);
		CLAIM(ck_profile_parse("input", text, strlen(text), &diags, &profile) ==
		      0);
		if (ck_filter_read(&profile, 0, &diags, &rules) == 0)
			read_back(&arena, input, &rules);
		else
			CLAIM(diags.count > 0);
	}
	ck_arena_free(&arena);
	return 0;
}
