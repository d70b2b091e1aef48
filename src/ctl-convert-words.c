/* SPDX-License-Identifier: MIT */
/* Readers of lines: docker and podman flags, setpriv, capsh. Nothing is run and nothing
 * expanded. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ctl-convert.h"

#define EVERY ((UINT64_C(1) << CK_CAPS_KNOWN) - 1)

/* The length that one word takes in text, and the word without its quotes in out. */
static int one_word(const char **cursor, char *out)
{
	const char *p = *cursor;
	char quote = '\0';

	for (; *p; p++) {
		if (!quote && strchr(" \t\n", *p))
			break;
		if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (quote && *p == quote) {
			quote = '\0';
		} else if (*p == '\\' && quote != '\'') {
			p++;
			if (!*p)
				return -EINVAL;
			if (*p != '\n')
				*out++ = *p;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	*cursor = p;
	return quote ? -EINVAL : 0;
}

int ck_shell_words(struct ck_arena *arena, const char *text, struct ck_strings *ret)
{
	for (;;) {
		char *word;

		while (*text && (strchr(" \t\n", *text) || !strncmp(text, "\\\n", 2)))
			text += *text == '\\' ? 2 : 1;
		if (!*text)
			return 0;
		word = ck_alloc(arena, strlen(text) + 1);
		if (one_word(&text, word) < 0)
			return -EINVAL;
		ck_strings_add(arena, ret, ck_format(arena, "%s", word));
	}
}

const char *ck_shell_quote(struct ck_arena *arena, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=:,./@";
	char *copy, *out;

	if (*word && strspn(word, plain) == strlen(word))
		return word;
	copy = out = ck_alloc(arena, strlen(word) * 4 + 3);
	*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			memcpy(out, "'\\'", 3);
			out += 3;
		}
		*out++ = *word;
	}
	*out = '\'';
	return copy;
}

/* Names, with + or - before, or all: of setpriv and capsh. */
static void change(struct ck_convert *convert, const char *list, uint64_t *mask)
{
	const char *word;
	size_t length;

	while ((length = ck_word_next(&list, &word)) != 0) {
		bool away = *word == '-', sign = away || *word == '+';
		const char *name = sign ? word + 1 : word;
		uint64_t bits = 0;
		int cap;

		length -= sign;
		cap = ck_cap_number(name, length);
		if (length == 3 && !strncasecmp(name, "all", 3))
			bits = EVERY;
		else if (cap >= 0)
			bits = CK_CAP(cap);
		else
			ck_note(convert, "%.*s is no capability; left out", (int)length,
				name);
		*mask = away ? *mask & ~bits : *mask | bits;
	}
}

struct words {
	struct ck_convert *convert;
	struct ck_strings list;
	size_t at;
	struct ck_spec spec;
	uint64_t bounding, ambient, caps;
	bool has_caps, group_stated;
};

static int split(struct ck_convert *convert, const struct ck_input *input,
		 struct words *words)
{
	struct ck_arena *arena = convert->ctl->arena;

	*words = (struct words){
		.convert = convert,
		.bounding = EVERY,
		.spec = { .kind = "line", .name = "line", .base = CK_DOCKER_DEFAULT }
	};
	if (ck_shell_words(arena, ck_strndup(arena, input->bytes, input->length),
			   &words->list) < 0)
		return ck_ctl_fail(convert->ctl, CK_CTL_FAILED, input->name,
				   "a quote is not closed");
	return 0;
}

/* The value of option name: behind '=' or the next word; NULL where the word is another
 * option. */
static const char *value_of(struct words *words, const char *name)
{
	const char *word = words->list.list[words->at];
	size_t length = strlen(name);

	if (!word || strncmp(word, name, length) != 0)
		return NULL;
	if (word[length] == '=')
		return word + length + 1;
	if (word[length] || words->at + 1 >= words->list.count)
		return NULL;
	words->at++;
	return words->list.list[words->at];
}

static void user_of(struct words *words, const char *value)
{
	struct ck_arena *arena = words->convert->ctl->arena;
	const char *colon = strchr(value, ':');

	words->spec.user =
		colon ? ck_strndup(arena, value, (size_t)(colon - value)) : value;
	words->spec.group = colon ? colon + 1 : NULL;
}

