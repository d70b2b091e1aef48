/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - what follows from the entries of [seccomp] as a whole: which groups are
 * allowed, which calls come with a kept capability, and what a plain deny answers. Makes
 * no system call.
 */
#include <errno.h>
#include <string.h>

#include "rules.h"

static void apply_said(struct ck_rules *rules, const struct ck_said *said,
		       uint64_t members)
{
	if (!said->allow && !said->deny)
		return;
	for (unsigned int group = 0; group < CK_GROUP_PRIMARIES; group++) {
		struct ck_group_rule *rule = &rules->groups[group];

		if ((members >> group & 1U) == 0)
			continue;
		if (said->deny || !rule->denied)
			rule->origin = said->origin;
		rule->allowed = rule->allowed || said->allow;
		rule->denied = rule->denied || said->deny;
		if (said->deny)
			rule->action = said->action;
	}
}

static void apply_groups(struct ck_reader *reader)
{
	struct ck_rules *rules = reader->rules;
	struct ck_said base = { true, false, 0, rules->base_origin };

	if (rules->base == CK_BASE_SERVICE)
		apply_said(rules, &base, ck_group_members(CK_GROUP_SERVICE));
	for (unsigned int word = CK_GROUP_WORDS; word-- > 0;)
		apply_said(rules, &reader->said[word], ck_group_members(word));
}

static void follow(struct ck_rules *rules, const struct ck_follow *row)
{
	int named = row->group < 0 ? ck_call_find(row->call, strlen(row->call)) : -1;

	if (named >= 0) {
		rules->followed[named] = (uint8_t)(row->cap + 1);
		return;
	}
	for (unsigned int call = 0; call < ck_calls_count; call++)
		if ((int)ck_call_group(call) == row->group)
			rules->followed[call] = (uint8_t)(row->cap + 1);
}

static void follow_caps(struct ck_reader *reader)
{
	for (unsigned int i = 0; reader->rules->follow && i < ck_follows_count; i++)
		if ((reader->input->keep >> ck_follows[i].cap & 1U) != 0)
			follow(reader->rules, &ck_follows[i]);
}

/* Does a rule of the base give way: to one that allows the call otherwise, to a denied
 * group, or, where it is about namespaces, to SYS_ADMIN? What only denies, takes nothing
 * away from it. */
static bool is_replaced(const struct ck_reader *reader, const struct ck_rule *builtin)
{
	const struct ck_rules *rules = reader->rules;
	const struct ck_rule *rule;

	if (rules->groups[ck_call_group(builtin->call)].denied)
		return true;
	if (rules->follow && (reader->input->keep >> 21 & 1U) != 0 &&
	    builtin->call == ck_call_find("clone", 5))
		return true;
	for (rule = builtin->next; rule != NULL; rule = rule->next)
		if (!rule->builtin && rule->allow)
			return true;
	return false;
}

static void drop_service_rules(struct ck_reader *reader)
{
	struct ck_rules *rules = reader->rules;

	for (unsigned int call = 0; call < ck_calls_count; call++) {
		struct ck_rule **first = &rules->by_call[call];

		if (*first == NULL || !(*first)->builtin || !is_replaced(reader, *first))
			continue;
		while (*first != NULL && (*first)->builtin)
			*first = (*first)->next;
		if (*first != NULL)
			(*first)->replaces = true;
	}
}

/* clone makes namespaces too. Where no entry is about clone, denying the group means
 * that; clone3 follows, see decide.c. */
static void deny_namespaces(struct ck_reader *reader)
{
	static const char text[] = "flags: any-of CLONE_NEW*";
	static const struct ck_origin here = { "@namespace", 0 };
	struct ck_rules *rules = reader->rules;
	const struct ck_group_rule *group = &rules->groups[CK_GROUP_NAMESPACE];
	int clone = ck_call_find("clone", 5);
	struct ck_rule *rule;

	if (!group->denied || clone < 0 || rules->by_call[clone] != NULL)
		return;
	rule = ck_alloc(reader->arena, sizeof(*rule));
	*rule = (struct ck_rule){ .call = (uint16_t)clone,
				  .action = group->action,
				  .origin = group->origin,
				  .text = "@namespace",
				  .length = 10 };
	if (ck_conditions_parse(reader->arena, rules, (unsigned int)clone, text,
				sizeof(text) - 1, &here, reader->diags, &rule->conditions,
				&rule->count) < 0)
		reader->failed = true;
	ck_rules_keep(reader, rule);
	rules->by_call[clone] = rule;
}

void ck_rules_keep(struct ck_reader *reader, struct ck_rule *denial)
{
	denial->denial = reader->denials;
	reader->denials = denial;
}

static void resolve_action(const struct ck_rules *rules, uint32_t *action)
{
	if (*action == CK_ACT_DEFAULT)
		*action = rules->default_action == CK_ACT_ALLOW ||
					  rules->default_action == CK_ACT_LOG ?
				  CK_ACT_ERRNO | EPERM :
				  rules->default_action;
}

static void resolve_actions(struct ck_reader *reader)
{
	struct ck_rules *rules = reader->rules;
	struct ck_rule *rule;

	for (unsigned int group = 0; group < CK_GROUP_PRIMARIES; group++)
		resolve_action(rules, &rules->groups[group].action);
	for (rule = reader->denials; rule != NULL; rule = rule->denial)
		resolve_action(rules, &rule->action);
}

void ck_rules_resolve(struct ck_reader *reader)
{
	apply_groups(reader);
	follow_caps(reader);
	if (reader->rules->base == CK_BASE_SERVICE)
		drop_service_rules(reader);
	deny_namespaces(reader);
	resolve_actions(reader);
}
