/* SPDX-License-Identifier: MIT */
/*
 * rules.c - the entries of [seccomp] -> the rule model.
 *
 * Decides what is said (replaced by an including file, contradictory, misspelt), not what
 * it means for a call: that is for decide.c and, independently, for evaluate.c. Makes no
 * system call.
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
	"@service", 0
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

static const char *where(const struct ck_reader *reader,
			 const struct ck_filter_entry *entry)
{
	return ck_format(reader->arena, "%s:%u", entry->file, entry->line);
}

#define refuse(reader, entry, ...) \
	((reader)->failed = true,  \
	 ck_diag_add((reader)->diags, where(reader, entry), __VA_ARGS__))

static bool same_file(const struct ck_origin *origin, const struct ck_filter_entry *entry)
{
	return origin->file == entry->file || strcmp(origin->file, entry->file) == 0;
}

/* ---- keys with one value ---- */

struct choice {
	const char word[12];
	unsigned int value;
};

/* Picks from choices; *ret is left alone where the word is none of them. */
static void choose(struct ck_reader *reader, const struct ck_filter_entry *entry,
		   const struct choice *choices, size_t count, unsigned int *ret)
{
	struct ck_nearest best = { NULL, 0 };
	const char *list = "";

	for (size_t i = 0; i < count; i++)
		if (strcmp(entry->value, choices[i].word) == 0) {
			*ret = choices[i].value;
			return;
		}
	for (size_t i = 0; i < count; i++) {
		ck_nearest_try(&best, entry->value, choices[i].word);
		list = ck_format(reader->arena, "%s%s%s", list, i == 0 ? "" : ", ",
				 choices[i].word);
	}
	refuse(reader, entry, "%s = %s is none of %s%s", entry->key, entry->value, list,
	       ck_nearest_hint(reader->arena, &best));
}

static void read_base(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[] = {
		{ "@service", CK_BASE_SERVICE },
		{ "@none", CK_BASE_NONE },
		{ "@all", CK_BASE_ALL },
	};
	unsigned int base = CK_BASE_SERVICE;

	choose(reader, entry, choices, CK_ARRAY_SIZE(choices), &base);
	reader->rules->base = base;
	reader->rules->base_origin = (struct ck_origin){ entry->file, entry->line };
}

static void read_abi(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[2][3] = {
		{ { "native", 1U << CK_ABI_X86_64 },
		  { "native+32", 1U << CK_ABI_X86_64 | 1U << CK_ABI_I386 },
		  { "all", 1U << CK_ABI_X86_64 | 1U << CK_ABI_I386 | 1U << CK_ABI_X32 } },
		{ { "native", 1U << CK_ABI_AARCH64 },
		  { "native+32", 1U << CK_ABI_AARCH64 | 1U << CK_ABI_ARM },
		  { "all", 1U << CK_ABI_AARCH64 | 1U << CK_ABI_ARM } },
	};

	choose(reader, entry, choices[reader->rules->machine], 3, &reader->rules->abis);
}

static void read_action(struct ck_reader *reader, const struct ck_filter_entry *entry,
			uint32_t *ret)
{
	if (ck_action_parse(entry->value, strlen(entry->value), ret) < 0)
		refuse(reader, entry,
		       "%s = %s is no action; it takes an errno name such as EPERM, kill, trap, "
		       "log or allow",
		       entry->key, entry->value);
}

static void read_default(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	read_action(reader, entry, &reader->rules->default_action);
	reader->rules->default_origin = (struct ck_origin){ entry->file, entry->line };
}

static void read_unknown(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	read_action(reader, entry, &reader->rules->unknown_action);
}

static void read_mode(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[] = {
		{ "enforce", CK_MODE_ENFORCE },
		{ "log", CK_MODE_LOG },
		{ "off", CK_MODE_OFF },
	};
	unsigned int mode = CK_MODE_ENFORCE;

	choose(reader, entry, choices, CK_ARRAY_SIZE(choices), &mode);
	reader->rules->mode = mode;
}

static void read_caps(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	static const struct choice choices[] = { { "follow", 1 }, { "ignore", 0 } };
	unsigned int follow = 1;

	choose(reader, entry, choices, CK_ARRAY_SIZE(choices), &follow);
	reader->rules->follow = follow != 0;
}

static void read_flags(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	const char *cursor = entry->value, *word;
	size_t length;

	if (!reader->flags || strcmp(reader->flags->file, entry->file) != 0)
		reader->rules->flags = 0; /* an including file replaces the list */
	reader->flags = entry;
	while ((length = ck_word_next(&cursor, &word)) > 0) {
		if (length == 3 && memcmp(word, "log", 3) == 0)
			reader->rules->flags |= CK_FLAG_LOG;
		else if (length == 10 && memcmp(word, "spec-allow", 10) == 0)
			reader->rules->flags |= CK_FLAG_SPEC_ALLOW;
		else
			refuse(reader, entry, "flags: '%.*s' is none of spec-allow, log",
			       (int)length, word);
	}
}

static const struct {
	const char name[8];
	void (*read)(struct ck_reader *reader, const struct ck_filter_entry *entry);
} keys[] = {
	{ "base", read_base },	     { "abi", read_abi },   { "default", read_default },
	{ "unknown", read_unknown }, { "mode", read_mode }, { "caps", read_caps },
	{ "flags", read_flags },
};

