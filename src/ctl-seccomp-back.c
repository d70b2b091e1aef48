/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-back.c - the rule model -> linux.seccomp of an OCI config.json.
 *
 * OCI knows no else: "denied where D holds, else allowed where A holds" becomes rules for
 * D, and rules for A and not D. What has no such form is left to the default action and
 * reported, so that nothing that the rules deny is allowed.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-seccomp.h"

struct writer {
	struct ck_arena *arena;
	const struct ck_rules *rules;
	struct ck_diags *notes;
	json_t *syscalls;
	bool failed; /* out of memory */
};

/* ---- JSON ---- */

static json_t *action_json(struct writer *writer, uint32_t action, const char *name,
			   const char *number)
{
	static const struct {
		uint32_t action;
		const char *name;
	} actions[] = {
		{ CK_ACT_ALLOW, "SCMP_ACT_ALLOW" },
		{ CK_ACT_LOG, "SCMP_ACT_LOG" },
		{ CK_ACT_TRAP, "SCMP_ACT_TRAP" },
		{ CK_ACT_KILL, "SCMP_ACT_KILL_PROCESS" },
		{ CK_ACT_KILL_THREAD, "SCMP_ACT_KILL_THREAD" },
	};
	json_t *object = json_object();

	for (size_t i = 0; i < CK_ARRAY_SIZE(actions); i++)
		if (actions[i].action == action)
			writer->failed |=
				json_object_set_new(object, name,
						    json_string(actions[i].name)) != 0;
	if ((action & 0xffff0000U) == CK_ACT_ERRNO) {
		writer->failed |= json_object_set_new(object, name,
						      json_string("SCMP_ACT_ERRNO")) != 0;
		writer->failed |=
			json_object_set_new(object, number,
					    json_integer(action & 0xffffU)) != 0;
	}
	return object;
}

static json_t *term_json(struct writer *writer, const struct ck_term *term)
{
	static const char *const ops[] = { "SCMP_CMP_NE",	"SCMP_CMP_LT",
					   "SCMP_CMP_LE",	"SCMP_CMP_EQ",
					   "SCMP_CMP_GE",	"SCMP_CMP_GT",
					   "SCMP_CMP_MASKED_EQ" };
	json_t *list = json_array();

	for (size_t i = 0; i < term->count; i++) {
		const struct ck_oci_arg *arg = &term->args[i];
		json_t *item = json_pack("{s:i, s:I, s:I, s:s}", "index", (int)arg->index,
					 "value", (json_int_t)arg->value, "valueTwo",
					 (json_int_t)arg->two, "op", ops[arg->op]);

		writer->failed |= json_array_append_new(list, item) != 0;
	}
	return list;
}

static void put_terms(struct writer *writer, unsigned int call, uint32_t action,
		      const struct ck_sum *sum)
{
	for (size_t i = 0; i < sum->count; i++) {
		json_t *block = action_json(writer, action, "action", "errnoRet");

		writer->failed |=
			json_object_set_new(block, "names",
					    json_pack("[s]", ck_call_name(call))) != 0;
		if (sum->list[i].count > 0)
			writer->failed |= json_object_set_new(
						  block, "args",
						  term_json(writer, &sum->list[i])) != 0;
		writer->failed |= json_array_append_new(writer->syscalls, block) != 0;
	}
}

/* ---- calls ---- */

static bool is_conditional(const struct ck_rules *rules, unsigned int call)
{
	const struct ck_rule *rule;

	for (rule = rules->by_call[call]; rule != NULL; rule = rule->next)
		if (rule->count != 0)
			return true;
	return false;
}

/* An ABI of the rules that has the call, or -1. */
static int abi_of(const struct ck_rules *rules, unsigned int call)
{
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if ((rules->abis >> abi & 1U) != 0 && ck_call_number(call, abi) >= 0)
			return (int)abi;
	return -1;
}

/* What happens whatever the arguments; of a conditional call, where no rule of its own
 * decides. */
static uint32_t plain_action(const struct ck_rules *rules, unsigned int call,
			     enum ck_abi abi)
{
	struct ck_rules without = *rules;
	struct ck_call_data data = { .arch = ck_abi_arch(abi) };
	struct ck_rule *rule = rules->by_call[call];
	struct ck_answer verdict;

