/* SPDX-License-Identifier: MIT */
/*
 * The values of a profile's keys: each kind has a parser, which refuses what is outside
 * of its grammar, and a printer, whose output the parser reads back as the same value.
 */
#include <errno.h>
#include <linux/securebits.h>
#include <string.h>
#include <strings.h>

#include "values.h"

const char *ck_value_at(const struct ck_entry *entry, struct ck_diags *diags)
{
	return ck_origin_text(diags->arena, &entry->origin);
}

int ck_value_refuse(const struct ck_entry *entry, const char *value,
		    const char *const *words, size_t count, const char *grammar,
		    struct ck_diags *diags)
{
	struct ck_nearest best = { 0 };
	size_t i;

	for (i = 0; i < count; i++)
		ck_nearest_try(&best, value, words[i]);
	ck_diag_add(diags, ck_value_at(entry, diags), "%s: '%s' is not %s%s", entry->key,
		    value, grammar, ck_nearest_hint(diags->arena, &best));
	return -EINVAL;
}

const char *ck_value_join(struct ck_arena *arena, const struct ck_strings *strings,
			  const char *separator)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < strings->count; i++)
		text = ck_format(arena, "%s%s%s", text, i ? separator : "",
				 strings->list[i]);
	return text;
}

static int find_word(const char *const *words, size_t count, const char *value)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(words[i], value))
			return (int)i;
	return -EINVAL;
}

int parse_text(struct ck_profile *profile, const struct ck_key *key,
	       const struct ck_entry *entry, struct ck_diags *diags)
{
	if (!*entry->value)
		return ck_value_refuse(entry, "", NULL, 0, "a text", diags);
	*FIELD(profile, key, const char *) = entry->value;
	return 0;
}

const char *print_text(struct ck_arena *arena, const struct ck_profile *profile,
		       const struct ck_key *key)
{
	(void)arena;
	return *CONST_FIELD(profile, key, const char *);
}

static const char *const boolean_words[] = { "no", "yes" };

int parse_boolean(struct ck_profile *profile, const struct ck_key *key,
		  const struct ck_entry *entry, struct ck_diags *diags)
{
	int i = find_word(boolean_words, 2, entry->value);

	if (i < 0)
		return ck_value_refuse(entry, entry->value, boolean_words, 2, "yes or no",
				       diags);
	*FIELD(profile, key, bool) = i == 1;
	return 0;
}

const char *print_boolean(struct ck_arena *arena, const struct ck_profile *profile,
			  const struct ck_key *key)
{
	(void)arena;
	return boolean_words[*CONST_FIELD(profile, key, bool)];
}

int parse_caps(struct ck_profile *profile, const struct ck_key *key,
	       const struct ck_entry *entry, struct ck_diags *diags)
{
	return ck_caps_add(FIELD(profile, key, struct ck_caps), entry->value,
			   &entry->origin, diags);
}

const char *print_caps(struct ck_arena *arena, const struct ck_profile *profile,
		       const struct ck_key *key)
{
	return ck_cap_text(arena, CONST_FIELD(profile, key, struct ck_caps)->mask);
}

static const char
	*const ambient_words[] = { [CK_AUTO] = "auto", [CK_YES] = "yes", [CK_NO] = "no" };

int parse_ambient(struct ck_profile *profile, const struct ck_key *key,
		  const struct ck_entry *entry, struct ck_diags *diags)
{
	int i = find_word(ambient_words, 3, entry->value);

	if (i < 0)
		return ck_value_refuse(entry, entry->value, ambient_words, 3,
				       "auto, yes or no", diags);
	*FIELD(profile, key, enum ck_tristate) = (enum ck_tristate)i;
	return 0;
}

const char *print_ambient(struct ck_arena *arena, const struct ck_profile *profile,
			  const struct ck_key *key)
{
	(void)arena;
	return ambient_words[*CONST_FIELD(profile, key, enum ck_tristate)];
}

static const char *const bounding_words[] = { [CK_BOUNDING_AUTO] = "auto",
					      [CK_BOUNDING_EXACT] = "exact",
					      [CK_BOUNDING_IF_POSSIBLE] = "if-possible" };