static bool is_list(const struct ck_filter_entry *entry)
{
	return strcmp(entry->key, "allow") == 0 || strcmp(entry->key, "deny") == 0;
}

static void read_key(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	reader->rules->origin = (struct ck_origin){ entry->file, entry->line };
	if (is_list(entry))
		return;
	for (size_t i = 0; i < CK_ARRAY_SIZE(keys); i++)
		if (strcmp(entry->key, keys[i].name) == 0) {
			keys[i].read(reader, entry);
			return;
		}
	refuse(reader, entry, "[seccomp] has no key '%s'", entry->key);
}

/* ---- allow and deny ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

/* Finds the end of a word; blanks inside of parentheses belong to it. NULL: not closed.
 */
static const char *word_end(const char *text)
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
	refuse(reader, item->entry, "'%.*s' is no NAME(CONDITIONS)=ACTION",
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
		refuse(reader, item->entry, "allow takes no action: '%.*s'",
		       (int)item->length, item->text);
		return -EINVAL;
	}
	if (ck_action_parse(item->action, item->action_length, ret) == 0 &&
	    *ret != CK_ACT_ALLOW)
		return 0;
	refuse(reader, item->entry,
	       "'%.*s' in '%.*s' is no way to deny; write an errno name such as ENOSYS, kill, "
	       "trap or log",
	       (int)item->action_length, item->action, (int)item->length, item->text);
	return -EINVAL;
}

static void unknown_name(struct ck_reader *reader, const struct item *item)
{
	const char *name = ck_strndup(reader->arena, item->text, item->name_length);
	struct ck_nearest best = { NULL, 0 };
	bool group = name[0] == '@';

	for (unsigned int i = 0; group && i < CK_GROUP_WORDS; i++)
		ck_nearest_try(&best, name, ck_group_name(i));
	for (unsigned int i = 0; !group && i < ck_calls_count; i++)
		ck_nearest_try(&best, name, ck_call_name(i));
	for (unsigned int i = 0; !group && best.name == NULL && i < CK_GROUP_WORDS; i++)
		if (strcmp(ck_group_name(i) + 1, name) == 0)
			best.name = ck_group_name(i);
	refuse(reader, item->entry, "%s: there is no %s '%s'%s", item->entry->key,
	       group ? "group" : "system call", name,
	       ck_nearest_hint(reader->arena, &best));
}

static void contradict(struct ck_reader *reader, const struct item *item,
		       unsigned int line, const char *what)
{
	refuse(reader, item->entry, "%s: '%.*s' contradicts line %u, which %s",
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
		refuse(reader, item->entry, "a group takes no conditions: '%.*s'",
		       (int)item->length, item->text);
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

static void add_call(struct ck_reader *reader, const struct item *item, uint32_t action)
{
	int call = ck_call_find(item->text, item->name_length);
	struct ck_rule *rule, **end;

	if (call < 0) {
		unknown_name(reader, item);
		return;
	}
	rule = ck_alloc(reader->arena, sizeof(*rule));
	*rule = (struct ck_rule){ .call = (uint16_t)call,
				  .allow = item->allow,
				  .action = action,
				  .builtin = item->entry->line == 0,
				  .origin = { item->entry->file, item->entry->line },
				  .text = item->text,
				  .length = item->length };
	if (item->conditions != NULL &&
	    ck_conditions_parse(reader->arena, reader->rules, (unsigned int)call,
				item->conditions, item->conditions_length,
				where(reader, item->entry), reader->diags,
				&rule->conditions, &rule->count) < 0) {
		reader->failed = true;
		return;
	}
	end = &reader->rules->by_call[call];
	while (*end != NULL && (*end)->builtin)
		end = &(*end)->next;
	if (*end != NULL && !same_file(&(*end)->origin, item->entry))
		*end = NULL; /* an including file replaces what the included one says */
	check_contradiction(reader, item, *end, rule);
	while (*end != NULL)
		end = &(*end)->next;
	*end = rule;
}

/* Reads a word with conditions or an action. Returns its end, NULL at the end of the
 * list. */
static const char *read_long_item(struct ck_reader *reader, struct item *item,
				  uint32_t *ret_action, bool *ret_valid)
{
	const char *end = word_end(item->text);

	*ret_valid = false;
	if (end == NULL) {
		refuse(reader, item->entry,
		       "%s: parentheses do not match in '%s'; they open and close on one line",
		       item->entry->key, item->text);
		return NULL;
	}
	item->length = (size_t)(end - item->text);
	*ret_valid = split(reader, item) == 0 &&
		     read_item_action(reader, item, ret_action) == 0;
	return end;
}

static void read_list(struct ck_reader *reader, const struct ck_filter_entry *entry)
{
	const char *cursor = entry->value;

	while (cursor != NULL) {
		struct item item = { .entry = entry, .allow = entry->key[0] == 'a' };
		uint32_t action = CK_ACT_DEFAULT;
		bool valid = true;

		while (is_blank(*cursor))
			cursor++;
		if (*cursor == '\0')
			return;
		item.text = cursor;
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
	struct ck_reader reader = {
		.arena = arena, .input = input, .diags = diags, .rules = &rules
	};

	set_defaults(arena, input->machine, &rules);
	for (size_t i = 0; i < input->count; i++)
		read_key(&reader, &input->entries[i]);
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