	for (const struct ck_rule *any = rule; any != NULL; any = any->next)
		if (any->allow && is_conditional(rules, call))
			return rules->default_action;
	data.nr = (uint32_t)ck_call_number(call, abi) |
		  (abi == CK_ABI_X32 ? CK_X32_BIT : 0);
	without.mode = CK_MODE_ENFORCE;
	if (is_conditional(rules, call))
		without.by_call[call] = NULL; /* by_call is shared: put back below */
	ck_evaluate(&without, NULL, &data, &verdict);
	without.by_call[call] = rule;
	return verdict.action;
}

/* socketcall and ipc without rules of their own: where their operations differ,
 * libseccomp derives them from the calls that they stand for. */
static bool is_derived(const struct ck_rules *rules, unsigned int call, enum ck_abi abi,
		       uint32_t action)
{
	struct ck_call_data data = { .arch = ck_abi_arch(abi) };
	const char *name = ck_call_name(call);
	struct ck_answer verdict;

	if (rules->by_call[call] != NULL ||
	    (strcmp(name, "socketcall") != 0 && strcmp(name, "ipc") != 0))
		return false;
	data.nr = (uint32_t)ck_call_number(call, abi);
	for (data.args[0] = 0; data.args[0] < 32; data.args[0]++) {
		ck_evaluate(rules, NULL, &data, &verdict);
		if (verdict.action != action)
			return true;
	}
	return false;
}

static void write_plain(struct writer *writer, uint32_t action)
{
	json_t *names = json_array(), *block;

	for (unsigned int call = 0; call < ck_calls_count; call++) {
		int abi = abi_of(writer->rules, call);
		const char *name = ck_call_name(call);

		if (abi < 0 || is_conditional(writer->rules, call) ||
		    plain_action(writer->rules, call, (enum ck_abi)abi) != action)
			continue;
		if (is_derived(writer->rules, call, (enum ck_abi)abi, action))
			continue;
		writer->failed |= json_array_append_new(names, json_string(name)) != 0;
	}
	if (json_array_size(names) == 0) {
		json_decref(names);
		return;
	}
	block = action_json(writer, action, "action", "errnoRet");
	writer->failed |= json_object_set_new(block, "names", names) != 0;
	writer->failed |= json_array_append_new(writer->syscalls, block) != 0;
}

static void write_conditional(struct writer *writer, unsigned int call, uint32_t fallback)
{
	const struct ck_rules *rules = writer->rules;
	struct ck_sum rest = ck_sum_new(writer->arena),
		      allowed = ck_sum_new(writer->arena);
	int abi = abi_of(rules, call);
	uint32_t other = abi < 0 ? 0 : plain_action(rules, call, (enum ck_abi)abi);
	bool allow = false, broken = false;

	if (abi < 0)
		return;
	rest.count = 1;
	for (const struct ck_rule *rule = rules->by_call[call]; rule != NULL;
	     rule = rule->next) {
		struct ck_sum sum = ck_sum_of_rule(writer->arena, rules, rule, false);
		struct ck_sum not = ck_sum_of_rule(writer->arena, rules, rule, true);

		allow = allow || rule->allow;
		if (rule->allow)
			ck_sum_append(&allowed, &sum);
		else
			rest = ck_sum_multiply(writer->arena, &rest, &not );
		if (rule->allow || rule->action == fallback)
			continue;
		broken = broken || sum.broken;
		if (!sum.broken)
			put_terms(writer, call, rule->action, &sum);
	}
	if (allow)
		rest = ck_sum_multiply(writer->arena, &rest, &allowed);
	other = allow ? CK_ACT_ALLOW : other;
	if (other != fallback && !rest.broken)
		put_terms(writer, call, other, &rest);
	if (broken || (other != fallback && rest.broken))
		ck_diag_add(
			writer->notes, ck_call_name(call),
			"its conditions have no form in OCI; what they would %s gets the default "
			"action there",
			rest.broken && other == CK_ACT_ALLOW ? "allow" : "answer");
}

