/* SPDX-License-Identifier: MIT */
/*
 * rules.c - the entries of [seccomp] -> the rule model.
 *
 * Decides what is said (replaced by an including file, contradictory, misspelt), not what
 * it means for a call: that is for decide.c and, independently, for evaluate.c. Its keys
 * of one value are in rules-keys.c. Makes no system call.
 */
#include <errno.h>
#include <string.h>

#include "rules.h"

/* What base = @service says beyond its groups. An entry of allow takes its place, see
 * resolve.c; one of deny adds to it. */
static const struct ck_filter_entry service_entry = {
	"allow",
	"clone(flags: none-of CLONE_NEW*) "
	"personality(personality: 0 8 0x20000 0x20008 0xffffffff)",
	"@service", 0, 0
};

/* One word of allow or deny: NAME(CONDITIONS)=ACTION */
struct item {
	const char *text;
	size_t length, name_length;
	const char *conditions; /* NULL: none */
	size_t conditions_length;
	const char *action; /* NULL: none */
	size_t action_length;
	const struct ck_filter_entry *entry;
	bool allow;
};

static bool same_file(const struct ck_origin *origin, const struct ck_filter_entry *entry)
{
	return origin->file == entry->file || strcmp(origin->file, entry->file) == 0;
}

static bool is_list(const struct ck_filter_entry *entry)
{
	return strcmp(entry->key, "allow") == 0 || strcmp(entry->key, "deny") == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

const char *ck_rules_word_end(const char *text)
{
	int depth = 0;

	for (; *text != '\0'; text++) {
		if (depth == 0 && is_blank(*text))
			break;
		depth += *text == '(' ? 1 : *text == ')' ? -1 : 0;
		if (depth < 0)
			return NULL;
	}
	return depth == 0 ? text : NULL;
}

static int split(struct ck_reader *reader, struct item *item)
{
	const char *end = item->text + item->length;
	const char *rest = item->text;

	while (rest < end && *rest != '(' && *rest != '=')
		rest++;
	item->name_length = (size_t)(rest - item->text);
	if (rest < end && *rest == '(') {
		item->conditions = rest + 1;
		while (*rest != ')')
			rest++;
		item->conditions_length = (size_t)(rest - item->conditions);
		rest++;
	}
	if (rest < end && *rest == '=') {
		item->action = rest + 1;
		item->action_length = (size_t)(end - rest) - 1;
		rest = end;
	}
	if (rest == end)
		return 0;
	ck_rules_refuse(reader, item->entry, "'%.*s' is no NAME(CONDITIONS)=ACTION",
			(int)item->length, item->text);
	return -EINVAL;
}

static int read_item_action(struct ck_reader *reader, const struct item *item,
			    uint32_t *ret)
{
	*ret = CK_ACT_DEFAULT;
	if (item->action == NULL)
		return 0;
	if (item->allow) {
		ck_rules_refuse(reader, item->entry, "allow takes no action: '%.*s'",
				(int)item->length, item->text);
		return -EINVAL;
	}
	if (ck_action_parse(item->action, item->action_length, ret) == 0 &&
	    *ret != CK_ACT_ALLOW)
		return 0;
	ck_rules_refuse(
		reader, item->entry,
		"'%.*s' in '%.*s' is no way to deny; write an errno name such as ENOSYS, kill, "
		"kill-thread, trap or log",
		(int)item->action_length, item->action, (int)item->length, item->text);
	return -EINVAL;
}

static void unknown_name(struct ck_reader *reader, const struct item *item)
{
	const char *name = ck_strndup(reader->arena, item->text, item->name_length);
	struct ck_nearest best = { NULL, 0 };
	bool group = name[0] == '@';

	if (item->name_length == 0) {
		ck_rules_refuse(reader, item->entry,
				"%s: '%.*s' has no name before it; write "
				"NAME(CONDITIONS)=ACTION in one word",
				item->entry->key, (int)item->length, item->text);
		return;
	}
	for (unsigned int i = 0; group && i < CK_GROUP_WORDS; i++)
		ck_nearest_try(&best, name, ck_group_name(i));
	for (unsigned int i = 0; !group && i < ck_calls_count; i++)
		ck_nearest_try(&best, name, ck_call_name(i));
	for (unsigned int i = 0; !group && best.name == NULL && i < CK_GROUP_WORDS; i++)
		if (strcmp(ck_group_name(i) + 1, name) == 0)
			best.name = ck_group_name(i);
	ck_rules_refuse(reader, item->entry, "%s: there is no %s '%s'%s",
			item->entry->key, group ? "group" : "system call", name,
			ck_nearest_hint(reader->arena, &best));
}

static void contradict(struct ck_reader *reader, const struct item *item,
		       unsigned int line, const char *what)
{
	ck_rules_refuse(reader, item->entry, "%s: '%.*s' contradicts line %u, which %s",
			item->entry->key, (int)item->name_length, item->text, line, what);
}

static void add_group(struct ck_reader *reader, const struct item *item, uint32_t action)
{
	int group = ck_group_find(item->text, item->name_length);
	struct ck_said *said;

	if (group < 0) {
		unknown_name(reader, item);
		return;
	}
	if (item->conditions != NULL) {
		ck_rules_refuse(reader, item->entry,
				"a group takes no conditions: '%.*s'", (int)item->length,
				item->text);
		return;
	}
	said = &reader->said[group];
	if (said->origin.file != NULL && same_file(&said->origin, item->entry)) {
		if (item->allow ? said->deny : said->allow)
			contradict(reader, item, said->origin.line,
				   item->allow ? "denies it" : "allows it");
		else if (said->action != action)
			contradict(reader, item, said->origin.line, "answers otherwise");
	}
	*said = (struct ck_said){ item->allow,
				  !item->allow,
				  action,
				  { item->entry->file, item->entry->line } };
}

/* Does a rule of the same file say the opposite? */
static void check_contradiction(struct ck_reader *reader, const struct item *item,
				const struct ck_rule *old, const struct ck_rule *new)
{
	for (; old != NULL; old = old->next) {
		const struct ck_rule *deny = old->allow ? new : old;

		if (old->allow != new->allow && deny->count == 0) {
			contradict(reader, item, old->origin.line,
				   old->allow ? "allows it" :
						"denies it whatever the arguments");
			return;
		}
		if (!old->allow && !new->allow && old->count == 0 && new->count == 0 &&
		    old->action != new->action) {
			contradict(reader, item, old->origin.line, "answers otherwise");
			return;
		}
	}
}

static struct ck_rule *new_rule(struct ck_reader *reader, const struct item *item,
				uint32_t action)
{
	struct ck_rule *rule = ck_alloc(reader->arena, sizeof(*rule));

	*rule = (struct ck_rule){ .allow = item->allow,
				  .action = action,
				  .builtin = item->entry->line == 0,
				  .origin = { item->entry->file, item->entry->line },
				  .text = item->text,
				  .length = (unsigned int)item->length };
	if (!rule->allow)
		ck_rules_keep(reader, rule);
	return rule;
}

static bool is_bare(const struct item *item)
{
	return item->allow && item->conditions == NULL && item->action == NULL;
}

/* The rule of all bare names of a line of allow. */
static struct ck_rule *bare_rule(struct ck_reader *reader, const struct item *item)
{
	if (reader->bare_of != item->entry) {
		reader->bare_of = item->entry;
		reader->bare = new_rule(reader, item, CK_ACT_DEFAULT);
		reader->bare->shared = true;
	}
	return reader->bare;
}

/* Something else is said of the call. */
static void unshare(struct ck_reader *reader, unsigned int call, struct ck_rule **place)
{
	struct ck_rule *own = ck_alloc(reader->arena, sizeof(*own));

	*own = **place;
	own->shared = false;
	own->call = (uint16_t)call;
	own->text = ck_call_name(call);
	own->length = (unsigned int)strlen(own->text);
	*place = own;
}

static void add_rule(struct ck_reader *reader, const struct item *item, unsigned int call,
		     uint32_t action)
{
	struct ck_rule *rule = new_rule(reader, item, action);
	struct ck_rule **end = &reader->rules->by_call[call];

	rule->call = (uint16_t)call;
	if (item->conditions != NULL &&
	    ck_conditions_parse(reader->arena, reader->rules, call, item->conditions,
				item->conditions_length, &rule->origin, reader->diags,
				&rule->conditions, &rule->count) < 0) {
		reader->failed = true;
		return;
	}
	if (*end != NULL && (*end)->shared)
		unshare(reader, call, end);
	while (*end != NULL && (*end)->builtin)
		end = &(*end)->next;
	if (*end != NULL && !same_file(&(*end)->origin, item->entry)) {
		*end = NULL; /* an including file replaces what the included one says */
		rule->replaces = true;
	}
	check_contradiction(reader, item, *end, rule);
	while (*end != NULL)
		end = &(*end)->next;
	*end = rule;
}

static void add_call(struct ck_reader *reader, const struct item *item, uint32_t action)
{
	int call = ck_call_find(item->text, item->name_length);
	struct ck_rule **first;

	if (call < 0) {
		unknown_name(reader, item);
		return;
	}
	reader->last = call;
	first = &reader->rules->by_call[call];
	if (*first == NULL && is_bare(item))
		*first = bare_rule(reader, item);
	else
		add_rule(reader, item, (unsigned int)call, action);
}

/* Reads a word with conditions or an action. Returns its end, NULL at the end of the
 * list. */
static const char *read_long_item(struct ck_reader *reader, struct item *item,
				  uint32_t *ret_action, bool *ret_valid)
{
	const char *end = ck_rules_word_end(item->text);

	*ret_valid = false;
	if (end == NULL) {
		ck_rules_refuse(
			reader, item->entry,
			"%s: parentheses do not match in '%s'; they open and close on one line",
			item->entry->key, item->text);
		return NULL;
	}
	item->length = (size_t)(end - item->text);
	*ret_valid = split(reader, item) == 0 &&
		     read_item_action(reader, item, ret_action) == 0;
	return end;
}

/* Most lists are bare names in the order of the alphabet that nothing was said of yet.
 * Returns where it goes on otherwise. */
static const char *read_bare_names(struct ck_reader *reader,
				   const struct ck_filter_entry *entry,
				   const char *cursor)
{
	const char *end = entry->value + entry->length;
	const struct item item = { .entry = entry, .allow = true };
	struct ck_rule **by_call = reader->rules->by_call;

	for (;;) {
		size_t length;
		int call;

		while (is_blank(*cursor))
			cursor++;
		if (cursor >= end)
			return cursor;
		call = ck_call_next(reader->last, cursor, (size_t)(end - cursor),
				    &length);
		if (call < 0 || by_call[call] != NULL)
			return cursor;
		by_call[call] = bare_rule(reader, &item);
		reader->last = call;
		cursor += length;
	}
}

static void read_list(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	const char *cursor = entry->value;
	struct item item = { .entry = entry, .allow = entry->key[0] == 'a' };

	while (cursor != NULL) {
		uint32_t action = CK_ACT_DEFAULT;
		bool valid = true;

		if (item.allow)
			cursor = read_bare_names(reader, entry, cursor);
		while (is_blank(*cursor))
			cursor++;
		if (*cursor == '\0')
			return;
		item.text = cursor;
		item.conditions = item.action = NULL;
		/* Most words are bare names, whose characters stand behind these in
		 * ASCII. */
		while (*cursor > ')' && *cursor != ',' && *cursor != '=')
			cursor++;
		item.length = item.name_length = (size_t)(cursor - item.text);
		if (*cursor != '\0' && !is_blank(*cursor))
			cursor = read_long_item(reader, &item, &action, &valid);
		if (valid && *item.text == '@')
			add_group(reader, &item, action);
		else if (valid)
			add_call(reader, &item, action);
	}
}

static void set_defaults(struct ck_arena *arena, enum ck_machine machine,
			 struct ck_rules *rules)
{
	*rules = (struct ck_rules){ .machine = machine,
				    .base = CK_BASE_SERVICE,
				    .default_action = CK_ACT_ERRNO | EPERM,
				    .unknown_action = CK_ACT_ERRNO | ENOSYS,
				    .follow = true };
	rules->native = machine == CK_MACHINE_X86 ? CK_ABI_X86_64 : CK_ABI_AARCH64;
	rules->abis = 1U << rules->native;
	rules->by_call = ck_alloc_array(arena, ck_calls_count, sizeof(struct ck_rule *));
	rules->followed = ck_alloc(arena, ck_calls_count);
}

int ck_filter_rules(struct ck_arena *arena, const struct ck_filter_input *input,
		    struct ck_diags *diags, struct ck_rules *ret)
{
	struct ck_rules rules;
	struct ck_reader reader = { .arena = arena,
				    .input = input,
				    .diags = diags,
				    .rules = &rules,
				    .last = -1 };

	set_defaults(arena, input->machine, &rules);
	for (size_t i = 0; i < input->count; i++)
		if (!is_list(&input->entries[i]))
			ck_rules_key(&reader, &input->entries[i]);
	if (input->count > 0)
		rules.origin =
			(struct ck_origin){ input->entries[input->count - 1].file,
					    input->entries[input->count - 1].line };
	if (rules.base == CK_BASE_SERVICE)
		read_list(&reader, &service_entry);
	for (size_t i = 0; i < input->count; i++)
		if (is_list(&input->entries[i]))
			read_list(&reader, &input->entries[i]);
	if (!reader.failed)
		ck_rules_resolve(&reader);
	if (reader.failed)
		return -EINVAL;
	*ret = rules;
	return 0;
}