int parse_bounding(struct ck_profile *profile, const struct ck_key *key,
		   const struct ck_entry *entry, struct ck_diags *diags)
{
	int i = find_word(bounding_words, 3, entry->value);

	if (i < 0)
		return ck_value_refuse(entry, entry->value, bounding_words, 3,
				       "auto, exact or if-possible", diags);
	*FIELD(profile, key, enum ck_bounding) = (enum ck_bounding)i;
	return 0;
}

const char *print_bounding(struct ck_arena *arena, const struct ck_profile *profile,
			   const struct ck_key *key)
{
	(void)arena;
	return bounding_words[*CONST_FIELD(profile, key, enum ck_bounding)];
}

/* capabilities(7), "The securebits flags"; each is set together with its lock. */
static const char *const securebit_words[] = { "noroot", "no-setuid-fixup",
					       "no-ambient-raise", "keep-caps-off" };
static const struct ck_securebits securebit_masks[] = {
	{ SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0 },
	{ SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED, 0 },
	{ SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED, 0 },
	{ SECBIT_KEEP_CAPS_LOCKED, SECBIT_KEEP_CAPS },
};

int parse_securebits(struct ck_profile *profile, const struct ck_key *key,
		     const struct ck_entry *entry, struct ck_diags *diags)
{
	struct ck_securebits *bits = FIELD(profile, key, struct ck_securebits);
	const char *cursor = entry->value, *start;
	size_t length;

	while ((length = ck_word_next(&cursor, &start)) != 0) {
		const char *word = ck_strndup(diags->arena, start, length);
		int i = find_word(securebit_words, CK_ARRAY_SIZE(securebit_words), word);

		if (i < 0)
			return ck_value_refuse(
				entry, word, securebit_words,
				CK_ARRAY_SIZE(securebit_words),
				"noroot, no-setuid-fixup, no-ambient-raise or keep-caps-off",
				diags);
		bits->on |= securebit_masks[i].on;
		bits->off |= securebit_masks[i].off;
	}
	return 0;
}

const char *ck_securebits_text(struct ck_arena *arena, unsigned int bits)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(securebit_words); i++)
		if ((bits & securebit_masks[i].on) == securebit_masks[i].on)
			text = ck_format(arena, "%s%s%s", text, *text ? " " : "",
					 securebit_words[i]);
	return text;
}

const char *print_securebits(struct ck_arena *arena, const struct ck_profile *profile,
			     const struct ck_key *key)
{
	return ck_securebits_text(arena,
				  CONST_FIELD(profile, key, struct ck_securebits)->on);
}

/* A name of passwd(5) or group(5), or a number. */
static int check_id(const struct ck_entry *entry, const char *word,
		    struct ck_diags *diags)
{
	uint64_t id;

	if (ck_is_digits(word, strlen(word)) &&
	    ck_number(word, strlen(word), CK_ID_MAX, &id) < 0)
		return ck_value_refuse(
			entry, word, NULL, 0,
			"a number from 0 to 4294967294 without leading zeros", diags);
	if (!*word || strpbrk(word, " \t,:/"))
		return ck_value_refuse(entry, word, NULL, 0, "one name or number", diags);
	return 0;
}

int parse_user(struct ck_profile *profile, const struct ck_key *key,
	       const struct ck_entry *entry, struct ck_diags *diags)
{
	bool unchanged = !strcmp(entry->value, "unchanged") && !strcmp(key->name, "user");

	if (!unchanged && check_id(entry, entry->value, diags) < 0)
		return -EINVAL;
	*FIELD(profile, key, const char *) = unchanged ? NULL : entry->value;
	return 0;
}

const char *print_user(struct ck_arena *arena, const struct ck_profile *profile,
		       const struct ck_key *key)
{
	const char *user = *CONST_FIELD(profile, key, const char *);

	(void)arena;
	return user ? user : "unchanged";
}

static const char *const group_words[] = { "init", "none", "unchanged" };