/* The distinct actions of calls without conditions. */
static size_t collect_actions(const struct ck_rules *rules, uint32_t fallback,
			      uint32_t *list, size_t room)
{
	size_t count = 0, i;

	for (unsigned int call = 0; call < ck_calls_count; call++) {
		int abi = abi_of(rules, call);
		uint32_t action;

		if (abi < 0 || is_conditional(rules, call))
			continue;
		action = plain_action(rules, call, (enum ck_abi)abi);
		for (i = 0; i < count && list[i] != action; i++)
			;
		if (i == count && action != fallback && count < room)
			list[count++] = action;
	}
	return count;
}

/* A runtime adds what follows from the operations' own calls to any rules for socketcall
 * and ipc; only a plain allow survives that. Otherwise i386 is left out, which is killed
 * then. */
static bool i386_is_lost(const struct ck_rules *rules, struct ck_diags *notes)
{
	static const char *const outer[] = { "socketcall", "ipc" };

	if ((rules->abis >> CK_ABI_I386 & 1U) == 0)
		return false;
	for (size_t i = 0; i < CK_ARRAY_SIZE(outer); i++) {
		const struct ck_rule *rule =
			rules->by_call[ck_call_find(outer[i], strlen(outer[i]))];

		for (; rule != NULL; rule = rule->next)
			if (!rule->allow || rule->count != 0) {
				ck_diag_add(
					notes, outer[i],
					"OCI runtimes would add the operations of "
					"allowed calls to its rules; i386 is left out");
				return true;
			}
	}
	return false;
}

static json_t *arches_json(const struct ck_rules *rules, struct ck_diags *notes)
{
	static const char *const names[CK_ABIS] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
						    "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64",
						    "SCMP_ARCH_ARM" };
	unsigned int abis = rules->abis;
	json_t *list = json_array();

	if (i386_is_lost(rules, notes))
		abis &= ~(1U << CK_ABI_I386);
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if ((abis >> abi & 1U) != 0)
			(void)!json_array_append_new(list, json_string(names[abi]));
	return list;
}

/* What OCI has no words for, whatever the calls. */
static void note_limits(const struct ck_rules *rules, uint32_t fallback,
			struct ck_diags *notes)
{
	static const char *const derived[] = { "socketcall", "ipc" };

	for (size_t i = 0; i < CK_ARRAY_SIZE(derived); i++) {
		unsigned int call =
			(unsigned int)ck_call_find(derived[i], strlen(derived[i]));

		if ((rules->abis >> CK_ABI_I386 & 1U) != 0 &&
		    is_derived(rules, call, CK_ABI_I386,
			       plain_action(rules, call, CK_ABI_I386)))
			ck_diag_add(
				notes, derived[i],
				"OCI runtimes derive its operations from the calls that they "
				"stand for; what is none gets the default action there");
	}
	if (rules->unknown_action != fallback)
		ck_diag_add(notes, "unknown",
			    "OCI has one answer for what is not allowed and for "
			    "numbers without a name; both get that of `default`");
	if (rules->mode != CK_MODE_ENFORCE)
		ck_diag_add(notes, "mode",
			    "OCI has no complain mode; the rules are enforced there");
}

int ck_seccomp_to_oci(struct ck_arena *arena, const struct ck_rules *rules,
		      struct ck_diags *notes, const char **ret)
{
	uint32_t fallback = rules->default_action, actions[140];
	struct writer writer = { arena, rules, notes, json_array(), false };
	json_t *root = action_json(&writer, fallback, "defaultAction", "defaultErrnoRet");
	size_t count = collect_actions(rules, fallback, actions, CK_ARRAY_SIZE(actions));
	char *text = NULL;

	writer.failed |= json_object_set_new(root, "architectures",
					     arches_json(rules, notes)) != 0;
	for (size_t i = 0; i < count; i++)
		write_plain(&writer, actions[i]);
	for (unsigned int call = 0; call < ck_calls_count; call++)
		if (is_conditional(rules, call))
			write_conditional(&writer, call, fallback);
	writer.failed |= json_object_set_new(root, "syscalls", writer.syscalls) != 0;
	note_limits(rules, fallback, notes);
	if (!writer.failed)
		text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	if (text == NULL)
		return -ENOMEM;
	*ret = ck_strndup(arena, text, strlen(text));
	free(text);
	return 0;
}
