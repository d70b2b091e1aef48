/* SPDX-License-Identifier: MIT */
/* Readers of lines for hosts: setpriv and capsh. What is not known ends in an error,
 * since a word that is an option's value would be taken for the command. */
#include <limits.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl-words.h"

static void groups_of(struct ck_words *words, const char *value)
{
	struct ck_needs *needs = &words->convert->needs;
	struct ck_arena *arena = words->convert->ctl->arena;
	const char *word;
	size_t length;

	needs->no_groups = true;
	(void)ck_words_plain(words->convert, value);
	while ((length = ck_word_next(&value, &word)) != 0) {
		ck_strings_add(arena, &needs->groups, ck_strndup(arena, word, length));
		needs->no_groups = false;
	}
}

/* The bits that a profile can say. */
static void take_securebits(struct ck_words *words, unsigned long bits)
{
	static const struct {
		unsigned long bit;
		const char *name;
	} rows[] = {
		{ SECBIT_NOROOT, "noroot" },
		{ SECBIT_NO_SETUID_FIXUP, "no-setuid-fixup" },
		{ SECBIT_KEEP_CAPS_LOCKED, "keep-caps-off" },
	};
	struct ck_strings *list = &words->convert->needs.securebits;
	size_t i;

	list->count = 0;
	for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
		if (bits & rows[i].bit)
			ck_strings_add(words->convert->ctl->arena, list, rows[i].name);
	words->noroot = bits & SECBIT_NOROOT;
}

/* "+noroot,+noroot_locked,-all" of setpriv: the last word on a bit counts. The profile
 * locks a bit as it is. */
static void securebits_of(struct ck_words *words, const char *value)
{
	static const struct {
		const char *name;
		unsigned long bits;
	} rows[] = {
		{ "noroot", SECBIT_NOROOT },
		{ "no_setuid_fixup", SECBIT_NO_SETUID_FIXUP },
		{ "keep_caps_locked", SECBIT_KEEP_CAPS_LOCKED },
		{ "noroot_locked", 0 },
		{ "no_setuid_fixup_locked", 0 },
		{ "all", ULONG_MAX },
	};
	unsigned long bits = 0;
	const char *word;
	size_t length, i;

	while ((length = ck_word_next(&value, &word)) != 0) {
		for (i = 0; i < CK_ARRAY_SIZE(rows); i++)
			if (strlen(rows[i].name) == length - 1 &&
			    !strncmp(rows[i].name, word + 1, length - 1))
				break;
		if (*word == '-')
			bits &= i < CK_ARRAY_SIZE(rows) ? ~rows[i].bits : ULONG_MAX;
		else if (*word == '+' && i + 1 < CK_ARRAY_SIZE(rows))
			bits |= rows[i].bits;
		else
			ck_note(words->convert, "the securebit %.*s is not carried over",
				(int)length, word);
	}
	take_securebits(words, bits);
}

/* false: it is none of these. */
static bool setpriv_id(struct ck_words *words)
{
	const struct {
		const char *option, **real, **effective;
	} rows[] = {
		{ "--reuid", &words->ruid, &words->euid },
		{ "--ruid", &words->ruid, NULL },
		{ "--euid", NULL, &words->euid },
		{ "--regid", &words->rgid, &words->egid },
		{ "--rgid", &words->rgid, NULL },
		{ "--egid", NULL, &words->egid },
	};
	const char *value;
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(rows); i++) {
		value = ck_words_value(words, rows[i].option);
		if (!value)
			continue;
		(void)ck_words_plain(words->convert, value);
		if (rows[i].real)
			*rows[i].real = value;
		if (rows[i].effective)
			*rows[i].effective = value;
		return true;
	}
	return false;
}

static void setpriv_signal(struct ck_words *words, const char *value)
{
	words->convert->needs.death_signal = NULL;
	if (!strcmp(value, "clear"))
		ck_note(words->convert,
			"--pdeathsig clear cannot be said: a profile leaves the signal as "
			"it is found");
	else if (strcmp(value, "keep") != 0)
		words->convert->needs.death_signal = value;
}