int parse_groups(struct ck_profile *profile, const struct ck_key *key,
		 const struct ck_entry *entry, struct ck_diags *diags)
{
	static const enum ck_groups kinds[] = { CK_GROUPS_INIT, CK_GROUPS_NONE,
						CK_GROUPS_UNCHANGED };
	struct ck_group_choice *groups = FIELD(profile, key, struct ck_group_choice);
	const char *cursor = entry->value, *start;
	size_t length;

	while ((length = ck_word_next(&cursor, &start)) != 0) {
		const char *word = ck_strndup(diags->arena, start, length);
		int i = find_word(group_words, 3, word);

		if (groups->kind != CK_GROUPS_DEFAULT &&
		    (i >= 0 || groups->kind != CK_GROUPS_LIST))
			return ck_value_refuse(
				entry, word, NULL, 0,
				"possible here: init, none and unchanged stand alone",
				diags);
		groups->kind = i >= 0 ? kinds[i] : CK_GROUPS_LIST;
		if (i >= 0)
			continue;
		if (check_id(entry, word, diags) < 0)
			return -EINVAL;
		ck_strings_add(diags->arena, &groups->list, word);
	}
	return 0;
}

const char *print_groups(struct ck_arena *arena, const struct ck_profile *profile,
			 const struct ck_key *key)
{
	const struct ck_group_choice *groups =
		CONST_FIELD(profile, key, struct ck_group_choice);

	switch (groups->kind) {
	case CK_GROUPS_INIT:
		return "init";
	case CK_GROUPS_NONE:
		return "none";
	case CK_GROUPS_UNCHANGED:
		return "unchanged";
	case CK_GROUPS_LIST:
	case CK_GROUPS_DEFAULT:
		break;
	}
	return ck_value_join(arena, &groups->list, " ");
}

int parse_seccomp(struct ck_profile *profile, const struct ck_key *key,
		  const struct ck_entry *entry, struct ck_diags *diags)
{
	struct ck_seccomp *seccomp = &profile->seccomp;

	seccomp->list = ck_grow(diags->arena, seccomp->list, seccomp->count,
				&seccomp->room, sizeof(*seccomp->list));
	seccomp->list[seccomp->count++] =
		(struct ck_filter_entry){ key->name, entry->value, entry->origin.file,
					  entry->origin.line, entry->length };
	return 0;
}

/* Is the call or group of item named again by a file that includes this one? */
static bool is_replaced(const struct ck_seccomp *seccomp, size_t i, const char *item)
{
	size_t length = strcspn(item, "(=, \t"), n;
	const char *cursor, *start;

	for (; i < seccomp->count; i++) {
		cursor = seccomp->list[i].value;
		while ((n = ck_item_next(&cursor, &start)) != 0)
			if (n >= length && !strncmp(start, item, length) &&
			    (n == length || start[length] == '(' || start[length] == '='))
				return true;
	}
	return false;
}

static size_t file_end(const struct ck_seccomp *seccomp, size_t i)
{
	const char *file = seccomp->list[i].file;

	while (i < seccomp->count && seccomp->list[i].file == file)
		i++;
	return i;
}

/* What no including file replaces of one line. */
static const char *live_items(struct ck_arena *arena, const struct ck_seccomp *seccomp,
			      size_t i)
{
	const char *cursor = seccomp->list[i].value, *start, *text = "";
	size_t length, end = file_end(seccomp, i);

	while ((length = ck_item_next(&cursor, &start)) != 0)
		if (!is_replaced(seccomp, end, start))
			text = ck_format(arena, "%s%s%.*s", text, *text ? " " : "",
					 (int)length, start);
	return text;
}

const char *print_seccomp(struct ck_arena *arena, const struct ck_profile *profile,
			  const struct ck_key *key)
{
	const struct ck_seccomp *seccomp = &profile->seccomp;
	bool rules = !strcmp(key->name, "allow") || !strcmp(key->name, "deny");
	const char *text = "";
	size_t i;

	for (i = 0; i < seccomp->count; i++) {
		const char *words = seccomp->list[i].value;

		if (strcmp(seccomp->list[i].key, key->name))
			continue;
		if (rules)
			words = live_items(arena, seccomp, i);
		else if (seccomp->list[i].file != profile->origin[key - ck_keys].file)
			continue; /* an including file replaces the value */
		text = ck_format(arena, "%s%s%s", text, *text && *words ? " " : "",
				 words);
	}
	return text;
}
