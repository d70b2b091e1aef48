/* SPDX-License-Identifier: MIT */
/*
 * conditions.c - what stands in the parentheses behind a system call:
 *
 *   ARGUMENT[/WIDTH]: [not] [none-of|any-of|all-of] ITEM..., ARGUMENT: ...
 *
 * An item is a number, a constant, constants with a '*' at the end, several of these
 * joined by '|', or a range FIRST..LAST, FIRST.., ..LAST. Every value has to fit the bits
 * that the kernel reads. Makes no system call.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

struct parser {
	struct ck_arena *arena;
	const struct ck_rules *rules;
	unsigned int call;
	const struct ck_origin *where;
	struct ck_diags *diags;
	/* of the condition at hand */
	const char *name, *set;
	size_t name_length, set_length;
	unsigned int width; /* the widest slot */
	struct ck_condition *condition;
	struct ck_value *values;
	size_t room;
};

struct text {
	const char *start;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text trim(struct text text)
{
	while (text.length > 0 && is_blank(text.start[0])) {
		text.start++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.start[text.length - 1]))
		text.length--;
	return text;
}

/* Cuts off what stands before the first c; all of it where there is none. */
static struct text cut(struct text *rest, char c)
{
	const char *end = memchr(rest->start, c, rest->length);
	struct text head = *rest;

	if (end == NULL) {
		rest->start += rest->length;
		rest->length = 0;
		return head;
	}
	head.length = (size_t)(end - rest->start);
	rest->start = end + 1;
	rest->length -= head.length + 1;
	return head;
}

static struct text next_word(struct text *rest)
{
	struct text word;

	*rest = trim(*rest);
	word = (struct text){ rest->start, 0 };
	while (word.length < rest->length && !is_blank(rest->start[word.length]))
		word.length++;
	rest->start += word.length;
	rest->length -= word.length;
	return word;
}