static void ulimit_of(struct words *words, const char *value)
{
	struct ck_arena *arena = words->convert->ctl->arena;
	const char *equals = strchr(value, '=');
	const char *name =
		equals ? ck_strndup(arena, value, (size_t)(equals - value)) : value;
	const char *limit = equals ? equals + 1 : "";

	if (!ck_needs_limit(words->convert, name, limit))
		ck_note(words->convert, "the limit %s is not known; left out", name);
}

static bool docker_option(struct words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	struct ck_arena *arena = words->convert->ctl->arena;
	const char *word = words->list.list[words->at], *value;

	if ((value = value_of(words, "--cap-add")) != NULL)
		ck_spec_name(arena, &words->spec, value, true);
	else if ((value = value_of(words, "--cap-drop")) != NULL)
		ck_spec_name(arena, &words->spec, value, false);
	else if ((value = value_of(words, "--security-opt")) != NULL)
		(void)ck_spec_option(&words->spec, value);
	else if ((value = value_of(words, "--user")) || (value = value_of(words, "-u")))
		user_of(words, value);
	else if ((value = value_of(words, "--group-add")) != NULL)
		ck_strings_add(arena, &words->spec.groups, value);
	else if ((value = value_of(words, "--workdir")) ||
		 (value = value_of(words, "-w")))
		needs->working_directory = value;
	else if ((value = value_of(words, "--env")) || (value = value_of(words, "-e")))
		ck_strings_add(arena, &needs->env_set, value);
	else if ((value = value_of(words, "--unsetenv")) != NULL)
		ck_strings_add(arena, &needs->env_unset, value);
	else if ((value = value_of(words, "--umask")) != NULL)
		needs->umask = value;
	else if ((value = value_of(words, "--ulimit")) != NULL)
		ulimit_of(words, value);
	else if (!strcmp(word, "--privileged") || !strcmp(word, "--privileged=true"))
		words->spec.privileged = true;
	else
		return false;
	return true;
}

int ck_read_docker_flags(struct ck_convert *convert, const struct ck_input *input)
{
	struct words words;
	int status = split(convert, input, &words);

	if (status != 0)
		return status;
	if (words.list.count && !strcmp(words.list.list[0], "podman"))
		words.spec.base = CK_PODMAN_DEFAULT;
	for (words.at = 0; words.at < words.list.count; words.at++)
		if (docker_option(&words))
			convert->found = true;
	if (words.list.count > 1 && !strcmp(words.list.list[1], "run"))
		convert->found = true;
	ck_needs_spec(convert, &words.spec);
	return 0;
}

static void groups_of(struct words *words, const char *value)
{
	struct ck_needs *needs = &words->convert->needs;
	struct ck_arena *arena = words->convert->ctl->arena;
	const char *word;
	size_t length;

	needs->no_groups = true;
	while ((length = ck_word_next(&value, &word)) != 0) {
		ck_strings_add(arena, &needs->groups, ck_strndup(arena, word, length));
		needs->no_groups = false;
	}
}

static bool setpriv_option(struct words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	const char *word = words->list.list[words->at], *value;

	if ((value = value_of(words, "--reuid")) != NULL)
		needs->user = value;
	else if ((value = value_of(words, "--regid")) != NULL)
		needs->group = value;
	else if ((value = value_of(words, "--groups")) != NULL)
		groups_of(words, value);
	else if ((value = value_of(words, "--bounding-set")) != NULL)
		change(words->convert, value, &words->bounding);
	else if ((value = value_of(words, "--ambient-caps")) != NULL)
		change(words->convert, value, &words->ambient);
	else if (value_of(words, "--inh-caps"))
		return true; /* the ambient set says what is handed on */
	else if ((value = value_of(words, "--pdeathsig")) != NULL)
		needs->death_signal = value;
	else if ((value = value_of(words, "--securebits")) != NULL)
		ck_strings_add(words->convert->ctl->arena, &needs->securebits,
			       strstr(value, "+noroot") ? "noroot" : "keep-caps-off");
	else if (!strcmp(word, "--clear-groups"))
		needs->no_groups = true;
	else if (!strcmp(word, "--init-groups"))
		needs->init_groups = true;
	else if (!strcmp(word, "--keep-groups"))
		needs->keep_groups = true;
	else if (!strcmp(word, "--no-new-privs") || !strcmp(word, "--nnp"))
		needs->no_new_privs = CK_YES;
	else
		return false;
	return true;
}

/* What the program holds in the end: as root the bounding set, as a user the ambient one.
 */