/* Options that take a value, and would have the next word taken for one. */
static bool setpriv_value(struct ck_words *words)
{
	static const char *const lost[] = {
		"--ptracer",
		"--selinux-label",
		"--apparmor-profile",
		"--landlock-access",
		"--landlock-rule",
		"--seccomp-filter",
		NULL,
	};
	const char *value;
	size_t i;

	if (setpriv_id(words))
		return true;
	if ((value = ck_words_value(words, "--groups")) != NULL)
		groups_of(words, value);
	else if ((value = ck_words_value(words, "--bounding-set")) != NULL)
		ck_words_change(words->convert, value, &words->bounding);
	else if ((value = ck_words_value(words, "--ambient-caps")) != NULL)
		ck_words_change(words->convert, value, &words->ambient);
	else if (ck_words_value(words, "--inh-caps"))
		return true; /* the ambient set says what is handed on */
	else if ((value = ck_words_value(words, "--pdeathsig")) != NULL)
		setpriv_signal(words, value);
	else if ((value = ck_words_value(words, "--securebits")) != NULL)
		securebits_of(words, value);
	else {
		for (i = 0; lost[i]; i++)
			if ((value = ck_words_value(words, lost[i])) != NULL) {
				ck_note(words->convert, "%s %s is not carried over",
					lost[i], value);
				return true;
			}
		return false;
	}
	return true;
}

static bool setpriv_option(struct ck_words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	const char *word = words->list.list[words->at];

	if (!strcmp(word, "--clear-groups"))
		needs->no_groups = true;
	else if (!strcmp(word, "--init-groups"))
		needs->init_groups = true;
	else if (!strcmp(word, "--keep-groups"))
		needs->keep_groups = true;
	else if (!strcmp(word, "--no-new-privs") || !strcmp(word, "--nnp"))
		needs->no_new_privs = CK_YES;
	else if (!strcmp(word, "--reset-env"))
		ck_note(words->convert, "--reset-env is not carried over");
	else
		return setpriv_value(words);
	return true;
}

/* Root's exec gives the bounding set, whatever was permitted before; with no_new_privs no
 * more than that. */
static uint64_t root_gets(struct ck_words *words)
{
	uint64_t permitted = words->has_caps ? words->caps : CK_EVERY;
	uint64_t back = words->bounding & ~permitted;

	if (words->convert->needs.no_new_privs == CK_YES)
		return words->bounding & permitted;
	if (back)
		ck_note(words->convert,
			"exec gives root the whole bounding set, so %s comes back "
			"whatever is permitted before",
			ck_compact(words->convert->ctl->arena, back, CK_EVERY));
	return words->bounding;
}

/* What the program holds in the end: as root the bounding set, as a user the ambient one.
 */
static void settle(struct ck_words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	bool user = (needs->user && !ck_is_root_word(needs->user)) || words->noroot;

	words->convert->found = true;
	needs->keep = user ? words->ambient : root_gets(words);
	if (!user && words->ambient)
		needs->ambient = CK_YES;
	if (user && words->bounding & ~words->ambient)
		ck_note(words->convert,
			"the bounding set is wider there (%s); a profile cuts it to "
			"what is kept",
			ck_cap_text(words->convert->ctl->arena,
				    words->bounding & ~words->ambient));
}

/* The real and the effective id of setpriv: a program with two different ones is nothing
 * that a profile can say, and neither is one of them alone. */
static int take_ids(struct ck_words *words, const char *file)
{
	struct ck_needs *needs = &words->convert->needs;
	const struct {
		const char *real, *effective, *kind;
		const char **id;
	} rows[] = {
		{ words->ruid, words->euid, "uid", &needs->user },
		{ words->rgid, words->egid, "gid", &needs->group },
	};
	size_t i;

	for (i = 0; i < CK_ARRAY_SIZE(rows); i++) {
		const char *real = rows[i].real, *effective = rows[i].effective;

		if ((real || effective) &&
		    (!real || !effective || strcmp(real, effective) != 0))
			return ck_ctl_fail(words->convert->ctl, CK_CTL_FAILED, file,
					   "setpriv: a real and an effective %s that "
					   "differ cannot be said by a profile; use "
					   "--re%s, or both with the same value",
					   rows[i].kind, rows[i].kind);
		if (real)
			*rows[i].id = real;
	}
	return 0;
}

static int read_line(struct ck_convert *convert, const struct ck_input *input,
		     const char *program, bool (*take)(struct ck_words *words))
{
	const char *const programs[] = { program, NULL };
	struct ck_words words;
	int status = ck_words_split(convert, input, &words);

	if (status != 0)
		return status;
	if (ck_words_program(&words, programs) < 0)
		return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, input->name,
				   "there is no %s in it", program);
	while (++words.at < words.list.count) {
		const char *word = words.list.list[words.at];

		if (*word != '-' || !strcmp(word, "--"))
			break;
		if (!take(&words))
			return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, input->name,
					   "%s: '%s' is not read", program, word);
	}
	status = take_ids(&words, input->name);
	if (status == 0)
		settle(&words);
	return status;
}