static bool is_word(struct text text, const char *word)
{
	return text.length == strlen(word) && memcmp(text.start, word, text.length) == 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* 12, 0x1f, 017, -1. Returns -EINVAL for what is no number, -ERANGE above 64 bits. */
static int number(struct text text, struct ck_value *ret)
{
	bool negative = text.length > 1 && text.start[0] == '-';
	size_t i = negative ? 1 : 0;
	unsigned int base = 10;
	uint64_t value = 0;

	if (text.length - i > 2 && text.start[i] == '0' && text.start[i + 1] == 'x') {
		base = 16;
		i += 2;
	} else if (text.length - i > 1 && text.start[i] == '0') {
		base = 8;
	}
	if (i >= text.length)
		return -EINVAL;
	for (; i < text.length; i++) {
		unsigned int d = (unsigned int)digit(text.start[i]);

		if (d >= base)
			return -EINVAL;
		if (value > (UINT64_MAX - d) / base)
			return -ERANGE;
		value = value * base + d;
	}
	if (negative && value > UINT64_C(1) << 63)
		return -ERANGE;
	value = negative ? 0 - value : value;
	*ret = (struct ck_value){ value, value, negative && value != 0 };
	return 0;
}

static bool fits(const struct ck_value *value, unsigned int width)
{
	if (width == 64)
		return true;
	if (value->negative)
		return 0 - value->first <= UINT64_C(1) << (width - 1);
	return value->first >> width == 0;
}

static int complain(struct parser *parser, struct text item, const char *what,
		    const char *hint)
{
	ck_diag_add(parser->diags, ck_origin_text(parser->arena, parser->where),
		    "'%.*s' %s of %s(%.*s: ...)%s", (int)item.length, item.start, what,
		    ck_call_name(parser->call), (int)parser->name_length, parser->name,
		    hint);
	return -EINVAL;
}

static void add_value(struct parser *parser, struct ck_value value)
{
	struct ck_condition *condition = parser->condition;
	struct ck_value *values;

	if (condition->test != CK_TEST_VALUES) {
		uint64_t *mask = value.negative ? &condition->negative : &condition->mask;

		*mask |= value.first;
		return;
	}
	if (condition->count == parser->room) {
		parser->room = parser->room * 2 + 8;
		values = ck_alloc_array(parser->arena, parser->room, sizeof(*values));
		if (condition->count != 0)
			memcpy(values, parser->values,
			       condition->count * sizeof(*values));
		parser->values = values;
		condition->values = values;
	}
	parser->values[condition->count++] = value;
}

static int too_wide(struct parser *parser, struct text item)
{
	if (parser->width == 64)
		return complain(parser, item, "does not fit the 64 bits", "");
	return complain(
		parser, item,
		ck_format(parser->arena, "does not fit the %u bits that the kernel reads",
			  parser->width),
		parser->width >= 16 ?
			"" :
			ck_format(parser->arena, "; %.*s/32 compares its flags too",
				  (int)parser->name_length, parser->name));
}

/* Adds every constant that the word names to values, or ORs them together in *sum. Of
 * several, those that an argument of this width cannot have do not matter. */
static bool find_constants(struct parser *parser, struct text word, uint64_t *sum)
{
	struct ck_constant constant = { NULL, NULL, 0, 0, NULL };
	bool glob = word.length > 0 && word.start[word.length - 1] == '*', found = false;

	while (ck_constant_next(parser->set, parser->set_length, parser->rules->machine,
				&constant)) {
		if (!ck_constant_matches(&constant, word.start, word.length))
			continue;
		found = true;
		if (glob &&
		    !fits(&(struct ck_value){ .first = constant.value }, parser->width))
			continue;
		if (sum != NULL)
			*sum |= constant.value;
		else
			add_value(parser, (struct ck_value){ constant.value,
							     constant.value, false });
		if (!glob)
			break;
	}
	return found;
}

static int unknown_word(struct parser *parser, struct text word)
{
	struct ck_constant constant = { NULL, NULL, 0, 0, NULL };
	struct ck_nearest best = { NULL, 0 };
	const char *own = ck_strndup(parser->arena, word.start, word.length);

	while (parser->set != NULL &&
	       ck_constant_next(parser->set, parser->set_length, parser->rules->machine,
				&constant)) {
		const char *full =
			ck_format(parser->arena, "%s%s", constant.prefix, constant.name);

		ck_nearest_try(&best, own, constant.name);
		ck_nearest_try(&best, own, full);
	}
	return complain(parser, word,
			parser->set != NULL ? "is no constant or number" :
					      "is no number, and there are no constants",
			ck_nearest_hint(parser->arena, &best));
}

/* One number or constant; several joined by '|'. */
static int single(struct parser *parser, struct text text, struct ck_value *ret)
{
	struct ck_value value = { 0, 0, false };
	bool negative = false;
	uint64_t sum = 0;

	if (text.length > 0 && text.start[text.length - 1] == '|')
		return complain(parser, text, "has nothing behind its last |", "");
	while (text.length > 0) {
		struct text word = cut(&text, '|');
		int rc = number(word, &value);

		if (rc == 0) {
			if (!fits(&value, parser->width))
				return too_wide(parser, word);
			sum |= value.first;
			negative = negative || value.negative;
			continue;
		}
		if (rc == -ERANGE)
			return complain(parser, word, "does not fit the 64 bits", "");
		if (parser->set == NULL || !find_constants(parser, word, &sum))
			return unknown_word(parser, word);
		if (!fits(&(struct ck_value){ .first = sum }, parser->width) && !negative)
			return too_wide(parser, word);
	}
	*ret = (struct ck_value){ sum, sum, negative };
	return 0;
}

static int range(struct parser *parser, struct text item, size_t dots)
{
	struct text first = { item.start, dots };
	struct text last = { item.start + dots + 2, item.length - dots - 2 };
	struct ck_value low = { 0, 0, false }, high = { 0, 0, false };
	int rc = 0;

	if (parser->condition->test != CK_TEST_VALUES)
		return complain(parser, item, "is a range, and none can be in a mask",
				"");
	high.first =
		parser->width == 64 ? UINT64_MAX : (UINT64_C(1) << parser->width) - 1;
	if (first.length > 0)
		rc = single(parser, first, &low);
	if (rc == 0 && last.length > 0)
		rc = single(parser, last, &high);
	if (rc < 0)
		return rc;
	if (low.negative || high.negative || low.first > high.first ||
	    first.length + last.length == 0)
		return complain(parser, item,
				"is no range FIRST..LAST of unsigned numbers", "");
	add_value(parser, (struct ck_value){ low.first, high.first, false });
	return 0;
}

static int add_item(struct parser *parser, struct text item)
{
	struct ck_value value;
	int rc;

	for (size_t i = 0; i + 1 < item.length; i++)
		if (item.start[i] == '.' && item.start[i + 1] == '.')
			return range(parser, item, i);
	if (item.start[item.length - 1] == '*' &&
	    memchr(item.start, '|', item.length) == NULL) {
		if (parser->set == NULL || !find_constants(parser, item, NULL))
			return unknown_word(parser, item);
		return 0;
	}
	rc = single(parser, item, &value);
	if (rc == 0)
		add_value(parser, value);
	return rc;
}

static int no_argument(struct parser *parser)
{
	const char *text = ck_args_text(parser->call, parser->rules->native);
	char *names = ck_strndup(parser->arena, text, strlen(text));
	char *out = names;
	bool skip = false;

	for (const char *in = text; *in != '\0'; in++) {
		skip = *in == '/' || *in == ':' || (skip && *in != ' ');
		if (!skip)
			*out++ = *in;
	}
	*out = '\0';
	ck_diag_add(parser->diags, ck_origin_text(parser->arena, parser->where),
		    "%s has no argument '%.*s'; %s%s", ck_call_name(parser->call),
		    (int)parser->name_length, parser->name,
		    *names != '\0' ? "it has " : "write arg0 to arg5",
		    *names != '\0' ? names : "");
	return -EINVAL;
}

/* NAME or NAME/WIDTH -> the slots on every ABI that the rules are for. */
static int find_argument(struct parser *parser, struct text name)
{
	struct ck_slot *slots = parser->condition->slot;
	struct text rest = name;
	struct text word = trim(cut(&rest, '/'));
	unsigned int width = 0;
	bool found = false;

	parser->name = word.start;
	parser->name_length = word.length;
	parser->width = 0;
	if (rest.start != word.start + word.length) {
		width = is_word(rest, "64") ? 64 :
			is_word(rest, "32") ? 32 :
			is_word(rest, "16") ? 16 :
					      0;
		if (width == 0)
			return complain(parser, name,
					"has no width /16, /32 or /64 in a condition",
					"");
	}
	for (unsigned int abi = 0; abi < CK_ABIS; abi++) {
		slots[abi] = (struct ck_slot){ -1, 32 };
		if ((parser->rules->abis >> abi & 1U) == 0 ||
		    !ck_arg_find(parser->call, abi, word.start, word.length, &slots[abi],
				 &parser->set, &parser->set_length))
			continue;
		found = true;
		if (width == 64 && (abi == CK_ABI_I386 || abi == CK_ABI_ARM))
			slots[abi].width = 32;
		else if (width != 0)
			slots[abi].width = (uint8_t)width;
		if (slots[abi].width > parser->width)
			parser->width = slots[abi].width;
	}
	return found ? 0 : no_argument(parser);
}

static int parse_test(struct parser *parser, struct text rest)
{
	struct ck_condition *condition = parser->condition;
	struct text word = next_word(&rest);
	int rc;

	if (is_word(word, "not")) {
		condition->negated = true;
		word = next_word(&rest);
	}
	if (is_word(word, "none-of") || is_word(word, "any-of") ||
	    is_word(word, "all-of")) {
		condition->test =
			is_word(word, "all-of") ? CK_TEST_ALL_OF : CK_TEST_ANY_OF;
		condition->negated = condition->negated != is_word(word, "none-of");
		word = next_word(&rest);
	}
	if (word.length == 0)
		return complain(parser, rest, "is no value",
				"; write one behind the colon");
	for (; word.length > 0; word = next_word(&rest)) {
		rc = add_item(parser, word);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int parse_condition(struct parser *parser, struct text text)
{
	struct text rest = text;
	struct text name = trim(cut(&rest, ':'));
	int rc;

	if (name.length == 0 || memchr(text.start, ':', text.length) == NULL) {
		ck_diag_add(parser->diags, ck_origin_text(parser->arena, parser->where),
			    "'%.*s' is no condition; write %s(ARGUMENT: VALUE...)",
			    (int)text.length, text.start, ck_call_name(parser->call));
		return -EINVAL;
	}
	rc = find_argument(parser, name);
	return rc < 0 ? rc : parse_test(parser, rest);
}

int ck_conditions_parse(struct ck_arena *arena, const struct ck_rules *rules,
			unsigned int call, const char *text, size_t length,
			const struct ck_origin *where, struct ck_diags *diags,
			const struct ck_condition **ret, unsigned int *ret_count)
{
	struct parser parser = { .arena = arena,
				 .rules = rules,
				 .call = call,
				 .where = where,
				 .diags = diags };
	struct ck_condition *conditions;
	struct text rest = { text, length };
	unsigned int count = 0, most = 1;
	int rc;

	for (size_t i = 0; i < length; i++)
		most += text[i] == ',';
	conditions = ck_alloc_array(arena, most, sizeof(*conditions));
	do {
		parser.condition = &conditions[count++];
		parser.values = NULL;
		parser.room = 0;
		parser.set = NULL;
		rc = parse_condition(&parser, trim(cut(&rest, ',')));
		if (rc < 0)
			return rc;
	} while (count < most);
	*ret = conditions;
	*ret_count = count;
	return 0;
}
