/* SPDX-License-Identifier: MIT */
/*
 * ctl-seccomp-back.c - the rule model -> linux.seccomp of an OCI config.json.
 *
 * OCI knows no else: "denied where D holds, else allowed where A holds" becomes rules for
 * D, and rules for A and not D. What has no such form is left to the default action, or
 * where that lets calls through, denied whatever the arguments; either is reported. So
 * nothing that the rules deny is allowed.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-seccomp.h"

static const char *const outer_calls[] = { "socketcall", "ipc" };

struct writer {
	struct ck_arena *arena;
	const struct ck_rules *rules;
	struct ck_diags *notes;
	json_t *syscalls;
	uint32_t fallback; /* defaultAction */
	bool failed;	   /* out of memory */
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

static void write_plain(struct writer *writer, uint32_t action)
{
	json_t *names = json_array(), *block;

	for (unsigned int call = 0; call < ck_calls_count; call++) {
		int abi = ck_oci_abi(writer->rules, call);
		const char *name = ck_call_name(call);

		if (abi < 0 || ck_is_conditional(writer->rules, call) ||
		    ck_oci_plain(writer->rules, call, (enum ck_abi)abi) != action)
			continue;
		if (ck_oci_derived(writer->rules, call, (enum ck_abi)abi, action))
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

/* Terms with the same answer. */
struct piece {
	uint32_t action;
	struct ck_sum sum;
};

/* What the deny rules of a call say; *rest is where none of them holds. */
static size_t take_denials(struct writer *writer, unsigned int call, struct piece *list,
			   struct ck_sum *rest)
{
	const struct ck_rules *rules = writer->rules;
	size_t count = 0;

	for (const struct ck_rule *rule = rules->by_call[call]; rule != NULL;
	     rule = rule->next) {
		struct ck_sum sum = ck_sum_of_rule(writer->arena, rules, rule, false);
		struct ck_sum opposite = ck_sum_of_rule(writer->arena, rules, rule, true);

		if (rule->allow)
			continue;
		/* A runtime asks a rule without conditions before all others, and of
		 * two that hold any one. */
		if (rule->count == 0 || ck_lets_through(rule->action))
			sum = ck_sum_multiply(writer->arena, rest, &sum);
		*rest = ck_sum_multiply(writer->arena, rest, &opposite);
		if (rule->action != writer->fallback)
			list[count++] = (struct piece){ rule->action, sum };
	}
	return count;
}

/* What is left where no deny rule holds. */
static struct piece take_rest(struct writer *writer, unsigned int call,
			      const struct ck_sum *rest)
{
	const struct ck_rules *rules = writer->rules;
	struct ck_sum allowed = ck_sum_new(writer->arena);
	struct piece piece = {
		ck_oci_plain(rules, call, (enum ck_abi)ck_oci_abi(rules, call)), *rest
	};
	bool any = false;

	for (const struct ck_rule *rule = rules->by_call[call]; rule != NULL;
	     rule = rule->next) {
		struct ck_sum sum = ck_sum_of_rule(writer->arena, rules, rule, false);

		if (rule->allow)
			ck_sum_append(&allowed, &sum);
		any = any || rule->allow;
	}
	if (any && rules->default_action == writer->fallback) {
		piece.action = CK_ACT_ALLOW;
		piece.sum = ck_sum_multiply(writer->arena, rest, &allowed);
	}
	return piece;
}

/* What denies a part, denies it all; what only logs is left to the default action. */
static void write_whole(struct writer *writer, unsigned int call,
			const struct piece *list, size_t count)
{
	struct ck_sum all = ck_sum_new(writer->arena);
	size_t i = 0;

	all.count = 1; /* the empty term: everywhere */
	while (i < count && ck_lets_through(list[i].action))
		i++;
	if (i < count)
		put_terms(writer, call, list[i].action, &all);
	ck_diag_add(writer->notes, ck_call_name(call),
		    "its conditions have no form in OCI; it gets %s there, whatever its "
		    "arguments",
		    ck_action_text(writer->arena,
				   i < count ? list[i].action : writer->fallback));
}

static bool get_on(const struct ck_sum *a, const struct ck_sum *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if ((a != b || i != j) &&
			    !ck_terms_get_on(&a->list[i], &b->list[j]))
				return false;
	return true;
}

static void write_pieces(struct writer *writer, unsigned int call, struct piece *list,
			 size_t count)
{
	bool broken = false, allow = false;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j <= i; j++)
			if (!get_on(&list[i].sum, &list[j].sum))
				list[i].sum.broken = list[j].sum.broken = true;
	for (size_t i = 0; i < count; i++) {
		broken = broken || list[i].sum.broken;
		allow = allow || (list[i].sum.broken && list[i].action == CK_ACT_ALLOW);
	}
	if (broken && ck_lets_through(writer->fallback)) {
		write_whole(writer, call, list, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!list[i].sum.broken)
			put_terms(writer, call, list[i].action, &list[i].sum);
	if (broken)
		ck_diag_add(
			writer->notes, ck_call_name(call),
			"its conditions have no form in OCI; what they would %s gets the "
			"default action there",
			allow ? "allow" : "answer");
}

static void write_conditional(struct writer *writer, unsigned int call)
{
	const struct ck_rules *rules = writer->rules;
	struct ck_sum rest = ck_sum_new(writer->arena);
	struct piece *list, last;
	size_t count = 1;

	if (ck_oci_abi(rules, call) < 0)
		return;
	for (const struct ck_rule *rule = rules->by_call[call]; rule != NULL;
	     rule = rule->next)
		count++;
	list = ck_alloc_array(writer->arena, count, sizeof(*list));
	rest.count = 1; /* everywhere, so far */
	count = take_denials(writer, call, list, &rest);
	last = take_rest(writer, call, &rest);
	if (last.action != writer->fallback)
		list[count++] = last;
	write_pieces(writer, call, list, count);
}

/* The distinct actions of calls without conditions. */
static size_t collect_actions(const struct ck_rules *rules, uint32_t fallback,
			      uint32_t *list, size_t room)
{
	size_t count = 0, i;

	for (unsigned int call = 0; call < ck_calls_count; call++) {
		int abi = ck_oci_abi(rules, call);
		uint32_t action;

		if (abi < 0 || ck_is_conditional(rules, call))
			continue;
		action = ck_oci_plain(rules, call, (enum ck_abi)abi);
		for (i = 0; i < count && list[i] != action; i++)
			;
		if (i == count && action != fallback && count < room)
			list[count++] = action;
	}
	return count;
}

static bool i386_is_lost(const struct writer *writer)
{
	for (size_t i = 0; i < CK_ARRAY_SIZE(outer_calls); i++) {
		const char *why =
			ck_oci_lost(writer->rules,
				    (unsigned int)ck_call_find(outer_calls[i],
							       strlen(outer_calls[i])),
				    writer->fallback);

		if (why != NULL) {
			ck_diag_add(writer->notes, outer_calls[i], "%s", why);
			return true;
		}
	}
	return false;
}

/* The ABIs of which a runtime would allow no more than the rules. What is left out is
 * killed. */
static unsigned int choose_abis(const struct writer *writer)
{
	unsigned int abis = writer->rules->abis, call = 0;

	if ((abis >> CK_ABI_I386 & 1U) != 0 && i386_is_lost(writer))
		abis &= ~(1U << CK_ABI_I386);
	while (call < ck_calls_count && !ck_oci_wide(writer->rules, call))
		call++;
	if ((abis >> CK_ABI_X32 & 1U) != 0 && call < ck_calls_count) {
		ck_diag_add(
			writer->notes, ck_call_name(call),
			"OCI runtimes compare only the lower half of the arguments of "
			"x32; x32 is left out");
		abis &= ~(1U << CK_ABI_X32);
	}
	return abis;
}

static json_t *arches_json(struct writer *writer)
{
	static const char *const names[CK_ABIS] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
						    "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64",
						    "SCMP_ARCH_ARM" };
	json_t *list = json_array();

	for (unsigned int abi = 0; abi < CK_ABIS; abi++)
		if ((writer->rules->abis >> abi & 1U) != 0)
			writer->failed |=
				json_array_append_new(list, json_string(names[abi])) != 0;
	return list;
}

/* An empty list too: where there is none, runc and crun set SPEC_ALLOW. */
static json_t *flags_json(struct writer *writer)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} names[] = {
		{ CK_FLAG_LOG, "SECCOMP_FILTER_FLAG_LOG" },
		{ CK_FLAG_SPEC_ALLOW, "SECCOMP_FILTER_FLAG_SPEC_ALLOW" },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < CK_ARRAY_SIZE(names); i++)
		if ((writer->rules->flags & names[i].flag) != 0)
			writer->failed |= json_array_append_new(
						  list, json_string(names[i].name)) != 0;
	return list;
}

