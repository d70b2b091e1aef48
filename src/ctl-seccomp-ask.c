/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-ask.c - what the rule model says of a call as a whole: the answers from
 * which ctl-seccomp-back.c makes a profile for OCI runtimes. Writes nothing.
 */
#include <string.h>

#include "ctl-seccomp.h"

bool ck_lets_through(uint32_t action)
{
	return action == CK_ACT_ALLOW || action == CK_ACT_LOG;
}

uint32_t ck_oci_default(const struct ck_rules *rules)
{
	if (ck_lets_through(rules->default_action) &&
	    !ck_lets_through(rules->unknown_action))
		return rules->unknown_action;
	return rules->default_action;
}

bool ck_is_conditional(const struct ck_rules *rules, unsigned int call)
{
	const struct ck_rule *rule;

	for (rule = rules->by_call[call]; rule != NULL; rule = rule->next)
		if (rule->count != 0)
			return true;
	return false;
}

int ck_oci_abi(const struct ck_rules *rules, unsigned int call)
{
	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if ((rules->abis >> abi & 1U) != 0 && ck_call_number(call, abi) >= 0)
			return (int)abi;
	return -1;
}

uint32_t ck_oci_plain(const struct ck_rules *rules, unsigned int call, enum ck_abi abi)
{
	struct ck_rules without = *rules;
	struct ck_call_data data = { .arch = ck_abi_arch(abi) };
	struct ck_rule *rule = rules->by_call[call];
	struct ck_answer verdict;

	for (const struct ck_rule *any = rule; any != NULL; any = any->next)
		if (any->allow && ck_is_conditional(rules, call))
			return rules->default_action;
	data.nr = (uint32_t)ck_call_number(call, abi) |
		  (abi == CK_ABI_X32 ? CK_X32_BIT : 0);
	if (ck_is_conditional(rules, call))
		without.by_call[call] = NULL; /* by_call is shared: put back below */
	ck_evaluate(&without, NULL, &data, &verdict);
	without.by_call[call] = rule;
	return verdict.action;
}

bool ck_oci_derived(const struct ck_rules *rules, unsigned int call, enum ck_abi abi,
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

bool ck_oci_denies(const struct ck_rules *rules)
{
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		const struct ck_rule *rule = rules->by_call[call];
		int abi = ck_oci_abi(rules, call);

		if (abi < 0)
			continue;
		for (; rule != NULL; rule = rule->next)
			if (!rule->allow && !ck_lets_through(rule->action))
				return true;
		if (!ck_lets_through(ck_oci_plain(rules, call, (enum ck_abi)abi)))
			return true;
	}
	return false;
}

static bool has_conditional_operation(const struct ck_rules *rules, unsigned int outer)
{
	for (uint64_t number = 0; number < 32; number++) {
		const char *name = ck_call_operation(outer, number);
		int inner = ck_call_find(name, strlen(name));

		if (inner >= 0 && ck_is_conditional(rules, (unsigned int)inner))
			return true;
	}
	return false;
}

/* A runtime adds to socketcall and ipc what follows from the rules of the operations' own
 * calls: their first argument becomes the operation, at the whole width, and the others
 * are compared with what are pointers here. Only a plain allow of the outer call survives
 * that. And it knows only one of the forms that an operation's number may have. */
const char *ck_oci_lost(const struct ck_rules *rules, unsigned int outer,
			uint32_t fallback)
{
	const struct ck_rule *rule = rules->by_call[outer];

	if (rule == NULL && has_conditional_operation(rules, outer))
		return "OCI runtimes would take the conditions of its operations for its "
		       "own arguments; i386 is left out";
	if (rule == NULL && ck_lets_through(fallback) &&
	    ck_oci_derived(rules, outer, CK_ABI_I386,
			   ck_oci_plain(rules, outer, CK_ABI_I386)))
		return "OCI runtimes would deny its operations in one of their forms "
		       "only; i386 is left out";
	for (; rule != NULL; rule = rule->next)
		if (!rule->allow || rule->count != 0)
			return "OCI runtimes would add the operations of allowed calls to "
			       "its rules; i386 is left out";
	return NULL;
}

bool ck_oci_wide(const struct ck_rules *rules, unsigned int call)
{
	for (const struct ck_rule *rule = rules->by_call[call]; rule; rule = rule->next)
		for (size_t i = 0; i < rule->count; i++)
			if (rule->conditions[i].test == CK_TEST_VALUES &&
			    rule->conditions[i].slot[CK_ABI_X32].width == 64)
				return true;
	return false;
}
