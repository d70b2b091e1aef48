/* SPDX-License-Identifier: MIT */
/* capkeepctl explain: what a capability means, what is in a mask, what a profile makes of
 * a command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl-explain.h"
#include "ctl-filter.h"

#define LABEL 14

static void say(struct ck_ctl *ctl, const char *label, const char *text)
{
	ck_print(ctl, "  %-*s ", LABEL, label);
	ck_print_wrapped(ctl, LABEL + 3, LABEL + 3, text);
}

/* What containerd gives is what docker gives. */
#define LIKE_DOCKER "kubernetes (containerd)"

static const char *giver_name(struct ck_arena *arena, size_t i)
{
	const char *preset = ck_givers[i].name;

	return ck_strndup(arena, preset, strlen(preset) - strlen("-default"));
}

static const char *given_by(struct ck_arena *arena, unsigned int cap)
{
	const char *by = "", *not_by = "";
	size_t i;

	for (i = 0; i < ck_givers_count; i++) {
		bool gives = ck_givers[i].mask & CK_CAP(cap);
		const char **list = gives ? &by : &not_by;

		*list = ck_format(arena, "%s%s%s", *list, **list ? ", " : "",
				  giver_name(arena, i));
		if (i == 0)
			*list = ck_format(arena, "%s, " LIKE_DOCKER, *list);
	}
	if (!*by)
		return "nobody; only --privileged";
	return *not_by ? ck_format(arena, "%s; not by %s", by, not_by) : by;
}

static enum ck_colour reach_colour(enum ck_reach reach)
{
	return reach == CK_REACH_ROOT ? CK_RED :
	       reach == CK_REACH_NEAR ? CK_YELLOW :
					CK_PLAIN;
}

static void explain_cap(struct ck_ctl *ctl, unsigned int cap)
{
	const struct ck_cap_facts *facts = &ck_cap_facts[cap];

	ck_print(ctl, "%s (%u, 0x%llx)%s\n", ck_paint(ctl, CK_BOLD, ck_cap_name(cap)),
		 cap, (unsigned long long)CK_CAP(cap),
		 ck_caps_known() & CK_CAP(cap) ? "" : ", unknown to this kernel");
	say(ctl, "allows to", facts->allows);
	say(ctl, "mistaken for", facts->mistaken);
	say(ctl, "by default", given_by(ctl->arena, cap));
	ck_print(ctl, "  %-*s %s\n", LABEL, "reach",
		 ck_paint(ctl, reach_colour(facts->reach), ck_reach_text(facts->reach)));
	say(ctl, "", facts->how);
	say(ctl, "cheaper", facts->cure);
}

static json_t *cap_json(struct ck_arena *arena, unsigned int cap)
{
	const struct ck_cap_facts *facts = &ck_cap_facts[cap];
	json_t *object = ck_json_object(), *by = ck_json_array(),
	       *defaults = ck_json_object();
	size_t i;

	for (i = 0; i < ck_givers_count; i++) {
		bool gives = ck_givers[i].mask & CK_CAP(cap);

		if (gives)
			ck_json_add(by, ck_json_text(ck_givers[i].name));
		ck_json_set(defaults, giver_name(arena, i), ck_json_bool(gives));
		if (i == 0)
			ck_json_set(defaults, LIKE_DOCKER, ck_json_bool(gives));
	}
	ck_json_set(object, "name", ck_json_text(ck_cap_name(cap)));
	ck_json_set(object, "number", ck_json_number(cap));
	ck_json_set(object, "allows", ck_json_text(facts->allows));
	ck_json_set(object, "mistaken_for", ck_json_text(facts->mistaken));
	ck_json_set(object, "given_by", by);
	ck_json_set(object, "by_default", defaults);
	ck_json_set(object, "reach", ck_json_text(ck_reach_text(facts->reach)));
	ck_json_set(object, "amounts_to_root",
		    ck_json_bool(facts->reach == CK_REACH_ROOT));
	ck_json_set(object, "how", ck_json_text(facts->how));
	ck_json_set(object, "cheaper", ck_json_text(facts->cure));
	return object;
}

static void explain_mask(struct ck_ctl *ctl, uint64_t mask)
{
	static const struct ck_column columns[] = {
		{ "NO", true },
		{ "NAME", false },
		{ "REACH", false },
		{ "ALLOWS TO", false },
	};
	uint64_t known = ck_caps_known();
	struct ck_table table;
	unsigned int cap;

	ck_print(ctl, "0x%llx: %s, %d in all\n", (unsigned long long)mask,
		 ck_compact(ctl->arena, mask, known), __builtin_popcountll(mask));
	if (!mask)
		return;
	ck_table_begin(&table, ctl, columns, CK_ARRAY_SIZE(columns));
	for (cap = 0; cap < CK_CAP_BITS; cap++) {
		const struct ck_cap_facts *facts =
			cap < CK_CAPS_KNOWN ? &ck_cap_facts[cap] : NULL;

		if (!(mask & CK_CAP(cap)))
			continue;
		ck_table_add(&table, CK_PLAIN, ck_format(ctl->arena, "%u", cap));
		ck_table_add(&table, CK_PLAIN, ck_cap_label(ctl->arena, cap));
		ck_table_add(&table, facts ? reach_colour(facts->reach) : CK_PLAIN,
			     facts ? ck_reach_text(facts->reach) : "?");
		ck_table_add(&table, CK_PLAIN,
			     facts ? facts->allows :
				     "a capability that this program does not know");
	}
	ck_table_print(&table);
}

