/* SPDX-License-Identifier: MIT */
/*
 * What was read, as a profile. Its words come from files of others and become lines of a
 * profile here, so that no word may end its line, begin a comment, or be taken for a word
 * of the profile's own.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ctl-convert.h"

#define SET_ROOM (CK_LINE_MAX - sizeof("set = "))

static const char *limit_word(const char *word)
{
	return strcmp(word, "-1") != 0 && strcmp(word, "infinity") != 0 ? word :
									  "unlimited";
}

/* A later one of the same name replaces the earlier; NULL takes it back. */
static void set_limit(struct ck_convert *convert, const char *name, const char *line)
{
	struct ck_strings *limits = &convert->needs.limits;
	const size_t length = strlen(name);
	size_t i;

	for (i = 0; i < limits->count; i++)
		if (!strncmp(limits->list[i], name, length) &&
		    limits->list[i][length] == ' ')
			limits->list[i] = limits->list[--limits->count];
	if (line)
		ck_strings_add(convert->ctl->arena, limits, line);
}

bool ck_needs_limit(struct ck_convert *convert, const char *name, const char *value)
{
	struct ck_arena *arena = convert->ctl->arena;
	const char *colon = value ? strchr(value, ':') : NULL;
	size_t i;

	if (colon)
		value = ck_join(
			arena,
			limit_word(ck_strndup(arena, value, (size_t)(colon - value))),
			":", limit_word(colon + 1));
	else if (value)
		value = limit_word(value);
	for (i = 0; i < CK_LIMITS; i++)
		if (!strcasecmp(ck_limit_names[i], name)) {
			set_limit(
				convert, ck_limit_names[i],
				value ? ck_join(arena, ck_limit_names[i], " = ", value) :
					NULL);
			return true;
		}
	return false;
}

static bool is_assignment(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n > 0 && !isdigit((unsigned char)*text) && text[n] == '=';
}

static bool has_controls(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return true;
	return false;
}

/* A blank before ; or # begins a comment. */
static bool has_comment(const char *value)
{
	for (; *value; value++)
		if (strchr(" \t", *value) && (value[1] == ';' || value[1] == '#'))
			return true;
	return false;
}

static bool is_reserved(const char *word)
{
	static const char *const words[] = { "unchanged", "none", "init", NULL };

	return ck_is_one_of(word, words);
}

/* A name or a number of a user or group. */
static int check_word(struct ck_convert *convert, const char *what, const char *word)
{
	if (!word)
		return 0;
	if (*word && !has_controls(word) && !strpbrk(word, " ;#,") && !is_reserved(word))
		return 0;
	return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, what,
			   "'%s' is nothing that a profile can say", word);
}

static int check_words(struct ck_convert *convert)
{
	const struct ck_needs *needs = &convert->needs;
	const char *directory = needs->working_directory;
	int status = check_word(convert, "user", needs->user);
	size_t i;

	if (status == 0)
		status = check_word(convert, "group", needs->group);
	for (i = 0; i < needs->groups.count && status == 0; i++)
		status = check_word(convert, "groups", needs->groups.list[i]);
	if (status == 0)
		status = check_word(convert, "umask", needs->umask);
	if (status == 0)
		status = check_word(convert, "parent-death-signal", needs->death_signal);
	if (status == 0 && directory &&
	    (has_controls(directory) || has_comment(directory)))
		status = ck_ctl_fail(convert->ctl, CK_CTL_FAILED, "working-directory",
				     "'%s' is nothing that a profile can say", directory);
	return status;
}

/* What fits no line of a profile is noted, not cut. */
static void add_environment(struct ck_convert *convert, struct ck_text *text)
{
	const struct ck_needs *needs = &convert->needs;
	struct ck_arena *arena = convert->ctl->arena;
	size_t i;

	if (needs->env_set.count + needs->env_unset.count)
		ck_text_add(arena, text, "[environment]\n");
	for (i = 0; i < needs->env_unset.count; i++)
		if (has_controls(needs->env_unset.list[i]))
			ck_note(convert, "a variable to unset has no name; left out");
		else
			ck_text_add(arena, text, "unset = %s\n",
				    needs->env_unset.list[i]);
	for (i = 0; i < needs->env_set.count; i++) {
		const char *one = needs->env_set.list[i];
		const int name = (int)strcspn(one, "=");

		if (has_controls(one))
			ck_note(convert,
				"%.*s has a line break or a control character; left out",
				name, one);
		else if (!is_assignment(one))
			ck_note(convert,
				"%s is no NAME=value that a profile takes; left out",
				one);
		else if (strlen(one) > SET_ROOM)
			ck_note(convert,
				"%.*s is too long for a line of a profile; left out",
				name, one);
		else
			ck_text_add(arena, text, "set = %s\n", one);
	}
}

