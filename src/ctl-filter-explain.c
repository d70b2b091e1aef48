/* SPDX-License-Identifier: MIT */
/* capkeepctl explain PROFILE CALL [ARG...]: what a filter answers, and which line says
 * so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-filter.h"

/* A call by its name, or by its number on the native ABI. */
static int call_of(const char *word)
{
	uint64_t number;

	if (ck_number(word, strlen(word), 0x7fffffff, &number) == 0)
		return ck_call_by_number(CK_ABI_NATIVE, (uint32_t)number);
	return ck_call_find(word, strlen(word));
}

static bool is_capability(const char *word)
{
	uint64_t mask;

	return ck_cap_number(word, strlen(word)) >= 0 || !strncmp(word, "0x", 2) ||
	       ck_is_digits(word, strlen(word)) ||
	       ck_cap_preset(word, strlen(word), &mask);
}

bool ck_explain_asks_call(const struct ck_ctl *ctl)
{
	const char *word;

	if (ctl->rest || ctl->operands.count < 2 || is_capability(ctl->operands.list[0]))
		return false;
	word = ctl->operands.list[1];
	return !strchr(word, '/') && !strchr(word, '.');
}

/* One constant of the argument's set. */
static bool constant_of(const struct ck_rules *rules, unsigned int call, unsigned int arg,
			const char *word, size_t length, uint64_t *ret)
{
	char name[] = "arg0";
	struct ck_constant constant = { NULL, NULL, 0, 0, NULL };
	struct ck_slot slot;
	const char *set;
	size_t set_length;

	name[3] = (char)('0' + arg);
	if (!ck_arg_find(call, rules->native, name, 4, &slot, &set, &set_length) || !set)
		return false;
	while (ck_constant_next(set, set_length, rules->machine, &constant))
		if (ck_constant_matches(&constant, word, length)) {
			*ret = constant.value;
			return true;
		}
	return false;
}

/* A number, or constants joined by '|'. */
static int read_argument(struct ck_ctl *ctl, const struct ck_rules *rules,
			 unsigned int call, unsigned int arg, const char *text,
			 uint64_t *ret)
{
	uint64_t sum = 0, value;

	for (const char *word = text;; word++) {
		size_t length = strcspn(word, "|");
		char *own = ck_strndup(ctl->arena, word, length), *end;

		errno = 0;
		value = strtoull(own, &end, 0);
		if (!length || ((*end || errno) &&
				!constant_of(rules, call, arg, word, length, &value)))
			return ck_ctl_fail(
				ctl, CK_CTL_USAGE, "explain",
				"'%s' is no number and no constant of argument "
				"%u of %s",
				own, arg, ck_call_name(call));
		sum |= value;
		word += length;
		if (!*word)
			break;
	}
	*ret = sum;
	return 0;
}

static json_t *answer_json(struct ck_ctl *ctl, const char *abi,
			   const struct ck_answer *answer)
{
	json_t *object = ck_json_object();

	ck_json_set(object, "abi", ck_json_text(abi));
	ck_json_set(object, "action",
		    ck_json_text(ck_action_text(ctl->arena, answer->action)));
	ck_json_set(object, "allowed", ck_json_bool(answer->action == CK_ACT_ALLOW));
	ck_json_set(object, "where",
		    answer->origin.file ?
			    ck_json_text(ck_origin_text(ctl->arena, &answer->origin)) :
			    ck_json_text(NULL));
	ck_json_set(object, "why", ck_json_text(answer->why));
	return object;
}

/* What comes with a capability is decided where that is kept. */
static void name_capability(struct ck_ctl *ctl, const struct ck_built *built,
			    struct ck_answer *answer)
{
	unsigned int cap = answer->followed - 1;
	const char *list = built->profile.keep.mask & CK_CAP(cap) ? "keep" : "optional";

	answer->origin = *ck_profile_origin(&built->profile, "capabilities", list);
	answer->why = ck_format(ctl->arena, "it comes with %s, which is kept",
				ck_cap_label(ctl->arena, cap));
}

