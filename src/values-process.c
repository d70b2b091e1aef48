/* SPDX-License-Identifier: MIT */
/* Values of [process], [environment] and [limits]; the rest and the rules are in
 * values.c. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "values.h"

#define FD_MAX UINT64_C(1048575)

int parse_umask(struct ck_profile *profile, const struct ck_key *key,
		const struct ck_entry *entry, struct ck_diags *diags)
{
	size_t length = strlen(entry->value), i;
	int mask = 0;

	for (i = 0;
	     i < length && entry->value[i] >= '0' && entry->value[i] <= '7' && i < 4; i++)
		mask = mask * 8 + (entry->value[i] - '0');
	if (length == 0 || i != length || mask > 0777)
		return ck_value_refuse(entry, entry->value, NULL, 0,
				       "an octal number from 0000 to 0777", diags);
	*FIELD(profile, key, int) = mask;
	return 0;
}

const char *print_umask(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_key *key)
{
	return ck_format(arena, "%04o", (unsigned int)*CONST_FIELD(profile, key, int));
}

int parse_directory(struct ck_profile *profile, const struct ck_key *key,
		    const struct ck_entry *entry, struct ck_diags *diags)
{
	if (entry->value[0] != '/')
		return ck_value_refuse(entry, entry->value, NULL, 0,
				       "an absolute path (it begins with /)", diags);
	return parse_text(profile, key, entry, diags);
}

const char *print_directory(struct ck_arena *arena, const struct ck_profile *profile,
			    const struct ck_key *key)
{
	return print_text(arena, profile, key);
}

int parse_fds(struct ck_profile *profile, const struct ck_key *key,
	      const struct ck_entry *entry, struct ck_diags *diags)
{
	const char *cursor = entry->value, *start;
	size_t length;
	uint64_t fd;

	while ((length = ck_word_next(&cursor, &start)) != 0) {
		const char *word = ck_strndup(diags->arena, start, length);

		if (ck_number(start, length, FD_MAX, &fd) < 0)
			return ck_value_refuse(entry, word, NULL, 0,
					       "a descriptor's number from 0 to 1048575",
					       diags);
		ck_strings_add(diags->arena, FIELD(profile, key, struct ck_strings),
			       word);
	}
	return 0;
}

const char *print_fds(struct ck_arena *arena, const struct ck_profile *profile,
		      const struct ck_key *key)
{
	return print_names(arena, profile, key);
}

int parse_signal(struct ck_profile *profile, const struct ck_key *key,
		 const struct ck_entry *entry, struct ck_diags *diags)
{
	int number = ck_signal_number(entry->value);

	if (number < 0)
		return ck_value_refuse(entry, entry->value, NULL, 0,
				       "the name of a signal, such as TERM or KILL",
				       diags);
	*FIELD(profile, key, int) = number;
	return 0;
}

const char *print_signal(struct ck_arena *arena, const struct ck_profile *profile,
			 const struct ck_key *key)
{
	(void)arena;
	return ck_signal_name(*CONST_FIELD(profile, key, int));
}

/* The length of the variable's name that text begins with, 0 where it is none. */
static size_t name_length(const char *text)
{
	size_t n = 0;

	if (isdigit((unsigned char)text[0]))
		return 0;
	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n;
}

int parse_names(struct ck_profile *profile, const struct ck_key *key,
		const struct ck_entry *entry, struct ck_diags *diags)
{
	const char *cursor = entry->value, *start;
	size_t length, n;

	while ((length = ck_word_next(&cursor, &start)) != 0) {
		const char *word = ck_strndup(diags->arena, start, length);

		n = name_length(word);
		if (word[n] == '*')
			n++;
		if (word[n] || n == 0)
			return ck_value_refuse(
				entry, word, NULL, 0,
				"a variable's name, with a '*' at most at its end",
				diags);
		ck_strings_add(diags->arena, FIELD(profile, key, struct ck_strings),
			       word);
	}
	return 0;
}

const char *print_names(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_key *key)
{
	return ck_value_join(arena, CONST_FIELD(profile, key, struct ck_strings), " ");
}

int parse_assignment(struct ck_profile *profile, const struct ck_key *key,
		     const struct ck_entry *entry, struct ck_diags *diags)
{
	struct ck_strings *set = FIELD(profile, key, struct ck_strings);
	size_t length = name_length(entry->raw), i;

	if (entry->continued) {
		ck_diag_add(
			diags, ck_value_at(entry, diags),
			"set: an assignment does not go on in an indented line; write "
			"another 'set ='");
		return -EINVAL;
	}
	if (length == 0 || entry->raw[length] != '=')
		return ck_value_refuse(entry, entry->raw, NULL, 0,
				       "of the form NAME=value", diags);
	for (i = 0; i < set->count; i++) {
		if (strncmp(set->list[i], entry->raw, length + 1))
			continue;
		ck_diag_add(diags, ck_value_at(entry, diags),
			    "set: %.*s is assigned twice", (int)length, entry->raw);
		return -EINVAL;
	}
	ck_strings_add(diags->arena, set, entry->raw);
	return 0;
}

const char *print_assignment(struct ck_arena *arena, const struct ck_profile *profile,
			     const struct ck_key *key)
{
	return ck_value_join(arena, CONST_FIELD(profile, key, struct ck_strings), "\n");
}

static int limit_number(const char *text, size_t length, rlim_t *ret)
{
	uint64_t value;

	if (length == strlen("unlimited") && !memcmp(text, "unlimited", length)) {
		*ret = RLIM_INFINITY;
		return 0;
	}
	if (ck_number(text, length, RLIM_INFINITY - 1, &value) < 0)
		return -EINVAL;
	*ret = value;
	return 0;
}

int parse_limit(struct ck_profile *profile, const struct ck_key *key,
		const struct ck_entry *entry, struct ck_diags *diags)
{
	struct ck_limit *limit = FIELD(profile, key, struct ck_limit);
	const char *colon = strchr(entry->value, ':');
	const char *hard = colon ? colon + 1 : entry->value;
	size_t length = colon ? (size_t)(colon - entry->value) : strlen(entry->value);
	struct rlimit value;

	if (limit_number(entry->value, length, &value.rlim_cur) < 0 ||
	    limit_number(hard, strlen(hard), &value.rlim_max) < 0)
		return ck_value_refuse(entry, entry->value, NULL, 0,
				       "soft or soft:hard, each a number or unlimited",
				       diags);
	if (value.rlim_cur > value.rlim_max)
		return ck_value_refuse(entry, entry->value, NULL, 0,
				       "possible: the soft limit is above the hard one",
				       diags);
	limit->stated = true;
	limit->value = value;
	return 0;
}

static const char *limit_text(struct ck_arena *arena, rlim_t value)
{
	return value == RLIM_INFINITY ?
		       "unlimited" :
		       ck_format(arena, "%llu", (unsigned long long)value);
}

const char *print_limit(struct ck_arena *arena, const struct ck_profile *profile,
			const struct ck_key *key)
{
	const struct ck_limit *limit = CONST_FIELD(profile, key, struct ck_limit);

	return ck_format(arena, "%s:%s", limit_text(arena, limit->value.rlim_cur),
			 limit_text(arena, limit->value.rlim_max));
}