static void add_line(struct ck_arena *arena, struct ck_text *text, const char *key,
		     const char *value)
{
	if (value)
		ck_text_add(arena, text, "%s = %s\n", key, value);
}

static void add_groups(struct ck_arena *arena, struct ck_text *text,
		       const struct ck_needs *needs)
{
	size_t i;

	if (needs->no_groups)
		ck_text_add(arena, text, "groups = none\n");
	else if (needs->init_groups)
		ck_text_add(arena, text, "groups = init\n");
	else if (needs->keep_groups)
		ck_text_add(arena, text, "groups = unchanged\n");
	else /* Lists are broken, since the lines of a profile are short. */
		for (i = 0; i < needs->groups.count; i++)
			ck_text_add(arena, text, "%s%s\n",
				    i ? "\t" : "groups = ", needs->groups.list[i]);
}

static void add_capabilities(struct ck_arena *arena, struct ck_text *text,
			     const struct ck_needs *needs)
{
	static const char *const words[] = {
		[CK_AUTO] = NULL, [CK_YES] = "yes", [CK_NO] = "no"
	};
	size_t i;

	ck_text_add(arena, text, "[capabilities]\nkeep = %s\n",
		    needs->keep ? ck_cap_list(arena, needs->keep, "", "\n\t", false) :
				  "none");
	add_line(arena, text, "ambient", words[needs->ambient]);
	for (i = 0; i < needs->securebits.count; i++)
		add_line(arena, text, "securebits", needs->securebits.list[i]);
}

static const char *needs_text(struct ck_convert *convert)
{
	const struct ck_needs *needs = &convert->needs;
	struct ck_arena *arena = convert->ctl->arena;
	struct ck_text text = { .bytes = NULL };
	size_t i;

	add_capabilities(arena, &text, needs);
	ck_text_add(arena, &text, "[process]\n");
	add_line(arena, &text, "user", needs->user ? needs->user : "unchanged");
	add_line(arena, &text, "group", needs->group);
	add_groups(arena, &text, needs);
	add_line(arena, &text, "no-new-privs",
		 needs->no_new_privs == CK_YES ? "yes" : "no");
	add_line(arena, &text, "umask", needs->umask);
	add_line(arena, &text, "working-directory", needs->working_directory);
	add_line(arena, &text, "parent-death-signal", needs->death_signal);
	add_environment(convert, &text);
	if (needs->limits.count)
		ck_text_add(arena, &text, "[limits]\n");
	for (i = 0; i < needs->limits.count; i++)
		ck_text_add(arena, &text, "%s\n", needs->limits.list[i]);
	return ck_text_bytes(&text);
}

/* The lines are those of the profile that was made, which nobody has seen. */
static void complain(struct ck_ctl *ctl, size_t before, const char *file)
{
	size_t i;

	for (i = before; i < ctl->diags.count; i++)
		ctl->diags.list[i].where = file;
	ck_ctl_complain(ctl);
}

/* The profile's own parser has the last word on what was read. */
int ck_needs_profile(struct ck_convert *convert, const char *file)
{
	struct ck_ctl *ctl = convert->ctl;
	size_t before = ctl->diags.count;
	int status = check_words(convert);
	const char *text;

	if (status != 0)
		return status;
	text = needs_text(convert);
	if (strlen(text) > CK_FILE_MAX)
		return ck_ctl_fail(ctl, CK_CTL_FAILED, file,
				   "makes a profile of %zu bytes; %d is the most",
				   strlen(text), CK_FILE_MAX);
	ck_profile_empty(file, &convert->profile);
	if (ck_profile_parse(file, text, strlen(text), &ctl->diags, &convert->profile) ==
		    0 &&
	    ck_profile_complete(&convert->profile, &ctl->diags) == 0)
		return 0;
	complain(ctl, before, file);
	return CK_CTL_FAILED;
}