static void settle(struct words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	bool user = needs->user && !ck_is_root_word(needs->user);
	bool noroot =
		needs->securebits.count && !strcmp(needs->securebits.list[0], "noroot");

	words->convert->found = true;
	needs->keep = user || noroot ? words->ambient : words->bounding;
	if (words->has_caps && !user)
		needs->keep &= words->caps;
	if (!user && !noroot && words->ambient)
		needs->ambient = CK_YES;
	if (user && words->bounding & ~words->ambient)
		ck_note(words->convert,
			"the bounding set is wider there (%s); a profile cuts it to "
			"what is kept",
			ck_cap_text(words->convert->ctl->arena,
				    words->bounding & ~words->ambient));
}

int ck_read_setpriv(struct ck_convert *convert, const struct ck_input *input)
{
	struct words words;
	int status = split(convert, input, &words);

	if (status != 0)
		return status;
	for (words.at = 1; words.at < words.list.count; words.at++) {
		if (words.list.list[words.at][0] != '-' ||
		    !strcmp(words.list.list[words.at], "--"))
			break;
		if (!setpriv_option(&words))
			ck_note(convert, "%s is not known; left out",
				words.list.list[words.at]);
	}
	settle(&words);
	return 0;
}

/* "cap_kill,cap_chown=eip", "=", "all-ep": the clauses of cap_from_text(3) that give
 * permitted. */
static void caps_text(struct words *words, const char *value)
{
	size_t length = strcspn(value, "=+-");
	const char *names = ck_strndup(words->convert->ctl->arena, value, length);

	words->has_caps = true;
	words->caps = 0;
	if (length && value[length] != '-' && strchr(value + length, 'p'))
		change(words->convert, names, &words->caps);
}

static bool capsh_option(struct words *words)
{
	struct ck_needs *needs = &words->convert->needs;
	const char *word = words->list.list[words->at], *value;
	uint64_t dropped = 0;

	if ((value = value_of(words, "--drop")) != NULL) {
		change(words->convert, value, &dropped);
		words->bounding &= ~dropped;
	} else if ((value = value_of(words, "--uid")) ||
		   (value = value_of(words, "--user"))) {
		needs->user = value;
	} else if ((value = value_of(words, "--gid")) != NULL) {
		needs->group = value;
	} else if ((value = value_of(words, "--groups")) != NULL) {
		groups_of(words, value);
	} else if ((value = value_of(words, "--caps")) != NULL) {
		caps_text(words, value);
	} else if ((value = value_of(words, "--addamb")) != NULL) {
		change(words->convert, value, &words->ambient);
	} else if (!strcmp(word, "--no-new-privs")) {
		needs->no_new_privs = CK_YES;
	} else {
		return !strncmp(word, "--keep=", 7) || !strncmp(word, "--inh=", 6);
	}
	return true;
}

int ck_read_capsh(struct ck_convert *convert, const struct ck_input *input)
{
	struct words words;
	int status = split(convert, input, &words);

	if (status != 0)
		return status;
	for (words.at = 1; words.at < words.list.count; words.at++) {
		if (words.list.list[words.at][0] != '-' ||
		    !strcmp(words.list.list[words.at], "--"))
			break;
		if (!capsh_option(&words))
			ck_note(convert, "%s is not known; left out",
				words.list.list[words.at]);
	}
	settle(&words);
	return 0;
}

/* LABEL io.containers.capabilities="CAP_A,CAP_B" of a Dockerfile, USER with it. */
int ck_read_label(struct ck_convert *convert, const struct ck_input *input)
{
	static const char mark[] = "io.containers.capabilities";
	struct words words;
	int status = split(convert, input, &words);
	size_t i;

	if (status != 0)
		return status;
	for (i = 0; i < words.list.count; i++) {
		const char *word = words.list.list[i];

		if (!strncmp(word, mark, sizeof(mark) - 1) &&
		    word[sizeof(mark) - 1] == '=') {
			convert->found = true;
			change(convert, word + sizeof(mark), &convert->needs.keep);
		} else if (!strcmp(word, "USER") && i + 1 < words.list.count) {
			user_of(&words, words.list.list[i + 1]);
			convert->needs.user = words.spec.user;
			convert->needs.group = words.spec.group;
		}
	}
	convert->needs.no_new_privs =
		CK_YES; /* what the launcher does unless it is told not to */
	return 0;
}
