/* SPDX-License-Identifier: MIT */
/* capkeepctl list groups and list syscalls. */
#include <string.h>

#include "ctl-filter.h"

const char *ck_since_text(struct ck_arena *arena, unsigned int call)
{
	unsigned int since = ck_call_since(call);

	return since & 63U ? ck_format(arena, "%u.%u.%u", since >> 12, since >> 6 & 63U,
				       since & 63U) :
			     ck_format(arena, "%u.%u", since >> 12, since >> 6 & 63U);
}

static void add_members(struct ck_ctl *ctl, unsigned int group, json_t *groups,
			json_t *calls, const char **text)
{
	uint64_t members = ck_group_members(group);

	for (unsigned int i = 0; group >= CK_GROUP_PRIMARIES && i < CK_GROUP_PRIMARIES;
	     i++)
		if (members >> i & 1U) {
			ck_json_add(groups, ck_json_text(ck_group_name(i)));
			*text = ck_format(ctl->arena, "%s%s%s", *text, **text ? " " : "",
					  ck_group_name(i));
		}
	for (unsigned int i = 0; i < ck_calls_count; i++)
		if (members >> ck_call_group(i) & 1U) {
			ck_json_add(calls, ck_json_text(ck_call_name(i)));
			if (group < CK_GROUP_PRIMARIES)
				*text = ck_format(ctl->arena, "%s%s%s", *text,
						  **text ? " " : "", ck_call_name(i));
		}
}

int ck_list_groups(struct ck_ctl *ctl)
{
	static const struct ck_column columns[] = {
		{ "GROUP", false },
		{ "IN @service", false },
		{ "FOR", false },
		{ "CALLS", false },
	};
	uint64_t service = ck_group_members(CK_GROUP_SERVICE);
	json_t *array = ck_json_array();
	struct ck_table table;

	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	for (unsigned int group = 0; group < CK_GROUP_WORDS; group++) {
		json_t *one = ck_json_object(), *groups = ck_json_array(),
		       *calls = ck_json_array();
		bool in = !(ck_group_members(group) & ~service);
		const char *text = "";

		add_members(ctl, group, groups, calls, &text);
		ck_json_set(one, "name", ck_json_text(ck_group_name(group)));
		ck_json_set(one, "help", ck_json_text(ck_group_help(group)));
		ck_json_set(one, "in_service", ck_json_bool(in));
		ck_json_set(one, "groups", groups);
		ck_json_set(one, "calls", calls);
		ck_json_add(array, one);
		ck_table_add(&table, CK_PLAIN, ck_group_name(group));
		ck_table_add(&table, CK_PLAIN, in ? "yes" : "-");
		ck_table_add(&table, CK_PLAIN, ck_group_help(group));
		ck_table_add(&table, CK_PLAIN, text);
	}
	return ck_facts_print(&table, array);
}

/* The numbers of one call, as JSON and for the table. */
static const char *numbers(struct ck_ctl *ctl, unsigned int call, json_t *object)
{
	const char *text = "";

	for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
		int number = ck_call_number(call, (enum ck_abi)abi);
		const char *name = ck_abi_name((enum ck_abi)abi);

		if (number < 0)
			continue;
		ck_json_set(object, name, ck_json_number(number));
		text = ck_format(ctl->arena, "%s%s%s %d", text, *text ? ", " : "", name,
				 number);
	}
	return text;
}

/* "family type protocol" of "family/32:AF type/32:SOCK protocol/32:IPPROTO" */
static const char *arguments(struct ck_ctl *ctl, unsigned int call)
{
	const char *text = ck_args_text(call, CK_ABI_NATIVE);
	char *names = ck_strndup(ctl->arena, text, strlen(text)), *out = names;
	bool skip = false;

	for (; *text; text++) {
		skip = *text == '/' || *text == ':' || (skip && *text != ' ');
		if (!skip)
			*out++ = *text;
	}
	*out = '\0';
	return names;
}

int ck_list_calls(struct ck_ctl *ctl)
{
	static const struct ck_column columns[] = {
		{ "CALL", false },    { "GROUP", false },     { "SINCE", false },
		{ "NUMBERS", false }, { "ARGUMENTS", false },
	};
	json_t *array = ck_json_array();
	struct ck_table table;

	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	for (unsigned int call = 0; call < ck_calls_count; call++) {
		json_t *one = ck_json_object(), *by_abi = ck_json_object();
		const char *group = ck_group_name(ck_call_group(call));
		const char *since = ck_since_text(ctl->arena, call);

		ck_table_add(&table, CK_PLAIN, ck_call_name(call));
		ck_table_add(&table, CK_PLAIN, group);
		ck_table_add(&table, CK_PLAIN, since);
		ck_table_add(&table, CK_PLAIN, numbers(ctl, call, by_abi));
		ck_table_add(&table, CK_PLAIN, arguments(ctl, call));
		ck_json_set(one, "name", ck_json_text(ck_call_name(call)));
		ck_json_set(one, "group", ck_json_text(group));
		ck_json_set(one, "since", ck_json_text(since));
		ck_json_set(one, "numbers", by_abi);
		ck_json_set(one, "arguments", ck_json_text(arguments(ctl, call)));
		ck_json_add(array, one);
	}
	return ck_facts_print(&table, array);
}
