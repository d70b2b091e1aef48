/* SPDX-License-Identifier: MIT */
/* check: groups of [seccomp] without which the same program would come out. That proves
 * that nothing is decided otherwise; what it does not prove is not said. */
#include <string.h>

#include "ctl-filter.h"
#include "rules.h"

/* A group word of allow or deny, with its action. */
struct place {
	const struct ck_filter_entry *entry; /* NULL: nothing names the group */
	const char *text;
	size_t length;
};

/* Blanks the words for the group in an entry's own copy of the value. */
static void leave_out(struct ck_arena *arena, unsigned int group,
		      const struct ck_filter_entry *entry, struct ck_filter_entry *copy,
		      struct place *last)
{
	char *value = ck_strndup(arena, entry->value, strlen(entry->value));
	const char *name = ck_group_name(group), *text = entry->value;

	while (*(text += strspn(text, " \t,"))) {
		const char *end = ck_rules_word_end(text);
		size_t length, known = strlen(name);

		if (!end)
			break; /* it is refused in any case */
		length = (size_t)(end - text);
		if (length >= known && !memcmp(text, name, known) &&
		    (length == known || text[known] == '=')) {
			memset(value + (text - entry->value), ' ', length);
			*last = (struct place){ entry, text, length };
		}
		text = end;
	}
	copy->value = value;
}

static int compile(struct ck_arena *arena, const struct ck_filter_input *input,
		   struct ck_program *ret)
{
	struct ck_diags diags = { .arena = arena };
	struct ck_rules rules;
	int rc = ck_filter_rules(arena, input, &diags, &rules);

	rules.mode = CK_MODE_ENFORCE; /* under log all that is denied is the same */
	return rc < 0 ? rc : ck_filter_compile(arena, &rules, NULL, &diags, ret);
}

static bool is_same(const struct ck_program *a, const struct ck_program *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->code[i].code != b->code[i].code ||
		    a->code[i].jt != b->code[i].jt || a->code[i].jf != b->code[i].jf ||
		    a->code[i].k != b->code[i].k)
			return false;
	return true;
}

static void check_group(struct ck_check *check, const struct ck_filter_input *input,
			const struct ck_program *with, unsigned int group)
{
	struct ck_filter_entry *entries =
		ck_alloc_array(check->arena, input->count, sizeof(*entries));
	struct ck_filter_input other = *input;
	struct place last = { .entry = NULL }, before;
	struct ck_program without;

	/* Of the file with the last word only: what it includes decides without it. */
	for (size_t i = input->count; i-- > 0;) {
		const struct ck_filter_entry *entry = &input->entries[i];

		entries[i] = *entry;
		if ((!strcmp(entry->key, "allow") || !strcmp(entry->key, "deny")) &&
		    (!last.entry || !strcmp(entry->file, last.entry->file)))
			leave_out(check->arena, group, entry, &entries[i],
				  last.entry ? &before : &last);
	}
	other.entries = entries;
	if (last.entry && compile(check->arena, &other, &without) == 0 &&
	    is_same(with, &without))
		ck_finding_add(check, CK_FINDING_WARNING, "filter-no-effect",
			       ck_format(check->arena, "%s:%u", last.entry->file,
					 last.entry->line),
			       "'%.*s' has no effect: the same happens without it",
			       (int)last.length, last.text);
}

void ck_check_groups(struct ck_check *check, uint64_t keep)
{
	const struct ck_filter_input input = { .entries = check->profile.seccomp.list,
					       .count = check->profile.seccomp.count,
					       .keep = keep,
					       .machine = CK_MACHINE_NATIVE };
	struct ck_program with;

	if (compile(check->arena, &input, &with) < 0)
		return;
	for (unsigned int group = 0; group < CK_GROUP_WORDS; group++)
		check_group(check, &input, &with, group);
}