int ck_read_setpriv(struct ck_convert *convert, const struct ck_input *input)
{
	return read_line(convert, input, "setpriv", setpriv_option);
}

/* "all", or names as libcap has them; of one that it does not know it refuses the whole
 * text. */
static bool are_caps(const char *list, size_t length)
{
	const char *end = list + length;

	if (length == 3 && !strncasecmp(list, "all", 3))
		return true;
	for (;; list++) {
		size_t word = strcspn(list, ",=+-");

		if (ck_cap_number(list, word) < 0 || strncasecmp(list, "cap_", 4) != 0)
			return false;
		list += word;
		if (list >= end)
			return true;
	}
}

/* "cap_kill,cap_chown=eip", "=", "all=p-p": one clause of cap_from_text(3), as far as it
 * is about permitted. '=' takes all from the names first; without names it means all of
 * them. */
static bool caps_clause(struct ck_words *words, const char *clause)
{
	size_t length = strcspn(clause, "=+-");
	uint64_t mask = length ? 0 : CK_EVERY;
	bool named = length > 0; /* else there is one operator only */

	if (!clause[length] || (!named && *clause != '=') ||
	    (named && !are_caps(clause, length)))
		return false;
	ck_words_change(words->convert,
			ck_strndup(words->convert->ctl->arena, clause, length), &mask);
	for (clause += length; *clause; clause += length) {
		char sign = *clause++;
		bool permitted;

		length = strspn(clause, "eip");
		if ((clause[length] && !strchr(named ? "+-" : "", clause[length])) ||
		    (!length && sign != '='))
			return false;
		permitted = memchr(clause, 'p', length) != NULL;
		if (sign == '=' || (sign == '-' && permitted))
			words->caps &= ~mask;
		if (sign != '-' && permitted)
			words->caps |= mask;
	}
	return true;
}

static bool caps_text(struct ck_words *words, const char *value)
{
	words->has_caps = true;
	words->caps = 0;
	for (value += strspn(value, " \t\n"); *value; value += strspn(value, " \t\n")) {
		size_t length = strcspn(value, " \t\n");

		if (!caps_clause(words,
				 ck_strndup(words->convert->ctl->arena, value, length)))
			return false;
		value += length;
	}
	return true;
}

/* A number of securebits: the values of prctl(2). */
static bool secbits_of(struct ck_words *words, const char *value)
{
	char *end;
	unsigned long bits = strtoul(value, &end, 0);

	if (*end || end == value)
		return false;
	take_securebits(words, bits);
	return true;
}

static bool capsh_ids(struct ck_words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	const char *value;

	if ((value = ck_words_value(words, "--uid")) ||
	    (value = ck_words_value(words, "--user")))
		needs->user = ck_words_plain(words->convert, value);
	else if ((value = ck_words_value(words, "--gid")) != NULL)
		needs->group = ck_words_plain(words->convert, value);
	else if ((value = ck_words_value(words, "--groups")) != NULL)
		groups_of(words, value);
	else
		return false;
	return true;
}

static bool capsh_option(struct ck_words *words)
{
	static const char *const harmless[] = { "--print",  "--current", "--quiet",
						"--strict", "--keep=0",	 "--keep=1",
						NULL };
	const char *word = words->list.list[words->at], *value;
	uint64_t some = 0;

	if ((value = ck_words_value(words, "--drop")) != NULL) {
		ck_words_change(words->convert, value, &some);
		words->bounding &= ~some;
	} else if ((value = ck_words_value(words, "--caps")) != NULL) {
		return caps_text(words, value);
	} else if ((value = ck_words_value(words, "--addamb")) != NULL) {
		ck_words_change(words->convert, value, &words->ambient);
	} else if ((value = ck_words_value(words, "--delamb")) != NULL) {
		ck_words_change(words->convert, value, &some);
		words->ambient &= ~some;
	} else if (!strcmp(word, "--noamb")) {
		words->ambient = 0;
	} else if (!strcmp(word, "--no-new-privs")) {
		words->convert->needs.no_new_privs = CK_YES;
	} else if ((value = ck_words_value(words, "--secbits")) != NULL) {
		return secbits_of(words, value);
	} else if (!strncmp(word, "--chroot=", 9) || !strcmp(word, "--noenv") ||
		   !strncmp(word, "--shell=", 8)) {
		ck_note(words->convert, "%s is not carried over", word);
	} else {
		return capsh_ids(words) || !strncmp(word, "--inh=", 6) ||
		       ck_is_one_of(word, harmless);
	}
	return true;
}

int ck_read_capsh(struct ck_convert *convert, const struct ck_input *input)
{
	return read_line(convert, input, "capsh", capsh_option);
}