/* What OCI has no words for, whatever the calls. */
static void note_limits(const struct writer *writer)
{
	const struct ck_rules *rules = writer->rules;

	for (size_t i = 0; i < CK_ARRAY_SIZE(outer_calls); i++) {
		unsigned int call = (unsigned int)ck_call_find(outer_calls[i],
							       strlen(outer_calls[i]));

		if ((rules->abis >> CK_ABI_I386 & 1U) != 0 &&
		    ck_oci_derived(rules, call, CK_ABI_I386,
				   ck_oci_plain(rules, call, CK_ABI_I386)))
			ck_diag_add(
				writer->notes, outer_calls[i],
				"OCI runtimes derive its operations from the calls that they "
				"stand for; what is none gets the default action there");
	}
	if (rules->unknown_action != writer->fallback)
		ck_diag_add(writer->notes, "unknown",
			    "OCI has one answer for what is not allowed and for "
			    "numbers without a name; both get that of `default`");
	if (ck_lets_through(writer->fallback) && ck_oci_denies(rules))
		ck_diag_add(writer->notes, "default",
			    "a runtime passes over names that it does not know; a denied "
			    "call that is newer than it is let through there, unless "
			    "`unknown` denies");
}

int ck_seccomp_to_oci(struct ck_arena *arena, const struct ck_rules *rules,
		      struct ck_diags *notes, const char **ret)
{
	struct ck_rules enforced = *rules;
	struct writer writer = {
		arena, &enforced, notes, json_array(), ck_oci_default(rules), false
	};
	uint32_t actions[140];
	json_t *root =
		action_json(&writer, writer.fallback, "defaultAction", "defaultErrnoRet");
	char *text = NULL;
	size_t count;

	enforced.mode = CK_MODE_ENFORCE; /* with log every denial would read as LOG */
	enforced.abis = choose_abis(&writer);
	count = collect_actions(&enforced, writer.fallback, actions,
				CK_ARRAY_SIZE(actions));
	writer.failed |=
		json_object_set_new(root, "architectures", arches_json(&writer)) != 0;
	writer.failed |= json_object_set_new(root, "flags", flags_json(&writer)) != 0;
	for (size_t i = 0; i < count; i++)
		write_plain(&writer, actions[i]);
	for (unsigned int call = 0; call < ck_calls_count; call++)
		if (ck_is_conditional(rules, call))
			write_conditional(&writer, call);
	writer.failed |= json_object_set_new(root, "syscalls", writer.syscalls) != 0;
	note_limits(&writer);
	if (rules->mode != CK_MODE_ENFORCE)
		ck_diag_add(notes, "mode",
			    "OCI has no complain mode; the rules are enforced there");
	if (!writer.failed)
		text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	if (text == NULL)
		return -ENOMEM;
	*ret = ck_strndup(arena, text, strlen(text));
	free(text);
	return 0;
}