/* On each ABI of the profile that has the call. */
static bool ask_all(struct ck_ctl *ctl, const struct ck_built *built, unsigned int call,
		    struct ck_call_data *data, json_t *answers)
{
	const struct ck_rules *rules = &built->rules;
	bool allowed = true, any = false;

	for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
		int number = ck_call_number(call, (enum ck_abi)abi);
		const char *name = ck_abi_name((enum ck_abi)abi);
		struct ck_answer answer;

		if (number < 0 || !(rules->abis >> abi & 1U))
			continue;
		any = true;
		data->arch = ck_abi_arch((enum ck_abi)abi);
		data->nr = (uint32_t)number | (abi == CK_ABI_X32 ? CK_X32_BIT : 0);
		ck_evaluate(rules, NULL, data, &answer);
		if (answer.followed)
			name_capability(ctl, built, &answer);
		allowed = allowed && answer.action == CK_ACT_ALLOW;
		if (ctl->json)
			ck_json_add(answers, answer_json(ctl, name, &answer));
		else
			ck_print(
				ctl, "  %-8s %s\n", name,
				ck_safe(ctl->arena, ck_answer_text(ctl->arena, &answer)));
	}
	if (!any && !ctl->json)
		ck_print(ctl, "  no ABI of the profile has this call\n");
	return any && allowed;
}

static void say_group(struct ck_ctl *ctl, const struct ck_rules *rules, unsigned int call,
		      bool whole)
{
	bool conditions = false;

	for (const struct ck_rule *rule = rules->by_call[call]; rule; rule = rule->next)
		conditions = conditions || rule->count != 0;
	ck_print(ctl, "  %-8s %s, since Linux %s\n", "group",
		 ck_group_name(ck_call_group(call)), ck_since_text(ctl->arena, call));
	if (conditions && !whole)
		ck_print(ctl, "  %-8s arguments that were not given are taken as 0\n",
			 "note");
}

int ck_explain_call(struct ck_ctl *ctl, json_t *array)
{
	static struct ck_built built;
	const char *const *words = ctl->operands.list;
	struct ck_call_data data = { .nr = 0 };
	json_t *object, *answers;
	int call = call_of(words[1]), status;
	struct ck_nearest best = { 0 };
	bool allowed;

	for (unsigned int i = 0; call < 0 && i < ck_calls_count; i++)
		ck_nearest_try(&best, words[1], ck_call_name(i));
	if (call < 0)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "explain",
				   "there is no system call '%s'%s", words[1],
				   ck_nearest_hint(ctl->arena, &best));
	if (ctl->operands.count > 2 + CK_CALL_ARGS)
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "explain",
				   "a call has six arguments at most");
	status = ck_filter_build(ctl, words[0], false, &built);
	for (size_t i = 2; i < ctl->operands.count && status == 0; i++)
		status = read_argument(ctl, &built.rules, (unsigned int)call,
				       (unsigned int)i - 2, words[i], &data.args[i - 2]);
	if (status != 0)
		return status;
	data.arch = ck_abi_arch(built.rules.native);
	object = ck_json_object();
	answers = ck_json_array();
	if (!ctl->json)
		ck_print(
			ctl, "%s\n",
			ck_paint(ctl, CK_BOLD,
				 ck_call_text(ctl->arena, &built.rules, &data, call, 0)));
	allowed = ask_all(ctl, &built, (unsigned int)call, &data, answers);
	if (!ctl->json)
		say_group(ctl, &built.rules, (unsigned int)call, ctl->operands.count > 2);
	ck_json_set(object, "call", ck_json_text(ck_call_name((unsigned int)call)));
	ck_json_set(object, "profile", ck_json_text(built.profile.name));
	ck_json_set(object, "group",
		    ck_json_text(ck_group_name(ck_call_group((unsigned int)call))));
	ck_json_set(object, "since",
		    ck_json_text(ck_since_text(ctl->arena, (unsigned int)call)));
	ck_json_set(object, "answers", answers);
	ck_json_add(array, object);
	return allowed ? CK_CTL_FINE : CK_CTL_FINDINGS;
}