static json_t *mask_json(uint64_t mask)
{
	json_t *object = ck_json_caps(mask);

	ck_json_set(object, "amounts_to_root", ck_json_caps(mask & ck_caps_root()));
	return object;
}

/* 0x..., or the 16 digits of a status file. */
static bool is_mask(const char *word, uint64_t *ret)
{
	bool prefixed = !strncasecmp(word, "0x", 2);
	const char *digits = prefixed ? word + 2 : word;
	size_t length = strspn(digits, "0123456789abcdefABCDEF");

	if (digits[length] || length == 0 || length > 16 || (!prefixed && length != 16))
		return false;
	*ret = strtoull(digits, NULL, 16);
	return true;
}

static bool is_number(const char *word, int *ret)
{
	uint64_t value;

	if (ck_number(word, strlen(word), CK_CAPS_KNOWN - 1, &value) < 0)
		return false;
	*ret = (int)value;
	return true;
}

static bool is_preset(const char *word, uint64_t *ret)
{
	size_t i;

	for (i = 0; i < ck_givers_count; i++)
		if (!strcmp(word, ck_givers[i].name) ||
		    (*word == '@' && !strcmp(word + 1, ck_givers[i].name))) {
			*ret = ck_givers[i].mask;
			return true;
		}
	return false;
}

/* Words that can be neither a capability nor the name of a profile. */
static int unknown_word(struct ck_ctl *ctl, const char *word)
{
	struct ck_nearest best = { 0 };
	const char *bare = strncasecmp(word, "CAP_", 4) ? word : word + 4;
	unsigned int cap;

	if (ck_is_digits(word, strlen(word)))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "explain",
				   "'%s' is no capability, those are 0 to %d; a mask "
				   "begins with 0x",
				   word, CK_CAPS_KNOWN - 1);
	if (!strncasecmp(word, "0x", 2))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "explain",
				   "'%s' is no mask; behind 0x stand 1 to 16 hexadecimal "
				   "digits",
				   word);
	if (!strcasecmp(bare, "ALL"))
		return ck_ctl_fail(
			ctl, CK_CTL_USAGE, "explain",
			"'%s' is no capability, but what container engines call all of "
			"them; here they are 0x%llx",
			word, (unsigned long long)ck_caps_known());
	for (cap = 0; cap < CK_CAPS_KNOWN; cap++)
		ck_nearest_try(&best, bare, ck_cap_name(cap));
	if (!best.name)
		return 0;
	return ck_ctl_fail(ctl, CK_CTL_USAGE, "explain",
			   "'%s' is no capability, did you mean %s?", word, best.name);
}

static int explain_word(struct ck_ctl *ctl, const char *word, bool first, json_t *array)
{
	int cap = ck_cap_number(word, strlen(word)), rc;
	uint64_t mask;

	if (!first && !ctl->json)
		ck_print(ctl, "\n");
	if (cap >= 0 || is_number(word, &cap)) {
		if (ctl->json)
			ck_json_add(array, cap_json(ctl->arena, (unsigned int)cap));
		else
			explain_cap(ctl, (unsigned int)cap);
		return 0;
	}
	if (is_mask(word, &mask) || is_preset(word, &mask)) {
		if (ctl->json)
			ck_json_add(array, mask_json(mask));
		else
			explain_mask(ctl, mask);
		return 0;
	}
	rc = strchr(word, '/') ? 0 : unknown_word(ctl, word);
	return rc ? rc : ck_explain_profile(ctl, word, array);
}

int ck_ctl_explain(struct ck_ctl *ctl)
{
	json_t *array;
	size_t i;
	int rc = 0;

	if (ctl->operands.count == 0)
		return ck_ctl_fail(
			ctl, CK_CTL_USAGE, "explain",
			"what? a capability, a mask such as 0xa80425fb, or a profile");
	if (ctl->rest && (ctl->operands.count != 1 || !ctl->rest[0]))
		return ck_ctl_fail(ctl, CK_CTL_USAGE, "explain",
				   "with a command: explain PROFILE -- COMMAND");
	array = ck_json_array();
	if (ck_explain_asks_call(ctl))
		rc = ck_explain_call(ctl, array);
	else if (ctl->rest)
		rc = ck_explain_command(ctl, ctl->operands.list[0], array);
	else
		for (i = 0; i < ctl->operands.count && rc == 0; i++)
			rc = explain_word(ctl, ctl->operands.list[i], i == 0, array);
	if (ctl->json && json_array_size(array))
		ck_json_print(ctl, array);
	else
		json_decref(array);
	return rc;
}
